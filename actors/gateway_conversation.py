"""What is said on one station's socket: frames checked, answered or handed to the station's actor."""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from websockets.asyncio.server import broadcast

from actors.gateway_connection import StationConnection
from actors.gateway_protocol import GatewayCounters, GatewayTimings, StationAccess
from actors.gateway_taps import Taps
from actors.messages import CallAnswered, CallReceived, CallRefused, Message, RecordEvent
from actors.runtime.clock import Clock
from evce.ocppj import (
    Call,
    CallError,
    CallResult,
    ErrorCode,
    Malformed,
    Strikes,
    call_error,
    call_result,
    empty_result,
    parse,
)
from evce.station_control.inbound import format_time
from evce.units import BoxIdentity, Monotonic, Seconds
from evce.validation import check_request

__all__ = ["POLICY_VIOLATION", "Conversation", "Session"]

POLICY_VIOLATION: Final = 1008
"""RFC 6455 §7.4.1."""

_ANSWERED_HERE: Final = frozenset({"Heartbeat", "MeterValues"})
"""Their answers depend on nothing, so they don't wait for the actor."""

_WRITE_BUFFER_MOST: Final = 1024 * 1024
"""Bytes that a peer may leave unread before its socket counts as dead."""

_LOG_EVERY: Final = 1.0
"""Seconds between two log lines about one station's bad frames."""


@dataclass(slots=True, eq=False)
class Session:
    """One accepted connection of a station. Only the loop's thread touches it."""

    access: StationAccess
    incarnation: int
    connection: StationConnection
    peer: str
    heard_at: Monotonic
    strikes: Strikes = field(default_factory=Strikes)
    logged_at: Monotonic = float("-inf")
    probing: bool = False
    ended: bool = False
    held: dict[Hashable, CallReceived] = field(default_factory=dict)
    held_until: Monotonic = float("-inf")
    refused: Message | None = None
    """What was read already when nobody was there to take it."""
    name: str = field(init=False)
    """The station actor's name in the directory."""

    def __post_init__(self) -> None:
        self.name = f"station/{self.access.station}"

    @property
    def station(self) -> BoxIdentity:
        """Whose connection it is."""
        return self.access.station


