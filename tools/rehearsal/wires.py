"""The links of the simulated house: frames, registers and pins handed over after a short virtual delay."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import cast

from actors.gateway_connection import StationConnection
from actors.gateway_conversation import Conversation, Session
from actors.gateway_protocol import GatewayCounters, GatewayTimings, StationAccess
from actors.gateway_taps import Taps
from actors.input_board import PinsLost, PinsSeen, SessionKey
from actors.messages import CallReceived, LinkClosed, LinkOpened, Message
from actors.meter import PollAnswered, PollFailed, PollKey
from actors.runtime import SimulatedRuntime
from evce.configuration.sections import MeterSettings
from evce.ocppj import ErrorCode, call_error
from evce.registers import ReadRequest
from evce.units import BoxIdentity, Seconds
from tools.simulation.links import InProcessSite
from tools.simulation.meters import MeterRefusedError, MeterSilentError, MeterUnpluggedError

__all__ = ["Disturbance", "InputWires", "MeterWire", "StationWires"]

ON_THE_WIRE: Seconds = 0.02
"""One way to a station, or to a meter and back: what a local network and a small device take."""

TIMINGS = GatewayTimings()

PINS_EVERY: Seconds = 0.25

Disturbance = Callable[[str, str, bool, float], Seconds]
"""What is wrong with the network: takes a station, a frame, whether it is the station's, and the time.

Returns by how many seconds this frame comes later; infinity where it never comes.
"""


class _Talk(Conversation):
    """The gateway's own translation of frames, with virtual sockets under it."""

    def __init__(
        self,
        runtime: SimulatedRuntime,
        counters: GatewayCounters,
        write: Callable[[Session, str], None],
        hang_up: Callable[[Session], None],
    ) -> None:
        clock = runtime.clock
        super().__init__(runtime.tell, runtime.directory.full, clock, counters, TIMINGS, Taps(clock))
        self._runtime = runtime
        self._write = write
        self._hang_up = hang_up

    def write(self, session: Session, text: str) -> None:
        self._write(session, text)

    def read(self, session: Session, frame: str) -> Message | None:
        session.heard_at = self._clock.monotonic()
        # What is no UTF-8 on a real socket comes as Python writes such bytes in a text.
        return self._read(session, frame.encode(errors="surrogateescape"))

    def hand_over(self, session: Session, message: Message) -> bool:
        return self._deliver(session, message)

    def _later(self, seconds: Seconds, work: Callable[[], None]) -> None:
        self._runtime.call_after(seconds, work)

    def _turn_away(self, session: Session, reason: str) -> None:
        del reason
        self._hang_up(session)


class _Socket:
    """One accepted connection, and what the station has said on it that no actor has taken yet."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.said: deque[str] = deque()
        self.waiting: Message | None = None
        self.waited_since = 0.0


class StationWires:
    """The gateway's place: a `StationLink` for the actors, callables for an `InProcessSite`.

    `site` and `site_now` are set once both exist: the site outlives the house. So do the `disturbances` of
    the network and the `peers`, the addresses of stations that don't have the usual one.
    """

    site: InProcessSite
    site_now: Callable[[], float]

    def __init__(
        self, runtime: SimulatedRuntime, disturbances: Sequence[Disturbance], peers: Mapping[str, str]
    ) -> None:
        self._runtime = runtime
        self._disturbances = disturbances
        self._peers = peers
        self.counters = GatewayCounters()
        self._talk = _Talk(
            runtime,
            self.counters,
            self._answer,
            lambda session: self._later(lambda: self._end(session.station, session.incarnation)),
        )
        self._sockets: dict[str, _Socket] = {}
        self._incarnations: dict[str, int] = {}
        self.pulled = False
        """The process is gone: nothing passes any more."""

    # For the actors.

    def send(self, station: BoxIdentity, incarnation: int, text: str) -> None:
        """See `StationLink.send`."""
        self._travel(station, text, False, lambda: self._to_station(station, incarnation, text))

    def disconnect(self, station: BoxIdentity, incarnation: int, code: int, reason: str) -> None:
        """See `StationLink.disconnect`; a simulated station doesn't ask why."""
        del code, reason
        self._later(lambda: self._end(station, incarnation))

    def announce(self, station: BoxIdentity) -> None:
        """See `StationLink.announce`."""
        self._later(lambda: self._announce(station))

    # For the site.

    def opened(self, name: str) -> None:
        """A station has dialled."""
        incarnation = self._incarnations[name] = self._incarnations.get(name, 0) + 1
        station = BoxIdentity(name)
        session = Session(
            StationAccess(station),
            incarnation,
            cast(StationConnection, None),
            self._peers.get(name, "simulated"),
            self.site_now(),
        )
        self._sockets[name] = _Socket(session)
        self._runtime.tell(session.name, LinkOpened(station, incarnation, session.peer))

    def closed(self, name: str) -> None:
        """Its connection is gone."""
        socket = self._sockets.pop(name, None)
        if socket is not None:
            session = socket.session
            self._talk.release(session)
            self._runtime.tell(session.name, LinkClosed(session.station, session.incarnation, "hung up"))

    def connected(self, name: str) -> int:
        """The number of the station's connection, 0 while it has none."""
        socket = self._sockets.get(name)
        return 0 if socket is None else socket.session.incarnation

    def from_station(self, name: str, frame: str) -> None:
        """A frame of a station is on its way."""
        socket = self._sockets.get(name)
        if socket is not None:
            self._travel(name, frame, True, lambda: self._arrived(socket, frame))

    # Inside.

    def _travel(self, name: str, frame: str, upward: bool, arrive: Callable[[], None]) -> None:
        now = self._runtime.clock.monotonic()
        late = sum(disturb(name, frame, upward, now) for disturb in self._disturbances)
        if late < inf:
            self._later(arrive, ON_THE_WIRE + late)

    def _later(self, work: Callable[[], None], seconds: Seconds = ON_THE_WIRE) -> None:
        def unless_pulled() -> None:
            if not self.pulled:
                work()

        self._runtime.call_after(seconds, unless_pulled)

    def _arrived(self, socket: _Socket, frame: str) -> None:
        socket.said.append(frame)
        if socket.waiting is None:
            self._listen(socket)

    def _listen(self, socket: _Socket) -> None:
        """Like the gateway, read nothing more while an actor is being waited for."""
        session = socket.session
        while socket.said and self._sockets.get(session.station) is socket:
            message = self._talk.read(session, socket.said.popleft())
            if message is not None and not self._talk.hand_over(session, message):
                socket.waiting, socket.waited_since = message, self._runtime.clock.monotonic()
                self._later(lambda: self._try_again(socket), TIMINGS.pause)
                return

    def _try_again(self, socket: _Socket) -> None:
        session, message = socket.session, socket.waiting
        if message is None or self._sockets.get(session.station) is not socket:
            return
        if not self._talk.hand_over(session, message):
            if self._runtime.clock.monotonic() - socket.waited_since < TIMINGS.patience:
                self._later(lambda: self._try_again(socket), TIMINGS.pause)
                return
            if isinstance(message, CallReceived):
                text = call_error(message.message_id, ErrorCode.INTERNAL_ERROR, "not ready, try again")
                self._answer(session, text)
        socket.waiting = None
        self._listen(socket)

    def _answer(self, session: Session, text: str) -> None:
        self.send(session.station, session.incarnation, text)

    def _current(self, station: str, incarnation: int) -> bool:
        socket = self._sockets.get(station)
        return socket is not None and socket.session.incarnation == incarnation

    def _to_station(self, station: str, incarnation: int, text: str) -> None:
        if self._current(station, incarnation):
            self.site.to_station(station, text, self.site_now())

    def _end(self, station: str, incarnation: int) -> None:
        if self._current(station, incarnation):
            self.site.hang_up(station, self.site_now())

    def _announce(self, station: str) -> None:
        socket = self._sockets.get(station)
        if socket is not None:
            session = socket.session
            self._runtime.tell(session.name, LinkOpened(session.station, session.incarnation, session.peer))


