"""Where pods run: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from collections.abc import Callable

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.selectors import check_selector, check_values
from meshgen.apiserver.values import is_label_value, is_qualified, is_subdomain
from meshgen.fault import KeyPath
from meshgen.refusal import described

_SPEC: KeyPath = ("spec", "template", "spec")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def _check_tolerations(found: Found, spec: Object) -> None:
    """Each of the tolerations (core: ValidateTolerations)."""
    for number, each in enumerate(spec["tolerations"]):
        _check_toleration(found, (*_SPEC, "tolerations", number), each)


def _check_toleration(found: Found, path: KeyPath, each: Object) -> None:
    """A key and how its value is compared (core: ValidateTolerations)."""
    key, value, operator = each.get("key"), each.get("value", ""), each.get("operator") or "Equal"
    if key and not is_qualified(key):
        found.refuse((*path, "key"), f"takes a taint's key, not {described(key)}")
    if operator == "Exists" and value:
        hint = "drop the value, or write operator: Equal"
        found.refuse((*path, "value"), f"{value!r} cannot stand beside operator Exists", hint)
    elif operator == "Equal" and not is_label_value(value):
        found.refuse((*path, "value"), f"takes a taint's value, not {described(value)}")
    if "tolerationSeconds" in each and each.get("effect") != "NoExecute":
        found.refuse((*path, "tolerationSeconds"), "needs effect NoExecute beside it", "write effect: NoExecute")


def _check_spread(found: Found, spec: Object) -> None:
    """How evenly pods are spread, each way once (core: validateTopologySpreadConstraints)."""
    seen: set[tuple[str, str]] = set()
    for number, each in enumerate(spec["topologySpreadConstraints"]):
        path = (*_SPEC, "topologySpreadConstraints", number)
        kind = each["topologyKey"], each["whenUnsatisfiable"]
        if kind in seen:
            found.twice(path, f"topologyKey {kind[0]} with whenUnsatisfiable {kind[1]}")
        seen.add(kind)
        if "minDomains" in each and kind[1] != "DoNotSchedule":
            found.refuse((*path, "minDomains"), f"cannot stand beside whenUnsatisfiable {kind[1]}")
        _check_label_keys(found, path, each)
        if found.kubernetes < "1.34":
            _check_keys_apart(found, path, each)


def _check_keys_apart(found: Found, path: KeyPath, each: Object) -> None:
    """Until 1.33, what is selected already has no key here (core: validateMatchLabelKeysInTopologySpread)."""
    selector = each.get("labelSelector") or {}
    selected = {*(selector.get("matchLabels") or ()), *_keys(selector)}
    for number, name in enumerate(each.get("matchLabelKeys") or ()):
        if name in selected:
            found.refuse((*path, "matchLabelKeys", number), f"{name!r} stands in labelSelector too", "drop one of them")


def _keys(selector: Object) -> list[str]:
    return [each["key"] for each in selector.get("matchExpressions") or ()]


def _check_label_keys(found: Found, path: KeyPath, each: Object) -> None:
    """Keys of labels, beside a selector (core: ValidateMatchLabelKeysAndMismatchLabelKeys)."""
    selector, keys = (
        each.get("labelSelector"),
        {key: each.get(key) or () for key in ("matchLabelKeys", "mismatchLabelKeys")},
    )
    for key, names in keys.items():
        if names and selector is None:
            found.refuse((*path, key), "needs a labelSelector beside it")
        for number, name in enumerate(names if selector is not None else ()):
            if not is_qualified(name):
                found.refuse((*path, key, number), f"takes a label's key, not {described(name)}")
    for number, name in enumerate(keys["matchLabelKeys"]):
        if name in keys["mismatchLabelKeys"]:
            found.refuse((*path, "matchLabelKeys", number), f"{name!r} stands in mismatchLabelKeys too")
        if [*((selector or {}).get("matchLabels") or ()), *_keys(selector or {})].count(name) > 1:
            found.refuse((*path, "matchLabelKeys", number), f"{name!r} stands in labelSelector twice already")
    if selector is not None:
        check_selector(found, (*path, "labelSelector"), selector)


def _check_affinity(found: Found, spec: Object) -> None:
    """Which nodes, and beside which pods (core: validateAffinity)."""
    path, affinity = (*_SPEC, "affinity"), spec["affinity"]
    if "nodeAffinity" in affinity:
        _check_nodes(found, (*path, "nodeAffinity"), affinity["nodeAffinity"])
    for kind in ("podAffinity", "podAntiAffinity"):
        for number, term in enumerate(affinity.get(kind, {}).get(_REQUIRED) or ()):
            _check_term(found, (*path, kind, _REQUIRED, number), term)
        for number, each in enumerate(affinity.get(kind, {}).get(_PREFERRED) or ()):
            _check_term(found, (*path, kind, _PREFERRED, number, "podAffinityTerm"), each["podAffinityTerm"])


def _check_nodes(found: Found, path: KeyPath, affinity: Object) -> None:
    """Nodes by labels and fields (core: validateNodeAffinity, ValidateNodeSelectorTerm)."""
    required = affinity.get(_REQUIRED)
    for number, term in enumerate(required["nodeSelectorTerms"] if required else ()):
        place = (*path, _REQUIRED, "nodeSelectorTerms", number)
        _check_node_term(found, place, term)
        for item, each in enumerate(term.get("matchExpressions") or ()):
            check_values(found, (*place, "matchExpressions", item, "values"), each.get("values") or ())
    for number, each in enumerate(affinity.get(_PREFERRED) or ()):
        _check_node_term(found, (*path, _PREFERRED, number, "preference"), each.get("preference") or {})


def _check_node_term(found: Found, path: KeyPath, term: Object) -> None:
    """Labels of nodes, or their names (core: ValidateNodeSelectorRequirement, ValidateNodeFieldSelectorRequirement)."""
    for number, each in enumerate(term.get("matchExpressions") or ()):
        if not is_qualified(each["key"]):
            found.refuse(
                (*path, "matchExpressions", number, "key"), f"takes a label's key, not {described(each['key'])}"
            )
    for number, each in enumerate(term.get("matchFields") or ()):
        place = (*path, "matchFields", number)
        if each["key"] != "metadata.name":
            found.refuse((*place, "key"), f"takes metadata.name, not {described(each['key'])}")
        if each["operator"] not in ("In", "NotIn"):
            found.unknown((*place, "operator"), each["operator"], ("In", "NotIn"))
        elif len(each.get("values") or ()) != 1:
            found.refuse(place, f"{each['operator']} needs one value, and has {len(each.get('values') or ())}")
        for item, name in enumerate(each.get("values") or ()):
            if not is_subdomain(name):
                found.refuse((*place, "values", item), f"takes a node's name, in lower case, not {described(name)}")


def _check_term(found: Found, path: KeyPath, term: Object) -> None:
    """Pods by labels, near by a label of nodes (core: validatePodAffinityTerm)."""
    if "namespaceSelector" in term:
        check_selector(found, (*path, "namespaceSelector"), term["namespaceSelector"])
    _check_label_keys(found, path, term)


PLACEMENT_RULES: dict[str, Callable[[Found, Object], None]] = {
    "affinity": _check_affinity,
    "tolerations": _check_tolerations,
    "topologySpreadConstraints": _check_spread,
}
