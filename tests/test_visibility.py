"""exportTo: whoever has a route must see what it leads to."""

from __future__ import annotations

import pytest
from meshes import RUNS, gateway, mesh, said, service

VERSIONS = "versions: [{name: v1}, {name: c, service: m/c}]"
CANARY = f"{RUNS}\n{VERSIONS}\nroutes: [{{name: r, canary: {{stable: v1, candidate: c, weight: 5}}}}]"
MIRROR = f"{RUNS}\nroutes: [{{name: r, mirrors: [{{service: m/c, percent: 5}}]}}]"
MATCHED = f"{RUNS}\n{VERSIONS}\nroutes: [{{name: x, match: [MATCH], to: c}}, {{name: r, to: v1}}]"
ONE = "sourceNamespace: m, uri: {prefix: /x}"


def hidden(export: str, more: str = "") -> str:
    """The service m/c, exported to some namespaces only."""
    return service(f"{RUNS}\nexportTo: {export}\n{more}", name="c", namespace="m")


@pytest.mark.parametrize(
    ("spec", "export", "other", "what"),
    [
        (CANARY, "", "[.]", "7:36 MG126 callers in every namespace have this route, but m/c is exported to 'm' only | export m/c to '*' too, or 'a' to fewer"),
        (CANARY, "['*']", "[., n]", "7:36 MG126 callers in every namespace have this route, but m/c is exported to 'm', 'n' only | export m/c to '*' too, or 'a' to fewer"),
        (CANARY, "[.]", "[.]", "7:36 MG126 callers in 'n' have this route, but m/c is exported to 'm' only | export m/c to 'n' too, or 'a' to fewer"),
        (CANARY, "[., x, y, m]", "[., n]", "7:36 MG126 callers in 'x', 'y' have this route, but m/c is exported to 'm', 'n' only | export m/c to 'x', 'y' too, or 'a' to fewer"),
        (MIRROR, "[.]", "[.]", "7:33 MG126 callers in 'n' have this route, but m/c is exported to 'm' only | export m/c to 'n' too, or 'a' to fewer"),
        (MIRROR.replace("m/c", "c.m.svc.cluster.local"), "[.]", "[.]", "7:33 MG126 callers in 'n' have this route, but m/c is exported to 'm' only | export m/c to 'n' too, or 'a' to fewer"),
        (MATCHED.replace("MATCH", "{sourceNamespace: x}, {sourceNamespace: m}"), "", "[.]", "7:36 MG126 callers in 'x' have this route, but m/c is exported to 'm' only | export m/c to 'x' too, or 'a' to fewer"),
        (MATCHED.replace("MATCH", "{sourceNamespace: m}, {uri: {exact: /x}}"), "", "[.]", "7:36 MG126 callers in every namespace have this route, but m/c is exported to 'm' only | export m/c to '*' too, or 'a' to fewer"),
    ],
)  # fmt: skip
def test_callers_who_have_a_route_see_what_it_leads_to(spec: str, export: str, other: str, what: str) -> None:
    text = service(spec + (f"\nexportTo: {export}" if export else ""))

    assert said(text, hidden(other)) == [f"1.yaml:{what}"]


@pytest.mark.parametrize(
    ("spec", "export", "other"),
    [
        (CANARY, "", "['*']"),
        (CANARY, "[.]", "[n]"),
        (CANARY, "[., m]", "[., n, x]"),
        (CANARY.replace("weight: 5", "weight: 0"), "", "[.]"),
        (MIRROR.replace("percent: 5", "percent: 0"), "", "[.]"),
        (f"{RUNS}\n{VERSIONS}\nroutes: [{{name: r, to: v1}}]", "", "[.]"),
        (MATCHED.replace("MATCH", f"{{{ONE}}}"), "", "[.]"),
        (MATCHED.replace("MATCH", f"{{{ONE}}}"), "[., m]", "[.]"),
    ],
)
def test_nobody_is_asked_for_more_than_the_callers_there_are(spec: str, export: str, other: str) -> None:
    assert mesh(service(spec + (f"\nexportTo: {export}" if export else "")), hidden(other))


def test_a_gateways_pods_are_callers_of_every_destination() -> None:
    expose = "expose: [{name: w, gateway: gw, hosts: [a.example.com]}]"
    own = service(f"{CANARY.replace('m/c', 'c')}\nexportTo: [., istio-system]\n{expose}")
    other = f"{RUNS}\nexportTo: EXPORT"

    assert said(own, service(other.replace("EXPORT", "[.]"), name="c"), gateway()) == [
        (
            "1.yaml:7:36 MG126 callers in 'istio-system' have this route, but n/c is exported to 'n' only"
            " | export n/c to 'istio-system' too, or 'a' to fewer"
        )
    ]
    assert mesh(own, service(other.replace("EXPORT", "[., istio-system]"), name="c"), gateway())


def test_how_somebody_elses_service_is_exported_is_not_known_but_its_subsets_are() -> None:
    theirs = "ports: [{name: http, port: 80}]\nexisting: true\nversions: [{name: v9}]\nexportTo: [.]"
    other = service(theirs, name="c", namespace="m")

    assert mesh(service(MIRROR), other)
    assert said(service(MIRROR.replace("percent", "to: v9, percent")), other) == [
        (
            "1.yaml:7:33 MG126 callers in every namespace have this route, but m/c is exported to 'm' only"
            " | export m/c to '*' too, or 'a' to fewer"
        )
    ]


def test_a_mirror_to_a_version_that_is_another_service_is_looked_at_there() -> None:
    middle = service(f"{RUNS}\nversions: [{{name: v1}}, {{name: c, service: c}}]", name="b", namespace="m")
    spec = MIRROR.replace("m/c", "m/b, to: c")

    assert said(service(spec), middle, hidden("[n]")) == [
        (
            "1.yaml:7:33 MG126 callers in every namespace have this route, but m/c is exported to 'n' only"
            " | export m/c to '*' too, or 'a' to fewer"
        )
    ]


def test_an_export_that_is_wrong_is_told_where_it_stands_only() -> None:
    [line] = said(service(CANARY), hidden("['Bad NS']"))

    assert line.startswith("2.yaml:7:14 MG101 'Bad NS' is no name")
