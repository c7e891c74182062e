"""The servers of a gateway: ports, hosts, and how their connections are secured."""

import ipaddress
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from meshgen.spec.base import GatewayHost, Many, Name, SpecModel, Text, check_groups, fault, faults, seen, written
from meshgen.spec.certificates import Authorities, CertificateHash, SpkiHash

_UNIX = "unix://"
SECURED = frozenset({"HTTPS", "TLS"})
"""Protocols of a server that need tls."""
PLAIN = frozenset({"HTTP", "HTTP2", "GRPC", "GRPC-WEB"})
"""Protocols of a server that are HTTP as plain text."""


def _bind(value: str) -> str:
    """Source: Istio's validateServerBind."""
    if value.startswith(_UNIX):
        path = value.removeprefix(_UNIX)
        if not path.startswith(("/", "@")) or len(path) < 2:
            raise fault(f"{seen(value)} is no socket: it is unix:///PATH or unix://@NAME")
        return value
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise fault(f"{seen(value)} is neither an IP address nor a socket such as unix:///var/run/web.sock") from None
    return value


Bind = Annotated[str, AfterValidator(_bind)]
"""An IP address, or `unix://` and the path of a socket."""

ListenerPort = Annotated[int, Field(ge=0, le=65535)]
"""The number of a port; 0 for a socket."""

TLSVersion = Literal["TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3"]
"""A version of TLS."""

CipherSuite = Literal[
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA",
    "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA",
]  # fmt: skip
"""A cipher suite by its OpenSSL name. Source: Istio's ValidCipherSuites."""

_VERSIONS = ("TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3")
_FILES = ("serverCertificate", "privateKey", "caCertificates", "caCrl")
_PINS = ("subjectAltNames", "verifyCertificateSpki", "verifyCertificateHash")
_SECRETS = ("credentialName", "credentialNames", "tlsCertificates", "caCertCredentialName")


class TLSCertificate(SpecModel):
    """One of several certificates, such as an RSA one beside an ECDSA one."""

    server_certificate: Text = Field(description="File of the certificate.")
    private_key: Text = Field(description="File of its private key.")
    ca_certificates: Text | None = Field(None, description="File of the authorities that may have signed the caller's.")


