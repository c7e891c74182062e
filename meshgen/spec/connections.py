"""What one caller may have open to a service, and how it is secured."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from meshgen.spec.base import (
    Count,
    Duration,
    DurationOrZero,
    Many,
    SpecModel,
    Text,
    UInt32,
    fault,
    faults,
    seen,
    written,
)


def _credential(value: str) -> str:
    """Source: Istio pkg/config/validation/agent, ValidateTLS; that the namespace is the service's is seen where it is known."""
    namespace, slash, name = value.removeprefix(CONFIG_MAP).partition("/")
    if value.startswith(CONFIG_MAP) and not (namespace and slash and name and "/" not in name):
        raise fault(f"{seen(value)} is no ConfigMap: it is {CONFIG_MAP}NAMESPACE/NAME")
    return value


CONFIG_MAP = "configmap://"
"""What stands before a credential that is a ConfigMap."""

CredentialName = Annotated[
    str,
    Field(min_length=1),
    AfterValidator(_credential),
    WithJsonSchema({"type": "string", "minLength": 1, "pattern": f"^(?!{CONFIG_MAP})|^{CONFIG_MAP}[^/]+/[^/]+$"}),
]
"""A Secret's name, or `configmap://NAMESPACE/NAME` in the service's own namespace."""


class TCPKeepalive(SpecModel):
    """Probes by which the kernel finds out that the other side is gone."""

    probes: UInt32 | None = Field(None, description="Probes without answer after which it is; absent: the kernel's 9.")
    time: Duration | None = Field(None, description="Silence before the first probe; absent: the kernel's 2h.")
    interval: Duration | None = Field(None, description="Pause between probes; absent: the kernel's 75s.")


class TCPSettings(SpecModel):
    """Limits of connections, whatever is spoken on them."""

    max_connections: Count | None = Field(
        None, description="Most connections of HTTP/1.1 and TCP, for each caller; absent or 0: no limit."
    )
    connect_timeout: Duration | None = Field(None, description="Longest time to connect; absent: 10s.")
    tcp_keepalive: TCPKeepalive | None = Field(None, description="Probes on silent connections; absent: none.")
    max_connection_duration: Duration | None = Field(None, description="Longest life of a connection; absent: no end.")
    idle_timeout: DurationOrZero | None = Field(
        None, description="Silence after which a connection ends; 0s: none; absent: 1h."
    )


class HTTP2KeepAlive(SpecModel):
    """HTTP/2 pings by which a dead connection is found; needs Istio 1.31."""

    interval: Duration = Field(description="Pause between pings.")
    timeout: Duration = Field(description="Longest wait for an answer to a ping.")


class HTTPSettings(SpecModel):
    """Limits of HTTP requests."""

    http1_max_pending_requests: Count | None = Field(
        None, description="Most requests that wait for a connection; absent or 0: no limit."
    )
    http2_max_requests: Count | None = Field(
        None, description="Most requests that are under way, of every HTTP version; absent or 0: no limit."
    )
    max_requests_per_connection: Count | None = Field(
        None, description="Requests after which a connection ends; 1: no keep-alive; absent or 0: no limit."
    )
    max_retries: Count | None = Field(
        None, description="Most retries that are under way at once, not tries of a request; absent or 0: no limit."
    )
    idle_timeout: Duration | None = Field(
        None, description="Silence after which a connection ends; absent: tcp.idleTimeout."
    )
    h2_upgrade_policy: Literal["DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"] | None = Field(
        None, description="Whether HTTP/1.1 becomes HTTP/2 on the way; absent: as the mesh has it."
    )
    use_client_protocol: bool | None = Field(
        None, description="Whether the service is spoken to as the caller speaks; absent: false."
    )
    max_concurrent_streams: Count | None = Field(
        None, description="Most requests at once on one HTTP/2 connection; absent or 0: Envoy's default."
    )
    http2_keep_alive: HTTP2KeepAlive | None = Field(None, description="Pings on HTTP/2 connections; absent: none.")

    @model_validator(mode="after")
    def _speaks_one_way(self) -> Self:
        if self.h2_upgrade_policy == "UPGRADE" and self.use_client_protocol:
            raise fault("cannot keep the caller's protocol beside h2UpgradePolicy UPGRADE", "useClientProtocol")
        return self


class ConnectionPool(SpecModel):
    """Limits of what one caller may have open to the service at once."""

    tcp: TCPSettings | None = Field(None, description="Limits of connections.")
    http: HTTPSettings | None = Field(None, description="Limits of HTTP requests.")

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if not written(self):
            raise fault("one of these is needed: tcp, http")
        return self


class ClientTLSSettings(SpecModel):
    """How connections to the service are secured; without it Istio chooses mutual TLS where it can."""

    mode: Literal["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"] = Field(
        description="DISABLE: plain text; SIMPLE: TLS; MUTUAL: with a certificate; ISTIO_MUTUAL: with Istio's own."
    )
    client_certificate: Text | None = Field(None, description="File of the caller's certificate, for MUTUAL.")
    private_key: Text | None = Field(None, description="File of the caller's private key, for MUTUAL.")
    ca_certificates: Text | None = Field(
        None, description="File of the authorities that may have signed the service's."
    )
    credential_name: CredentialName | None = Field(
        None, description="Secret with certificate, key and authorities, instead of files."
    )
    subject_alt_names: Many[Text] | None = Field(None, description="Names that the service's certificate may have.")
    sni: Text | None = Field(None, description="Name that the service is asked for while TLS begins.")
    insecure_skip_verify: bool | None = Field(
        None, description="Whether the service's certificate is not checked; absent: false."
    )
    ca_crl: Text | None = Field(None, description="File of revoked certificates.")

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> Self:
        files = written(self, "clientCertificate", "privateKey", "caCertificates", "caCrl")
        idle = [*files, *written(self, "credentialName")] if self.mode == "ISTIO_MUTUAL" else []
        if self.mode == "DISABLE":
            idle = [key for key in written(self) if key != "mode"]
        if idle:
            raise faults(fault(f"has no effect in mode {self.mode}", key) for key in idle)
        if self.credential_name is not None and files:
            raise fault("the Secret of credentialName has it already, and Istio refuses both", files[0])
        if self.insecure_skip_verify:
            unchecked = ["caCertificates", "subjectAltNames", *(["credentialName"] if self.mode == "SIMPLE" else [])]
            for key in written(self, *unchecked):
                raise fault("insecureSkipVerify leaves nothing to check", key, hint="keep one of them")
        if self.mode == "MUTUAL" and self.credential_name is None:
            missing = [key for key in ("clientCertificate", "privateKey") if key not in files]
            if missing:
                raise fault(f"mode MUTUAL needs {missing[0]}, or credentialName", "mode")
        return self
