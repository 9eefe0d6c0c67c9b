"""A station's outgoing calls: one on the wire at a time, transaction messages kept until answered."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from evce.units import Monotonic, Seconds

__all__ = ["ANSWER_TIMEOUT", "Call", "Outbox"]

ANSWER_TIMEOUT: Seconds = 30.0
"""How long a station waits for an answer before it takes the call for lost."""

Answered = Callable[[Mapping[str, Any], Monotonic], None]


@dataclass(slots=True)
class Call:
    """One call to the central system. `payload` is asked for at the moment it is sent, since the
    transaction id may only be known by then; it answers None when the call has become pointless."""

    action: str
    payload: Callable[[], dict[str, Any] | None]
    on_answer: Answered | None = None
    on_failure: Callable[[Monotonic], None] | None = None
    """Told when the answer is an error, comes too late or the link is gone; not while it is tried again."""
    lasting: bool = False
    """A transaction message: survives the loss of the link."""
    tried_again: bool = True
    """Whether an error makes a transaction message come again."""
    attempts: int = 0
    not_before: Monotonic = 0.0
    message_id: str = ""
    sent_at: Monotonic = 0.0


class Outbox:
    """Calls waiting and the one on the wire.

    OCPP 1.6 part 2, 3.7 and OCPP-J 4.1.1: transaction messages are delivered in order, and no new call
    goes out before the last was answered or timed out.
    """

    def __init__(self) -> None:
        self.now: deque[Call] = deque()
        self.lasting: deque[Call] = deque()
        self.outstanding: Call | None = None
        self.given_up: list[Call] = []
        self._count = 0

    def put(self, call: Call) -> None:
        (self.lasting if call.lasting else self.now).append(call)

    def hold(self, until: Monotonic) -> None:
        """Transaction messages of the past wait until then."""
        for call in self.lasting:
            call.not_before = max(call.not_before, until)

    def link_lost(self, now: Monotonic) -> None:
        """What is not of a transaction is forgotten; the unanswered transaction message comes again first."""
        call, self.outstanding = self.outstanding, None
        forgotten = list(self.now)
        self.now.clear()
        if call is not None and call.lasting:
            self.lasting.appendleft(call)
        elif call is not None:
            forgotten.insert(0, call)
        for lost in forgotten:
            if lost.on_failure is not None:
                lost.on_failure(now)

    def next(self, now: Monotonic, *, only: str | None = None) -> tuple[Call, dict[str, Any]] | None:
        """Take the next call to put on the wire, if one may go. `only`: just this action is allowed now."""
        if self.outstanding is not None and now - self.outstanding.sent_at > ANSWER_TIMEOUT:
            self.refused(now, retry_after=0.0, attempts=None)
        while self.outstanding is None:
            queue = self.now if self.now or only is not None else self.lasting
            call = next((each for each in queue if only is None or each.action == only), None)
            if call is None or call.not_before > now:
                return None
            queue.remove(call)
            payload = call.payload()
            if payload is None:
                continue
            self._count += 1
            call.message_id = f"{self._count:08x}"
            call.sent_at = now
            self.outstanding = call
            return call, payload
        return None

    def take(self, message_id: str) -> Call | None:
        """The outstanding call that this answer belongs to, taken off the wire; None for a stranger."""
        call = self.outstanding
        if call is None or call.message_id != message_id:
            return None
        self.outstanding = None
        return call

    def refused(self, now: Monotonic, retry_after: Seconds, attempts: int | None) -> None:
        """The outstanding call failed. A transaction message is tried again after attempts * interval
        (OCPP 1.6 part 2, 3.7.1) up to `attempts` times; None is for ever."""
        call, self.outstanding = self.outstanding, None
        if call is None:
            return
        call.attempts += 1
        again = call.lasting and call.tried_again
        if not again or (attempts is not None and call.attempts >= attempts):
            if call.lasting:
                self.given_up.append(call)
            if call.on_failure is not None:
                call.on_failure(now)
            return
        call.not_before = now + retry_after * call.attempts
        self.lasting.appendleft(call)