class ServerTLSSettings(SpecModel):
    """How the connections to a server are secured."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("credentialName", "credentialNames", "tlsCertificates", "serverCertificate"),
    )

    https_redirect: bool | None = Field(
        None, description="Whether plain HTTP is answered with a redirect to HTTPS; absent: false."
    )
    mode: Literal["SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL", "ISTIO_MUTUAL"] | None = Field(
        None,
        description="SIMPLE: TLS; MUTUAL: callers need a certificate; OPTIONAL_MUTUAL: they may have one; "
        "ISTIO_MUTUAL: with Istio's own certificates.",
    )
    server_certificate: Text | None = Field(None, description="File of the certificate.")
    private_key: Text | None = Field(None, description="File of its private key.")
    ca_certificates: Text | None = Field(None, description="File of the authorities that may have signed the caller's.")
    ca_crl: Text | None = Field(None, description="File of revoked certificates of callers.")
    subject_alt_names: Many[Text] | None = Field(None, description="Names that the caller's certificate may have.")
    credential_name: Text | None = Field(
        None, description="Secret with the certificate, in the namespace of the gateway's pods."
    )
    credential_names: Many[Text] | None = Field(
        None, min_length=1, max_length=2, description="Two such Secrets, for an RSA and an ECDSA certificate."
    )
    ca_cert_credential_name: Authorities | None = Field(
        None,
        description="Secret NAME-cacert (or, where there is none, NAME) with the authorities that may have signed the "
        "caller's certificate; or configmap://NAMESPACE/NAME.",
    )
    tls_certificates: Many[TLSCertificate] | None = Field(
        None, min_length=1, max_length=2, description="Two certificates as files, an RSA and an ECDSA one."
    )
    verify_certificate_spki: Many[SpkiHash] | None = Field(
        None, description="Hashes of the public keys that callers may have."
    )
    verify_certificate_hash: Many[CertificateHash] | None = Field(
        None, description="Hashes of the certificates that callers may have."
    )
    min_protocol_version: TLSVersion | None = Field(None, description="Oldest version of TLS; absent: TLSV1_2.")
    max_protocol_version: TLSVersion | None = Field(None, description="Newest version of TLS; absent: TLSV1_3.")
    cipher_suites: Many[CipherSuite] | None = Field(
        None, description="Ciphers up to TLS 1.2; absent: Envoy's default. TLS 1.3 has its own."
    )
    insecure_skip_verify: bool | None = Field(
        None, description="Whether callers whose certificate is wrong come in all the same; needs Istio 1.31."
    )

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> Self:
        if self.mode is None:
            if not self.https_redirect:
                raise fault("a mode is needed, or httpsRedirect: true", hint="for a usual certificate, mode: SIMPLE")
            others = [key for key in written(self) if key != "httpsRedirect"]
            if others:
                raise faults(fault("has no effect without a mode", key, hint="add mode: SIMPLE") for key in others)
        elif self.https_redirect:
            raise fault("a server with a mode speaks HTTPS: there is nothing to redirect", "httpsRedirect")
        elif self.mode == "ISTIO_MUTUAL":
            if idle := written(self, *_FILES, *_SECRETS):
                why = "has no effect in mode ISTIO_MUTUAL: Istio's own certificates are used"
                raise faults(fault(why, key) for key in idle)
        else:
            self._check_certificates()
        return self

    def _check_certificates(self) -> None:
        check_groups(self, 0)
        remote = self.credential_name is not None or self.credential_names is not None
        if self.server_certificate is not None and self.private_key is None:
            raise fault("a certificate needs its private key", "privateKey")
        if self.private_key is not None and self.server_certificate is None:
            raise fault("a private key without serverCertificate", "privateKey")
        if self.mode != "SIMPLE" and self.ca_certificates is None and not remote:
            raise fault(f"mode {self.mode} needs caCertificates, or credentialName", "mode")
        if self.ca_cert_credential_name is not None and not remote:
            raise fault("has an effect beside credentialName only", "caCertCredentialName")
        for key in written(self, *_PINS) if self.mode == "OPTIONAL_MUTUAL" else ():
            why = "makes Envoy refuse callers without a certificate, who may come in mode OPTIONAL_MUTUAL"
            raise fault(why, key, hint="write mode: MUTUAL, or leave it out")
        if self.ca_crl is not None and (remote or self.mode == "SIMPLE"):
            why = "the Secret of credentialName has it" if remote else "callers have no certificate in mode SIMPLE"
            raise fault(f"has no effect: {why}", "caCrl")

    @model_validator(mode="after")
    def _has_versions_in_order(self) -> Self:
        least, most = self.min_protocol_version, self.max_protocol_version
        if least in _VERSIONS and most in _VERSIONS and _VERSIONS.index(least) > _VERSIONS.index(most):
            raise fault(f"{most} is older than minProtocolVersion {least}", "maxProtocolVersion")
        if least in _VERSIONS[:2] and not self.cipher_suites:
            raise fault(
                f"no caller can use {least}: Envoy's default ciphers are too new for it",
                "minProtocolVersion",
                hint="add cipherSuites, or write TLSV1_2",
            )
        suites = self.cipher_suites or ()
        for number, suite in enumerate(suites):
            if suite in suites[:number]:
                raise fault(f"{suite!r} is in the list already", "cipherSuites", number)
        return self


class ServerPort(SpecModel):
    """The port of a server."""

    named_by: ClassVar[str] = "name"

    number: ListenerPort = Field(description="Number of the port; 0 for a socket.")
    name: Name = Field(description="Name of the port, unique in the gateway.")
    protocol: Literal["HTTP", "HTTPS", "GRPC", "GRPC-WEB", "HTTP2", "MONGO", "REDIS", "MYSQL", "TCP", "TLS"] = Field(
        description="What is spoken there."
    )


class Server(SpecModel):
    """One port of a gateway, and the hosts that are served there."""

    named_by: ClassVar[str] = "port"

    port: ServerPort = Field(description="The port.")
    hosts: Many[GatewayHost] = Field(min_length=1, description="Hosts that are served.")
    tls: ServerTLSSettings | None = Field(None, description="How connections are secured; HTTPS and TLS need it.")
    bind: Bind | None = Field(None, description="Address or socket to listen on; absent: all addresses.")
    name: Text | None = Field(None, description="Name of the server, unique in the gateway.")

    @model_validator(mode="after")
    def _has_the_port_that_its_bind_needs(self) -> Self:
        socket = self.bind is not None and self.bind.startswith(_UNIX)
        if socket and self.port.number:
            raise fault(f"a socket has no port: 0, not {self.port.number}", "port", "number")
        if not socket and not self.port.number:
            raise fault("0 is no port: ports go from 1 to 65535", "port", "number")
        return self

    @model_validator(mode="after")
    def _has_the_tls_that_its_protocol_needs(self) -> Self:
        protocol, tls = self.port.protocol, self.tls
        if protocol in SECURED:
            if tls is None:
                raise fault(f"protocol {protocol} needs tls", "port", "protocol", hint="add tls: {mode: SIMPLE, ...}")
            if tls.mode is None:
                raise fault(f"protocol {protocol} needs a mode; httpsRedirect is for HTTP", "tls")
        elif tls is not None:
            if protocol not in PLAIN:
                raise fault(f"has no effect with protocol {protocol}", "tls", hint="use protocol: TLS")
            if tls.mode is not None:
                raise fault(
                    f"{protocol} is plain text, which takes httpsRedirect only", "tls", hint="use protocol: HTTPS"
                )
        return self
