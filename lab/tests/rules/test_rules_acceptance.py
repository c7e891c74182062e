"""Rules of what is refused: by istiod, which is asked through istioctl, by Envoy, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from lab import Authority, Caller, LabError
from lab.controls import in_words
from lab.examples import ROOT, examples, filled, moved
from lab.tests.rules.scene import Refusal, Stage, wait_for_pods

ALONE = "mg260"

REFUSALS = [
    Refusal("MG236", "duplicate subset names"),
    Refusal("MG258", "total destination weight = 0", number=1),
    Refusal("MG290", "retryOn"),
    Refusal("MG269", "SIMPLE TLS requires a server certificate", number=1),
]


@pytest.fixture(scope="module")
def said(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What istiod says of the example in each namespace, all asked at once."""
    files, folder = [], tmp_path_factory.mktemp("examples")
    for refusal in REFUSALS:
        for word in ("Bad", "Good"):
            name = f"{refusal.name}-{word.lower()}"
            text = examples(refusal.code)[word][refusal.number if word == "Bad" else 0]
            files.append(folder / f"{name}.yaml")
            files[-1].write_text(yaml.safe_dump_all(moved(text, name)), encoding="utf-8")
    ran = stage.lab.run("istioctl", "validate", *(part for file in files for part in ("-f", str(file))))
    lines = (ran.output + ran.complaints).splitlines()
    return {file.stem: "\n".join(line for line in lines if file.stem in line) for file in files}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
def test_istiod_refuses_what_kubernetes_takes(refusal: Refusal, said: dict[str, str], stage: Stage) -> None:
    bad = moved(examples(refusal.code)["Bad"][refusal.number], f"{refusal.name}-bad")

    stage.lab.apply(bad, dry_run=True)

    assert refusal.words in said[f"{refusal.name}-bad"]
    assert said[f"{refusal.name}-good"] == ""


@pytest.fixture
def alone(stage: Stage) -> Iterator[Caller]:
    """A caller that nobody misses when it rejects what it is told."""
    caller = stage.lab.caller("alone", namespace=ALONE)
    yield caller
    stage.lab.stop(caller)


def test_envoy_rejects_the_routes_of_a_port_for_one_value(stage: Stage, alone: Caller) -> None:  # MG260
    bad, good = (filled(moved(examples("MG260")[word][0], ALONE), ALONE) for word in ("Bad", "Good"))
    service, route = (
        [each for each in bad if (each["kind"] == "VirtualService") is is_route] for is_route in (False, True)
    )
    stage.lab.apply(service)
    wait_for_pods(stage.lab, [ALONE])
    stage.lab.settled()
    route[0]["spec"]["exportTo"] = ["."]  # so that no other proxy hears of it
    stage.lab.apply(route)
    with pytest.raises(LabError, match=rf"envoy-alone.{ALONE} rejected what istiod sent: .*;.rds.80.update_rejected"):
        stage.lab.settled()

    assert in_words([alone.get("http://users/old")]) == "200"  # as if there were no rules

    stage.lab.apply(good)
    stage.lab.settled()
    assert in_words([alone.get("http://users/old")]) == "308 to http://users/new"


@pytest.mark.parametrize("code", ["MG254", "MG285"])
def test_a_gateway_serves_only_a_certificate_of_its_own_namespace(stage: Stage, code: str) -> None:
    where, authority = code.lower(), Authority(code)
    host, gateway = (
        f"users.{where}.example.com",
        stage.lab.gateway("other-edge", namespace=ROOT, labels={"istio": "other"}),
    )
    made, faults = authority.certificate([host]), {}
    try:
        for word in ("Bad", "Good"):
            objects = moved(examples(code)[word][0].replace("ingressgateway", "other"), where)
            for each in objects:
                if {"tls.crt", "tls.key"} <= {**each.get("data", {}), **each.get("stringData", {})}.keys():
                    each |= {
                        "data": {},
                        "stringData": {"tls.crt": made.certificate, "tls.key": made.key},
                    }  # in place of words
            stage.lab.apply(objects)
            stage.lab.settled()
            faults[word] = bool(gateway.get(f"https://{host}/", trust=authority.pem, timeout=5.0).fault)
            stage.lab.delete(objects)
    finally:
        stage.lab.stop(gateway)

    assert faults == {"Bad": True, "Good": False}
