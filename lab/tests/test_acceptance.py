"""The cluster takes all of golden/, takes what changed specs make of it, and Istio's own checks have nothing to say."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import ApiError, Lab, Refused, wait
from lab.programs import find
from lab.relay import Relay
from lab.settling import mark
from lab.tests import cases
from lab.tests.changing import Object, changed, is_existing_gateway
from meshgen import build

ROOT = Path(__file__).parent.parent.parent
GOLDEN, SPECS = ROOT / "golden", ROOT / "specs"
CASES, FOLDERS = (sorted(folder.name for folder in where.iterdir()) for where in (SPECS, GOLDEN))
WORKLOADS = ("Deployment", "StatefulSet")
NEIGHBOURS = """
# What the specs say others make: a Service that Helm installs, an account, a host outside.
{apiVersion: v1, kind: ServiceAccount, metadata: {name: database, namespace: payments}}
---
{apiVersion: v1, kind: Service, metadata: {name: checkout, namespace: payments}, spec: {selector: {app: checkout}, ports: [{name: http, port: 80}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: checkout-stable, namespace: payments, labels: {app: checkout, app.kubernetes.io/version: "4.1"}}, spec: {containers: [{name: main, image: main}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: checkout-next, namespace: payments, labels: {app: checkout, app.kubernetes.io/version: "5.0"}}, spec: {containers: [{name: main, image: main}]}}
---
{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: lambda, namespace: payments}, spec: {hosts: [checkout.lambda.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 8443, name: http, protocol: HTTP}]}}
"""
GATEWAY = """
# The pods and the Service of a gateway, which whoever installs Istio makes.
{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {namespace}, labels: {{istio: {name}}}}}, spec: {{containers: [{{name: istio-proxy, image: proxy}}]}}}}
---
{{apiVersion: v1, kind: Service, metadata: {{name: {name}, namespace: {namespace}}}, spec: {{selector: {{istio: {name}}}, ports: {ports}}}}}
"""
GATEWAYS = {
    "ingressgateway": "istio-system",
    "partner-ingress": "partner-ingress",
    "shop-ingress": "shop-ingress",
    "weather-ingress": "weather-ingress",
}
PORTS = json.dumps([{"name": f"tcp-{port}", "port": port} for port in (80, 443, 8443, 9443)])
LACKING = {
    (
        "IST0128",
        "DestinationRule",
    ): "analyze looks for certificates in files; card-network's lie in a Secret at its gateway",
    ("IST0129", "DestinationRule"): "the same for the port whose certificate nobody signed",
}
"""What `istioctl analyze` says of golden/ in the lab, by code and kind, and why: nothing of it is the manifests' fault."""


def read(text: str) -> list[Object]:
    return [each for each in yaml.load_all(text, yaml.CSafeLoader) if each]


def golden(folder: str) -> str:
    return "---\n".join(path.read_text(encoding="utf-8") for path in sorted((GOLDEN / folder).glob("*.yaml")))


def namespace(name: str) -> Object:
    """A namespace that says what holds for all of them here: nothing is injected."""
    meta = {"name": name, "labels": {"istio-injection": "disabled"}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}


@pytest.fixture(scope="module")
def applied(lab: Lab) -> Iterator[Lab]:
    """The lab with all of golden/ and what its specs say of others; nothing of it afterwards."""
    namespaces = {each["metadata"]["namespace"] for folder in FOLDERS for each in read(golden(folder))}
    others = {each["metadata"]["name"] for each in lab.kubernetes.request("GET", "/api/v1/namespaces")["items"]}
    everywhere = {*namespaces, *GATEWAYS.values(), *others} - {"istio-system"}
    lab.apply([namespace(name) for name in sorted(everywhere)])
    cases.certificates(lab)
    gateways = [GATEWAY.format(name=name, namespace=where, ports=PORTS) for name, where in GATEWAYS.items()]
    for text in (NEIGHBOURS, *gateways, *map(golden, FOLDERS)):
        lab.apply(text)
    yield lab
    for text in gateways:
        lab.delete(text)
    for name in namespaces:
        for kind in (
            "apis/apps/v1/{}/deployments",
            "apis/apps/v1/{}/statefulsets",
            "apis/apps/v1/{}/replicasets",
            "api/v1/{}/pods",
        ):
            # With pods still ending, the namespace controller would wait for half of their grace.
            path = kind.format(f"namespaces/{name}")
            lab.kubernetes.request("DELETE", f"/{path}", gracePeriodSeconds="0")
        lab.kubernetes.request("DELETE", f"/api/v1/namespaces/{name}")
    for name in namespaces:
        wait(f"namespace {name} to be gone", partial(is_gone, lab, name), 30.0)


def is_gone(lab: Lab, namespace: str) -> tuple[bool, str]:
    try:
        found = lab.kubernetes.request("GET", f"/api/v1/namespaces/{namespace}")
    except ApiError as error:
        return error.status == 404, str(error)
    return False, json.dumps(found["status"])


def live(lab: Lab, objects: list[Object]) -> list[Object]:
    names = ((each["apiVersion"], each["kind"], each["metadata"]) for each in objects)
    return [lab.get(version, kind, meta["name"], meta["namespace"]) for version, kind, meta in names]


