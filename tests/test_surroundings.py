"""--with: manifests that are there already are referred to and judged by, and never written."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import run
from meshes import HOST, RUNS, gateway, service

NAMESPACE = "shop"
GIVEN = f"""\
apiVersion: v1
kind: Service
metadata: {{name: pay, namespace: shop}}
spec: {{selector: {{app: pay}}, ports: [{{port: 8080}}]}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: pay, namespace: shop}}
spec: {{host: pay.shop.svc.cluster.local, subsets: [{{name: v2, labels: {{version: v2}}}}]}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: edge, namespace: shop}}
spec:
  selector: {{istio: ingressgateway}}
  servers:
  - port: {{number: 443, name: https, protocol: HTTPS}}
    hosts: [{HOST}]
    tls: {{mode: SIMPLE, credentialName: c}}
"""
SPEC = f"""{RUNS}
routes: [{{name: r, mirrors: [{{service: pay, to: v2, percent: 5}}]}}]
expose: [{{name: e, gateway: edge, hosts: [{HOST}]}}]"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/a.yaml").write_text(service(SPEC, namespace=NAMESPACE))
    (tmp_path / "given").mkdir()
    (tmp_path / "given/all.yaml").write_text(GIVEN)
    return tmp_path


def test_specs_may_refer_to_what_is_given_and_it_is_not_written(place: Path) -> None:
    code, out, err = run("render", place / "specs", "--with", place / "given")

    assert (code, err) == (0, "")
    assert "host: pay.shop.svc.cluster.local\n        subset: v2\n        port:\n          number: 8080" in out
    assert "- shop/edge" in out
    assert "name: pay\n" not in out
    assert "kind: Gateway\n" not in out


def test_without_it_nothing_has_these_names(place: Path) -> None:
    code, _, err = run("validate", place / "specs")

    assert code == 1
    assert "MG110: no gateway is named 'edge'" in err


def test_what_it_lacks_is_told(place: Path) -> None:
    wrong = SPEC.replace("to: v2", "to: v3").replace("gateway: edge", "gateway: edgy")
    (place / "specs/a.yaml").write_text(service(wrong, namespace=NAMESPACE))

    _, _, err = run("validate", place / "specs", "--with", place / "given/all.yaml")

    assert "MG110: no gateway is named 'edgy'; there are: edge" in err
    assert "no version of 'pay' is named 'v3'; there are: v2" in err


def test_a_spec_must_not_claim_what_is_given_to_another(place: Path) -> None:
    (place / "specs/b.yaml").write_text(gateway(f"hosts: [{HOST}]\ntls: {{credentialName: c}}", namespace=NAMESPACE))

    code, _, err = run("validate", place / "specs", "--with", place / "given")

    assert code == 1
    assert f"MG132: gateway shop/edge, at {place}/given/all.yaml:13:18, has {HOST!r} at port 443" in err


def test_rules_know_what_is_given_and_say_nothing_of_it(place: Path) -> None:
    peers = """\
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
"""
    (place / "given/peers.yaml").write_text(peers)
    (place / "specs/a.yaml").write_text(
        service(f"{RUNS}\ntrafficPolicy: {{tls: {{mode: DISABLE}}}}", namespace=NAMESPACE)
    )

    alone = run("validate", place / "specs")
    _, _, err = run("validate", place / "specs", "--with", place / "given")

    assert alone.code == 0
    assert "MG240" not in alone.err
    assert "MG240" in err
    assert "given/" not in err.replace("at " + str(place), "")


def test_what_is_given_and_rendered_is_there_once(place: Path) -> None:
    run("render", place / "specs", "--with", place / "given", "-o", place / "given/out")

    assert run("render", place / "specs", "--with", place / "given", "-o", place / "given/out", "--check")[0] == 0


def test_specs_and_what_cannot_be_read_are_no_surroundings(place: Path) -> None:
    code, _, err = run("validate", place / "specs", "--with", place / "specs", "--with", place / "missing")

    assert code == 1
    assert "a.yaml: error MG102: holds specs, and --with takes manifests that are there already" in err
    assert "missing: error MG007" in err
    assert run("validate", place / "specs", "--with", "").code == 2
