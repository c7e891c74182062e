"""docs/agreement.md: where kube-apiserver and the bundled schemas do not agree, and why.

`python -m lab.agreement_page` starts a lab, compares and writes the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.agreement import Verdict
from lab.verdicts import judged

PAGE = Path(__file__).resolve().parent.parent / "docs" / "agreement.md"

_CAUSES = re.compile(r", (?=[\w.\[\]]+: (?:Invalid|Required|Duplicate|Not found|Unsupported|Forbidden|Too))")


@dataclass(frozen=True)
class Reason:
    """Why kube-apiserver refuses what the schemas take, or takes what they refuse; known by what the refusing one says."""

    title: str
    explanation: str
    words: re.Pattern[str]


def _reason(title: str, words: str, explanation: str) -> Reason:
    return Reason(title, explanation, re.compile(words))


WEAKER = (
    _reason(
        "What it refers to is not there",
        r"namespaces \".*\" not found|\.name: Not found: |claims\[\d+\]: Not found: ",
        "A namespace of the cluster, or a volume that stands elsewhere in the object: a schema cannot compare two places.",
    ),
    _reason(
        "The selector does not fit the labels",
        r"`selector` does not match template `labels`",
        "That each label of the selector stands in the pod template as well is a comparison of two places. That there "
        "are labels at all is in the schemas.",
    ),
    _reason(
        "Two items of a list share what must tell them apart",
        r"duplicate entries for key|: Duplicate value: ",
        "`uniqueItems` refuses items that are the same in everything; it cannot say which key counts.",
    ),
    _reason(
        "A duration is shorter than a millisecond",
        r"must be a valid duration greater than 1ms",
        "A CEL rule. The pattern in the schemas says what a duration looks like and that it is not zero; it cannot add "
        "its parts up.",
    ),
    _reason(
        "A request is above its limit, or lacks one",
        r"must be less than or equal to \S+ limit of |Limit must be set for non overcommitable resources",
        "A comparison of two quantities.",
    ),
    _reason(
        "The cluster has no such address",
        r"failed to allocate IP|is not configured on this cluster",
        "Which addresses and families Services have is a setting of the cluster.",
    ),
    _reason(
        "Metadata that the server writes",
        r"metadata\.managedFields must be nil|uid mismatch|strconv\.ParseUint: ",
        "They stand in what a cluster gives out, and the schemas are for such objects too; whether they still fit only "
        "the server knows.",
    ),
    _reason(
        "The cluster's policy is another",
        r"disallowed by cluster policy",
        "Whether containers may be privileged, or processes of the node, is a setting of kube-apiserver, which the lab "
        "leaves off and most clusters turn on.",
    ),
)
STRICTER = (
    _reason(
        "Null where it means absent",
        r", not null$",
        "The API server drops a null and goes on. In a manifest it is nearly always a mistake, so the schemas refuse it "
        "(decisions.md).",
    ),
    _reason(
        "A number too large for its field",
        r"not the number -?\d{10,}$|minReadySeconds is \d{10,}",
        "Server-side apply cuts off the upper bits and keeps another number than was written; create refuses it.",
    ),
    _reason(
        "A node port that the dry run does not ask for",
        r"nodePort: takes 0 to 65535, not the number -?\d+$",
        "Node ports are given out by the API server only when it keeps the object, so a dry run takes any number; a real "
        "run refuses it.",
    ),
    _reason(
        "A field whose feature is off",
        r"lifecycle\.stopSignal: |\.(clusterTrustBundle|podCertificate)\b",
        "The API server drops the field unread. What is refused could not work in any cluster.",
    ),
    _reason(
        "A label of a claim",
        r"volumeClaimTemplates\.\d+\.metadata\.labels\..*takes a label's value",
        "The API server reads it when the StatefulSet's first pod needs its claim, and refuses the claim then.",
    ),
)


def reason(verdict: Verdict) -> Reason | None:
    """Why the judges disagree; None where that is no reason that excuses it. All causes that were told must be excused."""
    if bool(verdict.meshgen) != bool(verdict.kubeconform):
        return None
    causes = _CAUSES.split(verdict.server) if verdict.server else verdict.meshgen.split("; ")
    return excuse(causes, WEAKER if verdict.server else STRICTER)


def excuse(causes: Iterable[str], known: Iterable[Reason]) -> Reason | None:
    """The first of the reasons that excuse these causes; None where one of them has none."""
    found = [next((each for each in known if each.words.search(cause)), None) for cause in causes]
    return found[0] if all(found) else None


def page(verdicts: Sequence[Verdict]) -> str:
    """The page. Raises ValueError for a disagreement without a reason."""
    listed: dict[str, list[str]] = {each.title: [] for each in (*WEAKER, *STRICTER)}
    for verdict in verdicts:
        if not verdict.agreed:
            why = reason(verdict)
            if why is None:
                raise ValueError(f"nothing excuses {verdict}")
            listed[why.title].append(verdict.mutation.id)
    lines = [*_head(verdicts), *_table(verdicts)]
    for heading, reasons in (("refuses, the schemas take", WEAKER), ("takes, the schemas refuse", STRICTER)):
        lines += ["", f"## What kube-apiserver {heading}"]
        for each in reasons:
            if listed[each.title]:
                lines += ["", f"### {each.title}", "", each.explanation, ""]
                lines += [f"- `{name}`" for name in sorted(listed[each.title])]
    lines += _by_hand()
    return "\n".join(lines) + "\n"


def _by_hand() -> Iterator[str]:
    """What became of the objects of tests/apiserver_verdicts.jsonl."""
    known = judged()
    apart = Counter(each.why for each in known if each.why)
    yield ""
    yield "## Objects made by hand"
    yield ""
    yield f"tests/apiserver_verdicts.jsonl holds {len(known):,} further objects with kube-apiserver's answers: at least one good"
    yield "and one broken for each rule that a comparison of 32,000 objects had shown to be missing or too strict. `meshgen"
    yield f"validate`, which has rules beside the schemas, says the same of all but {apart.total()}:"
    yield ""
    for each in (*WEAKER, *STRICTER):
        if apart[each.title]:
            yield f"- {each.title}: {apart[each.title]}. {each.explanation}"
    yield ""
    yield "What only those rules see, so that kubeconform takes it, compares two places or counts: requests of containers with"
    yield "those of their pod, `dataSource` with `dataSourceRef`, annotations with the fields that replaced them, the container"
    yield "that an annotation names, keys in `matchLabelKeys` with those that are selected, names that stand twice, the bytes of"
    yield "all annotations, the parts of `runAsUserName`, `divisor` with its resource, and who of several owners controls."


def _head(verdicts: Sequence[Verdict]) -> Iterator[str]:
    taken, apart = sum(each.taken for each in verdicts), sum(not each.agreed for each in verdicts)
    yield "<!-- Made by `python -m lab.agreement_page`; change what it describes. -->"
    yield ""
    yield "# Where kube-apiserver and the schemas disagree"
    yield ""
    yield f"{len(verdicts):,} objects, each made from one of golden/ by one change, were given to kube-apiserver 1.36 (strict"
    yield "server-side apply, as a dry run, with Istio's CustomResourceDefinitions), to `meshgen` and to kubeconform with the"
    yield f"bundled schemas. kube-apiserver takes {taken:,} of them. kubeconform and meshgen agree on all, and"
    yield f"with kube-apiserver on all but {apart}: those below, each with its reason. The lab tests that the list is exact."
    yield "An object without a name cannot be applied; it was asked for with create."


def _table(verdicts: Iterable[Verdict]) -> Iterator[str]:
    asked: Counter[tuple[str, str]] = Counter()
    taken: Counter[tuple[str, str]] = Counter()
    for each in verdicts:
        places = [(kind, word) for kind in (each.mutation.kind, "all") for word in (each.mutation.keyword, "all")]
        asked.update(places)
        taken.update(places if each.taken else [])
    kinds = [*sorted({kind for kind, _ in asked} - {"all"}), "all"]
    yield ""
    yield "Objects by the keyword that was tried and by kind; in parentheses how many of them kube-apiserver takes."
    yield ""
    yield f"| keyword | {' | '.join(kinds)} |"
    yield f"| --- |{' --- |' * len(kinds)}"
    for word in [*sorted({word for _, word in asked} - {"all"}), "all"]:
        cells = (f"{asked[kind, word]} ({taken[kind, word]})" if asked[kind, word] else "" for kind in kinds)
        yield f"| {word} | {' | '.join(cells)} |"


def main() -> None:
    """Compare in a lab of its own, and write the page."""
    from lab.agreement import compare
    from lab.lab import Lab
    from lab.mutations import corpus
    from lab.programs import find

    with Lab.start() as lab:
        verdicts = compare(corpus(), lab.kubernetes, find().kubeconform)
    PAGE.write_text(page(verdicts), encoding="utf-8")


if __name__ == "__main__":
    main()
