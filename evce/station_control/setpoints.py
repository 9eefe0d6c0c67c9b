"""The profiles that hold a station: installed, renewed, verified, repeated until they are accepted."""

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any, Final

from evce.profiles import (
    CompositeSchedule,
    Limit,
    composite_request,
    fallback_profile,
    leased_default,
    parse_composite,
    tx_profile,
)
from evce.records import WearRecord
from evce.station_control.calls import Order, Outgoing
from evce.station_control.connector import ConnectorControl
from evce.station_control.inheritance import Held, inherited
from evce.station_control.settings import BACK_OFF, GIVE_UP_SOCKET_AFTER
from evce.station_control.slots import ProfileSlot
from evce.station_control.state import Purpose, ReadComposite, SetProfile, State, WishProfile
from evce.station_control.wear import longest_lease
from evce.units import Amps, Monotonic, Seconds

__all__ = ["PROFILE_IGNORED", "PROFILE_REJECTED", "RESTARTED", "Setpoints"]

RESTARTED: Final = "boot"
"""Code of the alarm that stands from a restart during a session until all is verified again."""

PROFILE_REJECTED: Final = "profile_rejected"
PROFILE_IGNORED: Final = "profile_ignored"

_NEVER_DOES: Final = frozenset({"NotSupported", "NotImplemented"})
_PURPOSE: Final = {
    "fallback": "TxDefaultProfile (fall-back)",
    "default": "TxDefaultProfile (leased)",
    "tx": "TxProfile",
}


