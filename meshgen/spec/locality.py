"""Which localities (regions, zones) take the requests of which."""

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from meshgen.spec.base import Many, SpecModel, Text, UInt32, check_groups, fault, seen

_TOPOLOGY = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone")


def _locality(value: str) -> str:
    parts = value.split("/")
    if len(parts) > 3 or not all(parts) or any("*" in part for part in parts[:-1]) or ("*" in parts[-1] != "*"):
        raise fault(f"{seen(value)} is no locality: it is REGION, REGION/ZONE or REGION/ZONE/SUBZONE, or ends with '*'")
    return value


def _region(value: str) -> str:
    if not value or "/" in value or "*" in value:
        raise fault(f"{seen(value)} is no region: failover goes from region to region, without '/' and '*'")
    return value


Locality = Annotated[str, AfterValidator(_locality)]
"""`REGION`, `REGION/ZONE` or `REGION/ZONE/SUBZONE`; a last `*` stands for all."""

Region = Annotated[str, AfterValidator(_region)]
"""The name of a region."""

Weight = Annotated[int, Field(ge=1, le=100)]
"""A whole number from 1 to 100."""


class Distribute(SpecModel):
    """Where the requests of one locality go."""

    from_: Locality = Field(alias="from", description="Locality of the caller.")
    to: dict[Locality, Weight] = Field(min_length=1, description="Locality of the pods to percent; together 100.")

    @model_validator(mode="after")
    def _gives_away_all(self) -> Self:
        total = sum(self.to.values())
        if total != 100:
            raise fault(f"the weights make {total}, not 100", "to")
        places = list(self.to)
        if overlap := _overlap(places):
            raise fault(f"overlaps with {places[overlap[0]]!r}", "to", places[overlap[1]])
        return self


class Failover(SpecModel):
    """The region that stands in for another."""

    from_: Region = Field(alias="from", description="Region whose pods are not healthy.")
    to: Region = Field(description="Region that takes the requests instead.")

    @model_validator(mode="after")
    def _goes_elsewhere(self) -> Self:
        if self.from_ == self.to:
            raise fault(f"from and to are both {self.to!r}", "to")
        return self


class LocalityLbSetting(SpecModel):
    """Which localities take the requests of which."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("distribute", "failover"),)

    enabled: bool | None = Field(None, description="Whether localities matter; absent: as the mesh has it.")
    distribute: Many[Distribute] | None = Field(None, description="Shares, by the caller's locality.")
    failover: Many[Failover] | None = Field(None, description="Stand-ins, by region; need outlierDetection.")
    failover_priority: Many[Text] | None = Field(
        None, description="Labels, the weightiest first: pods that share more of them with the caller come first."
    )

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        check_groups(self)
        places = [item.from_ for item in self.distribute or ()]
        if overlap := _overlap(places):
            raise fault(f"overlaps with {places[overlap[0]]!r}", "distribute", overlap[1], "from")
        if self.failover:
            for number, label in enumerate(self.failover_priority or ()):
                if label in _TOPOLOGY:
                    raise fault(f"{label!r} says the same as 'failover'", "failoverPriority", number)
        return self


class ZoneAwareLbSetting(SpecModel):
    """Callers keep to pods of their own zone, as far as these can bear it."""

    enabled: bool | None = Field(None, description="Whether zones matter; absent: false. Needs Istio 1.31.")
    failover: Many[Failover] | None = Field(None, description="Stand-ins, by region; need outlierDetection.")
    failover_priority: Many[Text] | None = Field(
        None, description="Labels, the weightiest first: pods that share more of them with the caller come first."
    )
    min_cluster_size: Annotated[UInt32, Field(ge=1)] | None = Field(
        None, description="Fewest pods in the caller's region for zones to matter; absent: 6."
    )


def _overlap(localities: list[str]) -> tuple[int, int] | None:
    """The places of the first two of which one takes in the other."""
    parts = [[part for part in locality.split("/") if part != "*"] for locality in localities]
    for second, after in enumerate(parts):
        for first, before in enumerate(parts[:second]):
            shorter = min(len(before), len(after))
            if before[:shorter] == after[:shorter]:
                return first, second
    return None
