"""What a station knows of its connectors, as one immutable value that travels up to the zones."""

from dataclasses import dataclass, fields
from enum import IntEnum, StrEnum
from operator import attrgetter

from evce.departures import Forecast
from evce.units import NO_AMPS, Amps, ConnectorKey, Monotonic, PhaseAmps, TransactionId, WattHours

__all__ = ["PLAINLY", "Acknowledged", "Change", "ConnectorFacts", "ConnectorStatus", "Link", "Takes"]


class ConnectorStatus(StrEnum):
    """OCPP 1.6 ChargePointStatus, and UNKNOWN before the first StatusNotification."""

    UNKNOWN = "Unknown"
    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EVSE = "SuspendedEVSE"
    SUSPENDED_EV = "SuspendedEV"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"

    @property
    def plugged(self) -> bool | None:
        """Whether a vehicle is connected; None where the status doesn't tell."""
        match self:
            case self.PREPARING | self.CHARGING | self.SUSPENDED_EV | self.SUSPENDED_EVSE | self.FINISHING:
                return True
            case self.AVAILABLE | self.RESERVED:
                return False
            case _:
                return None


class Link(StrEnum):
    """The OCPP link to the station, as this process has seen it."""

    NEVER_SEEN = "never_seen"
    CONNECTED = "connected"
    LOST = "lost"


class Change(IntEnum):
    """What makes one report about a connector differ from the one before; the more it says, the higher."""

    COURSE = 1
    """What the car draws, how far a lease or an order has come: nothing that moves what may be drawn."""
    ROOM = 2
    """The highest setpoint that may be in force: a raise was taken or refused, a reduction has settled."""
    SITUATION = 3
    """Anything else: link, status, session, wish, what the station falls to."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A setpoint that the station accepted. `superseded_at` is when the next one was accepted."""

    amps: Amps
    at: Monotonic
    superseded_at: Monotonic | None = None


@dataclass(frozen=True, slots=True)
class Takes:
    """How a station takes setpoints.

    `whole_amps`: it knows no tenths of an ampere. `watts_on`: it takes limits in W, which are reckoned for a
    car on so many phases (1 while nobody knows); None for one that takes A. `switches_phases`: it may put a
    car on one phase or on three by itself.
    """

    whole_amps: bool = False
    watts_on: int | None = None
    switches_phases: bool = False


PLAINLY = Takes()
"""In A, with tenths, on the phases that it is wired to."""


@dataclass(frozen=True, slots=True)
class ConnectorFacts:
    """One connector, as its station actor knows it. All times are monotonic seconds.

    `draw` is on grid phases; without `split_known` the station told only a sum or one phase, and `draw` is
    what each phase may carry at most; `draw_least` is what the busiest carries for certain.
    `acknowledged` holds the setpoint in force (last) and those superseded
    less than the settling time ago. `outstanding` holds every setpoint that was put on the wire and
    is not yet known to have been refused: a time-out leaves it there. `fallback` is what the
    station falls to by itself, None while that is not verified; `lease_ends_at` is when the last
    setpoint that may be in force has lapsed by itself. `starts_at` is what the station gives a new
    transaction without asking. `forecast` is what is expected of the session, its stays
    from `charging_since` on; None where nothing is expected. `ceiling` is what a remote
    operator allows, A per phase, None without a limit. `spares`: no raise now, since
    the station's memory wears out. `plan` is the newest plan number whose order
    for this connector the station actor has taken over into these facts.
    """

    key: ConnectorKey
    incarnation: int = 0
    link: Link = Link.NEVER_SEEN
    link_lost_at: Monotonic | None = None
    verified: bool = False
    status: ConnectorStatus = ConnectorStatus.UNKNOWN
    plugged: bool = False
    plugged_at: Monotonic | None = None
    transaction: TransactionId | None = None
    wants: bool = False
    vip: bool = False
    id_tag: str | None = None
    energy: WattHours = 0.0
    charging_since: Monotonic | None = None
    draw: PhaseAmps | None = None
    draw_at: Monotonic | None = None
    split_known: bool = True
    draw_least: Amps | None = None
    acknowledged: tuple[Acknowledged, ...] = ()
    outstanding: tuple[Amps, ...] = ()
    fallback: Amps | None = None
    starts_at: Amps | None = None
    lease_ends_at: Monotonic | None = None
    plan: int = 0
    ceiling: Amps | None = None
    spares: bool = False
    forecast: Forecast | None = None
    takes: Takes = PLAINLY

    @property
    def setpoint(self) -> Amps | None:
        """The setpoint that the station accepted last; None while it never accepted one."""
        return self.acknowledged[-1].amps if self.acknowledged else None

    @property
    def drawn(self) -> PhaseAmps:
        """The measured draw, 0 A where nothing was measured."""
        return NO_AMPS if self.draw is None else self.draw

    @property
    def certainly_drawn(self) -> Amps:
        """On the busiest phase at least, A."""
        return max(self.drawn) if self.draw_least is None else min(self.draw_least, max(self.drawn))

    def change_since(self, other: "ConnectorFacts | None") -> Change:
        """Tell the weightiest change since `other`, an earlier report of the same connector."""
        if other is None or _situation(self) != _situation(other):
            return Change.SITUATION
        if _highest(self) != _highest(other) or self.starts_at != other.starts_at:
            return Change.ROOM
        return Change.COURSE


_ORDERS = ("acknowledged", "outstanding", "starts_at", "lease_ends_at", "plan")
_MEASURED = ("draw", "draw_at", "split_known", "draw_least", "energy")

_situation = attrgetter(
    *(field.name for field in fields(ConnectorFacts) if field.name not in (*_ORDERS, *_MEASURED))
)
"""What isn't named above counts as the situation: the worst case for whatever is added one day."""


def _highest(facts: ConnectorFacts) -> Amps | None:
    """Of all setpoints that may be in force."""
    return max((*(past.amps for past in facts.acknowledged), *facts.outstanding), default=None)