def states(objects: list[Object]) -> list[tuple[str, int, Any]]:
    """What tells whether each object is the same one still, and unchanged; some kinds count no generations."""
    metas = [each["metadata"] for each in objects]
    return [
        (meta["uid"], meta.get("generation", 0), each.get("spec")) for meta, each in zip(metas, objects, strict=True)
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_golden_applies_strictly_and_again_without_a_change(applied: Lab, folder: str) -> None:
    objects = read(golden(folder))
    before = states(live(applied, objects))

    applied.apply(golden(folder))

    assert len(before) == len(list((GOLDEN / folder).glob("*.yaml"))) > 0
    assert states(live(applied, objects)) == before


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("timeouts", "1s", "field not declared in schema"),
        ("timeout", "999us", "must be a valid duration greater than 1ms"),
        ("timeout", 1, "expected string"),
    ],
)
def test_the_lab_is_strict_and_evaluates_cel(applied: Lab, place: str, value: object, words: str) -> None:
    [route] = [
        each for each in read(golden("shop")) if (each["kind"], each["metadata"]["name"]) == ("VirtualService", "cart")
    ]
    route["spec"]["http"][0][place] = value

    with pytest.raises(Refused, match=words):
        applied.apply(route)


def rendered(case: str, folder: Path, change: Callable[[Object], Object]) -> str:
    """What the case's specs make after a change of each that makes something."""
    folder.mkdir()
    for path in (SPECS / case).glob("*.yaml"):
        specs = read(path.read_text(encoding="utf-8"))
        changed_ones = (each if is_existing_gateway(each) else change(each) for each in specs)
        (folder / path.name).write_text(
            "".join(f"---\n{json.dumps(each)}\n" for each in changed_ones), encoding="utf-8"
        )
    made = build([str(folder), *(str(SPECS / other) for other in CASES if other != case)])
    assert [str(each) for each in made.diagnostics] == []
    own = [each for each in made.mesh if any(Path(source).parent.name == folder.name for source in each.sources)]
    assert own
    return "".join(f"---\n{each.text}" for each in own)


@pytest.mark.parametrize("case", CASES)
def test_changed_specs_apply_over_what_is_there(applied: Lab, case: str, tmp_path: Path) -> None:
    old = rendered(case, tmp_path / "old", lambda spec: spec)
    new = rendered(case, tmp_path / "new", changed)
    before = [each["metadata"]["uid"] for each in live(applied, read(old))]

    applied.apply(new)

    assert_changed(read(old), read(new))
    after = live(applied, read(old))
    assert [each["metadata"]["uid"] for each in after] == before
    policies = [each for each in read(new) if each["kind"] == "DestinationRule"]
    assert [each["spec"] for each in live(applied, policies)] == [each["spec"] for each in policies]
    applied.apply(old)
    there = {(each["kind"], each["metadata"]["name"]) for each in read(old)}
    applied.delete([each for each in policies if (each["kind"], each["metadata"]["name"]) not in there])


def assert_changed(old: list[Object], new: list[Object]) -> None:
    """That the change reached every object, and of workloads each part that it should."""
    found = {(each["kind"], each["metadata"]["name"]): each for each in new}
    for each in old:
        after = found[each["kind"], each["metadata"]["name"]]
        assert after["metadata"]["labels"]["season"] == "winter"
        if each["kind"] == "DestinationRule":
            assert each["spec"] != after["spec"]
        if each["kind"] in WORKLOADS:
            [was, *_], [now, *_] = (one["spec"]["template"]["spec"]["containers"] for one in (each, after))
            assert now["image"] == f"{was['image']}-winter"
            assert {"name": "SEASON", "value": "winter"} in now["env"]
            assert each["spec"].get("replicas") != after["spec"]["replicas"]


def test_istioctl_validate_accepts_all_of_golden() -> None:
    command = [find().istioctl, "validate", "--filename", str(GOLDEN)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (result.returncode, result.stdout) == (0, "")
    assert sorted(result.stderr.splitlines()) == sorted(f'"{path}" is valid' for path in GOLDEN.glob("*/*.yaml"))


@pytest.fixture
def kubeconfig(applied: Lab, tmp_path: Path) -> Iterator[Path]:
    """A file with which a program reaches the lab's kube-apiserver."""
    with Relay(applied.kubernetes) as relay:
        path = tmp_path / "kubeconfig"
        path.write_text(relay.kubeconfig(), encoding="utf-8")
        yield path


def test_istioctl_analyze_reports_only_what_the_lab_lacks(applied: Lab, kubeconfig: Path) -> None:
    applied.delete(mark(0))  # the lab's own way to see who is up to date, of which analyze has an opinion
    command = [find().istioctl, "--kubeconfig", str(kubeconfig), "analyze", "--all-namespaces", "--output", "json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    messages = json.loads(result.stdout)

    unnamed = [each for each in messages if (each["code"], each["origin"].split()[0]) not in LACKING]
    if unnamed:
        pytest.fail("\n".join(f"{each['code']} {each['origin']}: {each['message']}" for each in unnamed), pytrace=False)
    assert {(each["code"], each["origin"].split()[0]) for each in messages} == set(LACKING)
