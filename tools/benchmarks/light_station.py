"""A charging station without physics: it boots, accepts everything, and its car follows at once."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tools.benchmarks.light_socket import LightSocket

__all__ = ["ANSWERED_WITHIN", "RISES_AFTER", "LightStation", "meter_values"]

ANSWERED_WITHIN = 60.0
"""Seconds until an unanswered CALL means that the server doesn't work; hundreds connect at once."""

RISES_AFTER = 1.5
"""Seconds that a car takes to draw more, as real ones do; less is drawn at once."""

_VOLTS = 230.0

_KEYS = {
    "SupportedFeatureProfiles": "Core,SmartCharging,RemoteTrigger",
    "ChargingScheduleAllowedChargingRateUnit": "Current",
    "ChargeProfileMaxStackLevel": "8",
    "MeterValueSampleInterval": "5",
    "MeterValuesSampledData": "Current.Import,Energy.Active.Import.Register,Power.Active.Import,Voltage",
    "HeartbeatInterval": "60",
}

Changed = Callable[["LightStation", float, float, float], None]
"""The station, the current before and after in A, and when the frame that changed it arrived."""


class LightStation:
    """One three-phase outlet; all methods belong to the event loop that it was connected on.

    `offered` is what it lets the car draw, `current` what the car draws, both A per phase. It reports what
    it offers, and at once when that is more: by the time the meter sees the rise, the daemon knows whose it
    is. Leases run out nowhere here: who renews them is measured, not what happens when nobody does.
    """

    def __init__(
        self,
        identity: str,
        rating: float,
        changed: Changed = lambda *_: None,
        rises_after: float = RISES_AFTER,
    ) -> None:
        self.identity = identity
        self.rating = rating
        self.transaction: int | None = None
        self.offered = 0.0
        self.current = 0.0
        self.energy = 0.0
        self.keys = dict(_KEYS)
        """Its configuration."""
        self.on_answer: Callable[[bytes], None] | None = None
        """Takes every answer of the server instead of `ask`, while set."""
        self._changed = changed
        self._rises_after = rises_after
        self._tx_limit: float | None = None
        self._defaults: dict[int, float] = {}
        self._socket: LightSocket | None = None
        self._number = 0
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._one_call = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def socket(self) -> LightSocket:
        """The connection. Raises `ConnectionError` before there is one."""
        if self._socket is None:
            raise ConnectionError(f"{self.identity} is not connected")
        return self._socket

    async def connect(self, host: str, port: int) -> None:
        """Open the socket, and nothing more."""
        self._socket = LightSocket(f"/ocpp/{self.identity}", self._heard, self._closed)
        await self._socket.connect(host, port)

    async def boot(self) -> None:
        """Present itself: accepted, idle."""
        await self.ask("BootNotification", {"chargePointVendor": "EVCE", "chargePointModel": "Light"})
        await self._status("Available")

    async def plug_in(self) -> None:
        """Start a transaction; from now on the car draws what it is allowed."""
        await self._status("Preparing")
        answer = await self.ask(
            "StartTransaction",
            {"connectorId": 1, "idTag": "BENCHMARK", "meterStart": 0, "timestamp": _now()},
        )
        self.transaction = int(answer["transactionId"])
        await self._status("Charging")
        self._follow(self.socket.arrived)

    async def unplug(self) -> None:
        """End the transaction; the car drives away."""
        if self.transaction is not None:
            transaction, self.transaction = self.transaction, None
            self._follow(self.socket.arrived)
            await self.ask(
                "StopTransaction",
                {"transactionId": transaction, "meterStop": round(self.energy), "timestamp": _now()},
            )
        self._tx_limit = None
        await self._status("Available")

    async def resume(self) -> None:
        """Say after a reconnection what is going on."""
        await self._status("Available" if self.transaction is None else "Charging")

    async def report(self) -> None:
        """Send what its meter reads now, and wait for the answer."""
        await self.ask("MeterValues", meter_values(self.offered, self.energy, self.transaction))

    async def heartbeat(self) -> None:
        """Send a sign of life, and wait for the answer."""
        await self.ask("Heartbeat", {})

    async def ask(self, action: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Send a CALL once the one before is answered; return its answer.

        Raises `ConnectionError` for an answer with an error, `TimeoutError` for none.
        """
        async with self._one_call:
            self._number += 1
            message_id = str(self._number)
            answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
            self._asked[message_id] = answer
            try:
                self.socket.send(json.dumps([2, message_id, action, payload]).encode())
                async with asyncio.timeout(ANSWERED_WITHIN):
                    return await answer
            finally:
                del self._asked[message_id]

    def close(self) -> None:
        """Hang up."""
        for task in self._tasks:
            task.cancel()
        if self._socket is not None:
            self._socket.close()

    def _closed(self, reason: str) -> None:
        """A station that is closed in the middle of a measurement spoils it: whoever waits is told."""
        self._socket = None
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(ConnectionError(f"{self.identity}: {reason}"))

    def _heard(self, text: bytes) -> None:
        if self.on_answer is not None and not text.startswith(b"[2,"):
            self.on_answer(text)
            return
        kind, message_id, *rest = json.loads(text)
        if kind == 2:
            self._obey(message_id, *rest)
            return
        answer = self._asked.get(message_id)
        if answer is None or answer.done():
            return
        if kind == 3:
            answer.set_result(rest[0])
        else:
            answer.set_exception(ConnectionError(f"{self.identity}: answered with {rest}"))

    def _obey(self, message_id: str, action: str, payload: Mapping[str, Any]) -> None:
        match action:
            case "SetChargingProfile":
                self._answer(message_id, {"status": "Accepted"})
                self._take(payload["csChargingProfiles"])
                self._follow(self.socket.arrived)
            case "GetConfiguration":
                keys = [{"key": key, "readonly": False, "value": value} for key, value in self.keys.items()]
                self._answer(message_id, {"configurationKey": keys})
            case "ChangeConfiguration":
                self.keys[payload["key"]] = payload["value"]
                self._answer(message_id, {"status": "Accepted"})
            case "GetCompositeSchedule":
                self._answer(message_id, self._composite(payload))
            case "TriggerMessage":
                self._answer(message_id, {"status": "Accepted"})
                self._triggered(payload["requestedMessage"])
            case _:
                self._answer(message_id, {"status": "Accepted"})

    def _answer(self, message_id: str, payload: Mapping[str, Any]) -> None:
        self.socket.send(json.dumps([3, message_id, payload]).encode())

    @property
    def levels(self) -> set[int]:
        """Stack levels on which it holds a default profile."""
        return set(self._defaults)

    def _take(self, profile: Mapping[str, Any]) -> None:
        limit = float(profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"])
        if profile["chargingProfilePurpose"] == "TxProfile":
            self._tx_limit = limit
        else:
            self._defaults[profile["stackLevel"]] = limit

    def _limit(self) -> float:
        """What is in force: the transaction's profile, else the highest of the others (OCPP 1.6 §3.13.2)."""
        if self._tx_limit is not None and self.transaction is not None:
            return min(self._tx_limit, self.rating)
        highest = max(self._defaults, default=None)
        return self.rating if highest is None else min(self._defaults[highest], self.rating)

    def _follow(self, at: float) -> None:
        before, self.offered = self.offered, 0.0 if self.transaction is None else self._limit()
        if self.offered < self.current:
            self._draw(self.offered, at)
        if self.offered > before:
            if self.on_answer is None:
                self._triggered("MeterValues")
            if self._rises_after:
                asyncio.get_running_loop().call_later(self._rises_after, self._rise, at)
            else:
                self._rise(at)

    def _rise(self, at: float) -> None:
        if self.current < self.offered:
            self._draw(self.offered, at)

    def _draw(self, amps: float, at: float) -> None:
        before, self.current = self.current, amps
        self._changed(self, before, amps, at)

    def _composite(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        schedule = {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": self._limit()}],
        }
        return {
            "status": "Accepted",
            "connectorId": payload["connectorId"],
            "scheduleStart": _now(),
            "chargingSchedule": schedule,
        }

    def _triggered(self, message: str) -> None:
        match message:
            case "BootNotification":
                boot = {"chargePointVendor": "EVCE", "chargePointModel": "Light"}
                self._in_background("BootNotification", boot)
            case "StatusNotification":
                status = "Available" if self.transaction is None else "Charging"
                self._in_background("StatusNotification", _status(status))
            case "MeterValues":
                self._in_background("MeterValues", meter_values(self.offered, self.energy, self.transaction))
            case "Heartbeat":
                self._in_background("Heartbeat", {})

    async def _status(self, status: str) -> None:
        await self.ask("StatusNotification", _status(status))

    def _in_background(self, action: str, payload: Mapping[str, Any]) -> None:
        task = asyncio.ensure_future(self.ask(action, payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def meter_values(amps: float, energy: float, transaction: int | None) -> dict[str, Any]:
    """Make a MeterValues of eight samples: `amps` on each phase, `energy` in Wh, at this moment."""
    samples: list[dict[str, str]] = []
    for phase in ("L1", "L2", "L3"):
        samples.append(_sample(f"{amps:.2f}", "Current.Import", "A", phase))
        samples.append(_sample(f"{_VOLTS:.1f}", "Voltage", "V", f"{phase}-N"))
    samples.append(_sample(f"{energy:.0f}", "Energy.Active.Import.Register", "Wh"))
    samples.append(_sample(f"{3.0 * _VOLTS * amps:.0f}", "Power.Active.Import", "W"))
    payload: dict[str, Any] = {
        "connectorId": 1,
        "meterValue": [{"timestamp": _now(), "sampledValue": samples}],
    }
    if transaction is not None:
        payload["transactionId"] = transaction
    return payload


def _sample(value: str, measurand: str, unit: str, phase: str | None = None) -> dict[str, str]:
    sample = {"value": value, "context": "Sample.Periodic", "measurand": measurand, "unit": unit}
    return sample if phase is None else sample | {"phase": phase}


def _status(status: str) -> dict[str, Any]:
    return {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": _now()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
