"""The levels of a policy: what layers say of a port together is checked as Istio will see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from meshes import RUNS, policy, said, service

from meshgen.spec.policy import TrafficPolicy

GOLDEN = Path(__file__).parent.parent / "golden"


MIXED = {
    "a Secret below files": (
        "{tls: {mode: MUTUAL, credentialName: c}, PORTS: {tls: {mode: MUTUAL, clientCertificate: a, privateKey: b}}}",
        "{}",
        "7:120 MG101 laid over the service's policy: the Secret of credentialName has it already, and Istio refuses both",
    ),
    "files below a Secret": (
        "{tls: {mode: MUTUAL, clientCertificate: a, privateKey: b}, PORTS: {tls: {mode: MUTUAL, credentialName: c}}}",
        "{}",
        (
            "7:118 MG101 tls.clientCertificate of the service's policy holds here too: the Secret of credentialName has it"
            " already, and Istio refuses both | write clientCertificate: null here to take it away"
        ),
    ),
    "names that nobody checks": (
        "{tls: {mode: SIMPLE, subjectAltNames: [a]}, PORTS: {tls: {mode: SIMPLE, insecureSkipVerify: true}}}",
        "{}",
        (
            "7:103 MG101 tls.subjectAltNames of the service's policy holds here too: insecureSkipVerify leaves nothing to"
            " check | write subjectAltNames: null here to take it away"
        ),
    ),
    "a mode that needs no files": (
        "{tls: {mode: MUTUAL, clientCertificate: a, privateKey: b}, PORTS: {tls: {mode: ISTIO_MUTUAL}}}",
        "{}",
        (
            "7:118 MG101 tls.clientCertificate of the service's policy holds here too: has no effect in mode ISTIO_MUTUAL"
            " | write clientCertificate: null here to take it away\n"
            "7:118 MG101 tls.privateKey of the service's policy holds here too: has no effect in mode ISTIO_MUTUAL"
            " | write privateKey: null here to take it away"
        ),
    ),
    "two protocols at a port": (
        "{connectionPool: {http: {h2UpgradePolicy: UPGRADE}}, PORTS: {connectionPool: {http: {useClientProtocol: true}}}}",
        "{}",
        "7:136 MG101 laid over the service's policy: cannot keep the caller's protocol beside h2UpgradePolicy UPGRADE",
    ),
    "two protocols, one at the version": (
        "{PORTS: {connectionPool: {http: {h2UpgradePolicy: UPGRADE}}}}",
        "{connectionPool: {http: {useClientProtocol: true}}}",
        "8:65 MG101 laid over the service's port 80: cannot keep the caller's protocol beside h2UpgradePolicy UPGRADE",
    ),
    "two protocols, the other at the version": (
        "{PORTS: {connectionPool: {http: {useClientProtocol: true}}}}",
        "{connectionPool: {http: {h2UpgradePolicy: UPGRADE}}}",
        (
            "8:58 MG101 connectionPool.http.useClientProtocol of the service's port 80 holds here too: cannot keep the"
            " caller's protocol beside h2UpgradePolicy UPGRADE | write useClientProtocol: null here to take it away"
        ),
    ),
    "a warmup without effect": (
        "{loadBalancer: {simple: ROUND_ROBIN, warmup: {duration: 5s}}, PORTS: {loadBalancer: {simple: RANDOM}}}",
        "{}",
        (
            "7:121 MG101 loadBalancer.warmup of the service's policy holds here too: has no effect beside this simple"
            " | write warmup: null here to take it away"
        ),
    ),
    "a count without effect": (
        (
            "{outlierDetection: {splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 3},"
            " PORTS: {outlierDetection: {splitExternalLocalOriginErrors: false}}}"
        ),
        "{}",
        (
            "7:153 MG101 outlierDetection.consecutiveLocalOriginFailures of the service's policy holds here too: has no"
            " effect while failures to connect are not counted apart, and Istio refuses it"
            " | write consecutiveLocalOriginFailures: null here to take it away"
        ),
    ),
    "half a block at the version's port": (
        "{loadBalancer: {simple: RANDOM}}",
        "{PORTS: {tls: {sni: x}}}",
        (
            "8:82 MG101 'mode' is missing | mode: DISABLE: plain text; SIMPLE: TLS; MUTUAL: with a certificate;"
            " ISTIO_MUTUAL: with Istio's own."
        ),
    ),
    "one port twice in a version": (
        "{loadBalancer: {simple: RANDOM}}",
        "{portLevelSettings: [{port: {number: 80}, tls: null}, {port: {number: 80}, tls: null}]}",
        "8:95 MG101 there are settings for port 80 already",
    ),
    "a port of a version that says nothing": (
        "{loadBalancer: {simple: RANDOM}}",
        "{portLevelSettings: [{port: {number: 80}}]}",
        "8:61 MG101 one of these is needed: connectionPool, loadBalancer, outlierDetection, tls",
    ),
}


@pytest.mark.parametrize("case", MIXED)
def test_what_cannot_stand_together_at_a_port_is_refused_however_many_layers_wrote_it(case: str) -> None:
    has, version_has, what = MIXED[case]
    spec = f"{RUNS}\ntrafficPolicy: {at_port(has)}\nversions: [{{name: v1, trafficPolicy: {at_port(version_has)}}}]"

    assert said(service(spec)) == [f"1.yaml:{line}" for line in what.splitlines()]


def at_port(policy: str) -> str:
    """The policy with `PORTS: {...}` at its end as the settings of port 80."""
    head, ports, settings = policy.partition("PORTS: {")
    return f"{head}portLevelSettings: [{{port: {{number: 80}}, {settings[:-1]}]}}" if ports else policy


def test_null_at_a_port_makes_room_for_what_cannot_stand_beside_it() -> None:
    found = policy(
        """
        trafficPolicy:
          tls: {mode: MUTUAL, credentialName: c}
          portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE, credentialName: null, insecureSkipVerify: true}}]
        """
    )

    assert found["trafficPolicy"]["portLevelSettings"][0]["tls"] == {"mode": "SIMPLE", "insecureSkipVerify": True}


def test_a_versions_port_adds_to_what_the_service_says() -> None:
    found = policy(
        """
        trafficPolicy: {outlierDetection: {splitExternalLocalOriginErrors: true}}
        versions:
        - name: v1
          trafficPolicy:
            portLevelSettings: [{port: {number: 80}, outlierDetection: {consecutiveLocalOriginFailures: 3}}]
        """
    )

    assert found["subsets"][0]["trafficPolicy"]["portLevelSettings"][0]["outlierDetection"] == {
        "splitExternalLocalOriginErrors": True,
        "consecutiveLocalOriginFailures": 3,
    }


def rendered_policies() -> Iterator[dict[str, Any]]:
    """Every policy of golden/, of services and of subsets."""
    for file in sorted(GOLDEN.glob("*/destinationrule-*.yaml")):
        spec = yaml.safe_load(file.read_text("utf-8"))["spec"]
        for level in (spec, *spec.get("subsets", [])):
            if "trafficPolicy" in level:
                yield level["trafficPolicy"]


def test_every_policy_of_golden_is_one_that_istio_takes() -> None:
    policies = list(rendered_policies())

    assert policies
    for each in policies:
        TrafficPolicy.model_validate(each)
