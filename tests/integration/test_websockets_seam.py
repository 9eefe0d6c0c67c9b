"""The seam of websockets that the gateway builds on: a release that moves it must fail here first."""

import inspect

from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode


def test_each_frame_goes_through_process_event() -> None:
    """OC-1: once, whole, and synchronously."""
    assert list(inspect.signature(ServerConnection.process_event).parameters) == ["self", "event"]
    assert not inspect.iscoroutinefunction(ServerConnection.process_event)
    assert "self.process_event(event)" in inspect.getsource(Connection.data_received)


def test_a_frame_tells_its_kind_and_whether_it_is_the_last() -> None:
    frame = Frame(Opcode.TEXT, b"[2]")
    assert (frame.opcode, bytes(frame.data), frame.fin) == (Opcode.TEXT, b"[2]", True)
