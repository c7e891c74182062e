"""The examples of the pages of lint's rules, moved into namespaces of their own and made to run.

A page shows what matters and no more. What it leaves out is filled in here: pods for its Services, the ports that their
programs listen at, Services for its DestinationRules, certificates for its gateways.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import yaml

from lab.certificates import Authority
from meshgen.rules import rules

Object = dict[str, Any]

ROOT = "istio-system"  # where gateways run: it stays what it is
FRONT = "front"  # the namespace of callers: one for all examples
_EXAMPLE = re.compile(r"^(Bad|Good)[^\n:]*:\n\n((?:    .*\n|\n)+)", re.MULTILINE)
WORKLOADS = {"Deployment", "StatefulSet"}
PODS = {"Pod", *WORKLOADS}


def examples(code: str) -> dict[str, list[str]]:
    """The bad and the good examples of a rule's page, as they stand there."""
    (page,) = (rule.page for rule in rules() if rule.code == code)
    found: dict[str, list[str]] = {"Bad": [], "Good": []}
    for word, body in _EXAMPLE.findall(page):
        found[word].append(textwrap.dedent(body))
    return found


def moved(text: str, namespace: str) -> list[Object]:
    """The objects of an example in a namespace of its own, and its public hosts below a name of their own.

    What is in the callers' namespace stays there under another name; pods of gateways are left out, for the lab has its own.
    """
    for name in _namespaces(text) - {ROOT, FRONT}:
        text = re.sub(rf"(?<!x-)\b{name}\b", namespace if name == "shop" else f"{namespace}-{name}", text)
    text = re.sub(r"\bexample\.(com|org)\b", rf"{namespace}.example.\1", text)
    text = text.replace('"*.local"', f'"*.{namespace}.svc.cluster.local"')
    found = [each for each in yaml.safe_load_all(text) if each]
    elsewhere = [each for each in found if each["metadata"].get("namespace") in {FRONT, ROOT}]
    for each in elsewhere:
        if each["kind"] != "Secret":
            each["metadata"]["name"] += f"-{namespace}"
    return [each for each in found if each not in elsewhere or each["kind"] not in WORKLOADS]


def _namespaces(text: str) -> set[str]:
    found = [each for each in yaml.safe_load_all(text) if each]
    return {each["metadata"].get("namespace", each["metadata"]["name"]) for each in found} | {"shop"}


def filled(objects: Sequence[Object], namespace: str, replicas: int = 1) -> list[Object]:
    """The same objects, with what must be there for requests to get anywhere."""
    found = [*deepcopy(objects)]
    found += [_service(name, namespace) for name in _hosts_without_service(found, namespace)]
    services = [each for each in found if each["kind"] == "Service" and "selector" in each["spec"]]
    if not any(each["kind"] in WORKLOADS for each in found):
        found += [pod for each in services for pod in _pods(each, found, replicas)]
    ports = sorted({port.get("targetPort", port["port"]) for each in services for port in each["spec"]["ports"]})
    for each in found:
        if each["kind"] == "ServiceEntry":  # the lab has no resolver, and a proxy waits for one before it starts
            each["spec"].setdefault("endpoints", [{"address": "10.1.2.3"}])
        if each["kind"] in PODS:
            spec = each["spec"]["template"]["spec"] if each["kind"] in WORKLOADS else each["spec"]
            spec["containers"][0]["ports"] = [{"containerPort": port} for port in ports]
    return list(
        {(each["kind"], each["metadata"]["namespace"], each["metadata"]["name"]): each for each in found}.values()
    )


def secrets(objects: Sequence[Object], namespace: str, authority: Authority) -> Iterator[Object]:
    """Certificates for the Gateways, which get credentials of names of their own."""
    for gateway in objects:
        for server in gateway["spec"].get("servers", ()) if gateway["kind"] == "Gateway" else ():
            if name := server.get("tls", {}).get("credentialName"):
                server["tls"]["credentialName"] = name = f"{name}-{namespace}"
                made = authority.certificate(_public_hosts(objects))
                values = {"tls.crt": made.certificate, "tls.key": made.key}
                yield {
                    "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "stringData": values,
                    "metadata": {"name": name, "namespace": ROOT},
                }  # fmt: skip


def _public_hosts(objects: Iterable[Object]) -> list[str]:
    """All hosts of the Gateways: one certificate is good for each."""
    servers = [server for each in objects if each["kind"] == "Gateway" for server in each["spec"]["servers"]]
    return sorted({host for server in servers for host in server["hosts"]})


def _hosts_without_service(objects: Iterable[Object], namespace: str) -> list[str]:
    services = {each["metadata"]["name"] for each in objects if each["kind"] == "Service"}
    rules = [each for each in objects if each["kind"] == "DestinationRule" and "*" not in each["spec"]["host"]]
    hosts = {each["spec"]["host"].removesuffix(f".{namespace}.svc.cluster.local") for each in rules}
    return sorted(host for host in hosts - services if "." not in host)


def _service(name: str, namespace: str) -> Object:
    spec = {"selector": {"app": name}, "ports": [{"name": "http", "port": 80, "targetPort": 3000}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _pods(service: Object, objects: Iterable[Object], replicas: int) -> Iterator[Object]:
    """Pods with each set of labels that a subset asks for, or with the Service's own where there are no subsets."""
    meta, selector = service["metadata"], service["spec"]["selector"]
    rules = [each for each in objects if each["kind"] == "DestinationRule"]
    subsets = [subset["labels"] for each in rules for subset in each["spec"].get("subsets", ())]
    for labels in subsets or [{}]:
        name = "-".join([selector.get("app", meta["name"]), *labels.values()])
        for number in range(replicas):
            yield {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": f"{name}-pod-{number}",
                    "namespace": meta["namespace"],
                    "labels": selector | labels,
                },
                "spec": {"containers": [{"name": "main", "image": "any"}]},
            }
