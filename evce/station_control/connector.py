"""One connector as its station tells it: status, session, measurements and the profiles that hold it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import floor, inf
from typing import Final

from evce.departures import Forecast
from evce.electrical import Connector
from evce.energy_split import Split
from evce.facts import PLAINLY, Acknowledged, ConnectorFacts, ConnectorStatus, Link, Takes
from evce.meter_values import Reading
from evce.records import SessionRecord
from evce.station_control.inheritance import Held
from evce.station_control.slots import ProfileSlot
from evce.station_control.wear import Wear
from evce.tariff import Tariff
from evce.units import (
    NO_AMPS,
    Amps,
    Monotonic,
    PhaseAmps,
    Seconds,
    TransactionId,
    WattHours,
    ZoneId,
)
from evce.views import ConnectorView, TransactionView

__all__ = ["UNAUTHORISED", "ConnectorControl", "Session"]

UNAUTHORISED: Final = "unauthorised"
"""Flag of a session whose card was not accepted: recorded all the same, given nothing."""

_ENDED: Final = frozenset(
    {
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.FINISHING,
        ConnectorStatus.FAULTED,
        ConnectorStatus.UNAVAILABLE,
        ConnectorStatus.RESERVED,
    }
)
"""In these no current flows that a setpoint could raise."""

_IDLE: Final = frozenset({ConnectorStatus.AVAILABLE, ConnectorStatus.FINISHING, ConnectorStatus.PREPARING})
"""In these the contactor is open, whatever was measured last."""

_GRAIN: Final[Amps] = 1e-6
"""Tells a binary rounding of a whole ampere from a smaller number."""

_LOADED: Final[Amps] = 1.0
"""A phase that carries this much is in use by the car."""


@dataclass(slots=True)
class Session:
    """A running transaction. `energy` Wh since its start, `since` monotonic; a `refused` one gets 0 A.

    `forecast` is what is expected of it, once that was asked for (`forecast_asked`) and anything is.
    """

    transaction: TransactionId
    id_tag: str
    vip: bool
    started_at: datetime
    meter_start: WattHours
    since: Monotonic
    refused: bool = False
    energy: WattHours = 0.0
    noted_at: Monotonic = -inf
    noted: WattHours = 0.0
    forecast: Forecast | None = None
    forecast_asked: bool = False
    named: bool = False
    """The station has spoken of it by its id."""
    split: Split = field(default_factory=Split)
    split_at: datetime | None = None
    """Until when `split` tells; None: from its start on."""

    @classmethod
    def of(cls, record: SessionRecord, now: Monotonic, utc_now: datetime) -> "Session":
        """The session of a record; its start lies as far back as the record says."""
        return cls(
            transaction=record.transaction,
            id_tag=record.id_tag,
            vip=record.vip,
            started_at=record.started_at,
            meter_start=record.meter_start,
            since=now - max(0.0, (utc_now - record.started_at).total_seconds()),
            refused=UNAUTHORISED in record.flags,
            energy=record.energy,
            noted=record.energy,
            split=record.split or Split(),
            split_at=min(record.progress_at or record.started_at, utc_now),
        )

    def register(self, reading: WattHours) -> None:
        """Fold a register reading in; a meter that goes back (replaced, reset) takes nothing away."""
        self.energy = max(self.energy, reading - self.meter_start)

    def taken(
        self, energy: WattHours, until: datetime, *, flowing: bool, tariff: Tariff | None, zone: ZoneId | None
    ) -> None:
        """So much was taken since it was told last, Wh; `flowing`: current flows at `until`."""
        begin = self.split_at or self.started_at
        self.split = self.split.taken(energy, begin, until, flowing=flowing, tariff=tariff, zone=zone)
        self.split_at = max(begin, until)


@dataclass(slots=True)
class ConnectorControl:
    """State of one connector. Times are monotonic."""

    connector: Connector
    fallback: ProfileSlot = field(default_factory=ProfileSlot)
    default: ProfileSlot = field(default_factory=ProfileSlot)
    tx: ProfileSlot = field(default_factory=ProfileSlot)
    tx_unsupported: bool = False
    wanted: Amps = 0.0
    lease: Seconds | None = None
    plan: int = 0
    status: ConnectorStatus = ConnectorStatus.UNKNOWN
    error_code: str = "NoError"
    plugged: bool = False
    plugged_at: Monotonic | None = None
    session: Session | None = None
    card_vip: bool = False
    draw: PhaseAmps | None = None
    draw_at: Monotonic | None = None
    split_known: bool = True
    draw_least: Amps | None = None
    phases_loaded: int = 1
    verified_fallback: Amps | None = None
    verified: bool = False
    composite_asked: bool = False
    composite_pending: bool = False
    ceiling: Amps | None = None
    """What the operator allows, A per phase; None without a limit."""
    wear: Wear = field(default_factory=Wear)
    held: Held | None = None
    """What a session that ran before may have: the station is asked before anything is said to it."""

    @property
    def draws(self) -> bool:
        """Whether current flowed when it was measured last."""
        return self.draw is not None and max(self.draw) >= _LOADED

    @property
    def number(self) -> int:
        """OCPP connector number."""
        return self.connector.key.number

    @property
    def carrier(self) -> ProfileSlot:
        """The leased profile that carries the setpoint now."""
        return self.tx if self.session is not None and not self.tx_unsupported else self.default

    @property
    def ending(self) -> bool:
        """Whether no session runs, or its end is on the way: the status is told before the transaction."""
        return self.session is None or self.status in _ENDED

    def slots(self) -> Iterator[tuple[str, ProfileSlot]]:
        """The profiles that this connector should have now, in the order of their installation.

        A car that charges comes before the next one: where there is no TxProfile, the leased default
        carries its setpoint, and must not say 0 A before that is known.
        """
        yield "fallback", self.fallback
        if self.session is not None and not self.tx_unsupported:
            yield "tx", self.tx
        yield "default", self.default

    def aim(self, fallback: Amps, *, whole_amps: bool = False) -> None:
        """Work out what each profile should say; tenths are dropped where the station knows none."""
        self.fallback.wanted = float(floor(fallback + _GRAIN)) if whole_amps else fallback
        occupied = self.plugged or self.session is not None
        refused = self.session is not None and self.session.refused
        wanted = self.wanted if occupied and not refused else 0.0
        if whole_amps:
            wanted = float(floor(wanted + _GRAIN))
        self.default.wanted = wanted if self.carrier is self.default else 0.0
        self.tx.wanted = wanted

    def order(self, amps: Amps, lease: Seconds, plan: int, *, may_raise: bool) -> bool:
        """Take an order over; False for one that is older than another.

        A raise of what isn't verified is taken note of and not followed: it is ordered anew afterwards.
        """
        if plan < self.plan:
            return False
        self.plan = plan
        self.lease = lease
        if self.held is not None:
            self.held = replace(self.held, most=min(self.held.most, amps))
        if self.session is None and not self.plugged:
            self.wanted = 0.0
        elif amps <= self.wanted or may_raise:
            self.wanted = amps
        return True

    def set_status(self, status: ConnectorStatus, error_code: str, now: Monotonic) -> None:
        """Fold a StatusNotification in; a faulted or unavailable outlet may still hold a plug."""
        self.status = status
        self.error_code = error_code
        if status.plugged is not None:
            self._plug(status.plugged or (self.session is not None and self.plugged), now)
        if status in _IDLE:
            self._nothing_flows(now)

    def start(self, session: Session, now: Monotonic) -> None:
        """A transaction runs; until its own profile is accepted it has what the outlet gives by itself."""
        given = self.default.most() if not self.default.unsupported else self.fallback.most()
        self.tx.forget()
        self.held = None
        if given is not None:
            self.tx.history.append(Acknowledged(given, now))
        self.session = session
        self.phases_loaded = 1
        self._plug(True, now)

    def resume(self, session: Session, now: Monotonic, held: Held | None = None) -> None:
        """A session that ran before this object did: what its car has is `held`, or not known."""
        self.session = session
        self.held = held if held is not None and held.of_session(session.transaction) else None
        self.plugged = True
        self.plugged_at = session.since if self.plugged_at is None else min(self.plugged_at, now)

    def stop(self, now: Monotonic) -> None:
        """The transaction has ended, and its profile with it."""
        self.session = None
        self.held = None
        self.tx.forget()
        self.wanted = 0.0
        self.card_vip = False
        self.phases_loaded = 1
        self._nothing_flows(now)

    def measure(self, reading: Reading, at: Monotonic) -> bool:
        """Fold a measurement in; True when the phases that the car loads became known anew."""
        if reading.amps is None or (self.draw_at is not None and at < self.draw_at):
            return False
        wiring = self.connector.wiring
        amps = reading.amps
        if not reading.split_known:
            most = max(amps)
            if most > self.connector.rating and reading.power is not None:
                most = self.connector.rating
            amps = (most, most, most)
        self.draw = wiring.to_grid(amps if wiring.three_phase else (max(amps), 0.0, 0.0))
        self.draw_at = at
        self.split_known = reading.split_known or not wiring.three_phase
        self.draw_least = None if self.split_known else reading.least
        loaded = sum(phase >= _LOADED for phase in self.draw) if reading.split_known else 0
        if loaded and loaded != self.phases_loaded:
            self.phases_loaded = loaded
            return True
        return False

    def lost(self) -> None:
        """The link is gone: nothing is verified until it has been said again."""
        self.verified = False
        self.composite_asked = self.composite_pending = False

    def falls_to(self) -> Amps | None:
        """What the station falls to by itself, the most of what it may hold; None while not verified."""
        if self.verified_fallback is None:
            return None
        return max(self.verified_fallback, self.fallback.most() or 0.0)

    def forget_before(self, incarnation: int) -> None:
        """The station restarted: nothing that it accepted on earlier connections can be relied upon."""
        self.lost()
        self.verified_fallback = None
        for slot in (self.fallback, self.default, self.tx):
            slot.forget_before(incarnation)

    def bound_leases(self) -> None:
        """The station's clock turned out to be right: its leases end when they should."""
        self.default.bound()
        self.tx.bound()

    def starts_at(self) -> Amps | None:
        """What a new transaction gets without asking, None while that is not verified."""
        if self.verified_fallback is None:
            return None
        most = None if self.default.unsupported else self.default.most()
        return self.falls_to() if most is None else most

    def facts(
        self,
        incarnation: int,
        link: Link,
        lost_at: Monotonic | None,
        now: Monotonic,
        *,
        vip: bool,
        takes: Takes = PLAINLY,
        spares: bool = False,
    ) -> ConnectorFacts:
        """Everything known, for the zone."""
        for slot in (self.default, self.tx):
            slot.prune(now)
        session = self.session
        carrier = self.carrier
        history = carrier.history if carrier.unsupported is False else self.fallback.history
        asked = [
            attempt.amps
            for slot in (self.default, *((self.tx,) if session is not None else ()))
            for attempt in slot.unresolved
        ]
        waits = carrier.accepted is not None and not carrier.unsupported
        if waits and carrier.wanted not in (carrier.accepted, *asked[-1:]):
            # Taken over and still waiting for its turn on the wire: it may be sent at any moment.
            asked.append(carrier.wanted)
        ends_at = carrier.ends_at()
        if carrier is not self.default and self.default.most():
            ends_at = _latest(ends_at, self.default.ends_at())
        return ConnectorFacts(
            key=self.connector.key,
            incarnation=incarnation,
            link=link,
            link_lost_at=lost_at,
            verified=self.verified,
            status=self.status,
            plugged=self.plugged,
            plugged_at=self.plugged_at,
            transaction=None if session is None else session.transaction,
            wants=session is not None and not session.refused and not self.ending,
            vip=vip or self.card_vip or (session is not None and session.vip),
            id_tag=None if session is None else session.id_tag,
            energy=0.0 if session is None else session.energy,
            charging_since=None if session is None else session.since,
            draw=self.draw,
            draw_at=self.draw_at,
            split_known=self.split_known,
            draw_least=self.draw_least,
            acknowledged=tuple(history),
            outstanding=tuple(asked),
            fallback=self.falls_to(),
            starts_at=self.starts_at(),
            lease_ends_at=ends_at,
            plan=self.plan,
            forecast=None if session is None else session.forecast,
            takes=self._taken(takes),
            ceiling=self.ceiling,
            spares=spares,
        )

    def _taken(self, takes: Takes) -> Takes:
        if takes.watts_on is None or takes.switches_phases:
            return takes
        return replace(takes, watts_on=self.phases_loaded)

    def view(self) -> ConnectorView:
        """What people see of it."""
        session = self.session
        transaction = None
        if session is not None:
            transaction = TransactionView(
                id=session.transaction,
                connector=self.connector.key,
                id_tag=session.id_tag,
                vip=session.vip,
                started_at=session.started_at,
                energy=session.energy,
            )
        return ConnectorView(
            key=self.connector.key,
            wiring=self.connector.wiring.value,
            rating=self.connector.rating,
            status=self.status,
            setpoint=self.carrier.accepted,
            measured=self.draw,
            transaction=transaction,
        )

    def _plug(self, plugged: bool, now: Monotonic) -> None:
        if plugged and not self.plugged:
            self.plugged_at = now
        elif not plugged:
            self.plugged_at = None
            self.wanted = 0.0
        self.plugged = plugged

    def _nothing_flows(self, now: Monotonic) -> None:
        if self.draw is not None:
            self.draw = NO_AMPS
            self.draw_at = now
            self.split_known, self.draw_least = True, None


def _latest(*moments: Monotonic | None) -> Monotonic | None:
    return max((moment for moment in moments if moment is not None), default=None)
