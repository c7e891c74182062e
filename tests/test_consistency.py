"""What the parts of one service's spec cannot say beside one another."""

from __future__ import annotations

import pytest
from meshes import HTTP, RUNS, said, service

V = "versions: [{name: v1}, {name: v2}]"


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        (
            HTTP,
            "1.yaml:4:1 MG116 nothing says what runs the service | add a workload, or a selector, endpoints, or existing: true",
        ),
        (
            f"{HTTP}\nversions: [{{name: v1}}]",
            "1.yaml:4:1 MG116 nothing says what runs the service | add a workload, or a selector, endpoints, or existing: true",
        ),
        (
            f"{RUNS}\nselector: {{x: y}}",
            "1.yaml:7:3 MG116 workload and selector both say what stands behind the service | keep one of them",
        ),
        (
            f"{RUNS}\nversions: [{{name: v1, service: b}}]",
            (
                "1.yaml:7:3 MG116 all versions are other services, so nothing stands behind this one"
                " | add existing: true, or a selector"
            ),
        ),
        (
            f"{HTTP}\nversions: [{{name: v1, service: b}}]",
            (
                "1.yaml:6:3 MG116 all versions are other services, so nothing stands behind this one"
                " | add existing: true, or a selector"
            ),
        ),
        (
            f"{RUNS}\nversions: [{{name: v1}}, {{name: v2, service: b, workload: {{}}}}]",
            (
                "1.yaml:7:49 MG116 version 'v2' is another service, which says its own workload"
                " | drop 'workload', or 'service'"
            ),
        ),
        (
            f"{RUNS}\nversions: [{{name: v1}}, {{name: v2, service: b, labels: {{x: y}}}}]",
            (
                "1.yaml:7:49 MG116 version 'v2' is another service, which says its own labels"
                " | drop 'labels', or 'service'"
            ),
        ),
        (
            f"{RUNS}\nversions: [{{name: v1, port: http}}]",
            "1.yaml:7:25 MG116 only a version that is another service has a port | drop 'port'",
        ),
        (
            f"{RUNS}\nversions: [{{name: v1}}, {{name: v1}}]",
            "1.yaml:7:27 MG113 there is a version named 'v1' already",
        ),
        (
            f"{RUNS}\nversions: [{{name: v1, labels: {{x: y}}}}]",
            (
                "1.yaml:7:25 MG116 the pods of a workload get their labels from meshgen"
                " | drop 'labels', or write them below workload.pod.labels"
            ),
        ),
        (
            f"{HTTP}\nselector: {{x: y}}\nversions: [{{name: v1, workload: {{container: {{image: a}}}}}}]",
            (
                "1.yaml:7:25 MG116 the service has pods by selector, so meshgen makes no workload for a version"
                " | drop 'workload', or 'selector'"
            ),
        ),
        (
            f"{HTTP}\nselector: {{x: y, version: v1}}\n{V}",
            (
                "1.yaml:6:20 MG131 the selector takes only pods with version=v1, so version 'v2' has none"
                " | drop 'version' from the selector"
            ),
        ),
        (
            f"{HTTP}\nselector: {{x: y}}\nversions: [{{name: v1, labels: {{r: b}}}}, {{name: v2, labels: {{r: b, s: t}}}}]",
            (
                "1.yaml:7:53 MG131 pods of version 'v1' can be of version 'v2' too"
                " | give each version a value of its own for one and the same label"
            ),
        ),
        (f"{RUNS}\nheadless: {{}}", "1.yaml:7:3 MG116 only a StatefulSet has a headless Service"),
        (
            f"{HTTP}\nselector: {{x: y}}\nserviceAccount: {{name: z}}",
            "1.yaml:7:3 MG116 there is no workload whose identity it could be",
        ),
        (
            f"{RUNS}\nserviceAccount: {{existing: true, annotations: {{k: v}}}}",
            "1.yaml:7:36 MG116 somebody else makes it, so they have no effect",
        ),
        (
            f"{HTTP}\nexisting: true\nservice: {{type: NodePort}}",
            "1.yaml:7:3 MG116 somebody else makes the Service, so nothing can be said of it here",
        ),
        (
            f"{RUNS}\nservice: {{clusterIP: None}}",
            (
                "1.yaml:7:13 MG116 routes, subsets and policies have no effect on a headless Service"
                " | a StatefulSet gets one beside this Service"
            ),
        ),
        (
            f"{RUNS}\nservice: {{type: ExternalName}}",
            "1.yaml:7:13 MG116 an ExternalName Service has no pods to route to",
        ),
        (f"{RUNS}\nservice: {{annotations: [x]}}", "1.yaml:7:13 MG101 annotations are texts by name"),
        (
            f"{RUNS}\nservice: {{selector: {{x: y}}}}",
            "1.yaml:7:13 MG116 meshgen writes 'selector' of the Service itself | write it as spec.selector",
        ),
        (f"{RUNS}\nexportTo: [m, '*']", "1.yaml:7:3 MG116 '*' means all namespaces, so no other can stand beside it"),
        (f"{RUNS}\nexportTo: [., n]", "1.yaml:7:17 MG113 'n' is there already"),
    ],
)
def test_what_cannot_go_together_is_told(spec: str, what: str) -> None:
    assert said(service(spec), service(RUNS, name="b")) == [what]


