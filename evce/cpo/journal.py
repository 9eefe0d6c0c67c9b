"""The journal of one station toward the operator: what goes next, how, and when it is tried again."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

from evce.cpo.numbering import PlugNumbers
from evce.cpo.settings import RETRY_MOST
from evce.records import JournalRecord
from evce.units import Monotonic, Seconds

__all__ = ["NEVER_STARTED", "Delivery", "outgoing"]

NEVER_STARTED: Final = -1
"""The transaction id of a stop whose start the operator never took (OCPP 1.6 errata 3.18)."""


def outgoing(record: JournalRecord, numbers: PlugNumbers) -> dict[str, Any]:
    """The payload for the operator: its own transaction id, its own connector number, all else unchanged.

    The same record gives the same payload each time, so that a repetition is an identical one.
    """
    payload = dict(record.payload)
    if "connectorId" in payload:
        payload["connectorId"] = numbers.outward(payload["connectorId"])
    if record.action == "StartTransaction":
        return payload
    if record.cpo_transaction is not None:
        payload["transactionId"] = record.cpo_transaction
    elif record.action == "StopTransaction":
        payload["transactionId"] = NEVER_STARTED
    else:
        payload.pop("transactionId", None)
    return payload


@dataclass(slots=True)
class Delivery:
    """The head of the journal and what becomes of it. Strictly one after the other.

    `waiting` is how many messages the disk holds, those at hand included. Only failures that the operator
    answered count as attempts; a dead link or silence doesn't (CPO-3).
    """

    waiting: int = 0
    given_up: int = 0
    _head: deque[JournalRecord] = field(default_factory=deque)
    _in_flight: int | None = None
    _settling: int | None = None
    _taken: bool = False
    """What is being settled was delivered, or given up: it leaves the line."""
    _retry_at: Monotonic = -inf

    @property
    def first(self) -> JournalRecord | None:
        """The message whose turn it is."""
        return self._head[0] if self._head else None

    @property
    def wants_more(self) -> bool:
        """Whether the disk holds messages and none is at hand."""
        return not self._head and self.waiting > 0

    @property
    def busy(self) -> bool:
        """Whether a message is on the wire, or on its way out of the journal."""
        return self._in_flight is not None or self._settling is not None

    @property
    def empty(self) -> bool:
        return self.waiting == 0

    def found(self, records: Iterable[JournalRecord], waiting: int, given_up: int) -> bool:
        """What the disk holds now, the oldest first; False for an answer that is older than a settlement."""
        head = deque(records)
        if self._taken and any(record.entry == self._settling for record in head):
            return False
        self._head = head
        self.waiting, self.given_up = waiting, given_up
        self._settling = None
        self._taken = False
        if self._head and self._in_flight not in (None, self._head[0].entry):
            self._in_flight = None
        return True

    def take(self, now: Monotonic) -> JournalRecord | None:
        """The message that may go on the wire now."""
        first = self.first
        if first is None or self.busy or now < self._retry_at:
            return None
        self._in_flight = first.entry
        return first

    def delivered(self, entry: int) -> bool:
        """The operator took it; False for an answer to something else. Nothing goes before the disk knows."""
        if self._in_flight != entry:
            return False
        self._in_flight, self._settling, self._taken = None, entry, True
        self._retry_at = -inf
        return True

    def failed(self, entry: int, now: Monotonic, attempts: int, interval: Seconds) -> tuple[int, bool] | None:
        """The operator answered with an error: how often it has by now, and whether it is given up.

        `attempts` is TransactionMessageAttempts, `interval` TransactionMessageRetryInterval: the wait is the
        interval times the attempts so far (OCPP 1.6 §9.1).
        """
        if self._in_flight != entry or not self._head:
            return None
        self._in_flight = None
        made = self._head[0].attempts + 1
        self._settling, self._taken = entry, made >= attempts
        if made >= attempts:
            self._retry_at = -inf
            return made, True
        self._retry_at = now + min(interval * made, RETRY_MOST)
        return made, False

    def interrupted(self) -> None:
        """The link is gone: what was on the wire may or may not have arrived, and goes again as it was."""
        self._in_flight = None

    def wake_at(self) -> Monotonic:
        """When the next attempt is due."""
        if self.first is None or self.busy:
            return inf
        return self._retry_at if self._retry_at > -inf else inf
