"""A WebSocket client (RFC 6455) of so little weight that the server is what a benchmark measures."""

import asyncio
import struct
import time
from collections.abc import Callable

__all__ = ["LightSocket", "masked"]

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA

_NO_MASK = bytes(4)
"""RFC 6455 §5.3 has clients mask; with the key of zeros the load has nothing to do for it."""


class LightSocket(asyncio.Protocol):
    """One connection. It neither compresses nor takes fragments apart: none of the servers does either.

    `arrived` is when the bytes now being read came, on the monotonic clock. `on_text` gets each text frame,
    `on_closed` why the other side ended it.
    """

    def __init__(self, path: str, on_text: Callable[[bytes], None], on_closed: Callable[[str], None]) -> None:
        self.arrived = 0.0
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._host = ""
        self._path = path
        self._on_text = on_text
        self._on_closed = on_closed
        self._ending = False
        self._reason = "the connection was lost"
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    async def connect(self, host: str, port: int) -> None:
        """Connect and shake hands for OCPP 1.6. Raises `OSError` when the server refuses."""
        self._host = f"{host}:{port}"
        await asyncio.get_running_loop().create_connection(lambda: self, host, port)
        await self._opened

    def send(self, text: bytes) -> None:
        """Send a text frame; nothing happens once the socket is closed."""
        if self._transport is not None:
            self._transport.write(masked(_TEXT, text))

    def close(self) -> None:
        """Close it, as RFC 6455 §7.1.2 wants it, without waiting for the answer."""
        self._ending = True
        if self._transport is not None:
            self._transport.write(masked(_CLOSE, struct.pack(">H", 1000)))
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # create_connection makes no other
        self._transport = transport
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n".encode()
        )

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if not self._opened.done():
            self._opened.set_exception(ConnectionError(f"{self._path}: closed during the handshake"))
        elif not self._ending:
            self._on_closed(self._reason if error is None else f"{self._reason}: {error}")

    def data_received(self, data: bytes) -> None:
        self.arrived = time.monotonic()
        if self._rest:
            data = self._rest + data
        if not self._opened.done():
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self._shaken(head)
        begin = 0
        while (frame := _frame(data, begin)) is not None:
            opcode, text, begin = frame
            if opcode == _TEXT:
                self._on_text(text)
            elif opcode == _PING and self._transport is not None:
                self._transport.write(masked(_PONG, text))
            elif opcode == _CLOSE and self._transport is not None:
                code, why = int.from_bytes(text[:2], "big"), text[2:].decode(errors="replace")
                self._reason = f"the server closed it: {code} {why}".rstrip()
                self._transport.write(masked(_CLOSE, text[:2]))
                self._transport.close()
        self._rest = data[begin:]

    def _shaken(self, head: bytes) -> None:
        status = head.partition(b"\r\n")[0].decode(errors="replace")
        if " 101 " in f"{status} ":
            self._opened.set_result(None)
        else:
            self._opened.set_exception(ConnectionError(f"{self._path}: {status}"))


def masked(opcode: int, data: bytes) -> bytes:
    """Make one whole frame of a client."""
    length = len(data)
    if length < 126:
        head = bytes((0x80 | opcode, 0x80 | length))
    elif length < 65_536:
        head = struct.pack(">BBH", 0x80 | opcode, 0x80 | 126, length)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 0x80 | 127, length)
    return head + _NO_MASK + data


def _frame(data: bytes, begin: int) -> tuple[int, bytes, int] | None:
    """Return opcode, content and end of the frame of a server that begins here; None while it isn't whole."""
    if len(data) < begin + 2:
        return None
    length, content = data[begin + 1], begin + 2
    if length >= 126:
        size = 2 if length == 126 else 8
        if len(data) < content + size:
            return None
        length = int.from_bytes(data[content : content + size], "big")
        content += size
    end = content + length
    return None if len(data) < end else (data[begin] & 0x0F, data[content:end], end)
