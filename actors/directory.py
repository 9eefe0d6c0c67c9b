"""Who has a name now: names of actors to their current reference and incarnation."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actors.inbox import Carried, Inbox

if TYPE_CHECKING:
    import pykka

    from actors.messages.base import Message

__all__ = ["Directory", "Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """The living holder of a name. `incarnation` rises by one each time the name is taken anew."""

    name: str
    ref: pykka.ActorRef[Any]
    inbox: Inbox
    incarnation: int


class Directory:
    """Thread-safe; reads take no lock because one dict look-up is atomic.

    `lock` guards the writers; the simulated runtime hands in one that does nothing.
    """

    def __init__(self, lock: AbstractContextManager[Any]) -> None:
        self._lock = lock
        self._entries: dict[str, Entry] = {}
        self._incarnations: dict[str, int] = {}
        self._undelivered = 0

    def next_incarnation(self, name: str) -> int:
        """Reserve the number of the actor that is about to be made; never used twice for a name."""
        with self._lock:
            number = self._incarnations.get(name, 0) + 1
            self._incarnations[name] = number
            return number

    def bind(self, entry: Entry) -> bool:
        """Give the name to this actor; False when a later incarnation has it already."""
        with self._lock:
            holder = self._entries.get(entry.name)
            if holder is not None and holder.incarnation > entry.incarnation:
                return False
            self._entries[entry.name] = entry
            return True

    def unbind(self, name: str, incarnation: int) -> bool:
        """Take the name back, unless a successor already holds it."""
        with self._lock:
            holder = self._entries.get(name)
            if holder is None or holder.incarnation != incarnation:
                return False
            del self._entries[name]
            return True

    def find(self, name: str) -> Entry | None:
        """The current holder of the name."""
        return self._entries.get(name)

    def names(self) -> tuple[str, ...]:
        """All names held now, in the order in which they were taken."""
        with self._lock:
            return tuple(self._entries)

    def send(self, name: str, message: Message, sender: str = "") -> bool:
        """Tell by name. Never blocks, never raises; False, and counted, when nobody is there.

        `sender` is the actor that tells, empty for what comes from outside.
        """
        entry = self._entries.get(name)
        if entry is not None and entry.inbox.offer(Carried(message, sender)):
            return True
        with self._lock:
            self._undelivered += 1
        return False

    def full(self, name: str) -> bool:
        """Whether so many events wait there that the edge should stop reading from its socket."""
        entry = self._entries.get(name)
        return entry is not None and entry.inbox.full

    @property
    def undelivered(self) -> int:
        """How many messages found nobody since the start."""
        return self._undelivered
