"""The spec of a gateway: the hosts that the outside may ask for, and how their connections are secured."""

from typing import Annotated, Literal

from pydantic import Field

from meshgen.spec.base import GatewayHost, Labels, Many, Name, ObjectAnnotations, SpecModel
from meshgen.spec.partial import Part
from meshgen.spec.server import Server, ServerTLSSettings


class GatewayMetadata(SpecModel):
    """Name and labels, as on every Kubernetes object."""

    name: Name = Field(description="Name of the gateway.")
    namespace: Name | None = Field(None, description="Namespace of the Gateway; absent: the one given by --namespace.")
    labels: Labels | None = Field(None, description="Labels of the Gateway.")
    annotations: ObjectAnnotations | None = Field(None, description="Annotations of the Gateway.")


class GatewaySpec(SpecModel):
    """All that is said of one gateway."""

    hosts: Many[GatewayHost] | None = Field(
        None, min_length=1, description="Public hosts, served on port 80 and, with tls, on port 443."
    )
    tls: Annotated[ServerTLSSettings, Part(ServerTLSSettings)] | None = Field(
        None,
        description="Certificate for port 443, laid over mode SIMPLE and at least TLS 1.2; port 80 then only redirects.",
    )
    servers: Many[Server] | None = Field(None, min_length=1, description="Servers in full, instead of hosts and tls.")
    selector: Labels | None = Field(
        None, min_length=1, description="Labels of the gateway's pods; absent: istio: ingressgateway."
    )
    workload_namespace: Name | None = Field(
        None,
        description="Namespace of the gateway's pods, where the certificate's Secret belongs; absent: istio-system.",
    )
    existing: bool | None = Field(
        None, description="Whether somebody else makes the Gateway; then nothing comes out for it."
    )


class Gateway(SpecModel):
    """A gateway through which requests from outside enter the mesh."""

    api_version: Literal["meshgen.dev/v1"] = Field(description="Version of the spec language.")
    kind: Literal["Gateway"] = Field(description="Kind of the spec.")
    metadata: GatewayMetadata = Field(description="Name, namespace and labels.")
    spec: GatewaySpec = Field(description="What the gateway is.")
