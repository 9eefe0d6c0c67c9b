"""The simulated operator: what its system answers to each station, well or badly."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.simulation.cpo_book import Book
from tools.simulation.wire import (
    Answer,
    ErrorAnswer,
    FrameError,
    Request,
    call_error,
    call_frame,
    read_frame,
    result_frame,
)
from tools.simulation.wire import check_request as check_payload

__all__ = ["Habits", "Operator"]

_TOLD = 500
"""Messages of each station that are remembered."""


@dataclass(slots=True)
class Habits:
    """How the operator's system behaves; changed at any time.

    `slow` seconds pass before each answer. `mute`: it never answers. `errors`: so many transaction messages
    are answered with InternalError. `wrong`: answers that OCPP doesn't know. `boot` is the answer to
    BootNotification. `cards` are those that may not charge, in capitals, each with its status. Its clock is
    `ahead` by so many seconds.
    """

    slow: float = 0.0
    mute: bool = False
    errors: int = 0
    wrong: bool = False
    boot: str = "Accepted"
    interval: int = 300
    cards: dict[str, str] = field(default_factory=dict)
    ahead: float = 0.0


class Operator:
    """Sans-IO. `receive` returns what is to be sent back at once; `command` makes a CALL.

    `now` is the true time. `told` holds what each station said, `answers` what it answered, by message id;
    `complaints` whatever of it breaks OCPP.
    """

    def __init__(
        self, book: Book, habits: Habits | None = None, now: Callable[[], datetime] | None = None
    ) -> None:
        self.book = book
        self.habits = habits or Habits()
        self.now = now or (lambda: datetime.now(UTC))
        self.told: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self.answers: dict[str, Answer | ErrorAnswer] = {}
        self.complaints: list[str] = []
        self._number = 0
        self._handlers: dict[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
            "Authorize": lambda _, payload: {"idTagInfo": self._card(payload["idTag"])},
            "BootNotification": self._boot,
            "DataTransfer": lambda _, payload: {"status": "Accepted", "data": payload.get("data", "")},
            "Heartbeat": lambda _, __: {"currentTime": self._time()},
            "MeterValues": self._samples,
            "StartTransaction": self._start,
            "StopTransaction": self._stop,
        }

    def receive(self, station: str, text: str | bytes) -> str | None:
        """A frame of a station; what goes back to it, None for nothing."""
        try:
            frame = read_frame(text)
        except FrameError as problem:
            self.complaints.append(f"{station}: {problem}")
            return None
        if not isinstance(frame, Request):
            self.answers[frame.message_id] = frame
            return None
        try:
            check_payload(frame.action, frame.payload)
        except FrameError as problem:
            self.complaints.append(f"{station}: {frame.action} {problem}")
            return call_error(frame.message_id, problem.code, str(problem))
        said = self.told.setdefault(station, [])
        said.append((frame.action, frame.payload))
        del said[:-_TOLD]
        return self._answer(station, frame)

    def command(self, action: str, payload: dict[str, Any]) -> tuple[str, str]:
        """A CALL to a station: its message id, under which the answer is found, and the frame."""
        self._number += 1
        message_id = f"cpo-{self._number}"
        return message_id, call_frame(message_id, action, payload)

    def _answer(self, station: str, frame: Request) -> str | None:
        habits = self.habits
        if habits.mute:
            return None
        if habits.wrong:
            return result_frame(frame.message_id, {"status": "Perhaps", "transactionId": "many"})
        if habits.errors > 0 and frame.action in ("StartTransaction", "StopTransaction"):
            habits.errors -= 1
            return call_error(frame.message_id, "InternalError", "try again")
        handler = self._handlers.get(frame.action)
        return result_frame(frame.message_id, {} if handler is None else handler(station, frame.payload))

    def _boot(self, _: str, __: dict[str, Any]) -> dict[str, Any]:
        return {"status": self.habits.boot, "currentTime": self._time(), "interval": self.habits.interval}

    def _time(self) -> str:
        shown = self.now() + timedelta(seconds=self.habits.ahead)
        return shown.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _card(self, id_tag: str) -> dict[str, Any]:
        return {"status": self.habits.cards.get(id_tag.upper(), "Accepted")}

    def _samples(self, station: str, payload: dict[str, Any]) -> dict[str, Any]:
        self.book.sample(station, payload)
        return {}

    def _start(self, station: str, payload: dict[str, Any]) -> dict[str, Any]:
        transaction = self.book.start(station, payload)
        return {"transactionId": transaction, "idTagInfo": self._card(payload["idTag"])}

    def _stop(self, station: str, payload: dict[str, Any]) -> dict[str, Any]:
        self.book.stop(station, payload)
        return {}
