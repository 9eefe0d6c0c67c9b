"""The configuration keys that EVCE answers for toward the operator, and those that it keeps from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from evce.cpo.settings import UplinkSettings

__all__ = ["OwnKey", "OwnKeys", "may_change", "merged"]


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key that the operator may write, with its bounds."""

    name: str
    least: int
    most: int


_WRITABLE: Final = (
    OwnKey("TransactionMessageAttempts", 1, 10_000),
    OwnKey("TransactionMessageRetryInterval", 1, 86_400),
    OwnKey("WebSocketPingInterval", 0, 86_400),
    OwnKey("HeartbeatInterval", 10, 86_400),
    OwnKey("MeterValueSampleInterval", 0, 86_400),
)

MAX_STACK_LEVEL: Final = 8
MAX_PERIODS: Final = 48
MAX_PROFILES: Final = 20

_FIXED: Final = {
    "ChargeProfileMaxStackLevel": str(MAX_STACK_LEVEL),
    "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
    "ChargingScheduleMaxPeriods": str(MAX_PERIODS),
    "ConnectorSwitch3to1PhaseSupported": "false",
    "MaxChargingProfilesInstalled": str(MAX_PROFILES),
}

_HELD: Final = frozenset(
    {
        "allowofflinetxforunknownid",
        "authorizationcacheenabled",
        "authorizationkey",
        "localauthorizeoffline",
        "metervaluessampleddata",
        "securityprofile",
    }
)
"""What control and the link between station and EVCE live by."""

_LEADS_AWAY: Final = ("url", "uri", "endpoint", "centralsystem", "csms", "backend", "apn", "hostname")
"""Parts of vendors' key names that say where a station connects: it must go on connecting here."""

_SECRET: Final = frozenset({"authorizationkey"})


class OwnKeys:
    """The values in force: the operator's where it has set one, else the admin's (CPO-2)."""

    def __init__(self, settings: UplinkSettings, connectors: int) -> None:
        self._defaults = _defaults(settings)
        self._connectors = connectors
        self._overrides: dict[str, tuple[int, int]] = {}

    def reconfigure(self, settings: UplinkSettings, connectors: int) -> list[str]:
        """New values of the admin; one that differs from before takes the place of the operator's.

        Returns the keys whose override is void.
        """
        self._defaults = _defaults(settings)
        self._connectors = connectors
        void = [name for name, (_, over) in self._overrides.items() if self._defaults.get(name) != over]
        for name in void:
            del self._overrides[name]
        return void

    def restore(self, name: str, note: Mapping[str, Any]) -> None:
        """An override of an earlier life; void when the admin has set another value since."""
        if self._defaults.get(name) == note.get("over") and isinstance(note.get("value"), int):
            self._overrides[name] = (int(note["value"]), int(note["over"]))

    def value(self, name: str) -> int:
        """The value in force of a writable key."""
        override = self._overrides.get(name)
        return self._defaults[name] if override is None else override[0]

    def write(self, key: str, text: str) -> tuple[str, str, dict[str, int] | None]:
        """ChangeConfiguration of one of these keys: its status, its proper name, and what to keep on disk."""
        own = _own(key)
        if own is None:
            return "Rejected", key, None
        try:
            value = int(text.strip())
        except ValueError:
            return "Rejected", own.name, None
        if not own.least <= value <= own.most:
            return "Rejected", own.name, None
        over = self._defaults[own.name]
        self._overrides[own.name] = (value, over)
        return "Accepted", own.name, {"value": value, "over": over}

    def entries(self) -> list[dict[str, Any]]:
        """Every key of EVCE's own, as GetConfiguration tells it."""
        writable = [
            {"key": own.name, "readonly": False, "value": str(self.value(own.name))} for own in _WRITABLE
        ]
        fixed = {**_FIXED, "NumberOfConnectors": str(self._connectors)}
        return writable + [{"key": key, "readonly": True, "value": value} for key, value in fixed.items()]

    @staticmethod
    def owns(key: str) -> bool:
        """Whether EVCE answers for this key itself."""
        return key.lower() in _OWN


def may_change(key: str) -> bool:
    """Whether an operator may change this key of the station: none that takes it out of EVCE's hands."""
    name = key.lower()
    return name not in _HELD and not any(part in name.replace("_", "") for part in _LEADS_AWAY)


def merged(own: OwnKeys, asked: Sequence[str], station: Mapping[str, Any] | None) -> dict[str, list[Any]]:
    """The answer to GetConfiguration: EVCE's own keys over the station's.

    `station` is its answer, None when it gave none: then only what EVCE itself knows is told. Secrets and
    whatever the operator may not change are read-only or not shown.
    """
    entries = {entry["key"].lower(): entry for entry in own.entries()}
    for entry in () if station is None else station.get("configurationKey", ()):
        name = str(entry["key"]).lower()
        if name in entries or name in _SECRET:
            continue
        told = dict(entry)
        if "value" in told:
            told["value"] = str(told["value"])
        told["readonly"] = bool(told.get("readonly")) or not may_change(name)
        entries[name] = told
    if not asked:
        return {"configurationKey": list(entries.values()), "unknownKey": []}
    known = [entries[key.lower()] for key in asked if key.lower() in entries]
    return {
        "configurationKey": known,
        "unknownKey": [key for key in asked if key.lower() not in entries],
    }


def _defaults(settings: UplinkSettings) -> dict[str, int]:
    return {
        "TransactionMessageAttempts": settings.attempts,
        "TransactionMessageRetryInterval": int(settings.retry_interval),
        "WebSocketPingInterval": int(settings.ping_interval),
        "HeartbeatInterval": int(settings.heartbeat_interval),
        "MeterValueSampleInterval": int(settings.meter_interval),
    }


def _own(key: str) -> OwnKey | None:
    return next((own for own in _WRITABLE if own.name.lower() == key.lower()), None)


_OWN: Final = frozenset(
    name.lower() for name in (*(own.name for own in _WRITABLE), *_FIXED, "NumberOfConnectors")
)
