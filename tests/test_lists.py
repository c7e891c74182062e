"""A large list of objects is read item by item, and means what it means as a whole; what has no end is not read to it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import run
from hypothesis import given
from hypothesis import strategies as st

from meshgen import goyaml, lists
from meshgen.manifests import read_manifests

TEXTS = st.text(max_size=12) | st.sampled_from(
    ["a\n- b", "- x", "items:", "kind: List", "\n\nitems:\n- a\n", "# no", "{"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXTS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS, below, max_size=3),
    max_leaves=8,
)
ITEMS = st.lists(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3), min_size=1, max_size=4)
KUBECTL = {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}}


def written(items: list[Any], style: str) -> str:
    """A list as kubectl, ruamel or a person may write it."""
    document = {**KUBECTL, "items": items} if style.endswith("last") else {"items": items, **KUBECTL}
    if style.startswith("json"):
        return json.dumps(document, indent=4 if style == "json" else None)
    dumper, indent = (Deep, 4) if style.startswith("deep") else (yaml.SafeDumper, 2)
    return yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, indent=indent)


class Deep(yaml.SafeDumper):
    """Writes lists below their key with an indentation of their own."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


@given(ITEMS, st.sampled_from(["yaml", "yaml, items last", "deep", "deep, items last", "json", "json, items last"]))
def test_the_items_of_a_list_are_what_the_whole_says(items: list[Any], style: str) -> None:
    text = written(items, style)
    whole, faults = goyaml.load(text)
    apart = lists.items(text)

    alone = [(each, *goyaml.load(each.text)) for each in apart or ()]

    if apart is not None and not any(wrong for _, _, wrong in alone) and not faults:
        assert [data for _, data, _ in alone] == whole["items"]


@pytest.mark.parametrize("style", ["yaml", "yaml, items last", "deep", "json", "json, items last"])
def test_lists_as_programs_write_them_are_taken_apart(style: str) -> None:
    text = written([{"kind": "A", "at": [1, {"b": "x\n- y\nz"}]}, {"kind": "B"}], style)

    found = list(lists.items(text) or ())

    assert [goyaml.load(each.text)[0]["kind"] for each in found] == ["A", "B"]
    lines = text.split("\n")
    for each in found:
        there, first = lines[each.line][each.column :], each.text.split("\n")[0]
        assert there.startswith(first) or there.replace("-", " ", 1) == first


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: ConfigMap\nitems:\n- a: 1\n",
        "kind: List\nitems: [{a: 1}]\n",
        "kind: List\nkind: List\nitems:\n- a: 1\n",
        'items:\n- a: "b\n- c"\nkind: [\n',
        '{"kind": "List", "items": [{}',
        '{"kind": "List", "items": [{}]} {}',
        '{"kind": "List", "items": [{}], "items": []}',
        '{"kind": "List", "items": [{}, 1]}',
        '{["kind"]: "List", "items": [{}]}',
        "{",
    ],
)
def test_what_is_no_list_or_does_not_read_is_left_to_who_reads_it_whole(text: str) -> None:
    assert lists.items(text) is None


SERVICE = """\
- apiVersion: v1
  kind: Service
  metadata: {{name: users-{number}, namespace: shop}}
  spec:
    selector: {{app: users}}
    clusterIP: nowhere
    ports:
    - {{name: http, port: 80}}
"""
CONFIG = "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: c-{number}, namespace: shop}}\n  data:\n    text: {text}\n"


def large(items: str) -> str:
    return f"apiVersion: v1\nitems:\n{items}kind: List\nmetadata: {{}}\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_findings_in_a_large_list_have_the_places_of_the_file(end: str) -> None:
    filler = CONFIG.format(number=0, text="x" * lists.LARGE)

    result = run("lint", "-", stdin=large(filler + SERVICE.format(number=1)).replace("\n", end))

    assert ":13:16: error MG" in result.out


def test_an_anchor_of_one_item_that_another_means_is_followed_in_a_large_list() -> None:
    shared = CONFIG.format(number=0, text="&long " + "x" * lists.LARGE) + CONFIG.format(number=1, text="*long")

    result = run("lint", "-", stdin=large(shared + SERVICE.format(number=1)))

    assert result.code == 1
    assert "clusterIP" in result.out
    assert "MG001" not in result.out


def test_a_mistake_in_a_large_list_is_told_once_and_at_its_place(tmp_path: Path) -> None:
    broken = CONFIG.format(number=0, text="x" * lists.LARGE) + CONFIG.format(number=1, text='"open')
    (tmp_path / "list.yaml").write_text(large(broken + SERVICE.format(number=1)))

    found = read_manifests([str(tmp_path / "list.yaml")])

    assert found.manifests == []
    assert [each.code for each in found.diagnostics] == ["MG001"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in kilobytes on Linux alone")
def test_a_list_costs_little_more_memory_than_its_text(tmp_path: Path) -> None:
    small, big = tmp_path / "small.yaml", tmp_path / "big.yaml"
    small.write_text(large(SERVICE.format(number=0)))
    big.write_text(large("".join(SERVICE.format(number=number) for number in range(60_000))))
    size = big.stat().st_size / 1024

    assert size > 8_000
    assert peak(big) - peak(small) < 8 * size  # as one document it takes thirty times its size


def peak(path: Path) -> int:
    """Kilobytes that reading a file takes at most."""
    code = f"assert read_manifests([{str(path)!r}]).manifests; print(getrusage(RUSAGE_SELF).ru_maxrss)"
    imports = "from resource import *; from meshgen.manifests import read_manifests; "
    result = subprocess.run([sys.executable, "-c", imports + code], capture_output=True, text=True, check=True)
    return int(result.stdout)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="it is there on Unix alone")
def test_what_has_no_end_is_not_read_to_it() -> None:
    result = run("lint", "/dev/zero")

    assert result.code == 1
    assert "MG005" in result.out
