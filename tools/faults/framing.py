"""Finds where one message ends and the next begins in a stream of bytes: WebSocket frames, Modbus ADUs."""

from enum import StrEnum
from typing import Final, NamedTuple

__all__ = ["Framing", "Splitter", "Unit", "asked_for"]

_HEAD_ENDS: Final = b"\r\n\r\n"
_LONGEST: Final = 4 * 1024 * 1024
"""Four times what EVCE takes; who announces more isn't waited for."""

_MBAP: Final = 6
"""Bytes before those that the length of a Modbus TCP header counts: transaction, protocol, length."""


class Framing(StrEnum):
    """What is spoken on a connection."""

    WEBSOCKET = "websocket"
    """RFC 6455: the heads of an HTTP request and its answer, then frames."""
    MODBUS = "modbus"
    """Modbus TCP: ADUs with an MBAP header (Modbus Messaging on TCP/IP V1.0b, 3.1.3)."""


class Unit(NamedTuple):
    """Bytes that belong together, exactly as they came; `frame` is False for the head of the handshake."""

    data: bytes
    frame: bool = True


class Splitter:
    """Cuts one direction of one connection into its units, byte for byte as they came."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._greeted = framing is Framing.MODBUS
        self._rest = b""

    @property
    def rest(self) -> bytes:
        """The beginning of a unit that is not complete yet."""
        return self._rest

    def feed(self, data: bytes) -> list[Unit]:
        """Return the units that these bytes complete, in their order.

        What can't be a unit (it would be longer than anybody takes) is returned as one, so that it goes on.
        """
        self._rest += data
        units = []
        while self._rest and (length := self._length()) is not None:
            length = len(self._rest) if length > _LONGEST else length
            if length > len(self._rest):
                break
            units.append(Unit(self._rest[:length], self._greeted))
            self._rest = self._rest[length:]
            self._greeted = True
        return units

    def _length(self) -> int | None:
        """How long the unit is with which the rest begins; None while that isn't known."""
        rest = self._rest
        if not self._greeted:
            end = rest.find(_HEAD_ENDS)
            return None if end < 0 else end + len(_HEAD_ENDS)
        if self._framing is Framing.MODBUS:
            return None if len(rest) < _MBAP else _MBAP + int.from_bytes(rest[4:6], "big")
        return _websocket_length(rest)


def _websocket_length(data: bytes) -> int | None:
    """RFC 6455 §5.2: two bytes, a longer length where 126 or 127 stands for it, a mask's key, the payload."""
    if len(data) < 2:
        return None
    short, masked = data[1] & 0x7F, 4 if data[1] & 0x80 else 0
    extended = {126: 2, 127: 8}.get(short, 0)
    if len(data) < 2 + extended:
        return None
    payload = int.from_bytes(data[2 : 2 + extended], "big") if extended else short
    return 2 + extended + masked + payload


def asked_for(head: bytes) -> str:
    """The last part of the path in the head of an HTTP request, still quoted; empty where there is none."""
    words = head.partition(b"\r\n")[0].split(b" ")
    return words[1].decode("latin-1").rpartition("/")[2] if len(words) == 3 else ""
