"""A live trace of the actors' messages: filtered on their threads, shortened and told on its reader's."""

from datetime import timedelta

from actors.messages import Message
from actors.runtime import Runtime
from evce.plain import plain
from evce.tracing import FORSAKEN_AFTER, Catch, Traced, matches
from evce.units import Monotonic, Seconds

__all__ = ["Trace"]

ITEMS = 12
"""Members of a collection that are told."""


class Trace:
    """Hears the messages right before they are handled, which costs their actors half a microsecond each.

    `names` and `kinds` are patterns of receivers' and messages' names (`station/*`, `Meter*`); `depth` is how
    many levels of a message's fields are told. A trace that nobody has read for `patience` ends by itself,
    and costs nothing from then on.
    """

    def __init__(
        self, runtime: Runtime, names: str, kinds: str, depth: int, patience: Seconds = FORSAKEN_AFTER
    ) -> None:
        self._runtime = runtime
        self._names, self._kinds, self._depth = names, kinds, depth
        self._wanted: dict[tuple[str, type[Message]], bool] = {}
        self._catch: Catch[tuple[Monotonic, str, Message, str]] = Catch(runtime.clock.monotonic(), patience)
        self.running = True
        """Whether it still hears; False after `close`, and once it was forsaken."""
        runtime.on_delivery(self._hear)

    def take(self) -> list[Traced]:
        """What was heard since, oldest first."""
        clock = self._runtime.clock
        monotonic, utc = clock.monotonic(), clock.utc_now()
        told = []
        for (at, name, message, sender), missed in self._catch.take(monotonic):
            when = (utc - timedelta(seconds=monotonic - at)).isoformat(timespec="milliseconds")
            fields = plain(message, self._depth, ITEMS)
            told.append(Traced(when, name, type(message).__name__, fields, missed, sender))
        return told

    def close(self) -> None:
        """Hear no more; nothing of it stays."""
        self.running = False
        self._runtime.off_delivery(self._hear)

    def _hear(self, now: Monotonic, name: str, message: Message, sender: str) -> None:
        """Called on the threads of all actors."""
        key = name, type(message)
        wanted = self._wanted.get(key)
        if wanted is None:
            wanted = self._wanted[key] = matches(name, self._names) and matches(
                type(message).__name__, self._kinds
            )
        if wanted:
            self._catch.offer(now, (now, name, message, sender))
        if self._catch.forsaken(now):
            self.close()
