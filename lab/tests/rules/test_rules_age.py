"""Rules of what hangs on age: of two objects the older one counts, and which that is no file says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from lab import Lab, wait
from lab.controls import find, in_words
from lab.examples import Object, examples, filled, moved
from lab.tests.rules.scene import Stage, Views, wait_for_pods

SECONDS = 10.0


def later(lab: Lab, *objects: Object) -> None:
    """Apply objects one after the other, each in another second: in these the API tells age."""
    for each in objects:
        lab.apply([each])
        wait("the next second", partial(_after, datetime.now(UTC).replace(microsecond=0)), SECONDS)
    lab.settled()


def _after(second: datetime) -> tuple[bool, datetime]:
    now = datetime.now(UTC)
    return now >= second + timedelta(seconds=1), now


def of(code: str, where: str, *kinds: str) -> tuple[list[Object], list[Object]]:
    """The objects of these kinds of a bad example, and the others."""
    objects = filled(moved(examples(code)["Bad"][0], where), where)
    return [each for each in objects if each["kind"] in kinds], [each for each in objects if each["kind"] not in kinds]


def test_of_two_sidecars_for_a_workload_the_older_is_used(stage: Stage) -> None:  # MG281
    where, lab = "mg281", stage.lab
    (web, users), _ = of("MG281", where, "Sidecar")
    caller = lab.caller("both", namespace=where, labels={"app": "users", "tier": "web"})

    def sees_istio_system() -> bool:
        return any(".istio-system." in name for name in Views(caller).clusters)

    later(lab, web, users)
    assert not sees_istio_system()
    lab.delete(web)
    later(lab, web)
    assert sees_istio_system()
    lab.stop(caller)


def test_rules_of_the_older_come_first_at_a_gateway(stage: Stage) -> None:  # MG294
    where, lab = "mg294", stage.lab
    _, others = of("MG294", where, "VirtualService")
    rules, _ = of("MG294", where, "VirtualService")
    public, admin = (find(rules, "VirtualService", name) for name in ("users-public", "admin-public"))
    url = f"http://www.{where}.example.com/users/admin"
    lab.apply(others)
    wait_for_pods(lab, [where])

    later(lab, public, admin)
    assert in_words([stage.gateway.get(url)]) == "200"
    lab.delete(public)
    later(lab, public)
    assert in_words([stage.gateway.get(url)]) == "403"
