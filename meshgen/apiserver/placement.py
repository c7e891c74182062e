"""Where pods run: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from collections.abc import Callable

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.selectors import check_expression, check_selector, check_values
from meshgen.apiserver.values import is_label, is_label_value, is_qualified, is_subdomain
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
    if not key and operator != "Exists":
        found.refuse(path, f"operator {operator} needs a key", "write operator: Exists to tolerate every taint")
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
        if each["maxSkew"] < 1:
            found.refuse((*path, "maxSkew"), f"takes at least 1, not the number {each['maxSkew']}")
        if not each["topologyKey"]:
            found.refuse((*path, "topologyKey"), "takes a node's label, not an empty text")
        kind = each["topologyKey"], each["whenUnsatisfiable"]
        if kind in seen:
            found.twice(path, f"topologyKey {kind[0]} with whenUnsatisfiable {kind[1]}")
        seen.add(kind)
        if each.get("minDomains", 1) < 1:
            found.refuse((*path, "minDomains"), f"takes at least 1, not the number {each['minDomains']}")
        if "minDomains" in each and kind[1] != "DoNotSchedule":
            found.refuse((*path, "minDomains"), f"cannot stand beside whenUnsatisfiable {kind[1]}")
        for key in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            if each.get(key) == "":
                found.unknown((*path, key), "", ("Honor", "Ignore"))
        _check_label_keys(found, path, each)


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
            _check_weight(found, (*path, kind, _PREFERRED, number), each)
            _check_term(found, (*path, kind, _PREFERRED, number, "podAffinityTerm"), each["podAffinityTerm"])


def _check_nodes(found: Found, path: KeyPath, affinity: Object) -> None:
    """Nodes by labels and fields (core: validateNodeAffinity, ValidateNodeSelectorTerm)."""
    required = affinity.get(_REQUIRED)
    if required is not None and not required["nodeSelectorTerms"]:
        found.refuse((*path, _REQUIRED, "nodeSelectorTerms"), "needs at least 1, and has 0")
    for number, term in enumerate(required["nodeSelectorTerms"] if required else ()):
        place = (*path, _REQUIRED, "nodeSelectorTerms", number)
        _check_node_term(found, place, term)
        for item, each in enumerate(term.get("matchExpressions") or ()):
            check_values(found, (*place, "matchExpressions", item, "values"), each.get("values") or ())
    for number, each in enumerate(affinity.get(_PREFERRED) or ()):
        _check_weight(found, (*path, _PREFERRED, number), each)
        _check_node_term(found, (*path, _PREFERRED, number, "preference"), each["preference"])


def _check_node_term(found: Found, path: KeyPath, term: Object) -> None:
    """Labels of nodes, or their names (core: ValidateNodeSelectorRequirement, ValidateNodeFieldSelectorRequirement)."""
    for number, each in enumerate(term.get("matchExpressions") or ()):
        check_expression(found, (*path, "matchExpressions", number), each)
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


def _check_weight(found: Found, path: KeyPath, each: Object) -> None:
    """A share of 100 (core: ValidatePreferredSchedulingTerms, validateWeightedPodAffinityTerms)."""
    if not 1 <= each["weight"] <= 100:
        found.refuse((*path, "weight"), f"takes 1 to 100, not the number {each['weight']}")


def _check_term(found: Found, path: KeyPath, term: Object) -> None:
    """Pods by labels, near by a label of nodes (core: validatePodAffinityTerm)."""
    if not is_qualified(term["topologyKey"]):
        found.refuse((*path, "topologyKey"), f"takes a node's label, not {described(term['topologyKey'])}")
    for number, name in enumerate(term.get("namespaces") or ()):
        if not is_label(name):
            found.refuse((*path, "namespaces", number), f"takes a namespace's name, not {described(name)}")
    if "namespaceSelector" in term:
        check_selector(found, (*path, "namespaceSelector"), term["namespaceSelector"])
    _check_label_keys(found, path, term)


def _check_gates(found: Found, spec: Object) -> None:
    """What holds a pod back, each once (core: validateSchedulingGates; strict apply keys the list by name)."""
    names = [each["name"] for each in spec["schedulingGates"]]
    for number, name in enumerate(names):
        path = (*_SPEC, "schedulingGates", number, "name")
        if name in names[:number]:
            found.twice(path, f"the gate {name!r}")
        elif not is_qualified(name):
            found.refuse(path, f"takes a name such as example.com/gate, not {described(name)}")


def _check_preemption(found: Found, spec: Object) -> None:
    """Not empty, though the schema takes that (core: ValidatePreemptionPolicy)."""
    if not spec["preemptionPolicy"]:
        found.unknown((*_SPEC, "preemptionPolicy"), "", ("PreemptLowerPriority", "Never"))


def _check_name(found: Found, spec: Object, key: str, what: str) -> None:
    """The name of another object (core: ValidatePodSpec)."""
    if not is_subdomain(spec[key]) and (spec[key] or key == "runtimeClassName"):
        found.refuse((*_SPEC, key), f"takes a {what}'s name, not {described(spec[key])}")


PLACEMENT_RULES: dict[str, Callable[[Found, Object], None]] = {
    "affinity": _check_affinity,
    "nodeName": lambda found, spec: _check_name(found, spec, "nodeName", "node"),
    "preemptionPolicy": _check_preemption,
    "priorityClassName": lambda found, spec: _check_name(found, spec, "priorityClassName", "priority class"),
    "runtimeClassName": lambda found, spec: _check_name(found, spec, "runtimeClassName", "runtime class"),
    "schedulingGates": _check_gates,
    "tolerations": _check_tolerations,
    "topologySpreadConstraints": _check_spread,
}
