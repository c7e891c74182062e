"""`meshgen discover` on a real API server: its command line, a pod's own configuration, and specs beside what runs."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import Lab
from lab.tests import discovering
from lab.tests.discovering import SOON, Site
from lab.waiting import wait

_number = itertools.count(1)
_MESHGEN = [sys.executable, "-m", "meshgen"]
_MOUNTED = """
set -e
mount -t tmpfs none /run
mkdir -p /run/secrets/kubernetes.io/serviceaccount
cp "$ACCOUNT"/* /run/secrets/kubernetes.io/serviceaccount
exec "$@"
"""
SPEC = """\
apiVersion: meshgen.dev/v1
kind: Service
metadata: {{name: carts, namespace: {namespace}}}
spec:
  ports: [{{name: http, port: 80, targetPort: 3000}}]
  workload: {{replicas: 2, container: {{image: any}}}}
  versions: [{{name: v1}}, {{name: v2}}]
  routes: [{{name: all, canary: {{stable: v1, candidate: v2, weight: 10}}}}]
"""


@pytest.fixture
def site(lab: Lab, tmp_path: Path) -> Iterator[Site]:
    with discovering.site(lab, f"told-{next(_number)}", tmp_path) as made:
        yield made


def discover(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, with the account of docs/rbac.yaml."""
    command = [*_MESHGEN, "discover", "--kubeconfig", str(site.kubeconfig), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def carts(site: Site) -> set[str]:
    """The pods behind the Service `carts`."""
    label = "kubernetes.io/service-name=carts"
    slices = site.lab.list("discovery.k8s.io/v1", "EndpointSlice", site.namespace, labelSelector=label)
    return {each["targetRef"]["name"] for one in slices for each in one.get("endpoints") or []}


def test_discovery_prints_what_the_cluster_has_and_what_it_may_not_see(site: Site) -> None:
    found = discover(site, "users", "--format", "json")
    everywhere = discover(site, "-A")

    (service,) = json.loads(found.stdout)["services"]
    assert {(one["pod"], one["port"], one["status"]) for one in service["instances"]} == {
        ("users-v1-0", 3000, "UP"), ("users-v1-0", 3001, "UP"), ("users-v1-0", 9091, "UP"),
    }  # fmt: skip
    assert everywhere.returncode == 1
    assert "error MG602" in everywhere.stderr
    assert "in a ClusterRole" in everywhere.stderr


def test_discovery_prints_services_of_every_kind(site: Site, request: pytest.FixtureRequest) -> None:
    """Headless with and without ports, without selector and with slices of its own, and the name of another host."""
    pods, port = {"selector": {"app": "users"}}, {"ports": [{"name": "http", "port": 80, "targetPort": 3000}]}
    specs: dict[str, dict[str, Any]] = {
        "bare": {"clusterIP": "None", **pods},
        "headless": {"clusterIP": "None", **pods, **port},
        "by-hand": port,
        "elsewhere": {"type": "ExternalName", "externalName": "db.example.com"},
        "nobody": {"selector": {"app": "nobody"}, **port},
    }
    meta = {"namespace": site.namespace}
    head = {"apiVersion": "v1", "kind": "Service"}
    named = [{**head, "metadata": {"name": name, **meta}, "spec": spec} for name, spec in specs.items()]
    labels = {"kubernetes.io/service-name": "by-hand"}
    slices = [
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": f"by-hand-{number}", "namespace": site.namespace, "labels": labels},
            "addressType": kind,
            "ports": [{"name": "http", "port": 3000}],
            "endpoints": [{"addresses": [address], "conditions": {"ready": number == 4}}],
        }
        for number, kind, address in ((4, "IPv4", "192.168.7.7"), (6, "IPv6", "fd00::7"))
    ]
    site.lab.apply([*named, *slices])
    request.addfinalizer(lambda: site.lab.delete([*named, *slices]))

    def complete() -> tuple[bool, tuple[dict[str, list[Any]], str]]:
        said = discover(site, *specs, "--format", "json")
        found = {
            service["name"]: [(one["host"], one["port"], one["status"]) for one in service["instances"]]
            for service in json.loads(said.stdout)["services"]
        }
        return bool(found["bare"]) and bool(found["headless"]), (found, said.stderr)

    found, said = wait("the controller to see the pods", complete, SOON)
    pod = found["headless"][0][0]
    assert found == {
        "bare": [(pod, None, "UP")],
        "headless": [(pod, 3000, "UP")],
        "by-hand": [("192.168.7.7", 3000, "UP"), ("fd00::7", 3000, "STARTING")],
        "elsewhere": [("db.example.com", None, "UP")],
        "nobody": [],
    }
    assert said == f"{site.namespace}/nobody has no endpoints\n"
    assert discover(site, "headless", "--url").stdout == f"http://headless.{site.namespace}.svc.cluster.local:3000\n"


def test_discovery_prints_each_change_until_it_is_interrupted(site: Site) -> None:
    command = [*_MESHGEN, "discover", "--kubeconfig", str(site.kubeconfig), "users", "--watch", "--format", "name"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = [process.stdout.readline().split()[1] for _ in range(3)]
        site.scale(2)
        second = [process.stdout.readline().split()[1] for _ in range(3)]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)

    assert (first, second) == (["+"] * 3, ["+"] * 3)
    assert (process.returncode, said) == (0, "")


def test_discovery_in_a_pod_takes_the_service_account(site: Site, tmp_path: Path) -> None:
    """The files stand where the kubelet mounts them, in a mount namespace of the process's own."""
    account = tmp_path / "account"
    account.mkdir()
    config = json.loads(site.kubeconfig.read_text(encoding="utf-8"))
    (account / "token").write_text(config["users"][0]["user"]["token"], encoding="utf-8")
    (account / "ca.crt").write_text(site.lab.kubernetes.authority, encoding="utf-8")
    (account / "namespace").write_text(site.namespace, encoding="utf-8")
    outside = {key: value for key, value in os.environ.items() if key not in ("KUBECONFIG", "HOME")}
    inside = {
        "ACCOUNT": str(account),
        "HOME": str(tmp_path),
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(site.door.port),
    }
    own = ["unshare", "--map-root-user", "--mount", "sh", "-c", _MOUNTED, "sh"]
    command = [*own, *_MESHGEN, "discover", "users", "--format", "name"]
    done = subprocess.run(command, env=outside | inside, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 3


def test_discovery_tells_how_a_cluster_differs_from_specs(site: Site, tmp_path: Path) -> None:
    specs = tmp_path / "carts.yaml"
    specs.write_text(SPEC.format(namespace=site.namespace), encoding="utf-8")
    missing = discover(site, "--against", str(specs))
    made = subprocess.run([*_MESHGEN, "render", str(specs)], capture_output=True, text=True, check=True).stdout
    site.lab.apply(made)
    site.lab.wait_ready(site.namespace)
    same = discover(site, "--against", str(specs))
    (version,) = (
        one for one in site.lab.list("apps/v1", "Deployment", site.namespace) if one["metadata"]["name"] == "carts-v2"
    )
    site.lab.delete({**version, "apiVersion": "apps/v1", "kind": "Deployment"})
    wait("its pods to be gone", lambda: (len(site.lab.list("v1", "Pod", site.namespace)) == 3, "more than 3 pods"), 20)
    wait("the endpoints to follow", lambda: (len(carts(site)) == 2, carts(site)), SOON)
    gone = discover(site, "--against", str(specs))

    assert f"carts.yaml:3:12: error MG611: the cluster has no Service {site.namespace}/carts" in missing.stderr
    assert (same.returncode, same.stderr) == (0, "nothing differs from 1 spec\n")
    assert "carts.yaml:7:26: error MG615: none of the 2 pods behind Service" in gone.stderr
