"""Rules of lint whose effect needs certificates and injection: mutual TLS, and what istiod makes of annotations."""

from __future__ import annotations

import pytest

from lab import ApiError, Lab
from lab.examples import examples, filled, moved
from lab.tests.meshed import Object, namespace

INJECTED = {"istio-injection": "enabled"}


def made(lab: Lab, code: str, word: str, labels: dict[str, str], injected: str = "", where: str = "") -> Object:
    """What becomes of a pod of the example's Deployment, asked for as the controller of ReplicaSets does, but not kept.

    Raises ApiError where a webhook refuses it.
    """
    where = where or f"{code.lower()}-{word.lower()}"
    text = examples(code)[word][0].replace('inject: "false"', f'inject: "{injected or "false"}"')
    (deployment,) = [each for each in moved(text, where) if each["kind"] == "Deployment"]
    template = deployment["spec"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", **template, "metadata": template["metadata"] | {"name": "users"}}
    lab.apply(namespace(where, labels))
    found: Object = lab.kubernetes.request("POST", f"/api/v1/namespaces/{where}/pods", pod, dryRun="All")
    return found


def told(pod: Object) -> str:
    """What the container is told that redirects a pod's traffic; nothing where its traffic stays as it is."""
    return " ".join(word for each in pod["spec"].get("initContainers", []) for word in each.get("args", ()))


def test_an_annotation_of_pods_acts_in_the_template_alone(identified: Lab) -> None:
    assert "5432" not in told(made(identified, "MG242", "Bad", INJECTED))
    assert "-o 5432" in told(made(identified, "MG242", "Good", INJECTED))


def test_an_annotation_with_a_wrong_name_is_not_heard(identified: Lab) -> None:
    assert "5432" not in told(made(identified, "MG247", "Bad", INJECTED))
    assert "-o 5432" in told(made(identified, "MG247", "Good", INJECTED))


def test_a_pod_with_a_value_that_the_injector_cannot_read_is_refused(identified: Lab) -> None:
    with pytest.raises(ApiError, match="denied the request: failed to run injection template"):
        made(identified, "MG248", "Bad", INJECTED)
    assert "-o 5432" in told(made(identified, "MG248", "Good", INJECTED))


def test_where_the_namespace_does_not_ask_the_label_injects_and_the_annotation_does_not(identified: Lab) -> None:
    assert not told(made(identified, "MG249", "Bad", {}, injected="true"))
    assert told(made(identified, "MG249", "Good", {}, injected="true"))


def test_beside_the_label_of_injection_that_of_a_revision_is_not_asked(identified: Lab) -> None:
    for word, injected in (("Bad", True), ("Good", False)):  # the lab has the default revision alone
        (labelled,) = moved(examples("MG284")[word][0], f"mg284-{word.lower()}")
        pod = made(identified, "MG242", "Good", labelled["metadata"]["labels"], where=f"mg284-{word.lower()}")

        assert bool(told(pod)) is injected


def test_an_image_is_filled_in_where_the_pod_is_injected(identified: Lab) -> None:
    images = [made(identified, "MG286", word, {})["spec"]["containers"][0]["image"] for word in ("Bad", "Good")]

    assert images[0] == "auto"
    assert "proxyv2" in images[1]


def test_pods_that_take_mutual_tls_only_refuse_plain_text(identified: Lab) -> None:  # MG240
    identified.apply(namespace("mg240", INJECTED))
    caller = identified.caller("client", namespace="mg240")
    for word in ("Bad", "Good"):
        where = f"mg240-{word.lower()}"
        identified.apply([namespace(where, INJECTED), *filled(moved(examples("MG240")[word][0], where), where)])
        identified.wait_ready(where, seconds=60.0)
    identified.settled()

    assert caller.get("http://users.mg240-bad/").status == 503
    assert caller.get("http://users.mg240-good/").status == 200
