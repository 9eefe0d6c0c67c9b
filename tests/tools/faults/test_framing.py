"""Tests of the finding of borders in streams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from tools.faults.framing import Framing, Splitter, Unit, asked_for

HEAD = b"GET /ocpp/CP%2001 HTTP/1.1\r\nHost: x\r\n\r\n"
ADU = bytes.fromhex("000700000006ff030bb70006")


def frame(payload: bytes, *, mask: bool = True) -> bytes:
    return Frame(Opcode.TEXT, payload).serialize(mask=mask)


def fed(framing: Framing, stream: bytes, sizes: list[int]) -> list[Unit]:
    """The units that come when the stream arrives in packets of these sizes, again and again."""
    splitter, units, place, turn = Splitter(framing), list[Unit](), 0, 0
    while place < len(stream):
        size = sizes[turn % len(sizes)]
        units += splitter.feed(stream[place : place + size])
        place, turn = place + size, turn + 1
    assert splitter.rest == b""
    return units


@given(st.lists(st.integers(1, 200), min_size=1, max_size=5))
def test_frames_are_found_however_they_were_cut_into_packets(sizes: list[int]) -> None:
    """All three ways of writing a length, masked and not; each frame stays byte for byte what it was."""
    frames = [
        frame(b""),
        frame(b"x" * 125, mask=False),
        frame(b"y" * 126),
        frame(b"z" * 70_000, mask=False),
        frame(b"e"),
    ]
    units = fed(Framing.WEBSOCKET, HEAD + b"".join(frames), sizes)
    assert units == [Unit(HEAD, frame=False), *map(Unit, frames)]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_modbus_adus_are_found_by_their_length(sizes: list[int]) -> None:
    answer = bytes.fromhex("00070000000fff030c") + bytes(12)
    assert fed(Framing.MODBUS, ADU + answer + ADU, sizes) == [Unit(ADU), Unit(answer), Unit(ADU)]


def test_a_unit_longer_than_anybody_takes_goes_on_as_it_comes() -> None:
    splitter = Splitter(Framing.WEBSOCKET)
    splitter.feed(HEAD)
    endless = b"\x81\x7f" + (2**40).to_bytes(8, "big") + b"abc"
    assert splitter.feed(endless) == [Unit(endless)]


@pytest.mark.parametrize(("head", "who"), [(HEAD, "CP%2001"), (b"nonsense", ""), (b"", "")])
def test_who_calls_is_the_end_of_the_path(head: bytes, who: str) -> None:
    assert asked_for(head) == who
