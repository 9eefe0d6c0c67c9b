"""The input board actor filters the digital inputs and tells every root zone what they ask for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from actors.messages import (
    AlarmCleared,
    AlarmRaised,
    InputBoardLost,
    InputsChanged,
    InputsShown,
    Message,
    RecordEvent,
)
from actors.supervised import Context, Supervised
from evce.configuration.sections import InputSettings
from evce.debounce import Contact, due, note_level, settle
from evce.inputs import InputState, input_state, input_views, read_pins
from evce.units import Seconds
from evce.views import AlarmView

__all__ = ["InputBoardActor", "InputLink", "PinsLost", "PinsSeen", "SessionKey"]

SILENT_AFTER: Seconds = 1.5
"""The link reads all pins several times a second; so long without a word, and the safe state holds (2 s)."""

RETRY_AFTER: Seconds = 2.0
"""Between two tries to open a board that can't be read."""

REPEAT_EVERY: Seconds = 0.5
"""What holds is told again, so that a root zone that restarted knows it well within a second (DI-4)."""

SOURCE = "inputs"
ALARM = "input_board_lost"

SessionKey = tuple[int, int]
"""Incarnation of the actor and number of its try: what an earlier session still says counts no more."""


@dataclass(frozen=True, slots=True)
class PinsSeen(Message):
    """Levels of some or all pins: after an edge, and regularly of all as a sign of life."""

    session: SessionKey
    levels: Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class PinsLost(Message):
    """The pins can't be opened, or not be read any more; the session is over."""

    session: SessionKey
    reason: str


class InputLink(Protocol):
    """The way to the pins. It outlives the incarnations of the actor that uses it."""

    def open(
        self, session: SessionKey, pins: Mapping[int, int], deliver: Callable[[Message], object]
    ) -> None:
        """End any earlier session, begin to watch these pins, and return at once; never raises.

        Keys of `pins` are the numbers by which people know the inputs.

        `deliver` gets `PinsSeen` with all pins soon, again with each edge and at least every 0.5 s, or one
        `PinsLost`; on any thread.
        """

    def close(self) -> None:
        """End the session; returns at once."""


@dataclass(frozen=True, slots=True)
class _Settle(Message):
    """Own timer: time has decided about a contact."""


@dataclass(frozen=True, slots=True)
class _Silent(Message):
    """Own timer: the link has said nothing for too long."""


@dataclass(frozen=True, slots=True)
class _Retry(Message):
    """Own timer: try to open the board again."""


@dataclass(frozen=True, slots=True)
class _Repeat(Message):
    """Own timer: tell again what holds."""


class InputBoardActor(Supervised):
    """Tells `roots` (names of root zones) `InputsChanged`, or `InputBoardLost` with the safe percentage."""

    def __init__(
        self, context: Context, settings: InputSettings, link: InputLink, roots: Sequence[str]
    ) -> None:
        super().__init__(context)
        self.settings = settings
        self._link = link
        self._roots = tuple(roots)
        self._pins = read_pins(settings)
        self._contacts: dict[int, Contact] = {}
        self._tries = 0
        self._state: InputState | None = None
        self._lost: str | None = None
        self._alarm: bool | None = None

    def on_begin(self) -> None:
        """Runs before the first message: open the pins; without any, nothing is asked for."""
        if self._pins:
            self._open()
        else:
            self._conclude()
        self._repeat()

    def on_end(self) -> None:
        """Runs at an orderly stop: let go of the pins."""
        self._link.close()

    def on_message(self, message: Message) -> None:
        match message:
            case PinsSeen(session=session, levels=levels) if session == self._session:
                self._see(levels)
            case PinsLost(session=session, reason=reason) if session == self._session:
                self._lose(reason)
            case PinsSeen() | PinsLost():
                pass  # from a session that is over
            case _Settle():
                self._settle()
            case _Silent():
                self._lose("the pins can't be read any more" if self._state else "the pins don't answer")
            case _Retry():
                self._open()
            case _Repeat():
                self._repeat()
            case _:
                super().on_message(message)

    @property
    def _session(self) -> SessionKey:
        return (self.context.incarnation, self._tries)

    def _open(self) -> None:
        self._tries += 1
        self._contacts = {pin: Contact() for pin in self._pins.values()}
        self.after(SILENT_AFTER, _Silent(), key="silent")
        self._link.open(self._session, self._pins, self.deliver)

    def _see(self, levels: Mapping[int, bool]) -> None:
        self.after(SILENT_AFTER, _Silent(), key="silent")
        now = self.now()
        for pin, level in levels.items():
            if pin in self._contacts:
                self._contacts[pin] = note_level(self._contacts[pin], level, now)
        self._settle()

    def _settle(self) -> None:
        """Let time decide what it can, conclude, and come back when it decides next."""
        now = self.now()
        self._contacts = {pin: settle(contact, now) for pin, contact in self._contacts.items()}
        if all(contact.known for contact in self._contacts.values()):
            self._conclude()
        moments = [moment for contact in self._contacts.values() if (moment := due(contact)) is not None]
        if moments:
            self.after(max(min(moments) - now, 0.001), _Settle(), key="settle")

    def _conclude(self) -> None:
        """Every contact is known: tell what they ask for, if that is news."""
        state = input_state(self.settings, self._active)
        changed = state != self._state or self._lost is not None
        self._state, self._lost = state, None
        if changed:
            self._tell()
            self._set_alarm(None)
            names = ", ".join(state.active) or "none"
            self._record(f"inputs active: {names}; {state.percent} % of each zone's maximum")
            self._show()

    def _lose(self, reason: str) -> None:
        """The safe state holds until all pins have been read again."""
        self.cancel("silent")
        self.cancel("settle")
        self._link.close()
        self._tries += 1
        self.after(RETRY_AFTER, _Retry(), key="retry")
        if self._lost is None:
            self._lost = reason
            self._tell()
            self._set_alarm(reason)
            self._record(f"input board lost: {reason}; {self.settings.safe_percent} % of each zone's maximum")
            self._show()

    @property
    def _active(self) -> dict[int, bool]:
        return {pin: contact.active for pin, contact in self._contacts.items()}

    def _tell(self) -> None:
        message: Message
        if self._lost is not None:
            message = InputBoardLost(self.settings.safe_percent, self._lost)
        elif self._state is not None:
            message = InputsChanged(self._state.percent, self._state.active)
        else:
            return  # nothing is known yet, and the board is not yet lost
        for root in self._roots:
            self.send(root, message)

    def _repeat(self) -> None:
        self._tell()
        self.after(REPEAT_EVERY, _Repeat(), key="repeat")

    def _set_alarm(self, reason: str | None) -> None:
        # A predecessor may have left the alarm: the first conclusion clears it.
        if self._alarm is (reason is not None):
            return
        self._alarm = reason is not None
        now = self.utc_now()
        if reason is None:
            self.send("view", AlarmCleared(ALARM, SOURCE, now))
            return
        message = f"The digital inputs can't be read: {reason}. {self.settings.safe_percent} % holds."
        advice = "Check the GPIO device and its rights, or switch the inputs off in the configuration."
        self.send("view", AlarmRaised(AlarmView(ALARM, SOURCE, message, advice, "critical", now)))

    def _record(self, text: str) -> None:
        self.send("recorder", RecordEvent(self.utc_now(), SOURCE, "system", text))

    def _show(self) -> None:
        views = input_views(self.settings, self._active, self._lost is not None)
        self.send("view", InputsShown(views))
