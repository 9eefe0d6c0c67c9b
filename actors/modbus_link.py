"""The Modbus edge: one I/O thread reads all meters, over TCP or serial lines, and answers with messages."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence

from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ExceptionResponse

from actors.messages import Message
from actors.meter import PollAnswered, PollFailed, PollKey
from evce.configuration.sections import MeterSettings
from evce.endpoints import Endpoint, SerialLine, TcpEndpoint
from evce.meter_trial import PollFault
from evce.registers import ReadRequest, RegisterKind
from evce.units import Seconds

__all__ = ["ModbusHub", "ModbusLink"]

logger = logging.getLogger(__name__)

SHARE_OF_PERIOD = 0.9
"""A poll may take this part of its period: its failure is known before the next one is due."""

PROBE_PERIOD: Seconds = 1.5
"""For a meter that somebody tries: slow gateways take a second, and several unit ids may be asked in turn."""

FIRST_RETRY: Seconds = 0.2
LONGEST_RETRY: Seconds = 2.0
"""Between two tries to connect; short, since a meter that is back should be noticed."""

IDLE: Seconds = 30.0
IDLE_POLLS = 3
"""A connection unused for so long, and for so many polls, belongs to a meter that the site has no more."""

SILENT_POLLS = 2
"""So many time-outs in a row, and the connection is made anew: the other end may have forgotten it."""

_FUNCTIONS = {RegisterKind.HOLDING: 3, RegisterKind.INPUT: 4}
"""Modbus Application Protocol V1.1b3, 6.3 and 6.4."""

EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledge",
    6: "device busy",
    10: "gateway path unavailable",
    11: "gateway target device failed to respond",
}
"""Modbus Application Protocol V1.1b3, chapter 7."""


Deliver = Callable[[Message], object]
"""Takes the answer; thread-safe, never raises, never blocks."""

_Client = AsyncModbusTcpClient | AsyncModbusSerialClient


_FAULTS = {
    1: PollFault.NO_SUCH_REGISTER,
    2: PollFault.NO_SUCH_REGISTER,
    10: PollFault.NO_SUCH_UNIT,
    11: PollFault.NO_SUCH_UNIT,
}
"""What an exception says about the settings of a meter."""


class _RefusedError(Exception):
    """The meter answered, but not with registers."""

    def __init__(self, text: str, fault: PollFault = PollFault.OTHER) -> None:
        super().__init__(text)
        self.fault = fault


class _NoLineError(ConnectionError):
    """The serial line can't be opened."""


class _Line:
    """One connection. Everything here runs on the hub's thread; one poll at a time has the line."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.turn = asyncio.Lock()
        self._client: _Client | None = None
        self._retry_at = 0.0
        self._retry_after = FIRST_RETRY
        self._refusal = ""
        self._silent = 0

    async def read(
        self, endpoint: Endpoint, unit: int, requests: Sequence[ReadRequest], timeout: Seconds
    ) -> dict[ReadRequest, list[int]]:
        """The registers. Raises `OSError`, `ModbusException` or `_RefusedError` with a text for people.

        Who asks with another speed or parity, to try it, has the serial line opened anew.
        """
        try:
            async with asyncio.timeout(timeout), self.turn:
                if endpoint != self.endpoint:
                    self.drop()
                    self.endpoint, self._retry_at = endpoint, 0.0
                client = await self._connected(timeout)
                answers = {}
                for request in requests:
                    answers[request] = await self._ask(client, unit, request)
        except TimeoutError:
            self._note_silence()
            raise TimeoutError(f"no answer from {self.endpoint} unit {unit} within {timeout:g} s") from None
        self._silent = 0
        return answers

    def drop(self) -> None:
        """Close the connection; the next poll makes a new one."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def _connected(self, timeout: Seconds) -> _Client:
        if self._client is not None and self._client.connected:
            return self._client
        self.drop()
        now = time.monotonic()
        if now < self._retry_at:
            raise self._unreachable()
        self._refusal = f"{self.endpoint} can't be reached"
        self._retry_at = now + self._retry_after
        self._retry_after = min(self._retry_after * 2.0, LONGEST_RETRY)
        client = _client(self.endpoint, timeout)
        try:
            made = await client.connect()
        except Exception as error:  # serial drivers have errors of their own that are no OSError
            client.close()
            self._refusal = f"{self.endpoint} can't be opened: {error}"
            raise self._unreachable() from error
        except asyncio.CancelledError:
            client.close()
            raise
        if not made:
            client.close()
            raise self._unreachable()
        self._client = client
        self._retry_after = FIRST_RETRY
        self._silent = 0
        return client

    def _unreachable(self) -> ConnectionError:
        serial = isinstance(self.endpoint, SerialLine)
        return _NoLineError(self._refusal) if serial else ConnectionError(self._refusal)

    async def _ask(self, client: _Client, unit: int, request: ReadRequest) -> list[int]:
        ask = (
            client.read_holding_registers
            if request.kind is RegisterKind.HOLDING
            else client.read_input_registers
        )
        answer = await ask(request.address, count=request.count, device_id=unit)
        # Devices answer with an exception, which pymodbus returns; what the transport does it raises.
        if isinstance(answer, ExceptionResponse):
            text = EXCEPTIONS.get(answer.exception_code, "unknown exception")
            first, last = request.address + 1, request.address + request.count
            refusal = f"refuses registers {first}-{last}: {text} ({answer.exception_code})"
            fault = _FAULTS.get(answer.exception_code, PollFault.OTHER)
            raise _RefusedError(f"{self.endpoint} unit {unit} {refusal}", fault)
        if answer.isError():
            raise _RefusedError(f"{self.endpoint} unit {unit} answers {answer}")
        if answer.function_code != _FUNCTIONS[request.kind]:
            raise _RefusedError(
                f"{self.endpoint} unit {unit} answers function {answer.function_code} unasked"
            )
        return list(answer.registers)

    def _note_silence(self) -> None:
        self._silent += 1
        if self._silent >= SILENT_POLLS:
            self._silent = 0
            self.drop()


