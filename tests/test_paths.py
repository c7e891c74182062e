"""Paths from outside: which ones a way in takes, and what the service is asked for then."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meshes import HOST, RUNS, exposed, gateway, get, http, mesh, said, service
from outside import ask


@pytest.mark.parametrize(
    ("path", "taken", "others"),
    [
        (
            "/cart",
            ["/cart", "/cart/", "/cart/x", "/cart/x/y.png", "/cart//x"],
            ["/", "/cartoon", "/car", "/x/cart", "/Cart"],
        ),
        ("/a.b/c", ["/a.b/c", "/a.b/c/d"], ["/a.b/cd", "/a.b", "/aXb/c"]),
        ("/", ["/", "/x", "/cart/x"], []),
    ],
)
def test_a_path_means_whole_segments(path: str, taken: list[str], others: list[str]) -> None:
    rules = exposed(f"path: {path}")

    assert [each for each in taken + others if ask(rules, each)] == taken


@pytest.mark.parametrize(
    ("path", "uri", "asked", "answered"),
    [
        ("/cart", "/", "/cart", "/"),
        ("/cart", "/", "/cart/", "/"),
        ("/cart", "/", "/cart/x", "/x"),
        ("/cart", "/", "/cart/x/", "/x/"),
        ("/cart", "/", "/cart//x", "/x"),
        ("/cart", "/api", "/cart", "/api"),
        ("/cart", "/api", "/cart/", "/api/"),
        ("/cart", "/api", "/cart/x", "/api/x"),
        ("/cart", "/api/", "/cart/x", "/api/x"),
        ("/cart", "/api/", "/cart", "/api"),
        ("/a.b", "/x.y", "/a.b/c", "/x.y/c"),
        ("/", "/api", "/", "/api/"),
        ("/", "/api", "/x", "/api/x"),
        ("/", "/", "/x", "/x"),
        ("/cart", "/\\1", "/cart/x", "/\\1/x"),
    ],
)
def test_a_rewrite_stands_in_the_place_of_the_path(path: str, uri: str, asked: str, answered: str) -> None:
    rules = exposed(f"path: {path}, rewrite: {{uri: '{uri}'}}")

    assert ask(rules, asked) == ("a.web.default", answered)


_SEGMENT = st.text("abcXYZ019.-_~+()$", min_size=1, max_size=4).filter(lambda text: text not in (".", ".."))


_SEGMENTS = st.lists(_SEGMENT, max_size=3)


@given(_SEGMENTS, _SEGMENTS, _SEGMENTS, st.booleans())
def test_whatever_the_paths_only_what_is_below_is_taken_and_no_double_slash_comes_out(
    path: list[str], uri: list[str], asked: list[str], below: bool
) -> None:
    if below:
        asked = path + asked
    into = "/" + "/".join(uri)
    rules = exposed(f"path: '/{'/'.join(path)}', rewrite: {{uri: '{into}'}}")

    answer = ask(rules, "/" + "/".join(asked))

    if asked[: len(path)] != path:
        assert answer is None
    else:
        assert answer is not None
        assert "//" not in answer.path
        assert [part for part in answer.path.split("/") if part] == uri + asked[len(path) :]


ROUTES = """
    versions: [{name: v1}, {name: v2}]
    routes:
    - {name: exact, match: [{uri: {exact: /x}}]}
    - {name: prefix, match: [{uri: {prefix: /pre}}], rewrite: {uri: /new}}
    - {name: regex, match: [{uri: {regex: '^/r[0-9]+/.*$'}}]}
    - {name: loose, match: [{uri: {regex: '.*[.]png'}}]}
    - {name: choice, match: [{uri: {regex: '/one|/two'}}]}
    - {name: root, match: [{uri: {exact: /}, headers: {home: {exact: 'yes'}}}]}
    - {name: tester, match: [{headers: {test: {}}}]}
    - {name: everyone}
