"""The way production runs: istiod's webhooks are asked, pods are injected, and proxies know one another by certificate."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from lab import Answer, Authority, Caller, Gateway, Lab, LabError, Refused, wait
from lab.tests import cases, shop
from lab.tests.meshed import MESHED, SHOPPERS_ONLY, STRICT, Object, applied, namespace, only, peers, pods, spiffe

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
USERS = ("microservices/gateway.yaml", "microservices/user-service.yaml", "microservices/user-service-shadow.yaml")
URL = "http://user-service.microservices/"
HOST = "api.microservices.local"
MANY = 2000
SECONDS = 60.0  # that a thing may take on a busy machine


@pytest.fixture(scope="module")
def lab(identified: Lab) -> Lab:
    """A lab with identities, with the users of microservices in it."""
    for name in (MESHED, "shoppers", "changing"):
        identified.apply(namespace(name, {"istio-injection": "enabled"}))
    identified.apply("".join(cases.render(*USERS)))
    identified.wait_ready(MESHED, seconds=SECONDS)
    return identified


@pytest.fixture(scope="module")
def shopper(lab: Lab) -> Caller:
    return lab.caller("shopper", namespace="shoppers", account="shopper")


@pytest.fixture(scope="module")
def stranger(lab: Lab) -> Caller:
    return lab.caller("stranger", namespace="shoppers", account="stranger")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("identities")


@pytest.fixture(scope="module")
def edge(lab: Lab, authority: Authority) -> Gateway:
    lab.apply(cases.secret("microservices-tls", "istio-system", authority.certificate([HOST])))
    return lab.gateway("edge", namespace="istio-system", labels={"istio": "ingressgateway", "app": "edge"})


# ---- istiod's validating webhook


def manifest(path: str) -> Object:
    found: Object = yaml.load((GOLDEN / path).read_text(encoding="utf-8"), yaml.CSafeLoader)
    return found


def route(changes: Object) -> Object:
    """The first route of a VirtualService, changed."""
    changed = manifest("microservices/virtualservice-user-service.yaml")
    changed["spec"]["http"][0] |= changes
    return changed


def subset_twice() -> Object:
    changed = manifest("microservices/destinationrule-user-service.yaml")
    changed["spec"]["subsets"] += changed["spec"]["subsets"][:1]
    return changed


def weightless() -> Object:
    changed = manifest("microservices/virtualservice-user-service.yaml")
    for one in changed["spec"]["http"][-1]["route"]:
        one["weight"] = 0
    return changed


@pytest.mark.parametrize("folder", sorted(path.name for path in GOLDEN.iterdir()))
def test_the_webhook_admits_what_meshgen_renders(lab: Lab, folder: str) -> None:
    for path in sorted((GOLDEN / folder).glob("*.yaml")):
        lab.apply(path.read_text(encoding="utf-8"), dry_run=True)
    with pytest.raises(Refused, match=r"validation\.istio\.io"):  # it was there, and would have said so
        lab.apply(weightless(), dry_run=True)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (route({"retries": {"attempts": 2, "retryOn": "no-such-condition"}}), "is not a valid retryOn policy"),
        (route({"redirect": {"uri": "/elsewhere"}}), "HTTP route cannot contain both route and redirect"),
        (route({"match": [{"uri": {"regex": "(unclosed"}}]}), "missing closing )"),
        (weightless(), "total destination weight = 0"),
        (subset_twice(), "duplicate subset names"),
        (SHOPPERS_ONLY | {"spec": {"action": "ALLOW", "rules": [{"from": [{}]}]}}, "`from.source` must not be nil"),
    ],
    ids=[
        "retry condition",
        "route and redirect",
        "regular expression",
        "weights",
        "subset twice",
        "policy from nobody",
    ],
)
def test_the_webhook_refuses_what_no_schema_knows(lab: Lab, broken: Object, words: str) -> None:
    with pytest.raises(Refused) as refused:
        lab.apply(broken, dry_run=True)

    (said,) = refused.value.reasons.values()
    assert 'admission webhook "validation.istio.io" denied the request' in said
    assert words in said


# ---- injection


def test_pods_are_injected_and_each_has_a_proxy_of_its_own(lab: Lab) -> None:
    found = pods(lab, MESHED)
    proxies = {name for name in lab.programs() if name.endswith(f".{MESHED}")}

    assert len(found) == 8
    assert proxies == {f"envoy-{one['metadata']['name']}.{MESHED}" for one in found}
    for one in found:
        assert one["metadata"]["labels"]["security.istio.io/tlsMode"] == "istio"
        assert "sidecar.istio.io/status" in one["metadata"]["annotations"]


def test_a_namespace_without_the_label_is_left_alone(lab: Lab) -> None:
    lab.apply([shop.service("plain"), shop.workload("plain", "v1")])
    lab.wait_ready("plain", seconds=SECONDS)
    (pod,) = pods(lab, "plain")

    assert [one["name"] for one in pod["spec"]["containers"]] == ["users"]
    assert not pod["spec"].get("initContainers")
    with pytest.raises(LabError, match="client was not injected: does plain have the label"):
        lab.caller(namespace="plain")


def test_a_proxy_comes_and_goes_with_its_pod(lab: Lab, shopper: Caller) -> None:
    def running() -> tuple[bool, set[str]]:
        found = {name for name in lab.programs() if name.endswith(".changing")}
        return found == {f"envoy-{one['metadata']['name']}.changing" for one in pods(lab, "changing")}, found

    lab.apply(shop.service("changing"))
    for replicas in (2, 1):
        lab.apply(shop.workload("changing", "v1", replicas=replicas))
        lab.wait_ready("changing", seconds=SECONDS)
        assert len(wait("proxies to follow their pods", running, SECONDS)) == replicas
        lab.settled()
        answers = shopper.ask(50, "http://users.changing/")
        assert Counter(answer.status for answer in answers) == {200: 50}
        assert len({answer.pod for answer in answers}) == replicas


# ---- mutual TLS


def test_every_proxy_has_the_identity_of_its_account(lab: Lab, shopper: Caller) -> None:
    lab.settled()
    answer = shopper.get(URL)

    assert peers(answer) == {"by": spiffe(MESHED, "user-service"), "from": spiffe("shoppers", "shopper")}


def test_splits_and_headers_are_the_same_through_mutual_tls(lab: Lab, shopper: Caller) -> None:
    with applied(lab, STRICT):
        answers = shopper.ask(MANY, URL)
        canary = shopper.ask(100, URL, headers={"x-canary-version": "v2"})
        beta = shopper.ask(100, URL, headers={"x-user-group": "beta"})
    counted = Counter((answer.status, answer.version) for answer in answers)

    assert counted.keys() == {(200, "v1"), (200, "v2")}
    assert counted[200, "v2"] in cases.bounds(MANY, 0.1)
    assert Counter((answer.status, answer.version) for answer in canary) == {(200, "canary"): 100}
    assert Counter((answer.status, answer.version) for answer in beta) == {(200, "v2"): 100}
    assert {peers(answer)["from"] for answer in [*answers, *canary, *beta]} == {spiffe("shoppers", "shopper")}


def test_what_comes_without_a_certificate_is_refused_where_the_mesh_is_strict(lab: Lab, shopper: Caller) -> None:
    address = pods(lab, MESHED, app="user-service", version="v1")[0]["status"]["podIP"]
    before = shopper.get(f"http://{address}:3000/", through="nothing")
    with applied(lab, STRICT):
        plain = shopper.get(f"http://{address}:3000/", through="nothing")
        meshed = shopper.get(URL)

    assert (before.status, peers(before)["from"]) == (200, "")
    assert (plain.status, plain.fault.partition(":")[0]) == (0, "ConnectionResetError")
    assert meshed.status == 200


def asked_of_every_version(caller: Caller) -> list[Answer]:
    """Answers of all pods: by the weights alone, a pod of a tenth of the requests may be missed."""
    chosen: tuple[dict[str, str], ...] = ({}, {"x-canary-version": "v2"}, {"x-user-group": "beta"})
    return [answer for headers in chosen for answer in caller.ask(50, URL, headers=headers)]


def test_a_policy_lets_one_caller_in_and_another_not(lab: Lab, shopper: Caller, stranger: Caller) -> None:
    before = stranger.get(URL)
    with applied(lab, STRICT), applied(lab, SHOPPERS_ONLY):
        wait("connections from before to end", lambda: only(403, asked_of_every_version(stranger)), SECONDS)
        welcome, refused = shopper.ask(50, URL), asked_of_every_version(stranger)

    assert before.status == 200
    assert Counter(answer.status for answer in welcome) == {200: 50}
    assert Counter((answer.status, answer.body) for answer in refused) == {(403, "RBAC: access denied"): 150}


def test_a_gateway_ends_https_with_its_secret_and_goes_on_with_its_identity(
    lab: Lab, edge: Gateway, authority: Authority
) -> None:
    with applied(lab, STRICT):
        answers = edge.ask(200, f"https://{HOST}/", trust=authority.pem)

    assert {answer.status for answer in answers} == {200}
    assert {peers(answer)["from"] for answer in answers} == {spiffe("istio-system", "default")}


@pytest.mark.usefixtures("edge")
def test_istioctl_has_nothing_to_say_about_the_namespace(lab: Lab) -> None:
    def analyze() -> list[tuple[str, str]]:
        ran = lab.run("istioctl", "analyze", "-n", MESHED, "-o", "json", seconds=SECONDS)
        return [(each["code"], each["origin"]) for each in json.loads(ran.output)]

    nobody = copy.deepcopy(SHOPPERS_ONLY)
    nobody["spec"]["rules"][0]["from"][0]["source"] = {"namespaces": ["nowhere"]}

    assert analyze() == []
    with applied(lab, nobody):
        assert analyze() == [("IST0101", f"AuthorizationPolicy {MESHED}/shoppers-only")]