def _fault(error: Exception) -> PollFault:
    match error:
        case _RefusedError():
            return error.fault
        case TimeoutError():
            return PollFault.SILENT
        case _NoLineError():
            return PollFault.NO_LINE
        case ConnectionError():
            return PollFault.UNREACHABLE
        case _:
            return PollFault.OTHER


def _client(endpoint: Endpoint, timeout: Seconds) -> _Client:
    # One try each and no reconnecting of its own: the next poll is the retry, and time-outs stay below it.
    if isinstance(endpoint, TcpEndpoint):
        return AsyncModbusTcpClient(
            endpoint.host, port=endpoint.port, timeout=timeout, retries=0, reconnect_delay=0
        )
    return AsyncModbusSerialClient(
        endpoint.device,
        baudrate=endpoint.baud,
        parity=endpoint.parity,
        stopbits=endpoint.stop_bits,
        timeout=timeout,
        retries=0,
        reconnect_delay=0,
    )


class ModbusHub:
    """The I/O thread. `link` is for the composition root; `close` ends the thread and all connections."""

    def __init__(self) -> None:
        # Every failure reaches the meter actor with a text of ours; the library would print each one again.
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
        self._loop = asyncio.new_event_loop()
        # What no decoder can read ends the connection; the poll fails, and the meter's actor tells it.
        self._loop.set_exception_handler(lambda _, context: logger.debug("Modbus: %s", context["message"]))
        self._lines: dict[object, _Line] = {}
        self._idle: dict[object, asyncio.TimerHandle] = {}
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="modbus", daemon=True)
        self._thread.start()

    def meter_link(self, settings: MeterSettings) -> ModbusLink:
        """The way to a meter of the configuration."""
        return self.link(settings.endpoint, settings.unit, settings.poll_ms / 1000.0)

    def meter_probe(self, endpoint: Endpoint, unit: int) -> ModbusLink:
        """The way to a meter that somebody tries."""
        return self.link(endpoint, unit, PROBE_PERIOD)

    def link(self, endpoint: Endpoint, unit: int, period: Seconds) -> ModbusLink:
        """The way to the meter `unit` (1-255) at this endpoint, polled each `period` seconds.

        Each TCP meter gets a connection of its own, so that one that hangs delays no other; meters on one
        serial line take turns. A connection that nobody uses any more closes by itself.
        """
        return ModbusLink(self, endpoint, unit, period * SHARE_OF_PERIOD)

    def close(self, timeout: Seconds = 5.0) -> None:
        """Give up what is under way, close all connections and end the thread."""
        if not self._closed:
            self._closed = True
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout)

    def submit(
        self, link: ModbusLink, poll: PollKey, requests: Sequence[ReadRequest], deliver: Deliver
    ) -> None:
        """Start a read on the hub's thread; at once a failure when the hub is closed."""

        def start() -> None:
            task = self._loop.create_task(self._read(link, poll, requests, deliver))
            self._tasks[task] = None
            task.add_done_callback(lambda done: self._tasks.pop(done, None))

        try:
            self._loop.call_soon_threadsafe(start)
        except RuntimeError:
            deliver(PollFailed(poll, "the Modbus thread has ended"))

    async def _read(
        self, link: ModbusLink, poll: PollKey, requests: Sequence[ReadRequest], deliver: Deliver
    ) -> None:
        line = self._lines.get(link.line_key)
        if line is None:
            line = self._lines[link.line_key] = _Line(link.endpoint)
        if (idle := self._idle.pop(link.line_key, None)) is not None:
            idle.cancel()
        closes = max(IDLE, IDLE_POLLS * link.timeout)
        self._idle[link.line_key] = self._loop.call_later(closes, self._forget, link.line_key)
        message: Message
        try:
            message = PollAnswered(poll, await line.read(link.endpoint, link.unit, requests, link.timeout))
        except (OSError, ModbusException, _RefusedError) as error:
            message = PollFailed(poll, str(error) or type(error).__name__, _fault(error))
        except asyncio.CancelledError:
            return
        except Exception as error:  # whatever a device sends: the actor must hear of it, the thread must live
            logger.exception("reading %s failed", link.endpoint)
            message = PollFailed(poll, f"{type(error).__name__}: {error}")
        deliver(message)

    def _forget(self, key: object) -> None:
        self._idle.pop(key, None)
        self._lines.pop(key).drop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            for task in tuple(self._tasks):
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
            for line in self._lines.values():
                line.drop()
            self._loop.run_until_complete(asyncio.sleep(0))
        finally:
            self._loop.close()


class ModbusLink:
    """A `MeterLink` over Modbus."""

    def __init__(self, hub: ModbusHub, endpoint: Endpoint, unit: int, timeout: Seconds) -> None:
        self.endpoint = endpoint
        self.unit = unit
        self.timeout = timeout
        self.line_key: object = self if isinstance(endpoint, TcpEndpoint) else endpoint.device
        self._hub = hub

    def read(self, poll: PollKey, requests: Sequence[ReadRequest], deliver: Deliver) -> None:
        """See `MeterLink.read`; `deliver` is called on the hub's thread."""
        self._hub.submit(self, poll, tuple(requests), deliver)
