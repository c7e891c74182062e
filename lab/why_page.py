"""docs/why.md: what real proxies answer when one of meshgen's rules is broken.

`python -m lab.why_page` starts a lab, breaks the rules one after the other and writes the page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from lab.controls import ROOT, Answered, Bench, Object, Objects, controls, in_words, read, rendered, take_away
from lab.errors import ApiError, Refused
from lab.lab import Lab

PAGE = ROOT / "docs" / "why.md"
NAMESPACE = "controls"
WRITTEN, SPECIFIED = "as-written", "as-specified"

INTRODUCTION = """<!-- Made by `python -m lab.why_page`; change lab/controls/ or lab/why_page.py. -->

# Why meshgen's rules are what they are

Each rule was broken on a real control plane, in what meshgen renders of [specs/weather](../specs/weather), and real
proxies were asked before and after. What follows are their answers. kube-apiserver takes each of the broken variants,
strictly asked, istiod's webhook refuses none, and the proxies take what istiod makes of it. `istioctl analyze` and
`meshgen lint` name some of them, where somebody asks.
"""

AS_WRITTEN = """## Documents written by hand

The documents that meshgen began with ([seed.md](seed.md)) are well-formed. Asked to be strict, kube-apiserver
refuses one of them:

```text
{refusal}
```

Where nobody asks for that, it drops these fields and takes everything. The answers then, beside those to what
[specs/microservices](../specs/microservices) makes of the same service:

| asked | as written | as specified |
| --- | --- | --- |
| the gateway, at port 80, for its host | {gateway} |
| the service, inside the mesh | {mesh} |
"""


@contextmanager
def bench(lab: Lab) -> Iterator[Bench]:
    """The services of specs/weather, a caller in the mesh and a gateway; nothing of it afterwards."""
    objects = rendered(
        NAMESPACE, *(f"weather/{path.stem}" for path in sorted((ROOT / "specs" / "weather").glob("*.yaml")))
    )
    lab.apply(objects)
    lab.wait_ready(NAMESPACE)
    caller = lab.caller("doubting", namespace=f"{NAMESPACE}-callers")
    gateway = lab.gateway("weather-ingress", f"{NAMESPACE}-ingress", {"istio": "weather-ingress"}, ports=(80,))
    try:
        yield Bench(lab, objects, NAMESPACE, {"mesh": caller, "gateway": gateway})
    finally:
        lab.stop(caller)
        lab.stop(gateway)
        take_away(lab, objects)


def as_written(lab: Lab) -> dict[str, str]:
    """What is answered to the seed's documents, and to what meshgen renders for the same service, by who was asked."""
    text = (ROOT / "tests" / "seed" / "as-written.yaml").read_text("utf-8").replace("microservices", WRITTEN)
    specified = rendered(
        SPECIFIED, *(f"microservices/{name}" for name in ("gateway", "user-service", "user-service-shadow"))
    )
    # First of all, for later there are listeners with certificates that nobody has: a proxy that starts waits for them.
    caller = lab.caller("hoping", namespace=f"{WRITTEN}-callers")
    gateway = lab.gateway(f"{WRITTEN}-ingress", f"{WRITTEN}-ingress", {"istio": "ingressgateway"}, ports=(80,))
    try:
        lab.apply(specified)
        said = {"kube-apiserver": _careless(lab, read(text))}
        for namespace, host in ((WRITTEN, f"api.{WRITTEN}.local"), (SPECIFIED, "api.microservices.local")):
            lab.wait_ready(namespace)
            lab.settled()
            said[f"{namespace}, gateway"] = in_words(gateway.ask(50, f"http://{host}/"), "version")
            answers = caller.ask(300, f"http://user-service.{namespace}/")
            # As written, one of 10,000 requests gets an error that is injected: too few to be told, enough to be met.
            said[f"{namespace}, mesh"] = in_words([each for each in answers if each.flags != "FI"], "version")
    finally:
        lab.stop(caller)
        lab.stop(gateway)
        take_away(lab, [*specified, *(each for each in read(text) if each["kind"] != "Endpoints")])  # its Service's end
    return said


