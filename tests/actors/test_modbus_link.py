"""The Modbus edge against real servers on loopback: good ones, wrong ones and silent ones."""

import asyncio
import contextlib
import os
import queue
import socket
import struct
import threading
import tty
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from actors.messages import Message, MeterLost, MeterSampled
from actors.meter import MeterActor, PollAnswered, PollFailed
from actors.modbus_link import ModbusHub, ModbusLink
from actors.runtime import ThreadRuntime
from evce.configuration.choices import MeterModel, MeterProtocol, MeterRole, Parity
from evce.configuration.sections import MeterSettings
from evce.endpoints import SerialLine, TcpEndpoint
from evce.registers import BUILT_IN, MeterReading, ReadRequest, RegisterKind, decode, read_plan
from tests.actors.ears import listen
from tests.actors.runtimes import wait
from tests.conftest import TIMEOUT_FACTOR

MAP = BUILT_IN[MeterModel.PM5320]
PLAN = read_plan(MAP)
CURRENTS = (ReadRequest(RegisterKind.HOLDING, 2999, 6),)
TRUE = MeterReading((10.0, 20.0, 30.0), pytest.approx(13_800.0), 7000.0)  # type: ignore[arg-type]

Server = ModbusTcpServer | ModbusSerialServer
Action = Callable[..., Awaitable[ExcCodes | None]]


def device(action: Action | None = None, unit: int = 255) -> SimDevice:
    """A PM5320 at 10, 20 and 30 A, 13.8 kW and 7 kWh."""
    holding = [
        SimData(2999, values=[10.0, 20.0, 30.0], datatype=DataType.FLOAT32),
        SimData(3059, values=[13.8], datatype=DataType.FLOAT32),
        SimData(3203, values=[7000], datatype=DataType.INT64),
    ]
    return SimDevice(unit, simdata=holding, action=action)  # type: ignore[arg-type]


@contextmanager
def served(make: Callable[[], Server]) -> Iterator[Server]:
    """A pymodbus server on a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> Server:
        server = make()
        await server.serve_forever(background=True)
        return server

    def call(work: Awaitable[object]) -> object:
        async def run() -> object:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), loop).result(10.0 * TIMEOUT_FACTOR)

    server = call(start())
    assert isinstance(server, ModbusTcpServer | ModbusSerialServer)
    yield server
    call(server.shutdown())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10.0 * TIMEOUT_FACTOR)
    loop.close()


@contextmanager
def meter(action: Action | None = None, port: int = 0) -> Iterator[TcpEndpoint]:
    with served(lambda: ModbusTcpServer(device(action), address=("127.0.0.1", port))) as server:
        yield TcpEndpoint("127.0.0.1", server.transport.sockets[0].getsockname()[1])  # type: ignore[union-attr]


class Tty:
    """One end of a pair of wires: a pseudo-terminal whose master side is pumped to the other's."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)

    def pump(self, other: "Tty") -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self.master, 512):
                os.write(other.master, data)

    def close(self) -> None:
        for end in (self.slave, self.master):
            os.close(end)


def serial_pair() -> tuple[Tty, Tty]:
    left, right = Tty(), Tty()
    for here, there in ((left, right), (right, left)):
        threading.Thread(target=here.pump, args=(there,), daemon=True).start()
    return left, right


@pytest.fixture
def hub() -> Iterator[ModbusHub]:
    hub = ModbusHub()
    yield hub
    hub.close()


class Asker:
    """Polls a link and waits for what it delivers."""

    def __init__(self, link: ModbusLink) -> None:
        self.link = link
        self.answers: queue.Queue[Message] = queue.Queue()
        self.number = 0

    def ask(self, requests: Sequence[ReadRequest] = PLAN) -> PollAnswered | PollFailed:
        self.number += 1
        self.link.read((1, self.number), requests, self.answers.put)
        answer = self.answers.get(timeout=10.0 * TIMEOUT_FACTOR)
        assert isinstance(answer, PollAnswered | PollFailed)
        assert answer.poll == (1, self.number)
        return answer

    def failure(self, requests: Sequence[ReadRequest] = PLAN) -> str:
        answer = self.ask(requests)
        assert isinstance(answer, PollFailed)
        return answer.reason

    def reading(self) -> MeterReading:
        answer = self.ask()
        assert isinstance(answer, PollAnswered), answer.reason
        return decode(MAP, answer.answers)

    def until_read(self) -> MeterReading:
        """Poll as often as it takes; the test's time-out is the bound."""
        while isinstance(answer := self.ask(), PollFailed):
            pass
        return decode(MAP, answer.answers)


def period(seconds: float) -> float:
    return seconds * TIMEOUT_FACTOR


