"""A station that follows a script on a real websocket: what it answers and says, a case decides."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.conftest import TIMEOUT_FACTOR
from tests.octt.wires import Wire
from tools.simulation.wire import (
    CALL,
    Answer,
    ErrorAnswer,
    FrameError,
    Request,
    call_error,
    call_frame,
    check_request,
    read_frame,
    result_frame,
)

__all__ = ["ChargePoint", "RefusalError", "stamp"]

SAID_AGAIN_AFTER = 2.0
"""Seconds after which a station that got no answer says it again."""

PATIENCE = 40.0
"""Seconds until something must have come; the central system itself waits 10 s for a lost answer."""

KEYS = {
    "AuthorizationKey": ("", False),
    "ChargeProfileMaxStackLevel": ("8", True),
    "ChargingScheduleAllowedChargingRateUnit": ("Current,Power", True),
    "ConnectionTimeOut": ("60", False),
    "HeartbeatInterval": ("300", False),
    "MeterValueSampleInterval": ("60", False),
    "MeterValuesSampledData": ("Energy.Active.Import.Register", False),
    "NumberOfConnectors": ("1", True),
    "SecurityProfile": ("0", False),
    "SupportedFeatureProfiles": (
        "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger",
        True,
    ),
}

Payload = dict[str, Any]


class RefusalError(Exception):
    """A CALLERROR: raised by a handler it is the answer, raised by `call` it was the central system's."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(code, description)
        self.code, self.description = code, description


