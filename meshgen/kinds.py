"""Kinds that have no schema: which should have one, what there is instead, and what Istio gave up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from meshgen.refusal import SchemaError

Known = Sequence[tuple[str, str]]
"""apiVersion and kind of everything that has a schema."""

_RETIRED = {
    "authentication.istio.io": "PeerAuthentication and RequestAuthentication of security.istio.io/v1 took its place",
    "config.istio.io": "Telemetry, AuthorizationPolicy and EnvoyFilter took the place of Mixer",
    "rbac.istio.io": "AuthorizationPolicy of security.istio.io/v1 took its place",
}
"""Groups of Istio that it no longer has, since 1.6 and 1.8: what is written for them is without effect."""

_GIVEN_UP = frozenset(["extensions"])
"""Groups of Kubernetes that it no longer has."""


def group_of(api_version: str) -> str:
    """The API group in an apiVersion; empty for Kubernetes' core."""
    return api_version.rpartition("/")[0]


def ours(known: Known) -> frozenset[str]:
    """The API groups in which a kind without schema is a mistake, and nobody's own."""
    return frozenset(group_of(version) for version, _ in known) | _RETIRED.keys() | _GIVEN_UP


def without_schema(api_version: str, kind: str, known: Known, versions: str) -> SchemaError:
    """What to say of a kind that has no schema in `versions`, and where else it is, or what is named alike."""
    group = group_of(api_version)
    if group in _RETIRED:
        return SchemaError(
            ("apiVersion",),
            f"{versions} have no {group}: this is refused, or nobody reads it",
            f"{_RETIRED[group]}; drop it, or write it anew",
            unknown_kind=True,
        )
    elsewhere = [version for version, each in known if each == kind]
    if elsewhere:
        return SchemaError(
            ("apiVersion",),
            f"{versions} have no {kind} of {api_version}; there is {listed(elsewhere)}",
            f"write apiVersion: {elsewhere[0]}",
            unknown_kind=True,
        )
    beside = [each for version, each in known if version == api_version]
    names = list(dict.fromkeys([*beside, *(each for _, each in known)]))
    near = [each for each in names if each.lower() == kind.lower()] or get_close_matches(kind, names, n=3)
    message = f"{versions} have no kind {kind!r}"
    if beside:
        message = f"{versions} have no kind {kind!r} of {api_version}; there are: {', '.join(beside)}"
    return SchemaError(("kind",), message, f"did you mean {listed(near)}?" if near else "", unknown_kind=True)


def today(api_version: str, kind: str, group: str, known: Collection[tuple[str, str]]) -> str | None:
    """The apiVersion by which `kind` of `group` is known, for one of a version that is gone; None where it is another's."""
    if group_of(api_version) not in {group, *_GIVEN_UP}:
        return None
    return next((version for version, each in known if each == kind and group_of(version) == group), None)


def listed(words: Sequence[str]) -> str:
    """Some words as a sentence has them: `a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
