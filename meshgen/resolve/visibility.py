"""Whether those who call a service see what its routes lead to: for whom it is hidden, their proxies know no such cluster.

Istio then answers 503 for that share, and drops a mirror without a word. Source: pilot/pkg/model/push_context.go,
IsServiceVisible. A route is seen in the namespaces that its service is exported to; a gateway's pods are callers too,
and that the service is exported to them is asked for where it is exposed.
"""

from __future__ import annotations

from collections.abc import Iterable

from meshgen.document import KeyPath
from meshgen.facts import ServiceFacts, namespaces_of
from meshgen.resolve.context import Context
from meshgen.spec.traffic import Route


def check_visible(
    context: Context, route: Route, facts: ServiceFacts | None, path: KeyPath, *, subset: bool = False
) -> None:
    """Tell of callers of a route who do not see the service at `path`, or the rule that says which pods are its `subset`."""
    if facts is None or facts.key == context.key or (facts.existing and not subset):
        return  # how somebody else's Service is exported is not known
    seen_by = namespaces_of(facts.export_to, facts.key.namespace)
    if seen_by is None:
        return
    callers = _callers(context, route)
    whose = f"but {facts.key} is exported to {_listed(seen_by)} only"
    if callers is None:
        message, hint = f"callers in every namespace have this route, {whose}", "'*'"
    elif callers - seen_by:
        names = _listed(callers - seen_by)
        message, hint = f"callers in {names} have this route, {whose}", names
    else:
        return
    context.findings.error("MG126", path, message, f"export {facts.key} to {hint} too, or {context.name!r} to fewer")


def _callers(context: Context, route: Route) -> frozenset[str] | None:
    """The namespaces whose pods the route is for; None for all."""
    exported = namespaces_of(context.spec.export_to, context.namespace)
    sources = [match.source_namespace for match in route.match or ()] or [None]
    if None in sources:
        return exported
    named = frozenset(source for source in sources if source is not None)
    return named if exported is None else named & exported


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names))
