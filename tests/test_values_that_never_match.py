"""Values that have the right shape and no effect, since nothing that arrives is like them."""

from __future__ import annotations

import pytest
from meshes import RUNS, http, said, service


@pytest.mark.parametrize(
    ("origin", "what"),
    [
        ("exact: 'https://a.b/'", "never matches: browsers send no path, nor a slash behind the host | write https://a.b"),
        ("prefix: 'https://a.b/x'", "never matches: browsers send no path, nor a slash behind the host | write https://a.b"),
        ("exact: 'https://A.b'", "never matches: browsers send origins in lower case | write https://a.b"),
        ("exact: a.b", "never matches: an origin begins with its scheme | write https://a.b"),
    ],
)  # fmt: skip
def test_an_origin_that_no_browser_sends_is_told(origin: str, what: str) -> None:
    (line,) = said(
        service(f"{RUNS}\nroutes: [{{name: r, corsPolicy: {{allowOrigins: [{{exact: '*'}}, {{{origin}}}]}}}}]")
    )

    assert line == f"1.yaml:7:65 MG101 {origin.partition(' ')[2]!r} {what}".replace("\"'", "'").replace("'\"", "'")


@pytest.mark.parametrize("origin", ["exact: 'null'", "exact: '*'", "exact: 'http://a:8080'", "prefix: 'https://'"])
def test_origins_that_browsers_send_are_taken(origin: str) -> None:
    assert http(f"routes: [{{name: r, corsPolicy: {{allowOrigins: [{{{origin}}}]}}}}]")


@pytest.mark.parametrize(
    ("match", "rewrite", "what"),
    [
        ("^/(x)", "/\\2", "\\2 means nothing: match has 1 group"),
        ("^/(?:x)[(]\\(", "/\\1", "\\1 means nothing: match has no group"),
        ("^/(?P<n>x)(y)[^](]", "/\\3", "\\3 means nothing: match has 2 groups"),
        ("^/(x)", "/\\a", "\\a means nothing: a digit names a group | write \\\\ for the sign itself"),
        ("^/(x)", "/\\", "\\ means nothing: a digit names a group | write \\\\ for the sign itself"),
    ],
)
def test_a_rewrite_names_groups_that_its_expression_has(match: str, rewrite: str, what: str) -> None:
    rule = f"uriRegexRewrite: {{rewrite: '{rewrite}', match: '{match}'}}"

    assert said(service(f"{RUNS}\nroutes: [{{name: r, rewrite: {{{rule}}}}}]")) == [f"1.yaml:7:50 MG101 {what}"]


@pytest.mark.parametrize("rewrite", ["/\\0", "/\\1", "/\\\\", "/x"])
def test_and_may_name_any_of_them(rewrite: str) -> None:
    rule = {"match": "^/([[:alpha:]])", "rewrite": rewrite}

    assert http(f"routes: [{{name: r, rewrite: {{uriRegexRewrite: {rule}}}}}]".replace("\\\\", "\\"))[0]["rewrite"]


@pytest.mark.parametrize(
    ("key", "verb"), [("timeout: 1s", "timeout needs"), ("retries: {attempts: 1}", "retries need")]
)
def test_what_needs_an_http_port_is_told_in_right_words(key: str, verb: str) -> None:
    (line,) = said(
        service(f"ports: [{{name: u, port: 9, protocol: UDP}}]\nworkload: {{container: {{image: a}}}}\n{key}")
    )

    assert line.endswith(f"MG119 the service has no HTTP port, and {verb} one")


def test_two_specs_of_one_identity_are_told_how_to_share_it() -> None:
    spec = f"{RUNS}\nserviceAccount: {{name: shared}}"

    (line,) = said(service(spec), service(spec, "b"))
    assert line.endswith(
        "| for one identity, write serviceAccount: {name: ..., existing: true} in all specs but one; else give another name"
    )