class Conversation:
    """Runs on the loop's thread; waits only by `await`, and then for this one socket."""

    def __init__(
        self,
        tell: Callable[[str, Message], bool],
        full: Callable[[str], bool],
        clock: Clock,
        counters: GatewayCounters,
        timings: GatewayTimings,
        taps: Taps,
    ) -> None:
        self._taps = taps
        self._tell = tell
        self._full = full
        self._clock = clock
        self._counters = counters
        self._timings = timings
        self._holding: dict[Session, None] = {}

    async def listen(self, session: Session) -> None:
        """Hear frames until the socket is gone; ends with `ConnectionClosed`.

        Most are dealt with as they arrive. While the actor's inbox is full nothing is read, while it is being
        restarted hardly anything: the station's own queue is the place to wait.
        """
        connection = session.connection
        connection.hear = lambda data: self._hear(session, data)
        while True:
            data = await connection.recv(decode=False)
            session.heard_at = self._clock.monotonic()
            if self._full(session.name):
                await self._until(lambda: not self._full(session.name))
            message, session.refused = session.refused or self._read(session, data), None
            if message is not None and not self._deliver(session, message):
                await self._nobody_there(session, message)
            connection.caught_up()

    def _hear(self, session: Session, data: bytes) -> bool:
        """Deal with a frame at once; False where that takes waiting."""
        session.heard_at = self._clock.monotonic()
        if self._full(session.name):
            return False
        message = self._read(session, data)
        if message is None or self._deliver(session, message):
            return True
        session.refused = message
        return False

    def write(self, session: Session, text: str) -> None:
        """Put a frame on the socket without waiting; a peer that doesn't read is dropped."""
        if self._taps.by_station:
            self._taps.hear(session.station, text, from_station=False)
        broadcast((session.connection,), text)
        if session.connection.transport.get_write_buffer_size() > _WRITE_BUFFER_MOST:
            session.connection.transport.abort()

    def release(self, session: Session) -> None:
        """Hand over the samples that are held for this station."""
        self._holding.pop(session, None)
        session.held_until = session.heard_at + self._timings.hold
        held, session.held = session.held, {}
        for message in held.values():
            if self._tell(session.name, message):
                self._counters.handled += 1

    def _take_sample(self, session: Session, message: CallReceived) -> None:
        """Pass it on, or let those of a moment gather, the newest of each kind, where many come.

        Waking an actor costs more than its work. Whatever else the station says hands the samples over first,
        so that its order is kept.
        """
        session.held[message.coalesce_key] = message
        if session.heard_at >= session.held_until:
            self.release(session)
            return
        if not self._holding:
            self._later(self._timings.hold / 2.0, self._release_all)
        self._holding[session] = None

    def _release_all(self) -> None:
        """Hand over what has been held for long enough; what came later has its time before it."""
        now = self._clock.monotonic()
        for session in list(self._holding):
            if now >= session.held_until:
                self.release(session)
        if self._holding:
            self._later(self._timings.hold / 2.0, self._release_all)

    def _later(self, seconds: Seconds, work: Callable[[], None]) -> None:
        """Have something done on this thread after a while."""
        asyncio.get_running_loop().call_later(seconds, work)

    def _read(self, session: Session, data: bytes) -> Message | None:
        """Turn a frame into the message for the actor; what is wrong with it is answered here."""
        if self._taps.by_station:
            self._taps.hear(session.station, data, from_station=True)
        frame = parse(data)
        match frame:
            case Call(message_id, action, payload):
                violation = check_request(action, payload)
                if violation is not None:
                    self._counters.violations += 1
                    self.write(session, call_error(message_id, violation.code, violation.description))
                    self._log(session, f"{action[:50]} refused: {violation.code}, {violation.description}")
                    return None
                self._counters.accepted += 1
                answered = action in _ANSWERED_HERE and session.access.accepted
                return CallReceived(
                    session.station, session.incarnation, message_id, action, payload, answered
                )
            case CallResult(message_id, payload):
                self._counters.accepted += 1
                return CallAnswered(session.station, session.incarnation, message_id, payload)
            case CallError(message_id, code, description):
                self._counters.accepted += 1
                return CallRefused(session.station, session.incarnation, message_id, code, description)
            case Malformed():
                self._malformed(session, frame)
                return None

    def _deliver(self, session: Session, message: Message) -> bool:
        """Hand it to the actor; what can be answered at once is answered here."""
        if isinstance(message, CallReceived) and message.answered and message.action == "MeterValues":
            self._take_sample(session, message)
            self.write(session, empty_result(message.message_id))
            return True
        if session.held:
            self.release(session)
        taken = self._tell(session.name, message)
        self._counters.handled += taken
        if isinstance(message, CallReceived) and message.answered:
            now = format_time(self._clock.steady_utc())
            self.write(session, call_result(message.message_id, {"currentTime": now}))
            return True  # with nobody there, a heartbeat has done its work all the same
        return taken

    async def _nobody_there(self, session: Session, message: Message) -> None:
        """The actor is being restarted: it is waited for, then the station is told to try again."""
        if await self._until(lambda: self._deliver(session, message)):
            return
        if isinstance(message, CallReceived):
            text = call_error(message.message_id, ErrorCode.INTERNAL_ERROR, "not ready, try again")
            self.write(session, text)

    async def _until(self, condition: Callable[[], bool]) -> bool:
        """Look again every `pause`; False after `patience`."""
        deadline = self._clock.monotonic() + self._timings.patience
        while self._clock.monotonic() < deadline:
            await asyncio.sleep(self._timings.pause)
            if condition():
                return True
        return False

    def _malformed(self, session: Session, frame: Malformed) -> None:
        self._counters.malformed += 1
        if frame.id is not None:
            self.write(session, call_error(frame.id, frame.code, frame.reason))
        self._log(session, f"malformed frame: {frame.reason}")
        if session.strikes.strike(session.heard_at):
            self._turn_away(session, "too many malformed frames")

    def _turn_away(self, session: Session, reason: str) -> None:
        """Close the socket of somebody who doesn't keep to the protocol."""
        closing = asyncio.ensure_future(session.connection.close(POLICY_VIOLATION, reason))
        closing.add_done_callback(lambda done: done.exception())

    def _log(self, session: Session, text: str) -> None:
        """One line a second at most: a flood of bad frames must not become a flood of the log."""
        if session.heard_at - session.logged_at >= _LOG_EVERY:
            session.logged_at = session.heard_at
            self._tell("recorder", RecordEvent(self._clock.utc_now(), session.station, "system", text[:500]))
