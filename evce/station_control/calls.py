"""The CALLs to one station: one at a time, the most urgent first, a reduction never kept waiting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, TypeVar

from evce.station_control.settings import OVERTAKE_AFTER
from evce.units import Monotonic, Seconds

__all__ = ["CallDesk", "Order", "Outgoing"]

P = TypeVar("P")


class Order(IntEnum):
    """What goes first when several CALLs wait."""

    REDUCTION = 0
    COMMAND = 1
    SETPOINT = 2
    LEARNING = 3
    RENEWAL = 4
    LATER = 5


@dataclass(slots=True)
class Outgoing(Generic[P]):
    """One CALL. `purpose` is what it is for; of equal `key` only the newest waits."""

    id: str
    action: str
    payload: Mapping[str, Any]
    order: Order
    purpose: P
    key: object
    queued_at: Monotonic
    sent_at: Monotonic | None = None


@dataclass(slots=True)
class CallDesk(Generic[P]):
    """Queue, the CALLs in flight, and those given up whose answer may still come.

    Ids are `prefix-incarnation-number`: unique over reconnections, and over restarts by the prefix.
    """

    prefix: str
    timeout: Seconds
    incarnation: int = 0
    _number: int = 0
    _waiting: list[Outgoing[P]] = field(default_factory=list)
    _flying: dict[str, Outgoing[P]] = field(default_factory=dict)
    _given_up: dict[str, Outgoing[P]] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """How many CALLs wait for their turn."""
        return len(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether a CALL is on the wire whose answer is still awaited."""
        return bool(self._flying)

    def open(self, incarnation: int) -> None:
        """A new socket: nothing of the old one is answered any more."""
        self.close()
        self.incarnation = incarnation

    def close(self) -> list[Outgoing[P]]:
        """The socket is gone; returns what was waiting or in flight."""
        gone = [*self._flying.values(), *self._waiting]
        self._waiting.clear()
        self._flying.clear()
        self._given_up.clear()
        return gone

    def submit(
        self,
        action: str,
        payload: Mapping[str, Any],
        order: Order,
        purpose: P,
        now: Monotonic,
        key: object = None,
    ) -> Outgoing[P]:
        """Queue a CALL; one of the same key that has not been sent yet is replaced."""
        self._number += 1
        message_id = f"{self.prefix}-{self.incarnation}-{self._number}"
        replaced = None if key is None else self.waiting(key)
        if replaced is not None:
            self._waiting.remove(replaced)
        waits_since = replaced.queued_at if replaced is not None and replaced.order <= order else now
        outgoing = Outgoing(message_id, action, payload, order, purpose, key, waits_since)
        self._waiting.append(outgoing)
        return outgoing

    def withdraw(self, key: object) -> None:
        """Take back what waits under this key."""
        self._waiting = [waiting for waiting in self._waiting if waiting.key != key]

    def waiting(self, key: object) -> Outgoing[P] | None:
        """What waits under this key."""
        return next((waiting for waiting in self._waiting if waiting.key == key), None)

    def flying(self, key: object) -> bool:
        """Whether a CALL of this key is on the wire and neither answered nor given up."""
        return any(outgoing.key == key for outgoing in self._flying.values())

    def next(self, now: Monotonic) -> Outgoing[P] | None:
        """Take the CALL that goes on the wire now; None where one has to wait."""
        if not self._waiting:
            return None
        first = min(self._waiting, key=lambda waiting: waiting.order)  # min keeps the first of equals
        if self._flying and (first.order is not Order.REDUCTION or now < self._overtakes_at(first)):
            return None
        self._waiting.remove(first)
        first.sent_at = now
        self._flying[first.id] = first
        return first

    def answered(self, message_id: str) -> tuple[Outgoing[P] | None, bool]:
        """The CALL of this answer, and whether it came too late; None for an id that is not ours."""
        if message_id in self._flying:
            return self._flying.pop(message_id), False
        return self._given_up.pop(message_id, None), True

    def overdue(self, now: Monotonic) -> list[Outgoing[P]]:
        """Give up on the CALLs that were not answered in time, and return them."""
        late = [outgoing for outgoing in self._flying.values() if now >= _sent(outgoing) + self.timeout]
        for outgoing in late:
            del self._flying[outgoing.id]
            self._given_up[outgoing.id] = outgoing
        return late

    def wake_at(self) -> Monotonic | None:
        """When something is due: a time-out, or a reduction that has waited long enough."""
        if not self._flying:
            return None
        due = min(_sent(outgoing) for outgoing in self._flying.values()) + self.timeout
        for waiting in self._waiting:
            if waiting.order is Order.REDUCTION:
                due = min(due, self._overtakes_at(waiting))
        return due

    def _overtakes_at(self, reduction: Outgoing[P]) -> Monotonic:
        """A CALL that is pending for long, or one that the reduction has waited for long enough."""
        last_sent = max(_sent(outgoing) for outgoing in self._flying.values())
        return min(last_sent, reduction.queued_at) + OVERTAKE_AFTER


def _sent(outgoing: Outgoing[P]) -> Monotonic:
    return outgoing.queued_at if outgoing.sent_at is None else outgoing.sent_at
