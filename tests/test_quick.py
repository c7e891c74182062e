"""The quick way gives exactly what the careful way gives, or nothing."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from readers import hostile

from meshgen.emitter import block
from meshgen.events import read as careful
from meshgen.quick import read as quick

SPEC = """\
apiVersion: meshgen.dev/v1
kind: Service
metadata:
  name: user-service
  labels: {app.kubernetes.io/part-of: accounts, component: microservice}   # on every object, never in a selector
spec:
  ports:
  - {name: http, port: 80, targetPort: 3000}
  workload:
    replicas: 3                                 # no more
    container:
      image: user-service:v1.0.0
      env:
      - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
      args: ["-v", '--level', "a: b", -x]
    pod: {annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9090"}}
  versions:
  - name: v2
    workload: {replicas: 2, container: {image: "user-service:v2.0.0"}}
  timeout: 30s
  retries: {attempts: 2, retryOn: "connect-failure,refused-stream,unavailable"}
  routes:
  - match: [{headers: {x-canary-version: {exact: v2}}}]
    weight: 12.5
  empty:
  none: null
"""
PIECES = st.sampled_from(
    [
        "a", "b", "on", "yes", "true", "null", "80", "1.5", "0", "-1", "10s", "5xx", "1.2.3", "1e3", "0755", "12:30",
        "x y", '"q"', "'q'", '"a b"', "'it''s'", '""', "é", "a#b", "http://x", "a:b", "::", "-x", "--", ".5", ".",
        "-", "=", "+1", "_1", "+_1", "1_0", "y", "~", "[a]", "{a: b}", "{}", "[]", "{80}", '"a":b', "x]", "01", "1.",
        "1.0e+5", "9" * 19, "k" * 1030, ".inf", "2001-01-01", "%", "&a", "|", "*x", "*", "!t",
        "!", "> x", "a | b", "a & b", "x?", "@", "`", "a`", "~x", "<<", "a<b", "::1", "?x", ":b", '"*.x"', "\n", "\n  ", "\n    ", ": ", " : ",
        ":", "- ", ", ", ",", "[", "]", "{", "}", " ", " #c", "\n\n", "\n- ", "\n  - ", "? ", ":\n", "'", '"',
    ]
)  # fmt: skip


def agree(text: str) -> bool:
    """Whether the quick way read the text; where it did, the careful way must read the same."""
    found = quick(text)
    if found is None:
        return False
    expected = careful(text)
    assert (expected.faults, repr(expected.data)) == ([], repr(found)), text
    return True


def test_an_ordinary_spec_goes_the_quick_way() -> None:
    assert agree(SPEC)
    assert agree(SPEC.replace("on every object", "für alle — 日本"))
    assert agree(
        SPEC + """\nhosts: ["*.example.com", 'fd00::1', "100%"]   # 1 % of them! why?\nmatch: {regex: "^v(.*)|x$"}\n"""
    )


@given(st.lists(PIECES, min_size=1, max_size=14).map("".join))
@settings(max_examples=1500)
@example('{"a"::b}')
@example('{"a":*b}')
@example("a: ? b")
@example("a: [!b c]")
@example("a:\n- &b c")
@example("a: |\n  b")
@example("%A")
@example("a: {b:, c: d}")
@example("a: [:e]")
@example("a: {b\n  c : d}")
@example('a: {"b\n  c": d}')
@example("a: _1")
@example("a: [+_1]")
@example("{a: b}: c")
@example("- yes")
@example("a:\n- no")
@example("{80, a: b}")
@example("{true}")
@example(": x")
@example("a: {name:[yes]}")
def test_both_ways_agree_on_whatever_is_put_together(text: str) -> None:
    agree(text)
    agree(f"a: {text}\nb: 1\n")


@given(st.randoms(use_true_random=False), st.lists(PIECES, min_size=1, max_size=3))
@settings(max_examples=600)
def test_both_ways_agree_on_a_spec_with_mistakes(chance: random.Random, pieces: list[str]) -> None:
    text = SPEC
    for piece in pieces:
        start = chance.randrange(len(text))
        end = start + chance.choice([0, 0, 1, 2, 5])
        text = text[:start] + chance.choice([piece, "", text[end : end + 9]]) + text[end:]
        agree(text)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(hostile()),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=6), below, max_size=4),
    max_leaves=10,
)


@given(JSON)
@settings(max_examples=300)
def test_both_ways_agree_on_whatever_the_emitter_writes(value: Any) -> None:
    try:
        text = block({"value": value})
    except ValueError:
        return
    agree(text)


@pytest.mark.parametrize("text", hostile()[::3])
def test_both_ways_agree_on_hostile_texts_without_quotes(text: str) -> None:
    for form in ("a: {}\n", "a: [{}]\n", "a: {{{}: 1}}\n", "{}: 1\n", "a: [x, {}]\n", "a:\n- {}\n", "a: {{b: {}}}\n"):
        agree(form.format(text))


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 20_000,
        "[\n" * 20_000,
        "a: " + "{a: " * 20_000,
        "{a:\n" * 20_000,
        "- " * 20_000,
        "-  " * 20_000,
        "? " * 20_000,
        "a:\n" + "".join(" " * n + "a:\n" for n in range(1, 500)),
        "a:\n" + "".join(" " * n + "- a:\n" for n in range(1, 500)),
        "a: " + "{a: " * 160 + "}" * 160,
        "a: " + "-" * 250_000,
        "a: 1." + "0" * 100 + "e5",
        "a:\n" + "- b\n" * 70_000,
    ],
    ids=lambda text: text[:8],
)
def test_what_is_deep_or_large_never_goes_the_quick_way(text: str) -> None:
    assert quick(text) is None
