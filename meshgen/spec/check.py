"""Data to a typed spec, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from meshgen.spec.errors import KeyPath, Problem, problems
from meshgen.spec.gateway import Gateway
from meshgen.spec.model import SpecModel
from meshgen.spec.service import Service
from meshgen.spec.workload import OURS

MODELS: dict[str, type[SpecModel]] = {"Service": Service, "Gateway": Gateway}
"""The kinds of spec."""


def check(data: dict[str, Any]) -> tuple[Service | Gateway | None, list[Problem]]:
    """The spec whose kind `data` names, and its mistakes; None where it has any."""
    model = Service if data.get("kind") == "Service" else Gateway
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        found = problems(error)
        told = {problem.path for problem in found}
        return None, [*found, *(each for each in _ours(data.get("spec")) if each.path not in told)]


APART: dict[str, tuple[str, ...]] = {
    "expose": (),
    "retries": (),
    "routes": ("expose", "retries", "timeout"),
    "timeout": (),
    "trafficPolicy": (),
}
"""Parts of a service that may be missing, each with the parts that mean something else without it."""


def without(data: dict[str, Any], wrong: list[Problem]) -> dict[str, Any] | None:
    """A service's data without the parts in which something is `wrong`, so that the rest can be looked at in the same run.

    None where that would make mistakes of what is none, for other parts build on what is wrong.
    """
    parts = {_part(problem.path) for problem in wrong}
    if data.get("kind") != "Service" or not parts <= APART.keys():
        return None
    left_out = parts.union(*(APART[part] for part in parts))
    spec = {key: value for key, value in data["spec"].items() if key not in left_out}
    if "trafficPolicy" in left_out and spec.get("versions"):
        spec["versions"] = [
            {key: value for key, value in version.items() if key != "trafficPolicy"} for version in spec["versions"]
        ]
    return {**data, "spec": spec}


def _part(path: KeyPath) -> str:
    """The part of a spec in which a path is; a version's policy is laid over that of the service, so it is one with it."""
    if path[:2] == ("spec", "versions") and path[3:4] == ("trafficPolicy",):
        return "trafficPolicy"
    return str(path[1]) if path[:1] == ("spec",) and len(path) > 1 else ""


def _ours(spec: Any) -> Iterator[Problem]:
    """What meshgen fills in itself: a workload is asked for it only once the rest of it is right."""
    for path, workload in _workloads(spec):
        for key in workload if isinstance(workload, dict) else ():
            if key in OURS:
                yield Problem((*path, key), f"meshgen writes {key!r} itself", OURS[key])


def _workloads(spec: Any) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(spec, dict):
        yield ("spec", "workload"), spec.get("workload")
        versions = spec.get("versions")
        for number, version in enumerate(versions if isinstance(versions, list) else ()):
            if isinstance(version, dict):
                yield ("spec", "versions", number, "workload"), version.get("workload")
