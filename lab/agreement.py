"""Three judges of one object: kube-apiserver, meshgen's validator and kubeconform over the bundled schemas."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from lab.errors import ApiError
from lab.keywords import ISTIO, KUBERNETES
from lab.kubernetes import Kubernetes
from lab.mutations import NAMESPACE, Mutation
from meshgen.kubeconform import SCHEMAS, schema_locations
from meshgen.validator import errors

_AT_ONCE = 8
_KEPT = {"fieldValidation": "Strict", "fieldManager": "agreement"}
_STRICT = _KEPT | {"dryRun": "All"}


@dataclass(frozen=True)
class Verdict:
    """What each judge says against a mutation; nothing where it takes it."""

    mutation: Mutation
    server: str
    meshgen: str
    kubeconform: str

    @property
    def taken(self) -> bool:
        """Whether a cluster takes the object."""
        return not self.server

    @property
    def agreed(self) -> bool:
        """Whether all take it, or none does."""
        return bool(self.server) == bool(self.meshgen) == bool(self.kubeconform)


def compare(mutations: Sequence[Mutation], kubernetes: Kubernetes, kubeconform: str) -> list[Verdict]:
    """A verdict on each mutation. Nothing is kept in the cluster but the namespace that they all name.

    Raises ApiError where kube-apiserver could not judge, CalledProcessError where kubeconform could not.
    """
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    _ask(kubernetes, "PATCH", f"/api/v1/namespaces/{NAMESPACE}", namespace, _KEPT)
    objects = [each.data for each in mutations]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        of_kubeconform = pool.submit(refused_by_kubeconform, kubeconform, objects)
        of_server = pool.map(partial(refused_by_server, kubernetes), objects)
        judged = zip(mutations, of_server, map(refused_by_meshgen, objects), of_kubeconform.result(), strict=True)
        return [Verdict(*each) for each in judged]


def refused_by_server(kubernetes: Kubernetes, data: Mapping[str, Any]) -> str:
    """What kube-apiserver says where it refuses to apply an object strictly, or to create one that has no name.

    Raises ApiError for an answer that says nothing of the object.
    """
    metadata = data.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    name, namespace = (named.get(key) if isinstance(named.get(key), str) else "" for key in ("name", "namespace"))
    try:
        resource = kubernetes.resource(str(data.get("apiVersion")), str(data.get("kind")))
        path = resource.path(quote(namespace or NAMESPACE, safe=""), quote(name or "", safe=""))
        _ask(kubernetes, "PATCH" if name else "POST", path, data, _STRICT)
    except ApiError as error:
        # 500 is what the server says of a patch that it cannot read as the kind.
        if error.status == 429 or error.status > 500:
            raise
        return str(error)
    return ""


def _ask(kubernetes: Kubernetes, method: str, path: str, data: Mapping[str, Any], query: Mapping[str, str]) -> None:
    if method == "PATCH":
        kubernetes.request(method, path, data, "application/apply-patch+yaml", force="true", **query)
    else:
        kubernetes.request(method, path, data, "application/json", **query)


def refused_by_meshgen(data: Mapping[str, Any]) -> str:
    """What meshgen's validator says against an object."""
    found = errors(data, KUBERNETES, ISTIO)
    return "; ".join(f"{'.'.join(str(step) for step in each.path)}: {each.message}" for each in found)


def refused_by_kubeconform(program: str, objects: Sequence[Mapping[str, Any]]) -> list[str]:
    """What kubeconform says against each object. Raises CalledProcessError where it does not say it of all."""
    # One worker, so that results come in the order of the documents.
    command = [program, "-strict", "-output", "json", "-verbose", "-n", "1"]
    for location in schema_locations(KUBERNETES, ISTIO):
        command += ["-schema-location", location]
    stream = "".join(f"---\n{json.dumps(data)}\n" for data in objects)
    result = subprocess.run(command, input=stream, cwd=SCHEMAS, capture_output=True, text=True, check=False)
    try:
        told = [each["status"] != "statusValid" and each["msg"] for each in json.loads(result.stdout)["resources"]]
    except (ValueError, KeyError):
        told = []
    if len(told) != len(objects):
        raise subprocess.CalledProcessError(result.returncode, command, result.stdout, result.stderr)
    return [words or "" for words in told]
