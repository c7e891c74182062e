"""A fleet: who knows whom, what a part of it is, and that one mistake makes one message."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import run
from meshes import RUNS, fleet, gateway, get, mesh, names, said, service

HOST = "a.example.com"


def bare(kind: str = "Service", metadata: str = "{name: b, namespace: n}", spec: str = RUNS) -> str:
    """A spec with whatever metadata."""
    return f"apiVersion: meshgen.dev/v1\nkind: {kind}\nmetadata: {metadata}\nspec: {{{', '.join(spec.splitlines())}}}\n"


MIRRORS = "routes: [{name: r, mirrors: [{service: b, percent: 1}]}]"


def test_one_kind_namespace_and_name_can_be_specified_once() -> None:
    assert said(service(RUNS), service(RUNS), service(RUNS, namespace="m"), gateway(name="a")) == [
        "2.yaml:3:12 MG112 there is a Service n/a already, at 1.yaml:3:12"
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (bare().replace("meshgen.dev/v1", "meshgen.dev/v2"), "1:1 MG102 apiVersion is 'meshgen.dev/v2', but a spec has meshgen.dev/v1 | write apiVersion: meshgen.dev/v1"),
        (bare().replace("meshgen.dev/v1", "v1"), "1:1 MG102 apiVersion is 'v1', but a spec has meshgen.dev/v1 | keep other manifests outside the folder of specs"),
        (bare("Servce"), "2:1 MG103 no kind of spec is named 'Servce'; there are: Service, Gateway | did you mean 'Service'?"),
        (bare(metadata="{name: b}"), "3:12 MG104 Service 'b' says no namespace | write metadata.namespace, or give one with --namespace"),
        (bare(metadata="{name: b, namespace: null}"), "3:12 MG104 Service 'b' says no namespace | write metadata.namespace, or give one with --namespace"),
        (bare(metadata="{name: b, namespace: 5}"), "3:21 MG101 takes text, not the number 5 | put it between quotes"),
        (bare(spec="ports: [{name: http}]"), "4:16 MG101 'port' is missing | port: Number under which callers reach it."),
        (bare(spec="ports: []"), "4:8 MG101 needs at least 1, and has 0"),
        (bare(spec=""), "4:1 MG101 'ports' is missing | ports: Ports of the service, by name."),
    ],
)  # fmt: skip
def test_a_broken_neighbour_is_told_once_and_still_counts_as_known(text: str, what: str) -> None:
    mirrors = service(f"{RUNS}\nversions: [{{name: v1}}, {{name: v2, service: b}}]\n{MIRRORS}")

    assert said(text, mirrors) == [f"1.yaml:{what}"]


@pytest.mark.parametrize("reference", ["b", "n/b", "b.n.svc.cluster.local"])
@pytest.mark.parametrize("metadata", ["{name: b}", "{name: b, namespace: n, nmae: b}", "{name: b, namespace: 5}"])
def test_whichever_way_it_is_referred_to(reference: str, metadata: str) -> None:
    mirrors = service(f"{RUNS}\n{MIRRORS.replace('service: b', f'service: {reference}')}")

    assert len(said(bare(metadata=metadata), mirrors)) == 1


@pytest.mark.parametrize("metadata", ["{name: gw}", "{name: gw, namespace: n, x: y}", "{name: gw, namespace: 5}"])
def test_a_broken_gateway_counts_as_known_too(metadata: str) -> None:
    spec = service(f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}]}}]")

    assert len(said(bare("Gateway", metadata, f"hosts: [{HOST}]"), spec)) == 1


@pytest.mark.parametrize(
    "text",
    [
        bare(metadata="null"),
        bare(metadata="{}"),
        bare(metadata="[]"),
        bare(metadata="{name: null}"),
        bare(metadata="{name: 5}"),
        "apiVersion: meshgen.dev/v1\nkind: Service\n",
        "apiVersion: meshgen.dev/v1\nkind: Service\nmetadata: {name: b, namespace: n}\nspec: null\n",
        "apiVersion: meshgen.dev/v1\nkind: Service\nmetadata: {name: b, namespace: n}\nspec: []\n",
        "apiVersion: meshgen.dev/v1\nkind: Gateway\nmetadata: {name: b, namespace: n}\nspec: {servers: [null], hosts: 5}\n",
        bare(spec="ports: 5\nexpose: [null, {gateway: gw, hosts: [5]}]\nversions: [null]\nroutes: {}"),
        bare(spec="ports: [null]\nexpose: {}\nversions: {}\nroutes: [5, {sticky: 5}]\nworkload: 5"),
    ],
)
def test_whatever_a_spec_is_its_neighbours_are_made_out(text: str) -> None:
    found = said(
        text, service(f"{RUNS}\n{MIRRORS}", name="c"), service(f"{RUNS}\nroutes: [{{name: r, to: x}}]", name="d")
    )

    assert any(line.startswith("1.yaml") for line in found)
    assert any(line.startswith("3.yaml:7:22 MG110 no version is named 'x'") for line in found)


def test_a_spec_without_namespace_has_its_other_mistakes_told_but_not_its_references() -> None:
    text = bare(metadata="{name: b}", spec=f"{RUNS}\ntimeout: 5\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}]}}]")

    assert [line.split()[1] for line in said(text, gateway(name="other"))] == ["MG104", "MG101"]


def test_the_namespace_of_the_run_is_for_what_names_none() -> None:
    made = mesh(bare(metadata="{name: b}"), service(RUNS, namespace="m"), namespace="default")

    assert {(each.namespace, each.name) for each in made} == {("default", "b"), ("m", "a")}


def test_references_reach_what_the_namespace_of_the_run_holds() -> None:
    made = mesh(bare(metadata="{name: a}", spec=f"{RUNS}\n{MIRRORS}"), bare(metadata="{name: b}"), namespace="x")
    [rule] = get(made, "VirtualService", namespace="x")["spec"]["http"]

    assert rule["mirrors"][0]["destination"]["host"] == "b.x.svc.cluster.local"


OTHER = service("ports: [{name: http, port: 8080}]\nworkload: {container: {image: b}}", name="b")


@pytest.mark.parametrize("only", ["a", "n/a"])
def test_a_part_is_rendered_while_references_see_the_whole(only: str) -> None:
    made = mesh(service(f"{RUNS}\n{MIRRORS}"), OTHER, service(RUNS, namespace="m", name="c"), only=only)

    assert names(made) == ["ServiceAccount a", "Service a", "Deployment a", "VirtualService a"]
    [rule] = get(made, "VirtualService")["spec"]["http"]
    assert rule["mirrors"][0]["destination"]["port"] == {"number": 8080}


def test_a_shared_host_is_rendered_whole_with_a_part_of_its_services() -> None:
    texts = [
        service(f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}], path: /{name}}}]", name=name)
        for name in "ab"
    ]
    all_of_it, part = mesh(*texts, gateway()), mesh(*texts, gateway(), only="a")

    assert names(part) == ["ServiceAccount a", "Service a", "Deployment a", f"VirtualService gw-{HOST}"]
    assert get(part, "VirtualService", f"gw-{HOST}") == get(all_of_it, "VirtualService", f"gw-{HOST}")


def test_a_part_without_the_services_of_a_host_leaves_it_alone() -> None:
    texts = [
        service(f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}], path: /{name}}}]", name=name)
        for name in "ab"
    ]

    assert names(mesh(*texts, gateway(), service(RUNS, name="c"), only="c")) == [
        "ServiceAccount c",
        "Service c",
        "Deployment c",
    ]
    assert names(mesh(*texts, gateway(), only="gw")) == ["Gateway gw"]


def test_what_is_wrong_with_a_shared_host_is_told_with_every_part_that_needs_it() -> None:
    good = service(f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}], path: /a}}]")
    bad = service(f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}], path: /b, routes: [x]}}]", name="b")

    assert said(good, bad, gateway(), only="a") == said(good, bad, gateway())
    assert names(mesh(good, bad, gateway(), only="gw")) == ["Gateway gw"]


def test_a_part_that_needs_a_port_nobody_can_read_is_refused() -> None:
    broken = bare(spec="ports: [{name: http}]\nworkload: {container: {image: b}}")

    assert said(service(f"{RUNS}\n{MIRRORS}"), broken, only="a") == [
        "1.yaml:7:33 MG110 the spec of n/b has mistakes and cannot be read | render all to see them"
    ]


def test_two_specs_that_make_one_object_are_told_with_both_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(service(f"{RUNS}\nversions: [{{name: v1}}]"))
    Path("b.yaml").write_text(service(f"{RUNS}\nserviceAccount: {{name: x}}", name="a-v1"))
    Path("c.yaml").write_text(service(f"{RUNS}\nserviceAccount: {{name: x}}", name="c"))

    outcome = run("validate", "a.yaml", "b.yaml", "c.yaml")

    assert outcome.code == 1
    assert [line for line in outcome.err.splitlines() if "MG114" in line] == [
        "b.yaml:3:12: error MG114: Deployment n/a-v1 is made at a.yaml:7:15 already",
        "c.yaml:7:20: error MG114: ServiceAccount n/x is made at b.yaml:7:20 already",
    ]


def test_facts_are_read_without_asking_whether_all_is_right() -> None:
    found = fleet(service(f"{RUNS}\nversions: [{{name: v1}}, {{name: v2, service: b}}]\nexportTo: [m]\ntimeout: wrong"))
    [facts] = found.services.values()

    assert [(port.name, port.number) for port in facts.ports or ()] == [("http", 80)]
    assert set(facts.versions or ()) == {"v1", "v2"}
