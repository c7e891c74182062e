"""Other people's YAML means to lint what it means to kubectl, and everything in it has its place."""

from __future__ import annotations

from typing import Any

import pytest
import readers
from hypothesis import given
from hypothesis import strategies as st
from test_kubectl import kubectl, read

from meshgen import goyaml

__all__ = ["kubectl"]

WORDS = [
    word
    for each in [*readers._WORDS, *readers._NUMBERS, *readers._DATES, *readers._SHAPES]  # noqa: SLF001
    for word in dict.fromkeys([each, each.upper(), each.title()])
]
PROBE = "apiVersion: example.org/v1\nkind: Probe\nmetadata: {name: p}\nspec:\n"
NO_NUMBER = ("inf", "nan")


def readable(word: str) -> bool:
    """Whether a word alone is a value that JSON can hold; kubectl refuses all others too, and with them all the rest."""
    data, faults = goyaml.load(f"{PROBE}  v: {word}\n")
    return data is not None and not faults and not word.lower().endswith(NO_NUMBER) and not word.startswith("!")


def test_plain_words_mean_what_they_mean_to_kubectl(kubectl: str) -> None:
    words = [word for word in WORDS if readable(word)]
    documents = [f"{PROBE}  v: {word}\n  l: [{word!r}]\n  {word!r}: 1\n" for word in words if "'" not in word]

    seen = read(kubectl, "".join(f"---\n{each}" for each in documents))

    ours = [goyaml.load(each)[0] for each in documents]
    wrong = [
        (one["spec"], other["spec"]) for one, other in zip(ours, seen, strict=True) if one["spec"] != other["spec"]
    ]
    large = [pair for pair in wrong if isinstance(pair[0]["v"], int) and pair[0]["v"] >= 2**63]
    assert [pair for pair in wrong if pair not in large] == []
    assert len(documents) > 250


@pytest.mark.parametrize(
    "spec",
    [
        "  a: &x {b: 1}\n  c: *x\n",
        "  a: &x {b: 1, d: 2}\n  c: {<<: *x, d: 3}\n",
        "  a: &x {b: 1}\n  y: &y {e: 2}\n  c:\n    <<: [*x, *y]\n    b: 4\n",
        "  80: a\n  true: b\n  1.5: c\n",
        "  a: |\n    x\n    y\n  b: >-\n    x\n    y\n",
        "  a: !!str 80\n",
        '  {"a": [1, 2,\n 3], "b": null}\n',
    ],
)
def test_structure_means_what_it_means_to_kubectl(kubectl: str, spec: str) -> None:
    data, faults = goyaml.load(PROBE + spec)

    assert (faults, data) == ([], read(kubectl, PROBE + spec)[0])


def test_a_key_written_twice_is_a_fault_and_its_last_value_counts() -> None:
    data, (fault,) = goyaml.load("a: 1\nb: 2\na: 3\n")

    assert data == {"a": 3, "b": 2}
    assert (fault.code, fault.line, fault.also) == ("MG002", 2, (0, 0))


@pytest.mark.parametrize(
    ("path", "place"),
    [((), (0, 0)), (("a",), (0, 0)), (("a", "b"), (1, 5)), (("c", 1), (3, 2)), (("c", 1, "d"), (3, 6)), (("c", 9), (2, 0)), (("z",), (0, 0))],
)  # fmt: skip
def test_a_scalar_is_placed_at_itself_and_all_else_at_its_key(path: tuple[Any, ...], place: tuple[int, int]) -> None:
    node = goyaml.compose("a:\n  b: 1\nc: [2,\n  {d: 3}]\n").node

    assert node is not None
    assert goyaml.place(node, path) == place


@pytest.mark.parametrize(
    "text",
    [
        "a: *nowhere",
        "a: " + "[" * 5000,
        "- " * 5000,
        "a: &a [*a]",
        "{a: b}: c",
        'a: "\\U00110000"',
        "a: \x00",
        "a: b: c",
        "a: &x [1,1,1,1,1,1,1,1,1]\n" + "".join(f"b{n}: &x [*x,*x,*x,*x,*x,*x,*x,*x,*x]\n" for n in range(9)),
    ],
    ids=lambda text: text[:10],
)
def test_what_cannot_be_read_is_a_fault(text: str) -> None:
    data, faults = goyaml.load(text)

    assert data is None
    assert faults
    assert all(fault.code.startswith("MG00") and fault.message for fault in faults)


@given(st.text("ab:-[]{}&*!|>'\"#\n ,?%@01y<", max_size=60))
def test_whatever_the_text_there_is_data_or_a_fault(text: str) -> None:
    _, faults = goyaml.load(text)
    node = goyaml.compose(text).node

    assert node is not None or faults or not text.strip() or "#" in text or text.strip() in ("---", "...")
