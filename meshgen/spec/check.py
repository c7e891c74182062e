"""Data to a typed spec, or what is wrong with it."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from meshgen.spec.errors import Problem, problems
from meshgen.spec.gateway import Gateway
from meshgen.spec.model import SpecModel
from meshgen.spec.service import Service

MODELS: dict[str, type[SpecModel]] = {"Service": Service, "Gateway": Gateway}
"""The kinds of spec."""


def check(data: dict[str, Any]) -> tuple[Service | Gateway | None, list[Problem]]:
    """The spec whose kind `data` names, and its mistakes; None where it has any."""
    model = Service if data.get("kind") == "Service" else Gateway
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, problems(error)