@pytest.mark.parametrize(
    ("workload", "what"),
    [
        ("{}", "6:3 MG130 the main container of 'a' has no image | write container: {image: ...}"),
        ("{container: {}}", "6:14 MG130 the main container of 'a' has no image | write container: {image: ...}"),
        ("{container: null}", "6:14 MG130 the main container of 'a' has no image | write container: {image: ...}"),
        (
            "{container: {image: a}, pod: {serviceAccountName: x}}",
            "6:43 MG116 meshgen writes serviceAccountName itself | write 'serviceAccount: {name: ...}' beside 'workload'",
        ),
        (
            "{container: {image: a}, pod: {labels: {version: x}}}",
            "6:52 MG127 label 'version' is meshgen's: versions and selectors depend on it",
        ),
        (
            "{container: {image: a}, pod: {containers: [{name: a, image: b}]}}",
            "6:57 MG113 there is a container named 'a' already",
        ),
        (
            "{container: {image: a}, name: " + "x" * 40 + "." + "x" * 40 + "}",
            f"6:37 MG115 the Deployment's name '{'x' * 40}.{'x' * 40}' has 81 characters, and may have 63",
        ),
        (
            "{kind: StatefulSet, container: {image: a}, name: " + "x" * 53 + "}",
            f"6:56 MG115 the StatefulSet's name '{'x' * 53}' has 53 characters, and may have 52",
        ),
        (
            "{container: {image: a}, template: {}}",
            (
                "6:37 MG101 meshgen writes 'template' itself"
                " | write the pod's fields below 'pod' and the main container below 'container'"
            ),
        ),
        (
            "{container: {image: a}, serviceName: x}",
            "6:37 MG101 meshgen writes 'serviceName' itself | write 'headless: {name: ...}' beside 'workload'",
        ),
    ],
)
def test_what_is_wrong_with_a_workload_is_told(workload: str, what: str) -> None:
    assert said(service(f"{HTTP}\nworkload: {workload}")) == [f"1.yaml:{what}"]


def test_a_version_that_takes_the_image_away_is_told_there() -> None:
    spec = f"{RUNS}\nversions: [{{name: v1}}, {{name: v2, workload: {{container: null}}}}]"

    assert said(service(spec)) == [
        "1.yaml:7:48 MG130 the main container of 'a-v2' has no image | write container: {image: ...}"
    ]


def test_names_made_of_two_are_checked_too() -> None:
    name = "a" * 60
    spec = f"{HTTP}\nworkload: {{kind: StatefulSet, container: {{image: a}}}}"

    assert said(service(spec, name=name)) == [
        f"1.yaml:3:12 MG115 the StatefulSet's name '{name}' has 60 characters, and may have 52",
        (
            f"1.yaml:3:12 MG115 the headless Service's name '{name}-headless' has 69 characters, and may have 63"
            " | write headless: {name: ...}"
        ),
    ]
    assert said(service(f"{RUNS}\nversions: [{{name: long}}]", name=name)) == [
        f"1.yaml:7:15 MG115 the Deployment's name '{name}-long' has 65 characters, and may have 63"
    ]


@pytest.mark.parametrize(
    ("versions", "what"),
    [
        (
            "[{name: v1, workload: {name: x}}, {name: v2, workload: {name: x}}]",
            "7:69 MG113 versions 'v1' and 'v2' have one workload name, 'x' | give the name below the version",
        ),
        (
            "[{name: v1, workload: {selector: {matchLabels: {app: x}}}}, {name: v2}]",
            "7:61 MG127 the pods of all versions need one and the same label 'app', by which the Service finds them",
        ),
        (
            "[{name: v1}, {name: v2, workload: {selector: {matchLabels: {version: v1}}}}]",
            "7:73 MG127 the pods of 'v1' and 'v2' carry one version label, 'v1'",
        ),
        (
            "[{name: v1, workload: {name: a, selector: {matchLabels: {app: a}}}}, {name: v2}]",
            (
                "7:56 MG131 the selector of version 'v1' takes the pods of 'v2' too"
                " | it cannot be changed any more: make the version anew, without name and selector"
            ),
        ),
    ],
)
def test_versions_must_be_told_apart(versions: str, what: str) -> None:
    assert said(service(f"{RUNS}\nversions: {versions}")) == [f"1.yaml:{what}"]


@pytest.mark.parametrize("key", ["name: x", "selector: {matchLabels: {app: x}}"])
def test_one_name_or_selector_cannot_serve_several_versions(key: str) -> None:
    what = key.partition(":")[0]

    assert (
        f"1.yaml:6:14 MG116 each version has a workload of its own, and they cannot have one {what}"
        f" | give the {what} below the version"
    ) in said(service(f"{HTTP}\nworkload: {{{key}, container: {{image: a}}}}\n{V}"))


def test_labels_that_are_meshgens_cannot_be_given() -> None:
    assert said(service(RUNS, labels="{app: x}")) == [
        "1.yaml:3:44 MG127 label 'app' is meshgen's: versions and selectors depend on it"
    ]
