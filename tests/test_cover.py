"""Routes that earlier ones leave nothing for: found where it is certain, and never where a request is left."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meshes import RUNS, mesh, said, service

from meshgen.cover import Earlier, conditions, covers

FOUND = [
    ("{uri: {prefix: /a}}", "{uri: {exact: /ab}}"),
    ("{uri: {prefix: /a}}", "{uri: {prefix: /a/b}}"),
    ("{uri: {prefix: /a}}", "{uri: {prefix: /a}, method: {exact: GET}}"),
    ("{uri: {prefix: /A}, ignoreUriCase: true}", "{uri: {exact: /ab}}"),
    ("{uri: {exact: /A}, ignoreUriCase: true}", "{uri: {exact: /a}, ignoreUriCase: true}"),
    ("{uri: {prefix: /1}}", "{uri: {exact: /1a}, ignoreUriCase: true}"),
    ("{uri: {regex: '/a.*'}}", "{uri: {regex: '/a.*'}, headers: {h: {}}}"),
    ("{method: {exact: GET}}", "{method: {exact: GET}, uri: {prefix: /a}}"),
    ("{uri: {prefix: /}, method: {exact: GET}}", "{method: {exact: GET}}"),
    ("{method: {prefix: P}}", "{method: {exact: PUT}}"),
    ("{headers: {':method': {exact: GET}}}", "{method: {exact: GET}}"),
    ("{headers: {a: {}}}", "{headers: {A: {exact: b}}}"),
    ("{headers: {a: {}}}", "{headers: {a: {regex: 'b|c'}}}"),
    ("{headers: {a: {prefix: b}}}", "{headers: {a: {exact: bc}, d: {}}}"),
    ("{queryParams: {a: {}}}", "{queryParams: {a: {prefix: b}}}"),
    ("{authority: {prefix: a.}}", "{authority: {exact: a.b}}"),
    ("{scheme: {exact: http}}", "{scheme: {exact: http}, uri: {exact: /}}"),
    ("{cookies: {c: {exact: v}}}", "{cookies: {c: {exact: v}}, uri: {exact: /}}"),
    ("{withoutHeaders: {A: {exact: b}}}", "{withoutHeaders: {a: {exact: b}}, uri: {exact: /}}"),
    ("{sourceLabels: {a: b}}", "{sourceLabels: {a: b, c: d}}"),
    ("{sourceNamespace: m}", "{sourceNamespace: m, uri: {exact: /}}"),
]


@pytest.mark.parametrize(("early", "late"), FOUND)
def test_a_route_of_which_an_earlier_one_takes_all_is_refused(early: str, late: str) -> None:
    spec = f"{RUNS}\nroutes:\n- {{name: r, match: [{early}]}}\n- {{name: s, match: [{late}]}}\n- {{name: e}}"

    assert [each.partition(" | ")[0] for each in said(service(spec))] == [
        "1.yaml:9:5 MG121 route 's' is never reached: 'r' before it takes all of its requests"
    ]


LEFT = [
    ("{uri: {prefix: /a/}}", "{uri: {prefix: /a}}"),
    ("{uri: {exact: /a}}", "{uri: {prefix: /a}}"),
    ("{uri: {exact: /a}}", "{uri: {exact: /A}}"),
    ("{uri: {exact: /a}}", "{uri: {exact: /a}, ignoreUriCase: true}"),
    ("{uri: {prefix: /a}}", "{uri: {regex: '/a.*'}}"),
    ("{uri: {regex: '/a|/b'}}", "{uri: {exact: /a}}"),
    ("{uri: {prefix: /}, headers: {h: {}}}", "{headers: {h: {}}}"),
    ("{uri: {prefix: /}, method: {exact: OPTIONS}}", "{method: {exact: OPTIONS}}"),
    ("{uri: {prefix: /}, headers: {h: {}}}", "{uri: {exact: '*'}, headers: {h: {}}}"),
    ("{uri: {prefix: /a}, method: {exact: GET}}", "{uri: {prefix: /a}}"),
    ("{method: {exact: GET}}", "{method: {exact: POST}}"),
    ("{headers: {a: {exact: b}}}", "{headers: {a: {}}}"),
    ("{headers: {a: {exact: b}}}", "{headers: {a: {exact: B}}}"),
    ("{headers: {a: {}}}", "{queryParams: {a: {}}}"),
    ("{queryParams: {a: {}}}", "{queryParams: {A: {}}}"),
    ("{headers: {a: {regex: b}}}", "{headers: {a: {regex: b+}}}"),
    ("{withoutHeaders: {a: {}}}", "{withoutHeaders: {a: {exact: b}}}"),
    ("{withoutHeaders: {a: {}, A: {exact: b}}}", "{withoutHeaders: {a: {}}, uri: {exact: /}}"),
    ("{sourceLabels: {a: b, c: d}}", "{sourceLabels: {a: b}}"),
    ("{sourceNamespace: m}", "{sourceNamespace: n}"),
    ("{sourceNamespace: m}", "{uri: {exact: /}}"),
]


@pytest.mark.parametrize(("early", "late"), LEFT)
def test_a_route_for_which_a_request_may_be_left_is_taken(early: str, late: str) -> None:
    assert mesh(service(f"{RUNS}\nroutes: [{{name: r, match: [{early}]}}, {{name: s, match: [{late}]}}, {{name: e}}]"))


def test_a_route_is_reached_as_long_as_one_of_its_matches_is() -> None:
    one, two = "{uri: {exact: /a/b}}", "{uri: {exact: /b}}"

    assert mesh(
        service(
            f"{RUNS}\nroutes: [{{name: r, match: [{{uri: {{prefix: /a}}}}]}}, {{name: s, match: [{one}, {two}]}}, {{name: e}}]"
        )
    )


def test_several_routes_can_leave_nothing_for_one() -> None:
    spec = f"""{RUNS}