"""


@pytest.mark.parametrize(
    ("path", "rule", "headers"),
    [
        ("/x", "exact", {}),
        ("/x/", "everyone", {}),
        ("/prefix", "prefix", {}),
        ("/r1/y", "regex", {}),
        ("/r/y", "everyone", {}),
        ("/y.png", "loose", {}),
        ("/a/y.png", "loose", {}),
        ("/one", "choice", {}),
        ("/two", "choice", {}),
        ("/", "root", {"home": "yes"}),
        ("/", "everyone", {}),
        ("/y", "tester", {"test": "1"}),
        ("/y", "everyone", {}),
    ],
)
def test_a_routes_own_path_is_read_below(path: str, rule: str, headers: dict[str, str]) -> None:
    rules = exposed("path: /cart", ROUTES)

    found = ask(rules, f"/cart{path}", **headers)
    assert found is not None
    assert found.rule == f"a.web.{rule}"
    assert ask(rules, path, **headers) is None
    assert ask(rules, f"/cartoon{path}", **headers) is None


def test_no_expression_reaches_beside_the_path() -> None:
    rules = exposed("path: /cart", ROUTES)

    assert [ask(rules, path) for path in ("/cartoon.png", "/cart.png", "/cartx", "/two", "/one")] == [None] * 5


def test_a_route_for_the_root_takes_the_path_itself() -> None:
    rules = exposed("path: /cart", ROUTES)

    assert [ask(rules, path, home="yes") for path in ("/cart", "/cart/")] == [
        ("a.web.root", "/cart"),
        ("a.web.root", "/cart/"),
    ]


def test_a_routes_own_rewrite_stands() -> None:
    rules = exposed("path: /cart, rewrite: {uri: /shop}", ROUTES)

    assert [ask(rules, path) for path in ("/cart/pre/y", "/cart/y", "/cart/x")] == [
        ("a.web.prefix", "/new/y"),
        ("a.web.everyone", "/shop/y"),
        ("a.web.exact", "/shop/x"),
    ]


def test_a_routes_own_expression_is_read_below_the_path() -> None:
    rewrite = "rewrite: {uriRegexRewrite: {match: '^/v([0-9])(/.*)?$', rewrite: '/api\\1\\2'}}"
    rules = exposed("path: /cart, rewrite: {uri: /}", f"routes: [{{name: r, {rewrite}}}]")

    assert [ask(rules, path) for path in ("/cart/v1", "/cart/v2/x", "/cart/v1x")] == [
        ("a.web.r", "/api1"),
        ("a.web.r", "/api2/x"),
        ("a.web.r", "/cart/v1x"),
    ]


def test_upper_and_lower_case_are_alike_where_the_route_says_so() -> None:
    routes = "routes: [{name: r, match: [{uri: {prefix: /}, ignoreUriCase: true}]}]"
    rules = exposed("path: /cart, rewrite: {uri: /}", routes)

    assert ask(rules, "/CART/X") == ("a.web.r", "/X")


def test_at_the_root_the_routes_are_those_of_the_mesh() -> None:
    made = mesh(
        service(f"{RUNS}\n{dedent(ROUTES)}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}], path: /}}]"), gateway()
    )
    inside, outside = (get(made, "VirtualService", name)["spec"]["http"] for name in ("a", f"gw-{HOST}"))

    assert [{**rule, "name": f"a.web.{rule['name']}"} for rule in inside] == outside


def test_a_redirect_of_a_prefix_goes_below_the_path() -> None:
    routes = "routes: [{name: r, match: [{uri: {prefix: /old/}}], redirect: {prefixRewrite: /new/}}, {name: s}]"

    rule = exposed("path: /p", routes)[0]

    assert (rule["match"], rule["redirect"]) == ([{"uri": {"prefix": "/p/old/"}}], {"prefixRewrite": "/p/new/"})


@pytest.mark.parametrize(
    ("match", "uri", "asked", "answered"),
    [
        ("[{uri: {prefix: /one}}]", "/", "/one/x", "/x"),
        ("[{uri: {prefix: /one}}]", "/", "/one", "/"),
        ("[{uri: {prefix: /one}}]", "/", "/one//x", "/x"),
        ("[{uri: {prefix: /one}}]", "/", "/onefold", "/fold"),
        ("[{uri: {prefix: /one}}]", "/new/", "/one/x", "/new/x"),
        ("[{uri: {prefix: /one}}]", "/new", "/one/x", "/new/x"),
        ("[{uri: {prefix: /one}}]", "/new", "/onefold", "/newfold"),
        ("[{uri: {prefix: /one/}}]", "/", "/one/x", "/x"),
        ("[{uri: {prefix: /one/}}]", "/", "/one//x", "/x"),
        ("[{uri: {prefix: /one/}}]", "/new", "/one/x", "/new/x"),
        ("[{uri: {prefix: /one/}}]", "/new/", "/one/x", "/new/x"),
        ("[{uri: {prefix: /one/}}]", "/n.w\\1", "/one/x", "/n.w\\1/x"),
        ("[{uri: {prefix: /ONE}, ignoreUriCase: true}]", "/", "/one/x", "/x"),
        ("[{uri: {prefix: /one}}, {uri: {prefix: /two/}}]", "/", "/two/x", "/x"),
        ("[{uri: {prefix: /one}}, {uri: {prefix: /two/}}]", "/new", "/one/x", "/new/x"),
        ("[{uri: {prefix: /one}}, {uri: {exact: /two}}]", "/", "/two", "/"),
        ("[{uri: {exact: /two}}]", "/", "/two", "/"),
        ("[{uri: {regex: '/t.*'}}]", "/", "/two", "/"),
        ("[{}]", "/pre", "/x", "/pre/x"),
        ("[{}]", "/pre", "", "/pre"),
        ("[{}]", "/pre", "/", "/pre/"),
        ("[{}]", "/pre/", "/x", "/pre/x"),
        ("[{}]", "/pre/", "", "/pre/"),
        ("[{}]", "/", "/x", "/x"),
        ("[{}]", "/", "//x", "/x"),
        ("[{}]", "/", "", "/"),
    ],
)
def test_a_routes_own_rewrite_below_a_path_keeps_segments_apart(
    match: str, uri: str, asked: str, answered: str
) -> None:
    last = "" if match == "[{}]" else ", {name: s}"
    routes = f"routes: [{{name: r, match: {match}, rewrite: {{uri: '{uri}'}}}}{last}]"
    rules = exposed("path: /cart, rewrite: {uri: /}, routes: [r]", routes)

    assert ask(rules, f"/cart{asked}") == ("a.web.r", answered)
    if asked:
        assert ask(http(routes), asked) == ("r", answered)
        assert ask(exposed("routes: [r]", routes), asked) == ("a.web.r", answered)


def test_a_rewrite_that_istio_makes_right_stays_as_it_is() -> None:
    routes = "routes: [{name: r, match: [{uri: {prefix: /one}}], rewrite: {uri: /new, authority: b}}, {name: s}]"

    assert exposed("path: /cart", routes)[0]["rewrite"] == {"uri": "/new", "authority": "b"}
    assert http(routes)[0]["rewrite"] == {"uri": "/new", "authority": "b"}


@pytest.mark.parametrize(
    "match", ["[{uri: {prefix: /one}}, {uri: {prefix: /on}}]", "[{uri: {prefix: /one}}, {uri: {regex: '/x.*'}}]"]
)
def test_a_rewrite_that_would_not_know_what_was_matched_is_refused(match: str) -> None:
    routes = f"routes: [{{name: r, match: {match}, rewrite: {{uri: /}}}}, {{name: s}}]"
    spec = f"{RUNS}\n{routes}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}], path: /cart}}]"

    assert said(service(spec), gateway()) == [
        (
            f"1.yaml:7:{41 + len(match)} MG116 the matches begin alike, or are long, or one is an expression, so that which of them it was"
            " cannot be told when it is replaced | give each match a route of its own"
        )
    ]
