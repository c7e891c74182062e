"""What tests of discovery share: a client with the least Role, behind a door, and what the cluster itself says."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from lab import Lab
from lab.door import ApiDoor
from lab.tests import shop
from lab.waiting import wait
from meshgen.discovery import BlockingDiscovery, BlockingWatch, Key, Snapshot

RBAC = Path(__file__).parent.parent.parent / "docs" / "rbac.yaml"
SOON = 5.0  # seconds in which a client's state is the cluster's again

Seen = tuple[str, int | None, str, str, str, bool, bool, bool]


class Site(NamedTuple):
    """A namespace with a service `users`, and a client's way to it."""

    lab: Lab
    namespace: str
    door: ApiDoor
    kubeconfig: Path

    @property
    def key(self) -> Key:
        """The service."""
        return Key(self.namespace, "users")

    def client(self, **settings: Any) -> BlockingDiscovery:
        """A client of this namespace."""
        return BlockingDiscovery(self.namespace, kubeconfig=str(self.kubeconfig), **{"patience": 4.0, **settings})

    def scale(self, replicas: int) -> None:
        """Have so many pods, ready, before this returns."""
        self.lab.apply(shop.workload(self.namespace, "v1", replicas, kind="StatefulSet"))
        self.lab.wait_ready(self.namespace)

    def truth(self) -> set[Seen] | None:
        """What the cluster says of `users`, read from its objects without meshgen; None where it is not there."""
        if not any(one["metadata"]["name"] == "users" for one in self.lab.list("v1", "Service", self.namespace)):
            return None
        label = "kubernetes.io/service-name=users"
        slices = self.lab.list("discovery.k8s.io/v1", "EndpointSlice", self.namespace, labelSelector=label)
        return {
            _seen(endpoint, port)
            for one in slices
            for endpoint in one.get("endpoints") or []
            for port in one.get("ports") or []
        }

    def agree(self, watch: BlockingWatch, pods: int | None = None) -> None:
        """Wait until the watch knows what is true, and that it does. Raises Late after SOON."""

        def look() -> tuple[bool, str]:
            known, true = told(watch.states.get(self.key)), self.truth()
            enough = pods is None or (true is not None and len(true) == pods * len(shop.PORTS))
            return known == true and enough and watch.fault is None, f"{known} != {true}, {watch.fault}"

        wait("the client to know what the cluster says", look, SOON)


def _seen(endpoint: dict[str, Any], port: dict[str, Any]) -> Seen:
    states = endpoint["conditions"]
    pod = endpoint.get("targetRef", {})
    flags = states["ready"], states["serving"], states["terminating"]
    return endpoint["addresses"][0], port["port"], port["name"], pod.get("name", ""), pod.get("uid", ""), *flags


def told(snapshot: Snapshot | None) -> set[Seen] | None:
    """The same of what a client says."""
    if snapshot is None:
        return None
    return {
        (one.host, one.port, one.port_name, one.pod, one.pod_uid, one.ready, one.serving, one.terminating)
        for one in snapshot.instances
    }


@contextmanager
def site(lab: Lab, namespace: str, folder: Path) -> Iterator[Site]:
    """A namespace with one pod of `users` and an account that has the Roles of docs/rbac.yaml and no more."""
    lab.apply([shop.service(namespace), shop.workload(namespace, "v1", kind="StatefulSet")])
    account = {"kind": "ServiceAccount", "name": "finder", "namespace": namespace}
    meta = {"name": "finder", "namespace": namespace}
    made = [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}]
    for role in yaml.safe_load_all(RBAC.read_text(encoding="utf-8")):
        name = role["metadata"]["name"]
        role["metadata"]["namespace"] = namespace
        binding = {
            "apiVersion": role["apiVersion"],
            "kind": "RoleBinding",
            "metadata": {"name": name, "namespace": namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [account],
        }
        made += [role, binding]
    lab.apply(made)
    lab.wait_ready(namespace)
    with lab.api.door() as door:
        found = Site(lab, namespace, door, folder / "kubeconfig")
        write_kubeconfig(found)
        yield found


def write_kubeconfig(made: Site) -> None:
    """Write the kubeconfig anew, with a new token that is bound to the account."""
    path = f"/api/v1/namespaces/{made.namespace}/serviceaccounts/finder/token"
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = made.lab.kubernetes.request("POST", path, asked)["status"]["token"]
    trusted = {"certificate-authority-data": base64.b64encode(made.lab.kubernetes.authority.encode()).decode()}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "lab", "cluster": {"server": f"https://127.0.0.1:{made.door.port}", **trusted}}],
        "users": [{"name": "finder", "user": {"token": token}}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "finder", "namespace": made.namespace}}],
        "current-context": "lab",
    }
    made.kubeconfig.write_text(json.dumps(config), encoding="utf-8")
