"""A station's websocket whose messages are heard as they arrive, without waking a task for each of them."""

from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode

__all__ = ["StationConnection"]

_BEGINS_MESSAGE = (Opcode.TEXT, Opcode.BINARY)


class StationConnection(ServerConnection):
    """Belongs to the loop's thread. `hear` is offered each whole message as soon as it was read.

    What it refuses (False) waits in the usual queue for `recv`, and so does all that comes after it until
    `caught_up` says that everything from the queue has been dealt with: the order is kept, and a queue that
    fills up stops the reading of the socket.
    """

    hear: Callable[[bytes], bool] | None = None
    _waiting = 0

    def caught_up(self) -> None:
        """One message from `recv` has been dealt with."""
        self._waiting -= 1

    def process_event(self, event: Any) -> None:
        """See `ServerConnection.process_event`; tests/integration/test_websockets_seam.py pins it."""
        if isinstance(event, Frame) and event.opcode in _BEGINS_MESSAGE:
            if self.hear is not None and not self._waiting and event.fin and self.hear(bytes(event.data)):
                return
            self._waiting += 1
        super().process_event(event)
