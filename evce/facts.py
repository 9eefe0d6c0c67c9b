"""What a station knows of its connectors, as one immutable value that travels up to the zones."""

from dataclasses import dataclass, replace
from enum import StrEnum

from evce.units import NO_AMPS, Amps, ConnectorKey, Monotonic, PhaseAmps, TransactionId, WattHours

__all__ = ["Acknowledged", "ConnectorFacts", "ConnectorStatus", "Link"]


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


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A setpoint that the station accepted. `superseded_at` is when the next one was accepted."""

    amps: Amps
    at: Monotonic
    superseded_at: Monotonic | None = None


@dataclass(frozen=True, slots=True)
class ConnectorFacts:
    """One connector, as its station actor knows it. All times are monotonic seconds.

    `draw` is on grid phases; without `split_known` the station told only a sum or one phase, and `draw` is
    what each phase may carry at most. `acknowledged` holds the setpoint in force (last) and those superseded
    less than the settling time ago. `outstanding` holds every setpoint that was put on the wire and
    is not yet known to have been refused: a time-out leaves it there. `fallback` is what the
    station falls to by itself, None while that is not verified; `lease_ends_at` is when the last
    setpoint that may be in force has lapsed by itself. `starts_at` is what the station gives a new
    transaction without asking. `plan` is the newest plan number whose order for this connector the
    station actor has taken over into these facts.
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
    acknowledged: tuple[Acknowledged, ...] = ()
    outstanding: tuple[Amps, ...] = ()
    fallback: Amps | None = None
    starts_at: Amps | None = None
    lease_ends_at: Monotonic | None = None
    plan: int = 0

    @property
    def setpoint(self) -> Amps | None:
        """The setpoint that the station accepted last; None while it never accepted one."""
        return self.acknowledged[-1].amps if self.acknowledged else None

    @property
    def drawn(self) -> PhaseAmps:
        """The measured draw, 0 A where nothing was measured."""
        return NO_AMPS if self.draw is None else self.draw

    def differs_only_in_draw(self, other: "ConnectorFacts | None") -> bool:
        """Tell whether nothing but measurements has changed since `other`."""
        return other is not None and self == replace(
            other, draw=self.draw, draw_at=self.draw_at, split_known=self.split_known, energy=self.energy
        )
