"""meshgen.discovery on a real API server and the real EndpointSlice controller: what changes is seen, as it is."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import Lab
from lab.tests import discovering, shop
from lab.tests.discovering import SOON, Site
from lab.waiting import wait
from meshgen.discovery import Forbidden, NotFound, Status, Unauthorised, Unreachable, Update

_number = itertools.count(1)


@pytest.fixture(scope="module")
def cluster(new_logs: Callable[[], Path]) -> Iterator[Lab]:
    with Lab.start(logs=new_logs()) as running:
        yield running


@pytest.fixture
def site(cluster: Lab, tmp_path: Path) -> Iterator[Site]:
    with discovering.site(cluster, f"found-{next(_number)}", tmp_path) as made:
        yield made


def test_discovery_tells_every_port_of_every_pod_and_the_url(site: Site) -> None:
    with site.client() as client:
        found = client.discover("users")
        url = client.url("users", port="http")
        service = client.describe("users")

    assert sorted((one.port_name, one.port) for one in found) == [
        ("http", 3000),
        ("http-admin", 3001),
        ("tcp-wire", 9091),
    ]
    assert {(one.status, one.pod, one.node) for one in found} == {(Status.UP, "users-v1-0", "lab")}
    assert url == f"http://users.{site.namespace}.svc.cluster.local"
    assert (service.type, service.selector, len(service.ports)) == ("ClusterIP", {"app": "users"}, 3)


def test_discovery_follows_scaling_up_and_down(site: Site) -> None:
    with site.client() as client, client.watch("users") as watch:
        for pods in (4, 1, 0, 2):
            site.scale(pods)
            site.agree(watch, pods)


def test_discovery_of_a_service_without_pods_is_an_empty_list(site: Site) -> None:
    site.scale(0)
    with site.client() as client, client.watch("users") as watch:
        site.agree(watch, 0)

        assert client.discover("users") == ()


def test_discovery_of_a_service_that_is_not_there_is_no_empty_list(site: Site) -> None:
    with site.client() as client, pytest.raises(NotFound, match='services "orders" not found'):
        client.discover("orders")


def test_discovery_follows_a_statefulset_that_is_rolled(site: Site) -> None:
    site.scale(3)
    with site.client() as client, client.watch("users") as watch:
        before = {one.pod_uid for one in client.discover("users")}
        changed = shop.workload(site.namespace, "v1", 3, kind="StatefulSet")
        changed["spec"]["template"]["metadata"]["annotations"] = {"rolled": "once"}
        site.lab.apply(changed)

        def rolled() -> tuple[bool, object]:
            uids = {one["metadata"]["uid"] for one in site.lab.list("v1", "Pod", site.namespace)}
            return not uids & before and len(uids) == 3, uids

        wait("all pods to be new ones", rolled, 30)
        site.lab.wait_ready(site.namespace)
        site.agree(watch, 3)


def test_discovery_tells_that_a_pod_is_no_longer_ready_and_is_again(site: Site) -> None:
    pods = site.lab.backends(site.namespace, app="users")
    with site.client() as client, client.watch("users") as watch:
        first = next(watch)
        pods.behave(ready=False)
        unready = next(watch)
        pods.normal()
        again = next(watch)

    assert len(first.added) == 3
    assert [change.after.status for change in unready.changed] == [Status.STARTING] * 3
    assert (unready.added, unready.removed) == ((), ())
    assert [change.after.status for change in again.changed] == [Status.UP] * 3


def test_discovery_follows_a_service_that_is_deleted_and_made_again(site: Site) -> None:
    with site.client() as client, client.watch("users") as watch:
        site.lab.delete(shop.service(site.namespace))
        site.agree(watch)
        gone = watch.states[site.key]
        site.lab.apply(shop.service(site.namespace))
        site.agree(watch, 1)

        assert gone is None


def test_discovery_watches_many_services_at_once_in_one_callback(site: Site) -> None:
    site.lab.apply([shop.service(site.namespace, "orders"), shop.service(site.namespace, "other")])
    updates: list[Update] = []
    enough = threading.Event()

    def heard(update: Update) -> None:
        updates.append(update)
        if len({one.key.name for one in updates}) == 3:
            enough.set()

    with site.client() as client:
        client.subscribe(heard, "users", "orders", "missing")
        assert enough.wait(SOON)

    assert {(one.key.name, one.after is None) for one in updates} == {
        ("users", False), ("orders", False), ("missing", True),
    }  # fmt: skip


def test_discovery_outlives_a_killed_and_restarted_apiserver(site: Site) -> None:
    with site.client() as client, client.watch("users") as watch:
        site.lab.api.down()
        wait("the client to notice", lambda: (isinstance(watch.fault, Unreachable), watch.fault), SOON)
        with pytest.raises(Unreachable):
            client.discover("users")
        site.lab.api.up()
        site.agree(watch, 1)
        site.scale(2)
        site.agree(watch, 2)


def test_discovery_sees_what_was_deleted_while_it_was_cut_off_and_etcd_compacted(site: Site) -> None:
    site.scale(3)
    site.lab.apply(shop.service(site.namespace, "orders"))
    with site.client() as client, client.watch("users", "orders") as watch:
        site.door.closed = True
        site.door.cut()
        site.scale(1)
        site.lab.delete(shop.service(site.namespace, "orders"))
        site.lab.api.compact()
        site.lab.api.down()
        site.lab.api.up()
        site.door.closed = False
        site.agree(watch, 1)

        assert watch.states[site.key._replace(name="orders")] is None


def test_discovery_goes_on_when_etcd_is_compacted_under_its_watch(site: Site) -> None:
    with site.client() as client, client.watch("users") as watch:
        site.lab.api.compact()
        site.scale(2)
        site.agree(watch, 2)
        site.lab.api.compact()
        site.scale(1)
        site.agree(watch, 1)


def test_discovery_resumes_after_connections_cut_in_the_middle_of_a_frame(site: Site) -> None:
    site.scale(2)
    with site.client() as client, client.watch("users") as watch:
        site.door.cut_after = 6000  # past the handshake, within what is listed or told
        site.door.cut()
        site.scale(3)
        wait("the client to notice", lambda: (isinstance(watch.fault, Unreachable), watch.fault), SOON)
        site.door.cut_after = None
        site.agree(watch, 3)


def test_discovery_leaves_a_connection_that_has_gone_silent(site: Site) -> None:
    with site.client(patience=2.0) as client, client.watch("users") as watch:
        site.door.hold()
        site.scale(2)
        site.agree(watch, 2)


def test_discovery_says_when_an_api_server_takes_connections_and_never_answers(site: Site) -> None:
    with site.client(patience=1.0) as client, client.watch("users") as watch:
        site.door.silent = True
        site.door.hold()
        wait("the client to notice", lambda: (isinstance(watch.fault, Unreachable), watch.fault), SOON)
        site.scale(2)
        site.door.silent = False
        site.agree(watch, 2)


def test_discovery_says_that_its_token_was_revoked_and_goes_on_with_a_new_one(site: Site) -> None:
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "finder", "namespace": site.namespace},
    }
    with site.client(patience=2.0) as client, client.watch("users") as watch:
        site.lab.delete(account)
        # kube-apiserver remembers for ten seconds that a token was good.
        wait("the token to be refused", lambda: (isinstance(watch.fault, Unauthorised), watch.fault), 30)
        with pytest.raises(Unauthorised):
            client.discover("users")
        site.scale(2)
        site.lab.apply(account)
        discovering.write_kubeconfig(site)
        site.agree(watch, 2)


def test_discovery_that_is_forbidden_names_the_missing_rule(site: Site) -> None:
    with site.client() as client:
        with pytest.raises(Forbidden) as listed:
            client.snapshots("default")
        with pytest.raises(Forbidden) as everywhere:
            client.snapshots("*")

    assert '{apiGroups: [""], resources: [services], verbs: [list]} in a Role of namespace default' in str(listed.value)
    assert "in a ClusterRole" in str(everywhere.value)


def test_discovery_says_that_a_right_was_taken_away_and_goes_on_when_it_is_back(site: Site) -> None:
    binding = site.lab.get("rbac.authorization.k8s.io/v1", "RoleBinding", "meshgen-discovery", site.namespace)
    kept = {name: binding[name] for name in ("apiVersion", "kind", "roleRef", "subjects")}
    kept["metadata"] = {"name": "meshgen-discovery", "namespace": site.namespace}
    with site.client(patience=2.0) as client, client.watch("users") as watch:
        site.lab.delete(kept)
        wait("the client to be forbidden", lambda: (isinstance(watch.fault, Forbidden), watch.fault), 10)
        site.scale(2)
        site.lab.apply(kept)
        site.agree(watch, 2)
