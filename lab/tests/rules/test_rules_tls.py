"""Rules of TLS towards servers: what sidecars are told to trust and to show, seen in the configuration of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from lab import Caller, wait
from lab.examples import examples, filled, moved
from lab.tests.rules.scene import Stage, Views

WHERE = "towards"
SECONDS = 30.0
BANK = """
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: bank, namespace: towards}
spec:
  hosts: [api.bank.towards.example.com]
  exportTo: ["."]
  resolution: STATIC
  endpoints: [{address: 10.1.2.3}]
  ports: [{name: http, number: 443, protocol: HTTP}]
"""


@pytest.fixture(scope="module")
def payments(stage: Stage) -> Iterator[Caller]:
    """A sidecar that no agent gives certificates to, so only what it is told can be looked at."""
    caller = stage.lab.caller("payments", namespace=WHERE, labels={"app": "payments"})
    yield caller
    stage.lab.stop(caller)


def told(stage: Stage, caller: Caller, code: str, word: str, cluster: str) -> dict[str, Any]:
    """The TLS settings of a cluster for which an example is applied; empty where there are none."""
    objects = [*filled(moved(examples(code)[word][0], WHERE), WHERE), *yaml.safe_load_all(BANK)]
    for each in objects:
        if each["kind"] == "DestinationRule":
            each["spec"]["exportTo"] = ["."]  # other proxies of this lab would wait for certificates as they start

    def known() -> tuple[bool, dict[str, Any]]:
        return cluster in Views(caller).clusters, Views(caller).clusters.get(cluster, {})

    def gone() -> tuple[bool, bool]:
        return not known()[0], known()[0]

    # Not settled(): for what it is to trust, this sidecar waits for an agent that is not there.
    stage.lab.apply(sorted(objects, key=lambda each: each["kind"] != "DestinationRule"))
    found = wait(f"{cluster} to be known", known, SECONDS).get("transport_socket", {})
    stage.lab.delete(objects)
    wait(f"{cluster} to be gone", gone, SECONDS)
    settings: dict[str, Any] = found.get("typed_config", {}).get("common_tls_context", {})
    return settings


@pytest.mark.parametrize(
    ("word", "trusted"), [("Bad", "file-root:system"), ("Good", "file-root:/etc/certs/towards-ca.pem")]
)
def test_without_an_authority_a_sidecar_trusts_those_of_its_image(
    stage: Stage, payments: Caller, word: str, trusted: str
) -> None:
    settings = told(stage, payments, "MG239", word, f"outbound|443||users.{WHERE}.svc.cluster.local")

    assert settings["combined_validation_context"]["validation_context_sds_secret_config"]["name"] == trusted


@pytest.mark.parametrize(("word", "shown"), [("Bad", []), ("Good", ["kubernetes://bank-client"])])
def test_a_credential_is_for_sidecars_that_are_selected(
    stage: Stage, payments: Caller, word: str, shown: list[str]
) -> None:
    settings = told(stage, payments, "MG246", word, f"outbound|443||api.bank.{WHERE}.example.com")

    assert [each["name"] for each in settings.get("tls_certificate_sds_secret_configs", [])] == shown
    assert bool(settings) is bool(shown)
