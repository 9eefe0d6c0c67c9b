"""Messages of the control loop: facts that go up from stations and meters, orders that go down."""

from dataclasses import dataclass, field
from typing import ClassVar

from actors.messages.base import Lane, Message, Question
from evce.conditions import ZoneCondition
from evce.electrical import SiteModel
from evce.facts import ConnectorFacts
from evce.planning.foresight import Loss
from evce.planning.settings import PlanSettings
from evce.units import (
    Amps,
    BoxIdentity,
    ConnectorKey,
    MeterId,
    Monotonic,
    PhaseAmps,
    Seconds,
    WattHours,
    Watts,
    ZoneId,
)

__all__ = [
    "AssignSetpoints",
    "CheckWiring",
    "DemandReported",
    "Foresee",
    "GetLedger",
    "GetWiringReport",
    "InputBoardLost",
    "InputsChanged",
    "MeterLost",
    "MeterSampled",
    "OrdersRefused",
    "ReportDemand",
    "SetpointOrder",
    "Settle",
    "SiteChanged",
    "StationReported",
    "ZoneCondition",
]


@dataclass(frozen=True, slots=True)
class StationReported(Message):
    """Everything a station actor knows of its connectors; each report replaces the one before."""

    station: BoxIdentity
    connectors: tuple[ConnectorFacts, ...]


@dataclass(frozen=True, slots=True)
class ReportDemand(Message):
    """A zone (re)started and asks what is below it for everything they know."""

    reply_to: str


@dataclass(frozen=True, slots=True)
class DemandReported(Message):
    """What changed in a zone's subtree since its last report; everything when `full`."""

    zone: ZoneId
    conditions: tuple[ZoneCondition, ...]
    connectors: tuple[ConnectorFacts, ...]
    full: bool = False


@dataclass(frozen=True, slots=True)
class SetpointOrder:
    """One connector's setpoint. `lease` is how long the station may hold it without word from us."""

    key: ConnectorKey
    amps: Amps
    lease: Seconds
    reduces: bool


@dataclass(frozen=True, slots=True)
class AssignSetpoints(Message):
    """An order on its way down: root → zones → stations.

    `plan` rises for the life of the site (kept by the heir); a station drops an order with a lower
    plan than one that it took for the same connector. `epochs` names, per zone of the path, the cut that
    the sender knew of; a zone refuses raises older than its last cut and never a reduction.
    """

    plan: int
    orders: tuple[SetpointOrder, ...]
    epochs: dict[ZoneId, int] = field(default_factory=dict)

    @property
    def lane(self) -> Lane:
        return Lane.URGENT if all(order.reduces for order in self.orders) else Lane.EVENT


@dataclass(frozen=True, slots=True)
class OrdersRefused(Message):
    """A zone let these raises not pass: they are older than its last cut, or above its own maximum."""

    zone: ZoneId
    plan: int
    connectors: tuple[ConnectorKey, ...]


@dataclass(frozen=True, slots=True)
class MeterSampled(Message):
    """One plausible reading of a meter: A per grid phase, W, Wh. `at` is when it was read.

    A burst of station reports must not hold up the cut that it asks for, so it overtakes them.
    """

    default_lane: ClassVar[Lane] = Lane.URGENT

    meter: MeterId
    at: Monotonic
    amps: PhaseAmps
    power: Watts | None = None
    energy: WattHours | None = None


@dataclass(frozen=True, slots=True)
class MeterLost(Message):
    """The meter gives nothing usable; `since` is the time of its last good reading, None if never.

    `raises_only` after three missed polls: no raises; without it (5 s, MT-7): the meter counts as lost.
    """

    default_lane: ClassVar[Lane] = Lane.URGENT
    """That of the readings, so that it keeps its place among them."""

    meter: MeterId
    since: Monotonic | None
    reason: str
    raises_only: bool = False


@dataclass(frozen=True, slots=True)
class InputsChanged(Message):
    """The lowest percentage of the active inputs, 100 when none is active (DI-2)."""

    percent: int
    active: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InputBoardLost(Message):
    """The inputs can't be read; `percent` is the configured safe state."""

    percent: int
    reason: str


@dataclass(frozen=True, slots=True)
class CheckWiring(Message):
    """To a root zone: step this connector's car and tell its true wiring. `request` names the check."""

    request: str
    connector: ConnectorKey
    requested_by: str


@dataclass(frozen=True, slots=True)
class GetWiringReport(Question):
    """To a root zone. Answer: `WiringReport`, or None for a check that it doesn't know (any more)."""

    request: str


@dataclass(frozen=True, slots=True)
class GetLedger(Question):
    """To a zone, best a root: what may be drawn in `zone`. Answer: `tuple[LedgerLine, ...]`."""

    zone: ZoneId


@dataclass(frozen=True, slots=True)
class Foresee(Question):
    """To a root zone: what would follow from a loss that `lasts` so long, s. Answer: `Foresight`."""

    loss: Loss
    lasts: Seconds


@dataclass(frozen=True, slots=True)
class SiteChanged(Message):
    """A new revision of the configuration is in force for its receiver."""

    revision: int
    model: SiteModel
    settings: PlanSettings


@dataclass(frozen=True, slots=True)
class Settle(Message):
    """A zone's own timer: look again, something has settled or aged."""