class Setpoints:
    """Level-triggered: after every input, what should be in each slot is compared with what is there."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._resumed = False
        self._sparing: dict[int, bool] = {}
        """Which connectors took no raise when they were looked at last, so that the end of it is told."""

    def reconcile(self) -> None:
        """Queue every profile that is missing, different or about to lapse."""
        state = self._state
        for number, connector in state.connectors.items():
            connector.wear.budget = state.settings.writes_a_day
            connector.aim(state.fallback(number), whole_amps=state.ways.whole_amps)
            fallback = connector.falls_to()
            for slot in (connector.default, connector.tx):
                if fallback is not None:
                    slot.lapse(fallback, state.now)
            if not state.connected or state.capabilities is None:
                continue
            if not state.capabilities.second_level:
                connector.default.unsupported = True
            self._inherit(number, connector)
            for name, slot in connector.slots():
                self._queue(number, name, slot)
            self._verify(number, connector)
            self._learn_grain(number, connector)
            self._give_up_socket(number, connector)
        self._look_at_wear()

    def wake_at(self) -> Monotonic:
        """When something becomes due by itself."""
        state = self._state
        earliest = inf
        for number, connector in state.connectors.items():
            for slot in (connector.default, connector.tx):
                earliest = min(earliest, slot.lapses_next(state.now))
            base, has = self.base_lease(connector), bool(connector.carrier.accepted)
            earliest = min(earliest, connector.wear.changes_at(base, state.now, has=has))
            if not state.connected or state.capabilities is None:
                continue
            for name, slot in connector.slots():
                key = (number, name)
                held_back = state.desk.flying(key) or self._too_early(number, name)
                if not held_back and state.desk.waiting(key) is None:
                    earliest = min(earliest, slot.due_at(state.incarnation))
                raised = slot.unanswered_raise()
                if raised is not None and state.closing_incarnation != state.incarnation:
                    earliest = min(earliest, raised + GIVE_UP_SOCKET_AFTER)
        return earliest

    def spares(self, connector: ConnectorControl, now: Monotonic) -> bool:
        """Whether this connector takes no raise now, so that its station's memory lasts."""
        has = bool(connector.carrier.accepted)
        return connector.wear.saves(self.base_lease(connector), now, has=has)

    def base_lease(self, connector: ConnectorControl) -> Seconds:
        """How long a setpoint holds while there is no wear to think of: what the zone says."""
        return self._state.settings.lease if connector.lease is None else connector.lease

    def resume_wear(self, records: Iterable[WearRecord]) -> None:
        """Go on with the writes that a predecessor had counted."""
        if self._resumed:
            return  # asked twice, answered twice
        self._resumed = True
        for record in records:
            connector = self._state.connectors.get(record.connector.number)
            if connector is not None:
                connector.wear.resume(record, self._state.now)

    def work_out(self, outgoing: Outgoing[Purpose], wish: WishProfile) -> bool:
        """Make the frame of a profile whose turn it is; False when it is no longer needed."""
        state = self._state
        connector = state.connectors[wish.connector]
        slot = _slot(connector, wish.slot)
        if not slot.due(state.incarnation, state.now):
            return False
        session = connector.session
        limit = self._limit(connector, wish.slot, slot.wanted)
        start = state.clock.time(state.moment.utc)
        lease = self._lease(connector, slot) if wish.slot != "fallback" else None
        if lease is None:
            payload = fallback_profile(wish.connector, limit)
        elif wish.slot == "default":
            payload = leased_default(wish.connector, limit, start, lease)
        elif session is not None:
            payload = tx_profile(wish.connector, session.transaction, limit, start, lease)
        else:
            return False
        endless = state.clock.wrong or not state.clock.known
        connector.wear.spend(state.now, setpoint=slot is connector.carrier)
        serial = slot.sent(limit.amps, state.incarnation, state.now, lease, endless)
        outgoing.payload = payload
        outgoing.purpose = SetProfile(wish.connector, wish.slot, serial, limit)
        state.echo = True
        return True

    def answered(self, sent: SetProfile, payload: Mapping[str, Any]) -> None:
        """The station answered a SetChargingProfile."""
        state = self._state
        connector = state.connectors.get(sent.connector)
        if connector is None:
            return
        slot = _slot(connector, sent.slot)
        state.news = True
        status = payload["status"]
        if status != "Accepted":
            self._refused(sent, connector, slot, status)
            return
        slot.accept(sent.serial, state.now)
        for _, other in connector.slots():
            other.answers_again()
        if sent.slot == "fallback" and connector.verified:
            connector.verified_fallback = slot.accepted
        if all(slot.failures == 0 for _, slot in connector.slots()):
            state.cease(PROFILE_REJECTED, state.source(sent.connector))

    def failed(self, sent: SetProfile, code: str, *, answered: bool) -> None:
        """A CALLERROR, an answer that fits no schema, or none in time."""
        connector = self._state.connectors.get(sent.connector)
        if connector is not None:
            self._state.news = True
            self._refused(sent, connector, _slot(connector, sent.slot), code, answered=answered)

    def composite(self, read: ReadComposite, payload: Mapping[str, Any] | None, why: str = "") -> None:
        """What the station means to allow; silence and emptiness contradict nothing.

        `why` is the code with which it refused to tell.
        """
        state = self._state
        if why in _NEVER_DOES:
            state.ways.no_composite = True
        connector = state.connectors.get(read.connector)
        if connector is None:
            return
        schedule = None if payload is None else parse_composite(payload)
        if read.grain is not None:
            self._seen(read.connector, read.grain, schedule)
            return
        connector.composite_pending = False
        if connector.held is not None:
            self._inherited(connector, connector.held, schedule)
            return
        told = connector.carrier.most()
        limit = self._limit(connector, "tx", told or 0.0)
        source = state.source(read.connector)
        if told is not None:
            self._seen(read.connector, limit, schedule)
        if schedule is None or told is None or connector.session is None or not schedule.exceeds(limit):
            state.cease(PROFILE_IGNORED, source)
            return
        connector.verified = False
        connector.composite_asked = False  # asked again once the profile has been accepted again
        connector.carrier.again = True
        connector.carrier.failures += 1
        connector.carrier.retry_at = state.now + BACK_OFF
        state.news = True
        state.alarm(
            PROFILE_IGNORED,
            source,
            f"accepted {told:g} A but means to allow {schedule.limit_now:g} {schedule.unit.value}",
            "Check the smart charging settings of the station; it counts with its rating meanwhile.",
            "critical",
        )

    def link_opened(self) -> None:
        """The back-off of an old connection says nothing about this one."""
        for connector in self._state.connectors.values():
            for slot in (connector.fallback, connector.default, connector.tx):
                slot.failures = 0
                slot.retry_at = -inf
            connector.default.unsupported = False
            connector.tx_unsupported = False

    def _queue(self, number: int, name: str, slot: ProfileSlot) -> None:
        state = self._state
        key = (number, name)
        if not slot.due(state.incarnation, state.now) or self._too_early(number, name):
            state.desk.withdraw(key)
            return
        if slot.reduces():
            order = Order.REDUCTION
        elif slot.asserted_in != state.incarnation:
            order = Order.LEARNING
        elif slot.renewal(state.incarnation):
            order = Order.RENEWAL
        else:
            order = Order.SETPOINT
        if order is not Order.REDUCTION and state.desk.flying(key):
            state.desk.withdraw(key)
            return
        if order is Order.REDUCTION and self._on_its_way(number, name, slot):
            return
        waiting = state.desk.waiting(key)
        if waiting is None or waiting.order is not order:
            state.call("SetChargingProfile", {}, order, WishProfile(number, name), key)

    def _on_its_way(self, number: int, name: str, slot: ProfileSlot) -> bool:
        """Whether this very reduction is on the wire already."""
        return (
            self._state.desk.flying((number, name))
            and bool(slot.unresolved)
            and slot.unresolved[-1].amps <= slot.wanted
            and not slot.unresolved[-1].answered
        )

    def _too_early(self, number: int, name: str) -> bool:
        """A new station gets its fall-back first: without it, nothing holds it once the link is gone."""
        connector = self._state.connectors[number]
        if name == "fallback":
            return False
        if connector.held is not None:
            return True  # a car that charges keeps what it has until that is known
        return not connector.fallback.history and not connector.fallback.failures

    def _refused(
        self,
        sent: SetProfile,
        connector: ConnectorControl,
        slot: ProfileSlot,
        why: str,
        *,
        answered: bool = True,
    ) -> None:
        state = self._state
        if answered and self._otherwise(sent, connector, slot, why):
            return
        if answered and self._never(sent, connector, slot, why):
            return
        slot.refuse(sent.serial, state.now, answered=answered)
        if sent.slot == "tx" and connector.ending:
            return  # the profile of a transaction that has ended in this moment: nothing is wrong
        state.alarm(
            PROFILE_REJECTED,
            state.source(sent.connector),
            f"{_PURPOSE[sent.slot]} not accepted: {why}",
            "Allow remote control of the current at the station; its share stays reserved meanwhile.",
        )

    def _otherwise(self, sent: SetProfile, connector: ConnectorControl, slot: ProfileSlot, why: str) -> bool:
        """What a station refuses in one form it may take in another, which is tried at once."""
        state = self._state
        if why in _NEVER_DOES or state.capabilities is None:
            return False
        taken = any(other.asserted_in == state.incarnation for _, other in connector.slots())
        instead = state.ways.after_refusal(sent.limit, unit_told=state.capabilities.tells_unit, taken=taken)
        if instead is None:
            return False
        slot.refuse(sent.serial, state.now)
        slot.retry_at = state.now
        state.log(f"connector {sent.connector}: {_PURPOSE[sent.slot]} {why}, trying {instead}")
        return True

    def _never(self, sent: SetProfile, connector: ConnectorControl, slot: ProfileSlot, why: str) -> bool:
        """What a station can't do at all is done without, where something else does it."""
        if slot.accepted is not None and slot.in_force is not None:
            return False
        if sent.slot == "default" and connector.fallback.asserted_in == self._state.incarnation:
            slot.forget()
            slot.unsupported = True
        elif sent.slot == "tx" and why in _NEVER_DOES and not connector.default.unsupported:
            slot.forget()
            connector.tx_unsupported = True
        else:
            return False
        self._state.log(f"connector {sent.connector} does without {_PURPOSE[sent.slot]}: {why}")
        return True

    def _verify(self, number: int, connector: ConnectorControl) -> None:
        """Latch `verified` once everything is accepted on this connection and nothing contradicts it."""
        state = self._state
        if connector.verified or not state.sessions_known:
            return
        slots = [slot for _, slot in connector.slots() if not slot.unsupported]
        if any(slot.asserted_in != state.incarnation or slot.again for slot in slots):
            return
        if connector.session is not None and not connector.composite_asked:
            self._read_composite(number, connector)
        if connector.composite_pending:
            return
        connector.verified = True
        connector.verified_fallback = connector.fallback.accepted
        state.news = True
        if all(other.verified for other in state.connectors.values()):
            state.cease(RESTARTED, state.name)

    def _learn_grain(self, number: int, connector: ConnectorControl) -> None:
        """The first setpoint with tenths shows what the station makes of them; asked once a connection."""
        state, slot = self._state, connector.carrier
        if not connector.verified or connector.session is None or slot.accepted is None or slot.unresolved:
            return
        limit = self._limit(connector, "tx", slot.accepted)
        if state.ways.no_composite:
            return
        if state.ways.asked_in != state.incarnation and state.ways.reveals_grain(limit):
            state.ways.asked_in = state.incarnation
            request = composite_request(number, 60.0, state.unit)
            state.call("GetCompositeSchedule", request, Order.LATER, ReadComposite(number, limit))

    def _seen(self, number: int, limit: Limit, schedule: CompositeSchedule | None) -> None:
        state = self._state
        if schedule is not None and state.ways.seen(limit, schedule):
            state.news = True
            state.log(f"connector {number} knows whole amperes only")

    def _inherit(self, number: int, connector: ConnectorControl) -> None:
        """A session that ran before: first of all, what does its car have?"""
        if connector.held is None or connector.composite_pending:
            return
        if self._state.ways.no_composite:
            self._inherited(connector, connector.held, None)
        else:
            self._read_composite(number, connector)

    def _inherited(self, connector: ConnectorControl, held: Held, schedule: CompositeSchedule | None) -> None:
        """Go on with that; a station that can't tell isn't asked once more afterwards."""
        state = self._state
        connector.held = None
        connector.composite_asked = schedule is None
        if state.station.zone is not None:
            rating = connector.connector.rating
            connector.wanted = inherited(held, schedule, rating, state.incarnation, state.now)
        state.news = True

    def _read_composite(self, number: int, connector: ConnectorControl) -> None:
        connector.composite_asked = True
        if self._state.ways.no_composite:
            return
        connector.composite_pending = True
        request = composite_request(number, 60.0, self._state.unit)
        self._state.call("GetCompositeSchedule", request, Order.LEARNING, ReadComposite(number))

    def _give_up_socket(self, number: int, connector: ConnectorControl) -> None:
        for _, slot in connector.slots():
            raised = slot.unanswered_raise()
            if raised is not None and self._state.now >= raised + GIVE_UP_SOCKET_AFTER:
                self._state.close(1011, f"a raise of connector {number} was never answered")

    def _lease(self, connector: ConnectorControl, slot: ProfileSlot) -> Seconds:
        """Who must fall falls first, who may rise rises later (DESIGN, leases in OCPP 1.6)."""
        fallback = connector.fallback.most()
        if slot is connector.tx and fallback is not None and slot.wanted >= fallback:
            return connector.wear.lease(self.base_lease(connector), self._state.now)
        settings = self._state.settings
        return settings.rising_lease(longest_lease(self.base_lease(connector), settings.writes_a_day))

    def _look_at_wear(self) -> None:
        for number, connector in self._state.connectors.items():
            spares = self.spares(connector, self._state.now)
            if spares != self._sparing.get(number, False):
                self._sparing[number] = spares
                self._state.news = True

    def _limit(self, connector: ConnectorControl, name: str, amps: Amps) -> Limit:
        """A limit as this station takes it; one in W is spread over the phases that the car was seen to load.

        At the rating all phases count: no single one can carry more than that.
        """
        state, phases = self._state, 1
        if amps >= connector.connector.rating:
            phases = len(connector.connector.wiring.grid_phases)
        elif name == "tx" and connector.session is not None and not state.switches_phases:
            phases = connector.phases_loaded
        return Limit(amps, state.unit, phases)


def _slot(connector: ConnectorControl, name: str) -> ProfileSlot:
    match name:
        case "fallback":
            return connector.fallback
        case "default":
            return connector.default
        case _:
            return connector.tx