def test_a_meter_is_read_over_tcp(hub: ModbusHub) -> None:
    """MT-1, MT-2: several requests, one poll."""
    with meter() as endpoint:
        asker = Asker(hub.link(endpoint, 255, period(5.0)))
        assert asker.reading() == TRUE
        assert asker.reading() == TRUE


def test_an_exception_of_the_device_is_told_in_words(hub: ModbusHub) -> None:
    """RELIABILITY: a Modbus exception is a missed poll, not a crash; the connection stays."""
    with meter() as endpoint:
        asker = Asker(hub.link(endpoint, 255, period(5.0)))
        missing = (ReadRequest(RegisterKind.HOLDING, 5000, 2),)
        expected = f"{endpoint} unit 255 refuses registers 5001-5002: illegal data address (2)"
        assert asker.failure(missing) == expected
        assert asker.reading() == TRUE


def test_a_gateway_tells_that_the_meter_behind_it_is_silent(hub: ModbusHub) -> None:
    async def silent(*_: object) -> ExcCodes:
        return ExcCodes.GATEWAY_NO_RESPONSE

    with meter(silent) as endpoint:
        asker = Asker(hub.link(endpoint, 255, period(5.0)))
        assert "gateway target device failed to respond (11)" in asker.failure()


def test_a_silent_meter_fails_within_its_period_and_delays_no_other(hub: ModbusHub) -> None:
    """MT-7: a time-out below the poll period, with no retries on top."""
    release = threading.Event()

    async def hangs(*_: object) -> None:
        await asyncio.get_running_loop().run_in_executor(None, release.wait)

    try:
        with meter(hangs) as endpoint, meter() as healthy:
            asker, other = Asker(hub.link(endpoint, 255, 0.3)), Asker(hub.link(healthy, 255, period(5.0)))
            asker.link.read((1, 0), PLAN, lambda _: None)
            assert other.reading() == TRUE
            assert asker.failure() == f"no answer from {endpoint} unit 255 within 0.27 s"
            release.set()
    finally:
        release.set()


def test_nobody_there_is_told_and_a_meter_that_comes_back_is_read(hub: ModbusHub) -> None:
    """MT-6: not connected; then connected again without anybody's help."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        endpoint = TcpEndpoint("127.0.0.1", holder.getsockname()[1])
    asker = Asker(hub.link(endpoint, 255, period(2.0)))
    assert "can't be reached" in asker.failure()
    with meter(port=endpoint.port):
        assert asker.until_read() == TRUE
    with pytest.raises(AssertionError):
        asker.reading()
    with meter(port=endpoint.port):
        assert asker.until_read() == TRUE


class Liar:
    """A TCP server that answers each request with what `answer` makes of it; counts connections."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.answer = answer
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = TcpEndpoint("127.0.0.1", self.listener.getsockname()[1])
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            while request := connection.recv(260):
                connection.sendall(self.answer(request))
        except OSError:
            return

    def close(self) -> None:
        self.listener.close()
        for connection in self.open:
            connection.close()


def truth(request: bytes, transaction: int | None = None) -> bytes:
    """The right answer to a request for the currents, perhaps with another transaction id."""
    asked, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", request)
    body = struct.pack(">fff", 10.0, 20.0, 30.0)[: 2 * count]
    header = struct.pack(
        ">HHHBBB", asked if transaction is None else transaction, 0, 3 + len(body), unit, function, len(body)
    )
    return header + body


@pytest.fixture
def liars() -> Iterator[Callable[[Callable[[bytes], bytes]], Liar]]:
    started: list[Liar] = []

    def start(answer: Callable[[bytes], bytes]) -> Liar:
        started.append(Liar(answer))
        return started[-1]

    yield start
    for liar in started:
        liar.close()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda request: truth(request, transaction=999), "no answer"),
        (lambda _: b"", "no answer"),
        (lambda request: truth(request)[:9], "no answer"),
        (lambda request: request[:7] + bytes([0x83, 6]) + b"", "no answer|device busy"),
        (lambda request: truth(request)[:7] + b"\x04" + truth(request)[8:], "answers function 4 unasked"),
        (
            lambda request: truth(request)[:7] + b"\x7f" + truth(request)[8:],
            "no answer|Unable to decode|Connection",
        ),
    ],
    ids=["wrong transaction", "nothing", "half a frame", "odd exception", "other function", "no function"],
)
def test_a_wrong_answer_is_never_a_reading(
    hub: ModbusHub, liars: Callable[..., Liar], answer: Callable[[bytes], bytes], why: str
) -> None:
    """RELIABILITY: wrong transaction id, garbage."""
    asker = Asker(hub.link(liars(answer).endpoint, 255, 0.3))
    reason = asker.failure(CURRENTS)
    assert any(part in reason for part in why.split("|")), reason


