"""The control plane: how its programs are started, and in which order."""

from __future__ import annotations

import json
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import certificates, identities, network
from lab.envoy import XDS_PORT
from lab.kubernetes import Kubernetes
from lab.programs import Programs
from lab.remote import Remote
from lab.waiting import wait

ISTIOD = ("127.0.0.1", 18888)  # its debug interface
SYSTEM = "istio-system"

_READY = 60.0  # seconds that a program may take until it is ready
_ISTIOD_ENVIRONMENT = {
    "POD_NAMESPACE": SYSTEM,
    # Who asks without TLS shows a token too: gateways then get their certificates without having one themselves.
    "XDS_AUTH_PLAINTEXT": "true",
    "ENABLE_LEADER_ELECTION": "false",
    "PILOT_ENABLE_GATEWAY_API": "false",
    # Envoy as published lacks the extensions of Istio's own build.
    "PILOT_ENABLE_METADATA_EXCHANGE": "false",
    "PILOT_ENABLE_ALPN_FILTER": "false",
    # Tests wait for each push, so changes are not gathered for long.
    "PILOT_DEBOUNCE_AFTER": "20ms",
}
_WITHOUT_IDENTITIES = {
    "INJECT_ENABLED": "false",
    "VALIDATION_WEBHOOK_CONFIG_NAME": "",
    "INJECTION_WEBHOOK_CONFIG_NAME": "",
    "ENABLE_CA_SERVER": "false",
}
# Without it a sidecar waits for certificates that nobody gives it before it listens.
_NO_IDENTITIES = {
    "apiVersion": "security.istio.io/v1",
    "kind": "PeerAuthentication",
    "metadata": {"name": "default", "namespace": SYSTEM},
    "spec": {"mtls": {"mode": "DISABLE"}},
}
_KIND = re.compile(r"^    kind: (\w+)$", re.MULTILINE)  # of a resource definition
_ACCESS_LOG = {
    "request": "%REQ(X-LAB-REQUEST)%",
    "flags": "%RESPONSE_FLAGS%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "status": "%RESPONSE_CODE%",
    "cluster": "%UPSTREAM_CLUSTER_RAW%",
    "upstream": "%UPSTREAM_HOST%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
}


@dataclass(frozen=True)
class ControlPlane:
    """The running control plane, and what is needed to talk to it."""

    kubernetes: Kubernetes
    kubeconfig: str  # path, for programs inside
    root: str  # the certificate that vouches for all in the mesh; empty where nobody has an identity


def start(remote: Remote, programs: Programs, with_identities: bool) -> ControlPlane:
    """Start it and wait until it is ready. Raises LabError."""
    folder = remote.folder
    token = secrets.token_hex()
    authority = certificates.Authority()
    serving = authority.certificate(["127.0.0.1", network.HOST, "10.96.0.1", "kubernetes.default.svc"])
    files = {
        "tokens.csv": f'{token},admin,admin,"system:masters"\n',
        "accounts.key": certificates.new_key(),
        "api.crt": serving.certificate,
        "api.key": serving.key,
        "kubeconfig": _kubeconfig(token, authority.pem),
        "mesh.yaml": _mesh(with_identities),
    }
    for name, text in files.items():
        remote.call("write", path=f"{folder}/{name}", text=text)
    _run(remote, "etcd", _etcd(programs.etcd, folder))
    _run(remote, "kube-apiserver", _apiserver(programs.apiserver, folder))
    kubernetes = Kubernetes(remote, token, authority.pem)
    try:
        wait("kube-apiserver to be ready", kubernetes.ready, _READY)
        remote.call("kubelet", token=token, authority=authority.pem)
        _bring_up(remote, programs, kubernetes)
        root = (_with_identities if with_identities else _without_identities)(remote, programs, kubernetes)
    except BaseException:
        kubernetes.close()
        raise
    return ControlPlane(kubernetes, f"{folder}/kubeconfig", root)


def stop_apiserver(remote: Remote) -> None:
    """End kube-apiserver without calling it a death."""
    remote.call("stop", name="kube-apiserver")


def start_apiserver(remote: Remote, programs: Programs, kubernetes: Kubernetes) -> None:
    """Start kube-apiserver again, and wait until it is ready. Raises Late."""
    wait("kube-apiserver to be gone", lambda: _gone(remote, "kube-apiserver"), _READY)
    _run(remote, "kube-apiserver", _apiserver(programs.apiserver, remote.folder))
    wait("kube-apiserver to be ready", kubernetes.ready, _READY)


def _gone(remote: Remote, name: str) -> tuple[bool, str]:
    running = remote.call("programs")
    return name not in running, ", ".join(running)


def _bring_up(remote: Remote, programs: Programs, kubernetes: Kubernetes) -> None:
    """Start what needs kube-apiserver, up to istiod."""
    _run(remote, "kube-controller-manager", _controllers(programs.controller_manager, remote.folder))
    _prepare(kubernetes, _definitions(programs.manifest))


