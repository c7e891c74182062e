"""The spec of a service: its ports, what runs it, its versions, and how requests reach them."""

from typing import Annotated, Literal

from pydantic import Field

from meshgen.spec.base import (
    AppProtocol,
    Duration,
    Labels,
    Many,
    Name,
    ObjectAnnotations,
    PortNumber,
    ServiceName,
    SpecModel,
)
from meshgen.spec.http import HTTPRetry
from meshgen.spec.partial import Part
from meshgen.spec.policy import TrafficPolicy
from meshgen.spec.reference import ExportTo, PortReference, ServiceReference
from meshgen.spec.traffic import Expose, Route
from meshgen.spec.workload import Endpoint, Fragment, Headless, ServiceAccount, Workload


class Metadata(SpecModel):
    """Name and labels, as on every Kubernetes object."""

    name: ServiceName = Field(description="Name of the service, and of the objects made for it.")
    namespace: Name | None = Field(None, description="Namespace of all objects; absent: the one given by --namespace.")
    labels: Labels | None = Field(
        None, description="Labels of every object and pod of this spec; never part of a selector."
    )
    annotations: ObjectAnnotations | None = Field(
        None, description="Annotations of every object of this spec, not of its pods."
    )


class Port(SpecModel):
    """A port of the service, as Kubernetes' ServicePort has it."""

    name: Name = Field(description="Name of the port, unique in the service.")
    port: PortNumber = Field(description="Number under which callers reach it.")
    target_port: PortReference | None = Field(
        None, description="Number or name of the container's port; absent: the same number."
    )
    protocol: Literal["TCP", "UDP", "SCTP"] | None = Field(None, description="Transport protocol; absent: TCP.")
    app_protocol: AppProtocol | None = Field(
        None,
        description="What is spoken there (http, http2, grpc, tcp, tls ...); absent: what the name's prefix says, else http.",
    )
    node_port: PortNumber | None = Field(
        None, description="Port of every node, for a Service of type NodePort or LoadBalancer."
    )


class Version(SpecModel):
    """A version of the service: a subset with a workload of its own, or another service."""

    name: Name = Field(description="Name of the version: the subset's name, and the pods' label 'version'.")
    labels: Labels | None = Field(
        None,
        min_length=1,
        description="Labels that somebody else's pods of this version carry; absent: version: NAME. Not beside a workload.",
    )
    workload: Workload | None = Field(None, description="Laid over the service's workload field by field.")
    traffic_policy: Annotated[TrafficPolicy, Part(TrafficPolicy)] | None = Field(
        None, description="Laid over the service's trafficPolicy field by field."
    )
    service: ServiceReference | None = Field(
        None,
        description="Another service that is this version, instead of a subset: NAME, NAMESPACE/NAME or a full host.",
    )
    port: PortReference | None = Field(
        None, description="Port name or number of that service; absent: the port of the same name, else its only one."
    )


class ServiceSpec(SpecModel):
    """All that is said of one service."""

    ports: Many[Port] = Field(min_length=1, description="Ports of the service, by name.")
    workload: Workload | None = Field(None, description="What runs the service.")
    selector: Labels | None = Field(
        None, min_length=1, description="Labels of somebody else's pods, instead of a workload."
    )
    existing: bool | None = Field(
        None, description="Whether somebody else makes the Service; then only its traffic rules come out."
    )
    endpoints: Many[Endpoint] | None = Field(
        None, min_length=1, description="Addresses behind the Service, instead of a workload."
    )
    versions: Many[Version] | None = Field(None, min_length=1, description="Versions of the service, by name.")
    traffic_policy: TrafficPolicy | None = Field(
        None, description="How callers balance, limit and give up on the service's pods."
    )
    timeout: Duration | None = Field(
        None, description="Longest time for an answer, for every route that says nothing else; absent: none."
    )
    retries: HTTPRetry | None = Field(
        None,
        description="Retries for every route that says nothing else; null: none. Never mentioned, Istio retries twice what failed before the service saw it.",
    )
    routes: Many[Route] | None = Field(
        None, min_length=1, description="Routes in order, by name; the first that matches takes the request."
    )
    expose: Many[Expose] | None = Field(None, min_length=1, description="Ways in from outside the mesh, by name.")
    service: Fragment | None = Field(
        None,
        description="Annotations of the Service, and the fields of a Kubernetes ServiceSpec other than ports, selector and clusterIP None.",
    )
    service_account: ServiceAccount | None = Field(
        None, description="Identity of the pods; absent: a ServiceAccount of the service's name."
    )
    headless: Headless | None = Field(None, description="The headless Service beside a StatefulSet.")
    export_to: Many[ExportTo] | None = Field(
        None,
        min_length=1,
        description="Namespaces that see the service and its rules: names, '.' (its own) or '*'; absent: all.",
    )


class Service(SpecModel):
    """A service and everything that Kubernetes and Istio need to run it."""

    api_version: Literal["meshgen.dev/v1"] = Field(description="Version of the spec language.")
    kind: Literal["Service"] = Field(description="Kind of the spec.")
    metadata: Metadata = Field(description="Name, namespace and labels.")
    spec: ServiceSpec = Field(description="What the service is.")
