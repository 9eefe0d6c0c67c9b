"""The reset contact actor: somebody who bridges it for seconds wants the site back to factory settings."""

from dataclasses import dataclass

from actors.input_board import InputLink, PinsLost, PinsSeen, SessionKey
from actors.messages import Message, RecordEvent, ResetToFactory
from actors.supervised import Context, Supervised
from evce.configuration.sections import InputSettings
from evce.reset_contact import ResetContact
from evce.units import Seconds

__all__ = ["ResetContactActor"]

RETRY_AFTER: Seconds = 60.0
"""Between two tries to open pins that can't be read."""

SILENT_AFTER: Seconds = 1.5
"""The link reads its pins several times a second; who isn't looked at may have been let go of unseen."""


@dataclass(frozen=True, slots=True)
class _Retry(Message):
    """Own timer: try to open the pins again."""


@dataclass(frozen=True, slots=True)
class _Silent(Message):
    """Own timer: the link has said nothing for too long."""


class ResetContactActor(Supervised):
    """Tells the site `ResetToFactory` (DI-5). A restart of it forgets a bridge: it must be open again."""

    def __init__(self, context: Context, settings: InputSettings, link: InputLink) -> None:
        super().__init__(context)
        self._pin = settings.reset_sense_pin
        self._link = link
        self._contact = ResetContact()
        self._tries = 0
        self._lost = False

    def on_begin(self) -> None:
        """Runs before the first message: open the pins."""
        self._open()

    def on_end(self) -> None:
        """Runs at an orderly stop: let go of the pins."""
        self._link.close()

    def on_message(self, message: Message) -> None:
        match message:
            case PinsSeen(session=session, levels=levels) if session == self._session:
                self._see(levels.get(self._pin, False))
            case PinsLost(session=session, reason=reason) if session == self._session:
                self._lose(reason)
            case PinsSeen() | PinsLost():
                pass  # from a session that is over
            case _Silent():
                self._lose("the pins don't answer")
            case _Retry():
                self._open()
            case _:
                super().on_message(message)

    @property
    def _session(self) -> SessionKey:
        return (self.context.incarnation, self._tries)

    def _open(self) -> None:
        self._tries += 1
        self._contact = ResetContact()
        self.after(SILENT_AFTER, _Silent(), key="silent")
        self._link.open(self._session, {1: self._pin}, self.deliver)

    def _see(self, closed: bool) -> None:
        self.after(SILENT_AFTER, _Silent(), key="silent")
        if self._lost:
            self._lost = False
            self._record("the reset contact is watched again")
        self._contact, asked = self._contact.after(closed, self.now())
        if asked:
            self.send("site", ResetToFactory("reset contact"))

    def _lose(self, reason: str) -> None:
        self.cancel("silent")
        self._link.close()
        self._tries += 1
        self.after(RETRY_AFTER, _Retry(), key="retry")
        if not self._lost:
            self._lost = True
            self._record(f"the reset contact can't be watched: {reason}")

    def _record(self, text: str) -> None:
        self.send("recorder", RecordEvent(self.utc_now(), self.name, "system", text))
