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
