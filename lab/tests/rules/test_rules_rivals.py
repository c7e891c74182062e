"""Rules about two objects that one proxy cannot both have: which of them it takes, and what callers then get."""

from __future__ import annotations

from typing import Any

import pytest

from lab import Caller
from lab.controls import in_words
from lab.tests.rules.scene import Case, Scene
from lab.tests.rules.test_rules_requests import BOTH_HOSTS, NO_CLUSTER, NO_ROUTE, USERS

NO_TLS = "SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number"
STREAM = f"""{USERS}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: mail, namespace: NS}}
spec:
  hosts: ["*"]
  gateways: [public]
  tcp: [{{match: [{{port: 8510}}, {{port: 8511}}], route: [{{destination: {{host: users, port: {{number: 80}}}}}}]}}]
"""
V2 = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: users-v2, namespace: NS}
spec:
  selector: {matchLabels: {app: users, version: v2}}
  template:
    metadata: {labels: {app: users, version: v2}}
    spec: {containers: [{name: users, image: any, ports: [{containerPort: 80}]}]}
"""


def over_tls(scene: Scene) -> str:
    """What one gets over TLS from the server that came second."""
    return scene.tls("api", port=8500 if scene.word == "Bad" else 8501).partition(" (_ssl")[0]


def by_stream(scene: Scene) -> str:
    """What one gets who speaks HTTP with the server for streams that came second."""
    port = 8510 if scene.word == "Bad" else 8511
    return in_words(scene.stage.gateway.ask(1, f"http://mail.{scene.namespace}.example.com:{port}/"))


def for_some(scene: Scene) -> str:
    """What a caller gets for whom there is a rule of its own."""
    caller = scene.inside.proxy
    assert isinstance(caller, Caller)
    return in_words(caller.ask(1, f"http://users.{scene.namespace}/"))


CASES = [
    Case("MG295", over_tls, NO_TLS, "200", around=BOTH_HOSTS),
    Case("MG295", by_stream, NO_ROUTE, "200", number=1, good_number=1, around=STREAM),
    Case("MG296", for_some, NO_CLUSTER, "200", around=V2, inside={"app": "front"}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_shows_in_what_a_proxy_takes(case: Case, seen: tuple[Any, Any]) -> None:  # noqa: ARG001
    said, expected = seen

    assert said == expected
