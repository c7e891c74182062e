"""The shape of a regular expression in a spec."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from meshgen.re2 import LONGEST, wrong_in
from meshgen.spec.model import fault, seen


def check_regex(value: str) -> str:
    """The value, if Go's regexp and Envoy's RE2 both compile it."""
    if not value:
        raise fault("an expression cannot be empty", hint="for 'whatever it is', write .*")
    if len(value.encode("utf-8", "surrogatepass")) > LONGEST:
        raise fault(f"the expression has {len(value.encode())} bytes: Istio takes {LONGEST}")
    wrong = wrong_in(value)
    if wrong is not None:
        raise fault(f"{seen(value)} is no RE2 expression: {wrong}")
    return value


Regex = Annotated[
    str, AfterValidator(check_regex), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST})
]
"""A regular expression in RE2's syntax, at most 1024 bytes; Envoy matches it against the whole value."""
