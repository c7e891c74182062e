"""Selectors of labels: `meta` is the module k8s.io/apimachinery, pkg/apis/meta/v1 and its validation."""

from __future__ import annotations

from collections.abc import Sequence

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.values import is_label_value
from meshgen.fault import KeyPath
from meshgen.refusal import described


def is_selected(selector: Object, labels: dict[str, str]) -> bool:
    """Whether labels are those that a selector asks for (meta: LabelSelectorAsSelector)."""
    if "matchLabels" in selector and not selector["matchLabels"].items() <= labels.items():
        return False
    return "matchExpressions" not in selector or all(_holds(each, labels) for each in selector["matchExpressions"])


def _holds(expression: Object, labels: dict[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or ()
    if expression["operator"] == "In":
        return value in values
    if expression["operator"] == "NotIn":
        return value not in values
    return (value is None) is (expression["operator"] != "Exists")


def check_selector(found: Found, path: KeyPath, selector: Object) -> None:
    """Values that a label can have (meta: ValidateLabelSelectorRequirement)."""
    for number, each in enumerate(selector.get("matchExpressions") or ()):
        check_values(found, (*path, "matchExpressions", number, "values"), each.get("values") or ())


def check_values(found: Found, path: KeyPath, values: Sequence[str]) -> None:
    """Values that a label can have (meta: ValidateLabelSelectorRequirement)."""
    for number, value in enumerate(values):
        if not is_label_value(value):
            found.refuse((*path, number), f"takes a label's value, not {described(value)}")
