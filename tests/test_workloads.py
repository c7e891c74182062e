"""Workloads: what runs a service, how its pods are found, and what is adopted."""

from __future__ import annotations

import pytest
from meshes import HTTP, RUNS, get, mesh, names, said, service

V = "versions: [{name: v1}, {name: v2}]"


def test_without_versions_there_is_one_workload_of_the_services_name() -> None:
    made = mesh(service(RUNS))

    assert names(made) == ["ServiceAccount a", "Service a", "Deployment a"]
    labels = get(made, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert (labels["app"], labels["version"]) == ("a", "latest")
    assert get(made, "Service")["spec"]["selector"] == {"app": "a"}


def test_each_version_has_a_workload_of_its_own() -> None:
    made = mesh(service(f"{RUNS}\n{V}"))

    assert names(made) == ["ServiceAccount a", "Service a", "Deployment a-v1", "Deployment a-v2", "DestinationRule a"]
    assert get(made, "Service")["spec"]["selector"] == {"app": "a"}
    for version in ("v1", "v2"):
        spec = get(made, "Deployment", f"a-{version}")["spec"]
        assert spec["selector"] == {"matchLabels": {"app": "a", "version": version}}
        assert spec["template"]["metadata"]["labels"] == {
            "app": "a",
            "app.kubernetes.io/name": "a",
            "app.kubernetes.io/version": version,
            "version": version,
        }
        assert get(made, "Deployment", f"a-{version}")["metadata"]["labels"]["version"] == version


@pytest.mark.parametrize(
    ("version", "image", "replicas"),
    [
        ("{name: v1}", "a", 3),
        ("{name: v1, workload: {}}", "a", 3),
        ("{name: v1, workload: {container: {image: b}}}", "b", 3),
        ("{name: v1, workload: {replicas: 1}}", "a", 1),
        ("{name: v1, workload: {replicas: null}}", "a", None),
        ("{name: v1, workload: {pod: null, container: {image: c}}}", "c", 3),
    ],
)
def test_a_versions_workload_is_laid_over_the_services(version: str, image: str, replicas: int | None) -> None:
    spec = (
        f"{HTTP}\nworkload: {{replicas: 3, container: {{image: a}}, pod: {{labels: {{x: y}}}}}}\nversions: [{version}]"
    )
    found = get(mesh(service(spec)), "Deployment", "a-v1")["spec"]

    assert (found["template"]["spec"]["containers"][0]["image"], found.get("replicas")) == (image, replicas)


def test_replicas_that_are_not_written_are_not_made_up() -> None:
    assert "replicas" not in get(mesh(service(RUNS)), "Deployment")["spec"]


def test_versions_may_bring_all_of_their_workload() -> None:
    spec = f"""{HTTP}
versions: [{{name: v1, workload: {{container: {{image: a}}}}}}, {{name: v2, workload: {{kind: StatefulSet, container: {{image: b}}}}}}]"""
    made = mesh(service(spec))

    assert {"Deployment a-v1", "StatefulSet a-v2", "Service a-headless"} <= set(names(made))


def test_further_fields_stand_as_they_are() -> None:
    spec = f"""{HTTP}
workload:
  kind: StatefulSet
  podManagementPolicy: Parallel
  updateStrategy: {{type: OnDelete}}
  volumeClaimTemplates: [{{metadata: {{name: data}}, spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}}}]
  container: {{image: a, args: [x], tty: true}}
  pod: {{annotations: {{k: v}}, labels: {{team: x}}, nodeSelector: {{disk: ssd}}, terminationGracePeriodSeconds: 30}}"""
    found = get(mesh(service(spec)), "StatefulSet")["spec"]

    assert (found["podManagementPolicy"], found["updateStrategy"]) == ("Parallel", {"type": "OnDelete"})
    assert found["volumeClaimTemplates"][0]["metadata"] == {"name": "data"}
    assert found["template"]["metadata"]["annotations"] == {"k": "v"}
    assert found["template"]["metadata"]["labels"]["team"] == "x"
    assert found["selector"]["matchLabels"] == {"app": "a", "version": "latest"}
    pod = found["template"]["spec"]
    assert (pod["nodeSelector"], pod["terminationGracePeriodSeconds"]) == ({"disk": "ssd"}, 30)
    assert (pod["containers"][0]["args"], pod["containers"][0]["tty"]) == (["x"], True)


def test_labels_and_annotations_of_the_spec_stand_on_every_object_and_never_in_a_selector() -> None:
    made = mesh(
        service(
            f"{RUNS}\n{V}\ntimeout: 1s\ntrafficPolicy: {{loadBalancer: {{simple: RANDOM}}}}",
            labels="{team: x}",
            annotations="{note: y}",
        )
    )

    for manifest in made:
        metadata = manifest.data["metadata"]
        assert (metadata["labels"]["team"], metadata["annotations"]["note"]) == ("x", "y"), manifest.key
        assert metadata["labels"]["app.kubernetes.io/managed-by"] == "meshgen"
        assert "team" not in str(manifest.data["spec"].get("selector") if "spec" in manifest.data else "")
    template = get(made, "Deployment", "a-v1")["spec"]["template"]["metadata"]
    assert (template["labels"]["team"], "annotations" in template) == ("x", False)


def test_a_stateful_set_has_a_headless_service() -> None:
    made = mesh(
        service(
            """
            ports: [{name: http, port: 80, targetPort: 3000}, {name: tcp-x, port: 81, targetPort: named}]
            workload:
              kind: StatefulSet
              container: {image: a, ports: [{name: named, containerPort: 4000}]}
            headless: {publishNotReadyAddresses: true}
            """
        )
    )

    assert get(made, "StatefulSet")["spec"]["serviceName"] == "a-headless"
    assert get(made, "Service", "a-headless")["spec"] == {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": {"app": "a"},
        "ports": [
            {"name": "http", "port": 3000, "targetPort": 3000, "appProtocol": "http"},
            {"name": "tcp-x", "port": 4000, "targetPort": 4000, "appProtocol": "tcp"},
        ],
    }


def test_two_ports_that_lead_to_one_are_one_there() -> None:
    spec = "ports: [{name: http, port: 80, targetPort: 3000}, {name: web, port: 81, targetPort: 3000}]\nworkload: {kind: StatefulSet, container: {image: a}}"

    assert [port["name"] for port in get(mesh(service(spec)), "Service", "a-headless")["spec"]["ports"]] == ["http"]


def test_routes_subsets_and_policy_never_apply_to_its_host() -> None:
    made = mesh(
        service(
            f"{HTTP}\nworkload: {{kind: StatefulSet, container: {{image: a}}}}\n{V}\ntrafficPolicy: {{tls: {{mode: ISTIO_MUTUAL}}}}\nroutes: [{{name: r, to: v1}}]"
        )
    )

    for manifest in made:
        if manifest.kind in ("DestinationRule", "VirtualService"):
            assert "headless" not in manifest.text


def test_what_already_runs_is_adopted() -> None:
    made = mesh(
        service(
            f"""{HTTP}
versions:
- name: v1
  workload:
    kind: StatefulSet
    name: old-users
    selector: {{matchLabels: {{name: users, version: one}}}}
    container: {{image: a}}
headless: {{name: users-pods}}"""
        )
    )
    found = get(made, "StatefulSet", "old-users")["spec"]

    assert found["selector"] == {"matchLabels": {"name": "users", "version": "one"}}
    assert found["serviceName"] == "users-pods"
    assert found["template"]["metadata"]["labels"].items() >= {"name": "users", "version": "one", "app": "a"}.items()
    assert get(made, "Service", "users-pods")["spec"]["clusterIP"] == "None"
    assert get(made, "DestinationRule")["spec"]["subsets"] == [{"name": "v1", "labels": {"version": "one"}}]
    assert get(made, "Service")["spec"]["selector"] == {"name": "users"}
    assert get(made, "Service", "users-pods")["spec"]["selector"] == {"name": "users"}


@pytest.mark.parametrize(
    ("one", "two", "selector"),
    [
        ("{k8s-app: foo}", "", {"k8s-app": "foo"}),
        ("{k8s-app: foo, tier: x}", "", {"k8s-app": "foo", "tier": "x"}),
        ("{version: one}", "", {"app": "a"}),
        ("{app: a, tier: x}", "", {"app": "a"}),
        ("{k8s-app: foo, track: x}", "{k8s-app: foo, track: y}", {"k8s-app": "foo"}),
        ("{k8s-app: foo}", "{app: a, version: v2}", {"app": "a"}),
        ("{track: x}", "{track: y}", {"app": "a"}),
    ],
)
def test_a_service_selects_the_pods_that_run_already(one: str, two: str, selector: dict[str, str]) -> None:
    adopted = "{{selector: {{matchLabels: {}}}}}"
    spec = f"{RUNS}\nversions: [{{name: v1, workload: {adopted.format(one)}}}"
    spec += f", {{name: v2, workload: {adopted.format(two)}}}]" if two else "]"

    assert get(mesh(service(spec)), "Service")["spec"]["selector"] == selector
    if not two:
        alone = service(f"{HTTP}\nworkload: {{container: {{image: a}}, selector: {{matchLabels: {one}}}}}")
        assert get(mesh(alone), "Service")["spec"]["selector"] == selector


def test_an_adopted_app_label_is_what_the_service_selects() -> None:
    selector = "selector: {matchLabels: {app: old}}"
    made = mesh(service(f"{HTTP}\nworkload: {{{selector}, container: {{image: a}}}}"))

    assert get(made, "Service")["spec"]["selector"] == {"app": "old"}
    assert get(made, "Deployment")["spec"]["template"]["metadata"]["labels"]["app"] == "old"


def test_a_headless_service_leads_to_one_number_for_all_versions() -> None:
    spec = """
        ports: [{name: http, port: 80, targetPort: web}]
        workload: {kind: StatefulSet, container: {image: a, ports: [{name: web, containerPort: 3000}]}}
        versions:
        - name: v1
        - {name: v2, workload: {container: {ports: [{name: web, containerPort: NUMBER}]}}}
    """

    ports = get(mesh(service(spec.replace("NUMBER", "3000"))), "Service", "a-headless")["spec"]["ports"]
    assert [port["port"] for port in ports] == [3000]
    assert said(service(spec.replace("NUMBER", "4000"))) == [
        (
            "1.yaml:5:34 MG116 container port 'web' is 3000 in version 'v1', 4000 in version 'v2',"
            " and the headless Service has one number for all | give it one number in all versions"
        )
    ]


def _adopting(app: str, name: str, namespace: str = "n") -> str:
    adopted = f"workload: {{container: {{image: a}}, selector: {{matchLabels: {{app: {app}, role: x}}}}}}"
    return service(f"{HTTP}\n{adopted}", name=name, namespace=namespace)


def test_two_services_of_a_namespace_do_not_share_pods() -> None:
    words = (
        "MG131 the pods of n/{} have the label app: {} too, so each Service would take the pods of both"
        " | describe both as versions of one service, or one of them by a 'selector' that tells them apart"
    )

    assert said(service(RUNS), _adopting("a", "b")) == [f"2.yaml:6:62 {words.format('a', 'a')}"]
    assert said(_adopting("x", "b"), _adopting("x", "c")) == [f"2.yaml:6:62 {words.format('b', 'x')}"]
    assert mesh(service(RUNS), _adopting("a", "b", "m"))
    assert mesh(service(f"{HTTP}\nexisting: true"), _adopting("a", "b"))
    assert mesh(service(f"{HTTP}\nselector: {{app: b}}"), service(RUNS, name="b"))
    assert mesh(_adopting("x", "a"), _adopting("a", "b"))
