"""Services: whose pods, whose Service, whose account, and who sees them."""

from __future__ import annotations

import pytest
from meshes import HTTP, RUNS, get, mesh, names, service

V = "versions: [{name: v1}, {name: v2}]"


@pytest.mark.parametrize(
    ("account", "made", "used"),
    [
        ("", {"a"}, "a"),
        ("serviceAccount: {}", {"a"}, "a"),
        ("serviceAccount: {name: users}", {"users"}, "users"),
        ("serviceAccount: {name: users, existing: true}", set(), "users"),
        ("serviceAccount: {existing: true}", set(), "a"),
        ("serviceAccount: {existing: false, annotations: {k: v}}", {"a"}, "a"),
        ("serviceAccount: null", {"a"}, "a"),
    ],
)
def test_a_service_with_a_workload_has_a_service_account(account: str, made: set[str], used: str) -> None:
    found = mesh(service(f"{RUNS}\n{account}"))

    assert {each.name for each in found if each.kind == "ServiceAccount"} == made
    assert get(found, "Deployment")["spec"]["template"]["spec"]["serviceAccountName"] == used
    if "annotations" in account:
        assert get(found, "ServiceAccount")["metadata"]["annotations"] == {"k": "v"}


def test_somebody_elses_pods_are_found_by_a_selector() -> None:
    made = mesh(service(f"{HTTP}\nselector: {{app: theirs, tier: x}}\n{V}\nroutes: [{{name: r, to: v2}}]"))

    assert names(made) == ["Service a", "DestinationRule a", "VirtualService a"]
    assert get(made, "Service")["spec"]["selector"] == {"app": "theirs", "tier": "x"}
    assert get(made, "DestinationRule")["spec"]["subsets"] == [
        {"name": "v1", "labels": {"version": "v1"}},
        {"name": "v2", "labels": {"version": "v2"}},
    ]


def test_versions_of_somebody_elses_pods_have_their_labels() -> None:
    versions = "versions: [{name: v1, labels: {release: blue, x: y}}, {name: v2, labels: {release: green}}]"
    found = get(mesh(service(f"{HTTP}\nselector: {{app: theirs}}\n{versions}")), "DestinationRule")["spec"]["subsets"]

    assert [subset["labels"] for subset in found] == [{"release": "blue", "x": "y"}, {"release": "green"}]


def test_of_somebody_elses_service_only_the_traffic_rules_come_out() -> None:
    made = mesh(
        service(f"{HTTP}\nexisting: true\n{V}\nroutes: [{{name: r, to: v2}}]\ntrafficPolicy: {{tls: {{mode: SIMPLE}}}}")
    )

    assert names(made) == ["DestinationRule a", "VirtualService a"]
    assert names(mesh(service(f"{HTTP}\nexisting: true"))) == []


def test_the_rest_of_the_service_is_taken_as_it_is() -> None:
    made = mesh(
        service(
            f"{RUNS}\nservice: {{type: NodePort, sessionAffinity: ClientIP, ipFamilies: [IPv4], annotations: {{k: v, note: z}}}}",
            annotations="{note: y}",
        )
    )
    found = get(made, "Service")

    assert found["metadata"]["annotations"] == {"k": "v", "note": "z"}
    assert (found["spec"]["type"], found["spec"]["sessionAffinity"], found["spec"]["ipFamilies"]) == (
        "NodePort",
        "ClientIP",
        ["IPv4"],
    )
    assert get(made, "Deployment")["metadata"]["annotations"] == {"note": "y"}


def test_export_to_stands_on_all_objects_that_callers_see() -> None:
    spec = f"{HTTP}\nworkload: {{kind: StatefulSet, container: {{image: a}}}}\n{V}\ntimeout: 1s\nexportTo: [., m]"
    made = mesh(service(spec))

    for name in ("a", "a-headless"):
        annotations = get(made, "Service", name)["metadata"]["annotations"]
        assert annotations == {"networking.istio.io/exportTo": ".,m"}
    for kind in ("DestinationRule", "VirtualService"):
        assert get(made, kind)["spec"]["exportTo"] == [".", "m"]
