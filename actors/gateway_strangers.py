"""What a station that isn't registered is asked before it is turned away: who made it, and what it is."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from actors.gateway_protocol import GatewayTimings
from actors.messages import Message, StationDetected
from actors.runtime.clock import Clock
from evce.ocppj import Call, call, call_result, parse
from evce.station_control.inbound import format_time
from evce.units import BoxIdentity, Monotonic
from evce.validation import check_request

__all__ = ["Strangers"]

_PLACES: Final = 16
"""Strangers that are heard at the same time; those beyond are refused before the upgrade."""

_REMEMBERED: Final = 400
"""Identities whose last visit is known; a flood of invented ones must not fill the memory."""

_FRAMES_MOST: Final = 20
"""Frames that a stranger may send before its BootNotification."""

_NOT_REGISTERED: Final = 1008

_ASK: Final = call("introduce", "TriggerMessage", {"requestedMessage": "BootNotification"})


class Strangers:
    """Hears one BootNotification of each unregistered station, refuses it, and closes (OC-2).

    Nothing else that it says is answered: what it owes its former central system, such as the end of a
    transaction, must stay with it. Between two visits it is refused before the upgrade. Runs on the loop's
    thread.
    """

    def __init__(self, tell: Callable[[str, Message], bool], clock: Clock, timings: GatewayTimings) -> None:
        self._tell = tell
        self._clock = clock
        self._timings = timings
        self._guests: WeakKeyDictionary[ServerConnection, tuple[BoxIdentity, str]] = WeakKeyDictionary()
        self._visits: OrderedDict[BoxIdentity, Monotonic] = OrderedDict()

    def let_in(self, station: BoxIdentity, peer: str, connection: ServerConnection) -> bool:
        """Whether it may finish its handshake to introduce itself."""
        now = self._clock.monotonic()
        last = self._visits.get(station)
        here = [guest for guest in self._guests if guest.state is not State.CLOSED]
        if len(here) >= _PLACES or (last is not None and now - last < self._timings.revisit):
            return False
        self._visits[station] = now
        self._visits.move_to_end(station)
        while len(self._visits) > _REMEMBERED:
            self._visits.popitem(last=False)
        self._guests[connection] = (station, peer)
        return True

    async def hear(self, connection: ServerConnection) -> bool:
        """Hear it out and close; False at once where this connection is no stranger's."""
        guest = self._guests.get(connection)
        if guest is None:
            return False
        try:
            async with asyncio.timeout(self._timings.stranger):
                await self._introduction(*guest, connection)
        except (TimeoutError, ConnectionClosed):
            pass
        await connection.close(_NOT_REGISTERED, "this station is not registered")
        self._guests.pop(connection, None)
        return True

    async def _introduction(self, station: BoxIdentity, peer: str, connection: ServerConnection) -> None:
        """Until its BootNotification came; a station that has booted long ago is asked for one."""
        asked = False
        for _ in range(_FRAMES_MOST):
            try:
                patience = None if asked else self._timings.introduction
                data = await asyncio.wait_for(connection.recv(decode=False), patience)
            except TimeoutError:
                data = b""
            frame = parse(data) if data else None
            if isinstance(frame, Call) and frame.action == "BootNotification":
                if check_request(frame.action, frame.payload) is None:
                    self._tell("view", _detected(station, peer, frame))
                    await connection.send(self._refusal(frame.id))
                    return
            elif not asked:
                asked = True
                await connection.send(_ASK)

    def _refusal(self, message_id: str) -> str:
        """OCPP 1.6 §4.2: it must not charge by this system, and may ask again after the interval."""
        answer = {
            "currentTime": format_time(self._clock.steady_utc()),
            "interval": int(self._timings.revisit),
            "status": "Rejected",
        }
        return call_result(message_id, answer)


def _detected(station: BoxIdentity, peer: str, boot: Call) -> StationDetected:
    told = {name: str(value).strip() for name, value in boot.payload.items()}
    return StationDetected(
        station,
        peer,
        vendor=told.get("chargePointVendor", ""),
        model=told.get("chargePointModel", ""),
        serial_number=told.get("chargePointSerialNumber") or told.get("chargeBoxSerialNumber", ""),
        firmware=told.get("firmwareVersion", ""),
    )
