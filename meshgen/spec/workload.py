"""What runs a service: its containers, its endpoints, and the names of the objects around them."""

import ipaddress
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema, model_validator

from meshgen.spec.base import Annotations, Labels, Many, Name, ObjectName, ServiceName, SpecModel, fault, seen

Fragment = dict[str, Any]
"""A part of a Kubernetes object, taken as it is and checked by the Kubernetes schema after merging."""

OURS = {
    "template": "write the pod's fields below 'pod' and the main container below 'container'",
    "serviceName": "write 'headless: {name: ...}' beside 'workload'",
}
"""What meshgen fills in itself, and where a person says what they want of it."""


def _address(value: str) -> str:
    """Source of the rule: Kubernetes pkg/apis/core/validation, ValidateNonSpecialIP."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        raise fault(f"{seen(value)} is no IP address") from None
    if (
        address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or (address.is_multicast and str(address).startswith(("224.0.0.", "ff02:")))
    ):
        raise fault(f"{value} cannot be an endpoint: Kubernetes refuses unspecified, loopback and link-local addresses")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        hint = f"write {address.ipv4_mapped}"
        raise fault(f"{seen(value)} is an IPv4 address in disguise, which Kubernetes refuses", hint=hint)
    if "%" in value:
        raise fault(f"{seen(value)} has a zone, which an endpoint cannot have")
    return value


_IPV4 = r"(?!127\.|169\.254\.|0\.0\.0\.0$)[0-9]{1,3}(\.[0-9]{1,3}){3}"
_IPV6 = r"(?!::1?$)[0-9a-fA-F]*:[0-9a-fA-F:.]*"

Address = Annotated[
    str, AfterValidator(_address), WithJsonSchema({"type": "string", "pattern": f"^({_IPV4}|{_IPV6})$"})
]
"""An IP address that is neither unspecified nor loopback nor link-local."""


class WorkloadSelector(SpecModel):
    """The selector of a workload that already runs; it cannot be changed any more."""

    match_labels: Labels = Field(
        min_length=1, description="Exactly the labels by which the running workload selects its pods."
    )


class Container(SpecModel):
    """The main container: a Kubernetes Container whose name, ports and probes' ports are filled in."""

    model_config = ConfigDict(extra="allow")

    ports: Many[Fragment] | None = Field(
        None, description="Further ports, by name; those that the service's ports lead to are filled in."
    )
    lifecycle: Fragment | None = Field(
        None, description="Hooks; an httpGet without port means the service's HTTP port."
    )
    startup_probe: Fragment | None = Field(None, description="A handler without port means the service's.")
    liveness_probe: Fragment | None = Field(None, description="A handler without port means the service's.")
    readiness_probe: Fragment | None = Field(None, description="A handler without port means the service's.")


class Pod(SpecModel):
    """The pod around the main container: labels, annotations and every PodSpec field under its own name."""

    model_config = ConfigDict(extra="allow")

    labels: Labels | None = Field(None, description="Further labels of the pods.")
    annotations: Annotations | None = Field(None, description="Annotations of the pods.")
    containers: Many[Fragment] | None = Field(None, description="Further containers, by name.")


class Workload(SpecModel):
    """A Deployment or StatefulSet: its own fields as Kubernetes has them, and its pod in two parts."""

    model_config = ConfigDict(extra="allow")

    kind: Literal["Deployment", "StatefulSet"] | None = Field(
        None, description="Kind of the workload; absent: Deployment."
    )
    name: ObjectName | None = Field(
        None,
        description="Name of a workload that already runs; absent: SERVICE, or SERVICE-VERSION where there are versions.",
    )
    selector: WorkloadSelector | None = Field(
        None, description="Selector of a workload that already runs; absent: app and version."
    )
    container: Container | None = Field(None, description="The main container; all fields of a Kubernetes Container.")
    pod: Pod | None = Field(
        None, description="Labels, annotations and every PodSpec field; 'containers' are the further ones."
    )

    @model_validator(mode="after")
    def _leaves_to_meshgen_what_it_fills_in(self) -> Self:
        for key in self.model_extra or ():
            if key in OURS:
                raise fault(f"meshgen writes {key!r} itself", key, hint=OURS[key])
        return self


class Headless(SpecModel):
    """The headless Service that gives the pods of a StatefulSet their names."""

    name: ServiceName | None = Field(
        None, description="Name of a headless Service that already exists; absent: SERVICE-headless."
    )
    publish_not_ready_addresses: bool | None = Field(
        None, description="Whether pods have a name before they are ready; absent: false."
    )


class ServiceAccount(SpecModel):
    """The identity of the pods."""

    name: ObjectName | None = Field(None, description="Name of the ServiceAccount; absent: the service's.")
    annotations: Annotations | None = Field(None, description="Annotations of the ServiceAccount.")
    existing: bool | None = Field(None, description="Whether somebody else makes it; absent: false.")


class EndpointConditions(SpecModel):
    """Whether an endpoint takes requests."""

    ready: bool | None = Field(None, description="Whether it takes requests; absent: true.")
    serving: bool | None = Field(None, description="Whether it answers, even while it terminates; absent: as ready.")
    terminating: bool | None = Field(None, description="Whether it is going away; absent: false.")


class Endpoint(SpecModel):
    """An address outside Kubernetes' own care, in the shape of discovery.k8s.io."""

    addresses: Many[Address] = Field(
        min_length=1, max_length=100, description="IP addresses of one family; consumers use the first."
    )
    conditions: EndpointConditions | None = Field(None, description="Whether it takes requests.")
    hostname: Name | None = Field(None, description="Host name of the endpoint below the service's.")
    node_name: ObjectName | None = Field(None, description="Node on which it runs.")
    zone: str | None = Field(None, min_length=1, description="Zone in which it runs.")
    target_ref: Fragment | None = Field(None, description="The Kubernetes object behind it, an ObjectReference.")

    @model_validator(mode="after")
    def _has_addresses_of_one_family(self) -> Self:
        if len({":" in address for address in self.addresses}) > 1:
            raise fault(
                "the addresses of one endpoint are of two families",
                "addresses",
                hint="make an endpoint for each family",
            )
        return self

    @property
    def family(self) -> Literal["IPv4", "IPv6"]:
        """The address family, as an EndpointSlice calls it."""
        return "IPv6" if ":" in self.addresses[0] else "IPv4"
