"""The book of orders: what was sent down for each connector, and what of it is still in flight."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from evce.electrical import Connector
from evce.facts import ConnectorFacts, Link
from evce.planning.settings import REORDER_AFTER, TAKEN_WITHIN, TRY, TURNS_REST
from evce.pledges import Remembered, holds_until, pledge
from evce.units import Amps, ConnectorKey, Monotonic, Seconds, TransactionId

__all__ = ["SAME", "Order", "OrderBook"]

SAME: Amps = 0.05
"""Setpoints are tenths of an ampere; less than half of one is no difference."""


@dataclass(frozen=True, slots=True)
class Order:
    """The last order for one connector in one session, and since when its car is granted or paused.

    `charged` is how long it had grants in this session before the newest one, in seconds. `lowers`: it is
    less than the one before. `turned_at` is when a raise followed a reduction last, without a pause between.
    """

    key: ConnectorKey
    amps: Amps
    plan: int
    at: Monotonic
    transaction: TransactionId | None
    granted_at: Monotonic | None = None
    paused_at: Monotonic | None = None
    charged: Seconds = 0.0
    lowers: bool = False
    turned_at: Monotonic | None = None

    def charged_for(self, now: Monotonic) -> Seconds:
        """How long its car has had grants in this session, without the pauses (LM-4)."""
        if self.amps <= 0.0 or self.granted_at is None:
            return self.charged
        return self.charged + now - self.granted_at


class _Pledged(NamedTuple):
    """A pledge that was worked out: it holds until then for the same facts, connector and order."""

    facts: ConnectorFacts
    connector: Connector
    order: Order | None
    until: Monotonic
    amps: Amps


class OrderBook:
    """Orders by connector. An order counts as in flight until the station's facts know its plan number."""

    def __init__(self) -> None:
        self._orders: dict[ConnectorKey, Order] = {}
        self._refused: dict[ConnectorKey, Monotonic] = {}
        self._pledged: dict[ConnectorKey, _Pledged] = {}
        self._takers: dict[ConnectorKey, Monotonic] = {}
        self._left_at: Monotonic = 0.0

    def look(self, takers: frozenset[ConnectorKey], now: Monotonic) -> None:
        """Take over who wants current now: what one leaves is reason enough for others to turn.

        Not what a short try leaves: a car that is full, or ignores its setpoint, is tried now and then.
        """
        if any(key not in takers and now - since >= TRY for key, since in self._takers.items()):
            self._left_at = now
        if takers != self._takers.keys():
            self._takers = {key: self._takers.get(key, now) for key in sorted(takers)}

    def has_just_turned(self, order: Order, now: Monotonic) -> bool:
        """Tell whether a raise turned it round a short while ago, and nobody has gone since."""
        turned_at = order.turned_at
        return turned_at is not None and turned_at >= self._left_at and now - turned_at < TURNS_REST

    def note(
        self,
        setpoints: Mapping[ConnectorKey, Amps],
        facts: Mapping[ConnectorKey, ConnectorFacts],
        plan: int,
        now: Monotonic,
    ) -> None:
        """Remember that these setpoints were sent down under this plan number."""
        for key, amps in setpoints.items():
            if key not in facts:
                continue
            before = self.of(facts[key])
            had = 0.0 if before is None else before.amps
            granted_at = None if before is None else before.granted_at
            paused_at = None if before is None else before.paused_at
            charged = 0.0 if before is None else before.charged
            if before is not None and amps <= 0.0 < had:
                charged = before.charged_for(now)
            if amps > 0.0 and (had <= 0.0 or granted_at is None):
                granted_at = now
            elif amps <= 0.0 and had > 0.0:
                paused_at = now
            lowers = before is not None and (amps < had or (before.lowers and amps <= had))
            turned_at = None if before is None else before.turned_at
            if before is not None and before.lowers and amps > had > 0.0:
                turned_at = now
            self._orders[key] = Order(
                key,
                amps,
                plan,
                now,
                facts[key].transaction,
                granted_at,
                paused_at,
                charged,
                lowers,
                turned_at,
            )

    def of(self, facts: ConnectorFacts) -> Order | None:
        """Return the last order of the running session; one of an earlier session means nothing."""
        order = self._orders.get(facts.key)
        return order if order is not None and order.transaction == facts.transaction else None

    def current(self, facts: ConnectorFacts, connector: Connector, now: Monotonic) -> Amps:
        """Return the setpoint that is on its way to the connector or in force there, A per phase."""
        order = self.of(facts)
        if order is not None and order.plan > facts.plan and now - order.at < TAKEN_WITHIN:
            return order.amps
        if facts.outstanding:
            return facts.outstanding[-1]
        if facts.setpoint is not None:
            return facts.setpoint
        for amps in (facts.starts_at, facts.fallback):
            if amps is not None:
                return amps
        return connector.rating

    def pledge(
        self, facts: ConnectorFacts, connector: Connector, now: Monotonic, remembered: Remembered | None
    ) -> Amps:
        """Return the connector's pledge in A, an order in flight included.

        What is in flight towards a lost station reaches nobody: its actor takes no orders for it.
        """
        order = self._orders.get(facts.key)
        known = self._pledged.get(facts.key)
        if (
            known is not None
            and known.facts is facts
            and known.connector is connector
            and known.order is order
            and now < known.until
        ):
            return known.amps
        until = holds_until(facts, now)
        amps = self._pledge(facts, connector, order, now, remembered)
        self._pledged[facts.key] = _Pledged(facts, connector, order, until, amps)
        return amps

    @staticmethod
    def _pledge(
        facts: ConnectorFacts,
        connector: Connector,
        order: Order | None,
        now: Monotonic,
        remembered: Remembered | None,
    ) -> Amps:
        amps = pledge(facts, connector, now, remembered)
        if order is not None and order.plan > facts.plan and facts.link is not Link.LOST:
            return max(amps, order.amps)
        return amps

    def repeats(self, facts: ConnectorFacts, target: Amps, now: Monotonic) -> bool:
        """Tell whether the same order went out a moment ago; the station gets time to take it."""
        order = self.of(facts)
        return order is not None and abs(order.amps - target) < SAME and now - order.at < REORDER_AFTER

    def said_already(self, facts: ConnectorFacts, amps: Amps, now: Monotonic) -> bool:
        """Tell whether a raise to this much, or more, went out a moment ago.

        What the gate admits may differ from the target at every look: without this, a station that takes
        its time with one raise would be sent, and the disk written, another one with each of its reports.
        """
        order = self.of(facts)
        return order is not None and amps <= order.amps + SAME and now - order.at < REORDER_AFTER

    def forget(self, connectors: Iterable[ConnectorKey], plan: int, now: Monotonic) -> None:
        """These raises went no further: a zone below let them not pass, and won't a moment later."""
        for key in connectors:
            self._refused[key] = now
            order = self._orders.get(key)
            if order is not None and order.plan == plan:
                del self._orders[key]

    def refused(self, key: ConnectorKey, now: Monotonic) -> bool:
        """Tell whether a zone below refused a raise of this connector a moment ago.

        Asked at once and again, each time with a write to the disk, the two would keep at it for ever.
        """
        return key in self._refused and now - self._refused[key] < TAKEN_WITHIN

    def keep_only(self, connectors: Container[ConnectorKey]) -> None:
        """Forget connectors that are gone from the site."""
        self._orders = {key: order for key, order in self._orders.items() if key in connectors}
        self._refused = {key: at for key, at in self._refused.items() if key in connectors}
        self._pledged = {}

    def all(self) -> tuple[Order, ...]:
        """Return every order, for an heir to keep."""
        return tuple(self._orders.values())

    def restore(self, orders: Iterable[Order]) -> None:
        """Take over what a predecessor had ordered."""
        self._orders = {order.key: replace(order) for order in orders}
