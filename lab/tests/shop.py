"""A small service for the lab's own tests."""

from __future__ import annotations

from typing import Any

PORTS = {"http": (80, 3000), "http-admin": (8080, 3001), "tcp-wire": (9090, 9091)}  # name: port, container's port


def service(namespace: str, name: str = "users") -> dict[str, Any]:
    """A Service with three ports, each with a container port of its own."""
    ports = [{"name": key, "port": port, "targetPort": target} for key, (port, target) in PORTS.items()]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"app": name}, "ports": ports},
    }


def workload(
    namespace: str, version: str, replicas: int = 1, kind: str = "Deployment", name: str = "users"
) -> dict[str, Any]:
    """The pods of one version, by a Deployment or a StatefulSet."""
    labels = {"app": name, "version": version}
    container = {"name": name, "image": "any", "ports": [{"containerPort": target} for _, target in PORTS.values()]}
    ordered = {"serviceName": name} if kind == "StatefulSet" else {}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": f"{name}-{version}", "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            **ordered,
        },
    }


def subsets(namespace: str, name: str = "users") -> dict[str, Any]:
    """A DestinationRule with the subsets v1 and v2."""
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "host": name,
            "subsets": [{"name": version, "labels": {"version": version}} for version in ("v1", "v2")],
        },
    }


def route(namespace: str, name: str = "users", **weights: int) -> dict[str, Any]:
    """A VirtualService that splits port 80 between subsets."""
    routes = [
        {"destination": {"host": name, "subset": subset, "port": {"number": 80}}, "weight": weight}
        for subset, weight in weights.items()
    ]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"hosts": [name], "http": [{"match": [{"port": 80}], "route": routes, "retries": {"attempts": 0}}]},
    }
