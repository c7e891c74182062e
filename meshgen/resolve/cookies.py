"""Cookies in routes: finding one anywhere in the header, and giving one out."""

from __future__ import annotations

import re
from itertools import permutations
from math import factorial
from typing import Any

from meshgen.spec.base import milliseconds
from meshgen.spec.traffic import Sticky

Fragment = dict[str, Any]

LONGEST = 1024
"""Characters that Istio takes in a regular expression (pkg/config/validation, validateStringMatchRegexp)."""

_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")


def quoted(text: str) -> str:
    """Text as an RE2 expression that matches just that text."""
    return _SPECIAL.sub(lambda match: "\\" + match[0], text)


def cookies_expression(cookies: dict[str, Fragment]) -> str | None:
    """An RE2 expression for the whole cookie header that asks for all of `cookies`, in whatever order they come.

    None where it would be longer than Istio takes.
    """
    pairs = [f"{quoted(name)}={_value(match or {})}" for name, match in cookies.items()]
    if factorial(len(pairs)) * sum(map(len, pairs)) > LONGEST:
        return None
    orders = "|".join(";(?:.*;)?\\s*".join(order) for order in permutations(pairs))
    if len(pairs) > 1:
        orders = f"(?:{orders})"
    expression = f"(?:.*;\\s*)?{orders}(?:;.*)?"
    return expression if len(expression) <= LONGEST else None


def _value(match: Fragment) -> str:
    if "exact" in match:
        return quoted(match["exact"])
    if "prefix" in match:
        return quoted(match["prefix"]) + "[^;]*"
    return f"(?:{match['regex']})" if "regex" in match else "[^;]*"


def cookie_match(matches: tuple[Fragment, ...] | None, cookie: str, value: str) -> tuple[Fragment, ...]:
    """Each of `matches` (None: everything) with the further condition that the cookie has that value."""
    condition = {"cookie": {"regex": cookies_expression({cookie: {"exact": value}})}}
    return tuple({**match, "headers": {**match.get("headers", {}), **condition}} for match in matches or ({},))


def set_cookie(sticky: Sticky, version: str) -> Fragment:
    """The header operation by which a client is told its version."""
    parts = [f"{sticky.cookie}={version}", f"Path={sticky.path or '/'}"]
    if sticky.max_age is not None:
        parts.append(f"Max-Age={milliseconds(sticky.max_age) // 1000}")
    if sticky.secure:
        parts.append("Secure")
    parts += ["HttpOnly", f"SameSite={sticky.same_site or 'Lax'}"]
    return {"response": {"add": {"Set-Cookie": "; ".join(parts)}}}