def stamp() -> str:
    """The time now, as stations write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ChargePoint:
    """`answers` holds what it answers to each action, `heard` every CALL that came, in order.

    `complaints` are frames of the central system that break OCPP. A repetition of a frame is answered again
    and noted once.
    """

    def __init__(self, url: str, identity: str, wire: Wire, **options: Any) -> None:
        self.identity = identity
        self.wire = wire
        self.options = options
        self.keys = dict(KEYS)
        self.statuses = {0: "Available", 1: "Available"}
        self.firmware = "1.0"
        self.heard: list[tuple[str, Payload]] = []
        self.profiles: dict[tuple[int, str], Payload] = {}
        self.complaints: list[str] = []
        self.answers: dict[str, Callable[[Payload], Payload]] = {
            "ChangeConfiguration": self._change_key,
            "GetConfiguration": self._read_keys,
            "GetCompositeSchedule": lambda _: {"status": "Rejected"},
            "SetChargingProfile": self._set_profile,
            "TriggerMessage": self._trigger,
        }
        self.url = url
        self._socket: ClientConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._said: asyncio.Queue[str] = asyncio.Queue()
        self._came: asyncio.Queue[str] = asyncio.Queue()
        self._pending: dict[str, asyncio.Future[Payload]] = {}
        self._answered: dict[str, Payload] = {}
        self._actions: dict[str, str] = {}
        self._replies: dict[str, str] = {}
        self._number = 0
        self._news = asyncio.Condition()
        self._turn = asyncio.Lock()

    # ---- the link ----

    async def connect(self) -> None:
        """Open the websocket. Raises what websockets raises."""
        options = {"subprotocols": [Subprotocol("ocpp1.6")], "compression": None, "proxy": None}
        self._socket = await connect(
            f"{self.url}/{self.identity}", open_timeout=PATIENCE, ping_interval=None, **options | self.options
        )
        self._said, self._came = asyncio.Queue(), asyncio.Queue()
        self._tasks = [
            asyncio.create_task(work(self._socket)) for work in (self._read, self._write, self._take)
        ]

    @property
    def subprotocol(self) -> str | None:
        assert self._socket is not None
        return self._socket.subprotocol

    async def disconnect(self, *, orderly: bool = False) -> None:
        """The socket is gone, as after a power cut; what waits for an answer never gets one."""
        if self._socket is None:
            return
        if orderly:
            await self._socket.close()
        else:
            self._socket.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._socket, self._tasks = None, []

    async def wait_closed(self) -> int | None:
        """Wait until the central system hangs up; its close code."""
        assert self._socket is not None
        await asyncio.wait_for(self._socket.wait_closed(), PATIENCE * TIMEOUT_FACTOR)
        return self._socket.close_code

    # ---- what it says ----

    async def call(self, action: str, **payload: Any) -> Payload:
        """Say it until it is answered; a transaction message also after an error of the central system."""
        deadline = asyncio.get_running_loop().time() + PATIENCE * TIMEOUT_FACTOR
        async with self._turn:
            while True:
                assert asyncio.get_running_loop().time() < deadline, f"{action} is never answered"
                with contextlib.suppress(TimeoutError):
                    return await self._call_once(action, payload)

    async def say(self, action: str, **payload: Any) -> None:
        """As `call`, for an answer that says nothing."""
        await self.call(action, **payload)

    async def _call_once(self, action: str, payload: Payload) -> Payload:
        self._number += 1
        message_id = f"octt-{self._number}"
        answer: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._pending[message_id] = answer
        self._actions[message_id] = action
        self._said.put_nowait(call_frame(message_id, action, payload))
        try:
            return await asyncio.wait_for(answer, SAID_AGAIN_AFTER)
        finally:
            del self._pending[message_id]

    async def boot(self) -> Payload:
        """BootNotification and the status of everything."""
        answer = await self.call(
            "BootNotification",
            chargePointVendor="OCTT",
            chargePointModel="Script",
            firmwareVersion=self.firmware,
        )
        for number in self.statuses:
            await self._show(number)
        return answer

    async def status(self, status: str, number: int = 1, error: str = "NoError") -> None:
        """A new status of an outlet."""
        self.statuses[number] = status
        await self._show(number, error)

    async def _show(self, number: int, error: str = "NoError") -> None:
        await self.say(
            "StatusNotification",
            connectorId=number,
            errorCode=error,
            status=self.statuses[number],
            timestamp=stamp(),
        )

    async def meter(self, energy: int, transaction: int | None = None, amps: float = 0.0) -> None:
        """Meter values: Wh of the register and A of each phase."""
        values: list[Payload] = [{"value": str(energy), "unit": "Wh"}]
        values += [
            {"value": str(amps), "measurand": "Current.Import", "phase": phase, "unit": "A"}
            for phase in ("L1", "L2", "L3")
        ]
        known = {} if transaction is None else {"transactionId": transaction}
        reading = [{"timestamp": stamp(), "sampledValue": values}]
        await self.say("MeterValues", connectorId=1, meterValue=reading, **known)

    # ---- what it hears ----

    async def expect(
        self, action: str, fits: Callable[[Payload], bool] = lambda _: True, *, after: int = 0
    ) -> Payload:
        """Wait for a CALL; `after` so many that came before. Returns its payload."""

        def found() -> Payload | None:
            return next((p for name, p in self.heard[after:] if name == action and fits(p)), None)

        async with self._news:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(
                    self._news.wait_for(lambda: found() is not None), PATIENCE * TIMEOUT_FACTOR
                )
        payload = found()
        assert payload is not None, f"no {action} that fits came: {self.heard[after:]}"
        return payload

    # ---- the wire ----

    async def _read(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in socket:
                self._came.put_nowait(str(frame))

    async def _write(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                frame = await self._said.get()
                for _ in range(await self._pass("to the system", frame)):
                    await socket.send(frame)

    async def _take(self, _: ClientConnection) -> None:
        while True:
            frame = await self._came.get()
            for _ in range(await self._pass("to the station", frame)):
                await self._hear(frame)

    async def _pass(self, direction: str, frame: str) -> int:
        """How often the frame arrives."""
        kind, message_id, *rest = json.loads(frame)
        action = rest[0] if kind == CALL else self._actions.get(message_id, "?")
        order = (kind == CALL) is (direction == "to the station")
        passage = self.wire.passage(f"{kind} {action} {direction}", order=order)
        if passage.late:
            await asyncio.sleep(passage.late)
        return passage.copies

    async def _hear(self, text: str) -> None:
        try:
            message = read_frame(text)
        except FrameError as problem:
            self.complaints.append(f"{problem}: {text}")
            return
        match message:
            case Request():
                await self._answer(message)
            case Answer(message_id, payload):
                pending = self._pending.get(message_id)
                if pending is not None and not pending.done():
                    pending.set_result(payload)
                    self._answered[message_id] = payload
                elif self._answered.get(message_id, payload).get("transactionId") != payload.get(
                    "transactionId"
                ):
                    self.complaints.append(f"{message_id} is answered twice and differently: {text}")
            case ErrorAnswer(message_id, code, description):
                pending = self._pending.get(message_id)
                if code != "InternalError" and pending is not None and not pending.done():
                    pending.set_exception(RefusalError(code, description))

    async def _answer(self, request: Request) -> None:
        if request.message_id in self._replies:
            self._said.put_nowait(self._replies[request.message_id])
            return
        self._actions[request.message_id] = request.action
        try:
            check_request(request.action, request.payload)
        except FrameError as problem:
            self.complaints.append(f"{request.action}: {problem} {request.payload}")
        handler = self.answers.get(request.action)
        try:
            if handler is None:
                raise RefusalError("NotImplemented")
            reply = result_frame(request.message_id, handler(request.payload))
        except RefusalError as refusal:
            reply = call_error(request.message_id, refusal.code, refusal.description)
        self._replies[request.message_id] = reply
        self._said.put_nowait(reply)
        async with self._news:
            self.heard.append((request.action, request.payload))
            self._news.notify_all()

    # ---- what every script needs ----

    def _read_keys(self, payload: Payload) -> Payload:
        asked = payload.get("key") or list(self.keys)
        return {
            "configurationKey": [
                {"key": key, "value": self.keys[key][0], "readonly": self.keys[key][1]}
                for key in asked
                if key in self.keys
            ],
            "unknownKey": [key for key in asked if key not in self.keys],
        }

    def _change_key(self, payload: Payload) -> Payload:
        key, value = payload["key"], payload["value"]
        if key not in self.keys:
            return {"status": "NotSupported"}
        self.keys[key] = (value, False)
        return {"status": "Accepted"}

    def _set_profile(self, payload: Payload) -> Payload:
        profile = payload["csChargingProfiles"]
        self.profiles[payload["connectorId"], profile["chargingProfilePurpose"]] = profile
        return {"status": "Accepted"}

    def _trigger(self, payload: Payload) -> Payload:
        later: Mapping[str, Callable[[], Any]] = {
            "BootNotification": self.boot,
            "StatusNotification": lambda: self._show(payload.get("connectorId", 1)),
            "Heartbeat": lambda: self.say("Heartbeat"),
            "MeterValues": lambda: self.meter(0),
            "DiagnosticsStatusNotification": lambda: self.say("DiagnosticsStatusNotification", status="Idle"),
            "FirmwareStatusNotification": lambda: self.say("FirmwareStatusNotification", status="Idle"),
        }
        self._tasks.append(asyncio.create_task(later[payload["requestedMessage"]]()))
        return {"status": "Accepted"}
