"""`meshgen lint --fix`: right values in files, and every other byte kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import run

WRONG = """\
# kept
apiVersion: networking.istio.io/v1beta1   # older
kind: DestinationRule
metadata: {name: users, namespace: shop}
spec:
  host: users
  trafficPolicy: {loadBalancer: {simple: "LEAST_CONN"},   connectionPool: {tcp: {maxConnections: 5}}}
"""


def test_fix_writes_right_values_and_keeps_every_other_byte(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(WRONG.replace("\n", "\r\n").encode())
    file.chmod(0o640)

    outcome = run("lint", file, "--fix", "--all")

    right = WRONG.replace("v1beta1", "v1").replace("LEAST_CONN", "LEAST_REQUEST")
    assert file.read_bytes() == right.replace("\n", "\r\n").encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert "changed 2 values" in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]
    assert run("lint", file, "--fix", "--all").err.startswith("changed 0 values")


def test_fix_keeps_to_the_codes_that_are_chosen(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(WRONG)

    run("lint", file, "--fix", "--all", "--ignore", "MG232")

    assert file.read_text() == WRONG.replace("LEAST_CONN", "LEAST_REQUEST")


def test_fix_leaves_what_meshgen_made_and_what_several_places_share(tmp_path: Path) -> None:
    made, shared = tmp_path / "made.yaml", tmp_path / "shared.yaml"
    made.write_text(f"# Made by meshgen from specs/a.yaml; change that.\n{WRONG}")
    shared.write_text(WRONG.replace("name: users", "name: other").replace('"LEAST_CONN"', "&lb LEAST_CONN"))
    before = made.read_text(), shared.read_text()

    run("lint", tmp_path, "--fix", "--all")

    assert (made.read_text(), shared.read_text()) == before


PORTS = """\
apiVersion: v1
kind: Service
metadata: {name: users, namespace: shop}
spec: {selector: {app: users}, ports: [{name: http, port: 80, targetPort: 3000}]}
---
apiVersion: v1
kind: Service
metadata: {name: people, namespace: shop}
spec: {selector: {app: people}, ports: [{name: http, port: 8080}]}
---
"""
ROUTES = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: users, namespace: shop}
spec:
  hosts: [users]
  http:
  - match: [{headers: {x-test: {exact: "1"}}}]
    fault: {delay: {percent: 50, fixedDelay: 1s}}
    route:
    - destination:
        host: people   # is at 8080
    mirror: {host: 'people'}
    mirrorPercent:   10
  - route:
    - destination: {host: users, port: {number: 3000}}
"""
RIGHT = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: users, namespace: shop}
spec:
  hosts: [users]
  http:
  - match: [{headers: {x-test: {exact: "1"}}}]
    fault: {delay: {percentage: {value: 50}, fixedDelay: 1s}}
    route:
    - destination:
        host: people   # is at 8080
        port: {number: 8080}
    mirror: {host: 'people', port: {number: 8080}}
    mirrorPercentage:   {value: 10}
  - route:
    - destination: {host: users, port: {number: 80}}
"""
AS_JSON = """{"apiVersion": "networking.istio.io/v1beta1", "kind": "VirtualService",
 "metadata": {"name": "users", "namespace": "shop"}, "spec": {"hosts": ["users"], "http": [
  {"fault": {"delay": {"percent": 50, "fixedDelay": "1s"}}, "route": [{"destination": {"host": "people"}}]}]}}"""
RIGHT_JSON = """{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
 "metadata": {"name": "users", "namespace": "shop"}, "spec": {"hosts": ["users"], "http": [
  {"fault": {"delay": {"percentage": {"value": 50}, "fixedDelay": "1s"}}, "route": [{"destination": {"host": "people", "port": {"number": 8080}}}]}]}}"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("name", "wrong", "right"), [("a.yaml", ROUTES, RIGHT), ("a.json", AS_JSON, RIGHT_JSON)])
def test_fix_adds_and_renames_keys_in_the_style_of_what_is_there(
    name: str, wrong: str, right: str, end: str, tmp_path: Path
) -> None:
    (tmp_path / "ports.yaml").write_text(PORTS)
    (tmp_path / name).write_bytes(wrong.replace("\n", end).encode())

    run("lint", tmp_path, "--fix", "--all")

    assert (tmp_path / name).read_bytes() == right.replace("\n", end).encode()
    assert run("lint", tmp_path, "--fix", "--all").err.startswith("changed 0 values")


@pytest.mark.parametrize("sign", ["\r", "\u2028", "\x85"])
def test_fix_leaves_files_whose_lines_it_cannot_count(sign: str, tmp_path: Path) -> None:
    content = WRONG.replace("# kept\n", f"# kept{sign}# too\n").encode()
    (tmp_path / "a.yaml").write_bytes(content)

    assert "changed 0 values" in run("lint", tmp_path, "--fix", "--all").err
    assert (tmp_path / "a.yaml").read_bytes() == content


def test_fix_of_standard_input_is_wrong_usage() -> None:
    assert run("lint", "-", "--fix", stdin=WRONG).code == 2