def _with_identities(remote: Remote, programs: Programs, kubernetes: Kubernetes) -> str:
    """Start istiod with all that it does in production; the certificate that vouches for the mesh."""
    identities.prepare(kubernetes, programs.manifest)
    command = [*_istiod(programs.istiod, remote.folder), *identities.arguments()]
    _run(remote, "istiod", command, _ISTIOD_ENVIRONMENT | identities.ENVIRONMENT)
    return wait("istiod's webhooks and certificates", lambda: identities.ready(kubernetes), _READY)


def _without_identities(remote: Remote, programs: Programs, kubernetes: Kubernetes) -> str:
    command = [*_istiod(programs.istiod, remote.folder), "--secureGRPCAddr="]
    _run(remote, "istiod", command, _ISTIOD_ENVIRONMENT | _WITHOUT_IDENTITIES)
    kubernetes.request("POST", "/apis/security.istio.io/v1/namespaces/istio-system/peerauthentications", _NO_IDENTITIES)
    return ""


def _run(remote: Remote, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    remote.call(
        "start", name=name, command=command, folder=remote.folder, environment=environment or {}, network_name=None
    )


def _prepare(kubernetes: Kubernetes, definitions: list[str]) -> None:
    """Make what has to be there before istiod starts, and wait until it is served."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}}
    kubernetes.request("POST", "/api/v1/namespaces", namespace)
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "lab"}}
    kubernetes.request("POST", "/api/v1/nodes", node)
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda text: kubernetes.request("POST", path, text, "application/yaml"), definitions))
    wanted = {kind for text in definitions for kind in _KIND.findall(text)}
    wait("kube-apiserver to serve Istio's kinds", lambda: _served(kubernetes, wanted), _READY)


def _served(kubernetes: Kubernetes, wanted: set[str]) -> tuple[bool, str]:
    lacking = wanted - kubernetes.kinds()
    return not lacking, f"without {sorted(lacking)}" if lacking else "all"


def _definitions(manifest: str) -> list[str]:
    """The resource definitions in what istioctl would install, each as text."""
    text = Path(manifest).read_text(encoding="utf-8")
    return [part for part in text.split("\n---\n") if "\nkind: CustomResourceDefinition\n" in part]


def _etcd(program: str, folder: str) -> list[str]:
    client, peer = "http://127.0.0.1:2379", "http://127.0.0.1:2380"
    return [
        program, "--name=lab", f"--data-dir={folder}/etcd", "--unsafe-no-fsync",
        f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=lab={peer}",
    ]  # fmt: skip


def _apiserver(program: str, folder: str) -> list[str]:
    return [
        program, "--etcd-servers=http://127.0.0.1:2379", "--service-cluster-ip-range=10.96.0.0/16",
        "--service-account-issuer=https://kubernetes.default.svc", f"--service-account-key-file={folder}/accounts.key",
        f"--service-account-signing-key-file={folder}/accounts.key", f"--token-auth-file={folder}/tokens.csv",
        "--authorization-mode=RBAC", f"--tls-cert-file={folder}/api.crt", f"--tls-private-key-file={folder}/api.key",
        f"--cert-dir={folder}/certs", "--secure-port=6443", "--bind-address=127.0.0.1",
        f"--advertise-address={network.ADVERTISED}", "--enable-aggregator-routing=true", "--profiling=false",
    ]  # fmt: skip


def _controllers(program: str, folder: str) -> list[str]:
    return [
        program, f"--kubeconfig={folder}/kubeconfig", "--leader-elect=false", "--bind-address=127.0.0.1",
        f"--service-account-private-key-file={folder}/accounts.key", "--controllers=*,-nodelifecycle,-nodeipam",
        f"--cert-dir={folder}/certs", "--concurrent-service-endpoint-syncs=20", "--endpointslice-updates-batch-period=0",
        "--kube-api-qps=1000", "--kube-api-burst=2000",
    ]  # fmt: skip


def _istiod(program: str, folder: str) -> list[str]:
    return [
        program, "discovery", f"--kubeconfig={folder}/kubeconfig", "--registries=Kubernetes",
        f"--meshConfig={folder}/mesh.yaml", f"--grpcAddr=:{XDS_PORT}", f"--httpAddr=:{ISTIOD[1]}",
        "--monitoringAddr=127.0.0.1:15014", "--keepaliveMaxServerConnectionAge=24h",
    ]  # fmt: skip


def _mesh(with_identities: bool) -> str:
    mesh: dict[str, Any] = {
        "enableAutoMtls": with_identities,
        "enableTracing": False,
        "accessLogFile": "access.log",
        "accessLogEncoding": "JSON",
        "accessLogFormat": json.dumps(_ACCESS_LOG),
    }
    return json.dumps(mesh)


def _kubeconfig(token: str, authority: str) -> str:
    import base64

    cluster = {
        "server": "https://127.0.0.1:6443",
        "certificate-authority-data": base64.b64encode(authority.encode()).decode(),
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "lab", "cluster": cluster}],
        "users": [{"name": "lab", "user": {"token": token}}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "lab"}}],
        "current-context": "lab",
    }
    return json.dumps(config)
