"""What a drill cuts off: a meter, a station, the uplinks to the operator, or the board of the inputs."""

from dataclasses import dataclass

from evce.configuration.document import SiteDocument
from evce.drill.kinds import Kind
from evce.electrical import SiteModel
from evce.planning.foresight import Loss
from evce.units import BoxIdentity, MeterId, ZoneId

__all__ = ["Target", "target_of", "targets"]


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that can be cut off; `name` is empty for the inputs, and for the uplinks of all stations."""

    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        match self.kind:
            case Kind.INPUTS:
                return "the digital inputs"
            case Kind.CPO:
                return f"the uplink of {self.name}" if self.name else "every uplink to the operator"
            case _:
                return f"{self.kind} {self.name}"

    def loss(self, document: SiteDocument) -> Loss:
        """What the control loses; an uplink is none, the site goes on by its own limits."""
        match self.kind:
            case Kind.METER:
                return Loss(meters=(MeterId(self.name),))
            case Kind.STATION:
                return Loss(stations=(BoxIdentity(self.name),))
            case Kind.INPUTS:
                return Loss(inputs_percent=document.inputs.safe_percent)
            case _:
                return Loss()

    def zones(self, model: SiteModel) -> tuple[ZoneId, ...]:
        """The zones that lose something themselves; those above them follow."""
        match self.kind:
            case Kind.METER:
                meter = MeterId(self.name)
                return tuple(
                    zone.id
                    for zone in model.zones.values()
                    if zone.meter == meter or meter in zone.production_meters
                )
            case Kind.STATION:
                zone = model.stations[BoxIdentity(self.name)].zone
                return () if zone is None else (zone,)
            case Kind.INPUTS:
                return model.roots
            case _:
                return ()

    def roots(self, model: SiteModel) -> tuple[ZoneId, ...]:
        """The roots of the trees that are concerned, each once."""
        return tuple(dict.fromkeys(model.path(zone)[-1] for zone in self.zones(model)))


def targets(document: SiteDocument) -> tuple[Target, ...]:
    """Everything that can be cut off at this site, in the order of the document."""
    meters = [Target(Kind.METER, meter.id) for meter in document.meters]
    stations = [Target(Kind.STATION, station.box_identity) for station in document.stations]
    cpo = [Target(Kind.CPO)] if document.cpo.enabled else []
    inputs = [Target(Kind.INPUTS)] if _watched(document) else []
    return (*meters, *stations, *cpo, *inputs)


def target_of(kind: str, name: str, document: SiteDocument) -> Target:
    """What was asked for. Raises LookupError with what there is instead."""
    if kind not in tuple(Kind):
        raise LookupError(f"kind={kind!r}: one of {', '.join(Kind)}")
    known = targets(document)
    target = Target(Kind(kind), name)
    if target.kind is Kind.CPO and name and Target(Kind.CPO) in known:
        known = tuple(Target(Kind.CPO, station.box_identity) for station in document.stations)
    if target in known:
        return target
    alike = [each.name for each in known if each.kind is target.kind]
    match target.kind:
        case Kind.INPUTS:
            raise LookupError("no digital input is enabled at this site")
        case Kind.CPO if not alike:
            raise LookupError("the uplinks to the operator are off at this site")
        case _:
            shown = ", ".join(alike[:20]) + (f" and {len(alike) - 20} more" if len(alike) > 20 else "")
            raise LookupError(f"{target.kind}={name!r}: not at this site, which has {shown or 'none'}")


def _watched(document: SiteDocument) -> bool:
    return document.inputs.enabled and any(channel.enabled for channel in document.inputs.channels)