class MeterWire:
    """A `MeterLink` that reads the site's registers; a silent meter times out as the real link does."""

    def __init__(
        self, runtime: SimulatedRuntime, site: Callable[[], InProcessSite], meter: MeterSettings
    ) -> None:
        self._runtime = runtime
        self._site = site
        self._meter = meter

    def read(
        self, poll: PollKey, requests: Sequence[ReadRequest], deliver: Callable[[Message], object]
    ) -> None:
        """See `MeterLink.read`."""
        site, meter = self._site(), self._meter

        def answer() -> None:
            try:
                answers: dict[ReadRequest, Sequence[int]] = {
                    request: site.read_registers(meter.id, request.address, request.count)
                    for request in requests
                }
            except MeterSilentError:
                late = 0.9 * meter.poll_ms / 1000.0 - ON_THE_WIRE
                self._runtime.call_after(late, lambda: deliver(PollFailed(poll, "no answer")))
            except (MeterRefusedError, MeterUnpluggedError) as refusal:
                deliver(PollFailed(poll, str(refusal)))
            else:
                deliver(PollAnswered(poll, answers))

        self._runtime.call_after(ON_THE_WIRE, answer)


class InputWires:
    """An `InputLink` on switches that a scenario turns: `switch` by the number that people know."""

    def __init__(self, runtime: SimulatedRuntime) -> None:
        self._runtime = runtime
        self._on: dict[int, bool] = {}
        self._missing = False
        self._serial = 0
        self._session: tuple[SessionKey, Mapping[int, int], Callable[[Message], object]] | None = None

    def switch(self, number: int, on: bool) -> None:
        """Turn one input."""
        self._on[number] = on
        self._tell()

    def unplug(self, missing: bool) -> None:
        """The board is gone, or there again."""
        self._missing = missing
        self._tell()

    def open(
        self, session: SessionKey, pins: Mapping[int, int], deliver: Callable[[Message], object]
    ) -> None:
        """See `InputLink.open`."""
        self._session = (session, dict(pins), deliver)
        self._serial += 1
        self._again(self._serial)

    def close(self) -> None:
        """See `InputLink.close`."""
        self._session = None
        self._serial += 1

    def _again(self, serial: int) -> None:
        def look() -> None:
            if serial == self._serial:
                self._tell()
                self._runtime.call_after(PINS_EVERY, look)

        self._runtime.call_after(ON_THE_WIRE, look)

    def _tell(self) -> None:
        if self._session is not None:
            session, pins, deliver = self._session
            if self._missing:
                deliver(PinsLost(session, "no such device"))
                return
            levels = {pin: self._on.get(number, False) for number, pin in pins.items()}
            deliver(PinsSeen(session, levels))
