"""Frames of a station put together as people read them: each call with its answer, and how long that took."""

import re
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evce.ocppj import Call, CallError, CallResult, Malformed, parse
from evce.plain import REDACTED, plain
from evce.secret_words import TELLING_WORDS
from evce.units import Monotonic, Seconds

__all__ = ["MOST_EXCHANGES", "Exchange", "Exchanges", "Frame"]

MOST_EXCHANGES = 300
"""Kept at a time: many screens, and some megabytes at most."""

_DEPTH = 10
"""No payload of OCPP 1.6 is deeper."""

_RAW = 300
"""Characters shown of a frame that can't be read."""

_SECRET = re.compile(rf"{TELLING_WORDS}|://[^/\s]*@|/files/", re.IGNORECASE)
"""What a frame that can't be read may hold and nobody should see; which part of it can't be told."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame on a station's socket. `missed` others went by right before it and were too many."""

    at: datetime
    heard_at: Monotonic
    text: str
    from_station: bool
    missed: int = 0


@dataclass(slots=True)
class Exchange:
    """A call and what became of it; payloads are plain values without secrets.

    `from_station` tells who called. `answer` is None until a CALLRESULT came; `error` is the code of a
    CALLERROR. A frame that is no call, and answers none that was heard, has no `action`; `note` says why.
    """

    number: int
    at: datetime
    from_station: bool
    id: str
    action: str
    payload: Any
    answer: Any = None
    error: str = ""
    description: str = ""
    took: Seconds | None = None
    note: str = ""
    missed: int = 0
    heard_at: Monotonic = 0.0

    @property
    def open(self) -> bool:
        """Whether its answer hasn't been heard yet."""
        return bool(self.action) and self.took is None


class Exchanges:
    """The newest exchanges of one station, fed with its frames in their order; not thread-safe."""

    def __init__(self) -> None:
        self._kept: deque[Exchange] = deque()
        self._open: dict[tuple[bool, str], Exchange] = {}
        self._number = 0

    def newest_first(self, *actions: str) -> list[Exchange]:
        """What is kept, of these actions alone where any is named."""
        wanted = tuple(filter(None, actions))
        return [each for each in reversed(self._kept) if not wanted or each.action in wanted]

    def add(self, frame: Frame) -> None:
        """Take in one frame."""
        match parse(frame.text):
            case Call(message_id, action, payload):
                exchange = self._keep(frame, message_id, action=action[:50], payload=plain(payload, _DEPTH))
                self._open[frame.from_station, message_id] = exchange
            case CallResult(message_id, payload):
                exchange = self._answered(frame, message_id)
                exchange.answer = plain(payload, _DEPTH)
            case CallError(message_id, code, description):
                exchange = self._answered(frame, message_id)
                exchange.error, exchange.description = str(plain(code)), str(plain(description))
            case Malformed(message_id, reason):
                raw = REDACTED if _SECRET.search(frame.text) else frame.text[:_RAW]
                exchange = self._keep(frame, message_id or "", payload=raw, note=reason)
                if message_id:  # it is answered with a CALLERROR
                    self._open[frame.from_station, message_id] = exchange

    def _answered(self, frame: Frame, message_id: str) -> Exchange:
        """The exchange that this answers, which may have begun before anybody listened."""
        exchange = self._open.pop((not frame.from_station, message_id), None)
        if exchange is None:
            return self._keep(frame, message_id, note="unheard")
        exchange.took = max(0.0, frame.heard_at - exchange.heard_at)
        exchange.missed += frame.missed
        return exchange

    def _keep(
        self, frame: Frame, message_id: str, *, action: str = "", payload: Any = None, note: str = ""
    ) -> Exchange:
        self._number += 1
        exchange = Exchange(
            self._number,
            frame.at,
            frame.from_station,
            message_id[:_RAW],
            action,
            payload,
            note=note,
            missed=frame.missed,
            heard_at=frame.heard_at,
        )
        self._kept.append(exchange)
        if len(self._kept) > MOST_EXCHANGES:
            gone = self._kept.popleft()
            if self._open.get((gone.from_station, gone.id)) is gone:
                del self._open[gone.from_station, gone.id]
        return exchange
