"""Frames as a broken or hostile station says them: what is right, nearly right, out of turn, or no frame."""

import json
import random
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from evce.validation import CENTRAL_ACTIONS, STATION_ACTIONS
from tools.endurance.payloads import damaged, drawn

__all__ = ["FrameMaker", "answerable"]

_LONGEST_ID = 36

_ACTIONS = tuple(sorted(STATION_ACTIONS))
_OTHERS = (*sorted(CENTRAL_ACTIONS), "Dance", "", "heartbeat", "x" * 5000)

_RUBBISH = (
    "",
    " ",
    "nonsense",
    "[]",
    "{}",
    "null",
    "2",
    '"',
    "[2]",
    "[2,null]",
    '[2,"',
    "[9,1,2]",
    '[true,"x","Heartbeat",{}]',
    '[2,7,"Heartbeat",{}]',
    "[3,null]",
    '[4,"x"]',
    "\udcff\udcfe\x00",
    '[2,"utf8","Heartbeat",{"a":"\udcc3"}]',
    '[2,"\\ud800","Heartbeat",{}]',
    "\ufeff[]",
)
"""No frames; a lone surrogate stands for a byte that is no UTF-8."""


class FrameMaker:
    """Draws the frames of one station from `chance`.

    `heard` takes what the central system says to it, so that its CALLs can be answered, rightly or not, and
    its transactions be named. Ids of CALLs begin with `prefix` but where the id itself is the mistake.
    """

    def __init__(self, chance: random.Random, prefix: str, timestamp: Callable[[], str]) -> None:
        self._chance = chance
        self._prefix = prefix
        self._timestamp = timestamp
        self._number = 0
        self._asked: deque[tuple[str, str]] = deque(maxlen=50)
        self._transactions: deque[int] = deque(maxlen=50)
        self._sent: deque[str] = deque(maxlen=50)
        self._known: Mapping[str, Callable[[], Any]] = {
            "timestamp": self._when,
            "connectorId": lambda: self._chance.choice((0, 1, 1, 1, 2, -1, 99)),
            "transactionId": self._transaction,
            "idTag": lambda: self._chance.choice(("BADGE", "badge", "OTHER", "x" * 20)),
            "meterStart": lambda: self._chance.choice((0, 0, 100, -5, 2**31)),
            "meterStop": lambda: self._chance.choice((0, 50, 1000, 10**9)),
        }

    def heard(self, frame: str) -> None:
        """The central system said this to the station."""
        kind, message_id, *rest = json.loads(frame)
        if kind == 2:
            self._asked.append((message_id, rest[0]))
        elif kind == 3 and isinstance(given := rest[0].get("transactionId"), int):
            self._transactions.append(given)

    def next(self) -> str:
        """Draw a frame."""
        way = self._chance.random()
        if way < 0.45:
            frame = self._call(self._chance.choice(_ACTIONS), valid=True)
        elif way < 0.75:
            frame = self._call(self._chance.choice(_ACTIONS), valid=False)
        elif way < 0.80:
            frame = self._call(self._chance.choice(_OTHERS), valid=False)
        elif way < 0.95:
            frame = self._answer()
        elif way < 0.98:
            frame = self._broken()
        elif way < 0.99 and self._sent:
            frame = self._chance.choice(self._sent)
        else:
            frame = self._chance.choice(_RUBBISH)
        self._sent.append(frame)
        return frame

    def _call(self, action: str, *, valid: bool) -> str:
        payload: Any = {}
        if action in STATION_ACTIONS or action in CENTRAL_ACTIONS:
            payload = drawn(action, self._chance, self._known)
        if not valid:
            payload = damaged(payload, self._chance)
        self._number += 1
        return _text([2, f"{self._prefix}{self._number}", action, payload])

    def _answer(self) -> str:
        """An answer to what was asked, to something else, or to nothing; fitting or not."""
        unknown = (f"{self._prefix}never", "Heartbeat")
        message_id, action = self._chance.choice(self._asked) if self._asked else unknown
        if self._chance.random() < 0.1:
            message_id = f"{self._prefix}never"
        if self._chance.random() < 0.2:
            code = self._chance.choice(("NotSupported", "InternalError", "Dance", ""))
            return _text([4, message_id, code, "x" * self._chance.choice((0, 10, 5000)), {}])
        wanted = action if self._chance.random() < 0.8 else self._chance.choice(_ACTIONS)
        payload = drawn(f"{wanted}Response", self._chance, self._known)
        if self._chance.random() < 0.4:
            payload = damaged(payload, self._chance)
        return _text([3, message_id, payload])

    def _broken(self) -> str:
        """A frame whose text or outline is the mistake."""
        frame = self._call(self._chance.choice(_ACTIONS), valid=True)
        at = self._chance.randrange(len(frame))
        match self._chance.randrange(9):
            case 0:
                return frame[:at]
            case 1:
                return frame[:at] + self._chance.choice('"[]{},:\\\x00 9é\udcfe') + frame[at + 1 :]
            case 2:
                return frame + self._chance.choice(("]", ",{}", frame, "\n\n"))
            case 3:
                return frame.replace("2,", self._chance.choice(("1,", "5,", "2.0,", "-2,", '"2",')), 1)
            case 4:
                return frame.replace(self._prefix, "x" * self._chance.choice((40, 300)), 1)
            case 5:
                return (
                    frame[:-1] + f',{{"extra":{self._chance.choice(("NaN", "1e400", "-Infinity", "{}"))}}}]'
                )
            case 6:
                return frame[:-2] + ("," if frame[-3] != "{" else "") + '"deep":' + _deep(self._chance) + "}]"
            case 7:
                filler = "x" * self._chance.choice((10_000, 200_000))
                return frame[:-2] + ("," if frame[-3] != "{" else "") + f'"big":"{filler}"}}]'
            case _:
                return frame.replace(",", self._chance.choice((",,", ";", ", \t")), 1)

    def _when(self) -> str:
        return self._timestamp() if self._chance.random() < 0.8 else self._chance.choice(_TIMES)

    def _transaction(self) -> int:
        if self._transactions and self._chance.random() < 0.7:
            return self._chance.choice(self._transactions)
        return self._chance.choice((-1, 0, 1, 2, 3, 4, 5, 10**6, 2**63 - 1))


_TIMES = (
    "1970-01-01T00:00:00Z",
    "2099-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "2026-06-01T12:00:00",
    "2026-06-01 12:00",
    "yesterday",
    "",
)


def answerable(frame: str) -> str | None:
    """The id under which this frame must be answered, read by other means than the product's; else None."""
    try:
        frame.encode()
        message = json.loads(frame, parse_constant=_no_constant)
        json.dumps(message, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, list) or len(message) < 2 or isinstance(message[0], bool) or message[0] != 2:
        return None
    message_id = message[1]
    return message_id if isinstance(message_id, str) and 0 < len(message_id) <= _LONGEST_ID else None


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _deep(chance: random.Random) -> str:
    levels = chance.choice((5, 40, 2000))
    return '{"a":' * levels + "1" + "}" * levels


def _text(message: object) -> str:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)
