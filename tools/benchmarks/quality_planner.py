"""EVCE's own rules on a recorded week: the planner of the root zone, with stations that follow it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from evce.allocation import Priority
from evce.departures import VISITS, Forecast, Statement, Visit, forecast
from evce.facts import Acknowledged, ConnectorFacts, ConnectorStatus, Link
from evce.planning.planner import Planner
from evce.planning.resting import RESTS_AFTER, TRIED_FOR
from evce.planning.settings import PlanSettings
from evce.units import Amps, ConnectorKey, Seconds, TransactionId, WattHours, ZoneId
from tools.benchmarks.quality_course import Car
from tools.benchmarks.quality_site import TightSite, outlet_key
from tools.benchmarks.quality_weeks import RecordedSession

__all__ = ["PlannedRule"]

_MONDAY = datetime(2019, 5, 6, tzinfo=UTC)
_SETTLES: Seconds = 6.5
"""Until a reduction counts, what it pays for waits."""
_SMALL_RAISES: Seconds = 31.0
_LOOKS_EVERY: Seconds = 300.0
_REVIEW: Seconds = 900.0
_KEPT: Seconds = 10.0


class PlannedRule:
    """`history` are the sessions before the week; those of the week are learnt from as they end."""

    def __init__(self, site: TightSite, priority: Priority, history: Sequence[RecordedSession]) -> None:
        self._planner = Planner(site.model, ZoneId("main"), PlanSettings(priority=priority, review=_REVIEW))
        self._by_departure = priority is Priority.DEPARTURE
        self._past = [_visit(session, session.need) for session in history]
        self._cars: dict[int, Car] = {}
        self._forecasts: dict[int, Forecast | None] = {}
        self._full: set[ConnectorKey] = set()
        self._plan = 0
        self._looks_at: list[Seconds] = []
        for outlet in site.loads:
            self._planner.learn([_empty(outlet_key(outlet))])

    def decide(self, now: Seconds, cars: Sequence[Car]) -> tuple[Mapping[int, Amps], Seconds]:
        """See `Rule`; asks again when what it has ordered has settled, and every five minutes."""
        planner = self._planner
        self._leave({car.session.outlet: car for car in cars})
        planner.learn([self._facts(car, now) for car in cars])
        decision = planner.decide(now)
        orders = decision.lowered | decision.raised
        self._looks_at = [at for at in self._looks_at if at > now]
        full = {outlet_key(car.session.outlet) for car in cars if car.full}
        if full - self._full:
            self._looks_at.append(now + RESTS_AFTER + 1.0)
        if full & decision.raised.keys():
            self._looks_at += [now + 1.0, now + TRIED_FOR + 2.0]
        self._full = full
        if orders:
            self._plan += 1
            planner.note_orders(orders, self._plan, now)
            planner.learn([self._followed(key, amps, now) for key, amps in orders.items()])
            self._looks_at += [now + _SETTLES, now + _SMALL_RAISES]
        offered = {
            car.session.outlet: planner.facts[outlet_key(car.session.outlet)].setpoint or 0.0 for car in cars
        }
        return offered, min((*self._looks_at, now + _LOOKS_EVERY))

    def _leave(self, cars: dict[int, Car]) -> None:
        """Cars that are gone have ended their sessions."""
        for outlet, car in self._cars.items():
            if outlet not in cars or cars[outlet] is not car:
                self._past.append(_visit(car.session, car.got))
                self._planner.learn([_empty(outlet_key(outlet), self._plan)])
        self._cars = cars

    def _facts(self, car: Car, now: Seconds) -> ConnectorFacts:
        """What the station of this car reports now."""
        session = car.session
        key = outlet_key(session.outlet)
        known = self._planner.facts[key]
        transaction = TransactionId(session.number + 1)
        if known.transaction != transaction:
            known = ConnectorFacts(
                key,
                incarnation=1,
                link=Link.CONNECTED,
                verified=True,
                plugged=True,
                plugged_at=session.arrives,
                transaction=transaction,
                wants=True,
                charging_since=session.arrives,
                acknowledged=(Acknowledged(0.0, now),),
                fallback=0.0,
                starts_at=0.0,
                plan=self._plan,
                forecast=self.expected(session) if self._by_departure else None,
            )
        told = known.setpoint or 0.0
        wiring = self._planner.model.connectors[key].wiring
        return replace(
            known,
            status=_status(told, full=car.full),
            energy=car.got,
            draw=wiring.to_grid((0.0 if car.full else told, 0.0, 0.0)),
            draw_at=now,
        )

    def _followed(self, key: ConnectorKey, amps: Amps, now: Seconds) -> ConnectorFacts:
        """The station accepts what it is told, and its car follows at once."""
        facts = self._planner.facts[key]
        past = tuple(
            replace(told, superseded_at=now if told.superseded_at is None else told.superseded_at)
            for told in facts.acknowledged
            if told.superseded_at is None or now - told.superseded_at < _KEPT
        )
        return replace(facts, acknowledged=(*past, Acknowledged(amps, now)), plan=self._plan)

    def expected(self, session: RecordedSession) -> Forecast | None:
        """What the recorder would answer at the start of the session: only what has ended teaches."""
        return forecast(_visit(session, 0.0), self._past[-VISITS:], UTC)


def _status(told: Amps, *, full: bool) -> ConnectorStatus:
    if told <= 0.0:
        return ConnectorStatus.SUSPENDED_EVSE
    return ConnectorStatus.SUSPENDED_EV if full else ConnectorStatus.CHARGING


def _visit(session: RecordedSession, energy: WattHours) -> Visit:
    def moment(at: Seconds) -> datetime:
        return _MONDAY + timedelta(seconds=at)

    leaves = session.stated_leaves
    return Visit(
        arrived=moment(session.arrives),
        stay=session.leaves - session.arrives,
        energy=energy,
        statement=Statement(None if leaves is None else moment(leaves), session.stated_need),
    )


def _empty(key: ConnectorKey, plan: int = 0) -> ConnectorFacts:
    return ConnectorFacts(
        key,
        incarnation=1,
        link=Link.CONNECTED,
        verified=True,
        status=ConnectorStatus.AVAILABLE,
        fallback=0.0,
        starts_at=0.0,
        plan=plan,
    )