routes:
- {{name: r, match: [{{uri: {{prefix: /a}}}}]}}
- {{name: s, match: [{{method: {{exact: GET}}}}]}}
- {{name: t, match: [{{uri: {{exact: /x}}, method: {{exact: GET}}}}, {{uri: {{exact: /a/b}}}}]}}
- {{name: e}}"""

    assert said(service(spec)) == [
        "1.yaml:10:5 MG121 route 't' is never reached: 's' and 'r' before it take all of its requests | move it before 's'"
    ]


_TEXT = st.sampled_from(["a", "A", "aB", "b", "1"])
_VALUE = st.one_of(st.just({}), *(st.fixed_dictionaries({kind: _TEXT}) for kind in ("exact", "prefix", "regex")))
_PATH = st.one_of(
    *(st.fixed_dictionaries({kind: st.sampled_from(["/", "/a", "/A", "/ab", "/a/b", "/1"])}) for kind in ("exact", "prefix", "regex")),
    st.just({"prefix": ""}), st.just({"exact": "*"}), st.just({"regex": "/.*"}),
)  # fmt: skip
_MATCH = st.fixed_dictionaries(
    {},
    optional={
        "uri": _PATH,
        "ignoreUriCase": st.booleans(),
        "method": st.sampled_from([{"exact": "GET"}, {"exact": "OPTIONS"}, {"prefix": "G"}]),
        "headers": st.dictionaries(st.sampled_from(["h", "H", ":method"]), _VALUE, max_size=2),
        "withoutHeaders": st.dictionaries(st.sampled_from(["h", "H"]), _VALUE, max_size=2),
        "queryParams": st.dictionaries(st.sampled_from(["h", "H"]), _VALUE, max_size=2),
    },
)
_VALUES = [None, "a", "A", "aB", "aBc", "b", "1", ""]
REQUESTS = [
    (path, method, {"h": header}, {"h": value, "H": None})
    for path, method, header, value in product(
        ["/", "/a", "/A", "/ab", "/AB", "/a/b", "/1", "/1x", "*"], ["GET", "OPTIONS", "G"], _VALUES, _VALUES
    )
    if path != "*" or method == "OPTIONS"
]


@given(_MATCH, _MATCH)
def test_whatever_the_matches_no_request_is_left_where_one_covers_the_other(early: Any, late: Any) -> None:
    if covers(conditions(early), conditions(late)):
        assert [each for each in REQUESTS if _takes(late, *each) and not _takes(early, *each)] == []


def _takes(match: Any, path: str, method: str, headers: dict[str, str | None], query: dict[str, str | None]) -> bool:
    """Whether Envoy takes the request, as far as these matches go."""
    uri = match.get("uri", {})
    if match.get("ignoreUriCase") and "regex" not in uri:
        uri, path = {kind: text.lower() for kind, text in uri.items()}, path.lower()
    found = {**headers, ":method": method}
    return (
        _meets(uri, path)
        and _meets(match.get("method", {}), method)
        and all(_meets(value, found[name.lower()]) for name, value in match.get("headers", {}).items())
        and not any(_meets(value, found[name.lower()] or "") for name, value in match.get("withoutHeaders", {}).items())
        and all(_meets(value, query[name]) for name, value in match.get("queryParams", {}).items())
    )


def _meets(condition: dict[str, str], value: str | None) -> bool:
    if value is None:
        return False
    return (
        condition.get("exact", value) == value
        and value.startswith(condition.get("prefix", ""))
        and ("regex" not in condition or re.fullmatch(condition["regex"], value) is not None)
    )


@given(st.lists(_MATCH, min_size=2, max_size=8))
def test_the_index_finds_what_comparing_with_all_finds(matches: list[dict[str, Any]]) -> None:
    earlier = Earlier()
    asked = [conditions(match) for match in matches]
    for number, late in enumerate(asked):
        wanted = next((each for each in range(number) if covers(asked[each], late)), None)
        assert earlier.covering(late) == wanted
        earlier.add(late, number)