def _careless(lab: Lab, objects: Objects) -> str:
    """Apply; what is refused is created as it is, where nobody is strict. What kube-apiserver says when it is."""
    try:
        lab.apply(objects)
    except Refused as refused:
        names = set(refused.reasons)
    else:
        return "nothing"
    said = []
    for each in objects:
        namespace, name = each["metadata"]["namespace"], f"{each['kind']} {each['metadata']['name']}"
        if f"{each['kind']} {namespace}/{each['metadata']['name']}" in names:
            path = lab.kubernetes.resource(each["apiVersion"], each["kind"]).path(namespace)
            said += [f"{name}: {field}" for field in _unknown(lab, path, each)]
            lab.kubernetes.request("POST", path, each, fieldValidation="Ignore")
    return "\n".join(said)


def _unknown(lab: Lab, path: str, each: Object) -> list[str]:
    """The fields that kube-apiserver does not know, sorted: its own order differs from one time to the next."""
    try:
        lab.kubernetes.request("POST", path, each, fieldValidation="Strict", dryRun="All")
    except ApiError as fault:
        return sorted(set(re.findall(r'unknown field "[^"]*"', str(fault)))) or [str(fault)]
    return []


def page(answered: Iterable[Answered], written: Mapping[str, str]) -> str:
    """The page's text. Nothing in it depends on chance or time."""
    runs = list(answered)
    as_they_were = AS_WRITTEN.format(
        refusal=written["kube-apiserver"],
        gateway=" | ".join(written[f"{namespace}, gateway"] for namespace in (WRITTEN, SPECIFIED)),
        mesh=" | ".join(written[f"{namespace}, mesh"] for namespace in (WRITTEN, SPECIFIED)),
    )
    return "\n".join([INTRODUCTION, *_table(runs), "", *map(_section, runs), as_they_were])


def _table(runs: Sequence[Answered]) -> Iterator[str]:
    yield "| rule | kept | broken |"
    yield "| --- | --- | --- |"
    for run in runs:
        yield f"| [{run.control.rule.rstrip('.')}](#{_anchor(run.control.rule)}) | {run.right} | {run.broken} |"


def _section(run: Answered) -> str:
    asked = _asked(run.control.ask)
    other = _asked(run.control.ask_broken) if run.control.ask_broken else asked
    return "\n".join(
        [
            f"## {run.control.rule.rstrip('.')}",
            "",
            run.control.because,
            "",
            "```diff",
            run.difference.rstrip(),
            "```",
            "",
            f"Kept, {asked}: **{run.right}**.  ",
            f"Broken, {'the same' if other == asked else other}: **{run.broken}**.",
            "",
        ]
    )


def _asked(how: Mapping[str, object]) -> str:
    who = "the gateway" if how["from"] == "gateway" else "a sidecar"
    if "tcp" in how:
        return f"a connection through {who} to `{_shown(how['tcp'])}:{how['port']}`"
    headers = how.get("headers", {})
    assert isinstance(headers, dict)  # noqa: S101 - it is read from a file of ours
    shown = "".join(f" with `{name}: {value}`" for name, value in headers.items())
    return f"`{_shown(how['http'])}`{shown} through {who}"


def _shown(place: object) -> str:
    return str(place).replace("{namespace}", "weather")


def _anchor(rule: str) -> str:
    kept = "".join(letter for letter in rule.lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")


def main() -> None:
    """Break the rules in a lab of its own, and write the page."""
    with Lab.start() as lab, bench(lab) as there:
        PAGE.write_text(page([there.run(control) for control in controls()], as_written(lab)), encoding="utf-8")
    sys.stderr.write(f"wrote {PAGE}\n")


if __name__ == "__main__":
    main()