def test_the_answer_to_an_earlier_poll_is_not_taken_for_this_ones(
    hub: ModbusHub, liars: Callable[..., Liar]
) -> None:
    """RELIABILITY: a late answer carries the old transaction id and is skipped."""
    asked: list[bytes] = []

    def late(request: bytes) -> bytes:
        asked.append(request)
        if len(asked) == 1:
            return b""
        old = struct.pack(">HHHBBB6f", 1, 0, 27, 255, 3, 24, *[999.0] * 6)
        return old + truth(request)

    asker = Asker(hub.link(liars(late).endpoint, 255, period(0.5)))
    assert "no answer" in asker.failure(CURRENTS)
    answer = asker.ask(CURRENTS)
    assert isinstance(answer, PollAnswered)
    assert decode(MAP, answer.answers).amps == (10.0, 20.0, 30.0)


def test_after_two_silent_polls_the_connection_is_made_anew(
    hub: ModbusHub, liars: Callable[..., Liar]
) -> None:
    """RELIABILITY: a half-open socket never answers again."""
    liar = liars(lambda _: b"")
    asker = Asker(hub.link(liar.endpoint, 255, 0.2))
    for _ in range(2):
        asker.failure(CURRENTS)
    assert liar.connections == 1
    asker.failure(CURRENTS)
    assert liar.connections == 2


def test_meters_on_one_serial_line_take_turns(hub: ModbusHub) -> None:
    """MT-1: Modbus RTU; two meters asked at once on one pair of wires both answer."""
    ours, theirs = serial_pair()
    try:
        line = SerialLine(ours.path, parity="N")
        with served(lambda: ModbusSerialServer([device(unit=1), device(unit=2)], port=theirs.path)):
            first, second = (Asker(hub.link(line, unit, period(5.0))) for unit in (1, 2))
            second.link.read((1, 0), PLAN, second.answers.put)
            assert first.reading() == TRUE
            answer = second.answers.get(timeout=period(10.0))
            assert isinstance(answer, PollAnswered)
    finally:
        ours.close()
        theirs.close()


def test_a_meter_of_the_configuration_is_read_on_its_line_and_may_be_tried_at_another_speed(
    hub: ModbusHub,
) -> None:
    """MT-1, MT-6: the trial opens the line anew, and the meter that runs on it is read all the same."""
    ours, theirs = serial_pair()
    try:
        on_line = MeterSettings(
            id="m",
            name="M",
            role=MeterRole.REPORTING,
            model="iem3x5x",
            protocol=MeterProtocol.RTU,
            device=ours.path,
            parity=Parity.NONE,
            unit=1,
            poll_ms=5_000,
        )
        with served(lambda: ModbusSerialServer([device(unit=1)], port=theirs.path)):
            running = Asker(hub.meter_link(on_line))
            assert running.reading() == TRUE
            assert Asker(hub.meter_probe(SerialLine(ours.path, 9_600, "N"), 1)).reading() == TRUE
            assert running.reading() == TRUE
    finally:
        ours.close()
        theirs.close()


def test_a_serial_line_that_is_unplugged_is_told(hub: ModbusHub) -> None:
    """RELIABILITY: serial unplugged."""
    asker = Asker(hub.link(SerialLine("/dev/does-not-exist"), 1, period(1.0)))
    assert "/dev/does-not-exist can't be" in asker.failure()


def test_a_closed_hub_says_so(hub: ModbusHub) -> None:
    link = hub.link(TcpEndpoint("127.0.0.1", 1), 255, 1.0)
    hub.close()
    assert Asker(link).failure() == "the Modbus thread has ended"


def test_a_meter_actor_reads_a_real_meter_and_notices_its_loss(hub: ModbusHub) -> None:
    """MT-1, MT-7: the actor, the link and a Modbus server together."""
    runtime = ThreadRuntime(seed=1)
    zone = listen(runtime, "zone/a")
    settings = {"id": "m", "name": "M", "role": "zone", "model": "pm5320", "poll_ms": 200}
    try:
        with meter() as endpoint:
            known = MeterSettings.model_validate({**settings, "host": endpoint.host, "port": endpoint.port})
            link = hub.meter_link(known)
            runtime.spawn("meter/m", lambda context: MeterActor(context, known, link, ("zone/a",), MAP))
            wait(runtime, lambda: bool(zone.of(MeterSampled)))
        assert zone.of(MeterSampled)[0].amps == (10.0, 20.0, 30.0)
        wait(runtime, lambda: bool(zone.of(MeterLost)))
        assert zone.of(MeterLost)[0].raises_only
    finally:
        runtime.close(2.0)
