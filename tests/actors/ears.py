"""An actor that only listens: what the tests of the edges look at."""

from typing import TypeVar

from actors.messages.base import Message
from actors.runtime import Runtime
from actors.supervised import Context, Supervised

__all__ = ["Ear", "listen"]

M = TypeVar("M", bound=Message)


class Ear(Supervised):
    """Keeps every message with its arrival (monotonic seconds), in a list that the test shares."""

    def __init__(self, context: Context, heard: list[tuple[float, Message]]) -> None:
        super().__init__(context)
        self.heard = heard

    def on_message(self, message: Message) -> None:
        self.heard.append((self.now(), message))


class Heard(list[tuple[float, Message]]):
    """What an ear has heard so far."""

    def of(self, kind: type[M]) -> list[M]:
        return [message for _, message in self if isinstance(message, kind)]

    def times(self, kind: type[Message]) -> list[float]:
        return [at for at, message in self if isinstance(message, kind)]


def listen(runtime: Runtime, name: str) -> Heard:
    """Start an ear under this name; returns what it hears, which grows."""
    heard = Heard()
    runtime.spawn(name, lambda context: Ear(context, heard))
    return heard
