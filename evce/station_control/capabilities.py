"""What a station can do and how it is set, read from its configuration keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from evce.configuration.choices import Authentication, OfflineAuthentication
from evce.profiles import RateUnit
from evce.station_control.settings import StationSettings

__all__ = ["MEASURANDS", "Capabilities", "kept_keys", "wanted_keys"]

MEASURANDS: Final = (
    "Current.Import,Energy.Active.Import.Register,Power.Active.Import,Voltage",
    "Current.Import,Energy.Active.Import.Register",
)
"""What meter values should carry: all that helps, else what control and billing need."""

_AMPS_NAMES: Final = frozenset({"current", "a", "amps", "ampere"})
_WATTS_NAMES: Final = frozenset({"power", "w", "watt", "watts"})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """A station's own word; what it doesn't say is assumed and then tried."""

    keys: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    """Value and whether it is read-only, by the name of the key in lower case."""

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> "Capabilities":
        """Read a GetConfiguration answer."""
        entries: Sequence[Mapping[str, Any]] = payload.get("configurationKey", ())
        return cls(
            {str(e["key"]).lower(): (str(e.get("value", "")), bool(e.get("readonly"))) for e in entries}
        )

    @property
    def rate_unit(self) -> RateUnit:
        """A unless the station takes W only (OCPP 1.6 §9.4.2)."""
        named = {name.strip().lower() for name in self._text("ChargingScheduleAllowedChargingRateUnit")}
        if named & _WATTS_NAMES and not named & _AMPS_NAMES:
            return RateUnit.WATTS
        return RateUnit.AMPS

    @property
    def tells_unit(self) -> bool:
        """Whether it says in which unit it takes limits."""
        return bool(self._text("ChargingScheduleAllowedChargingRateUnit"))

    @property
    def second_level(self) -> bool:
        """Whether a profile can lie over the fall-back (ChargeProfileMaxStackLevel ≥ 1)."""
        try:
            return int(self.keys["chargeprofilemaxstacklevel"][0]) >= 1
        except (KeyError, ValueError):
            return True

    @property
    def triggers(self) -> bool:
        """Whether TriggerMessage is worth trying."""
        return self._supports("RemoteTrigger")

    @property
    def limits_current(self) -> bool:
        """Whether the station claims smart charging; one that doesn't can't be held to any limit."""
        return self._supports("SmartCharging")

    @property
    def switches_phases(self) -> bool:
        """ConnectorSwitch3to1PhaseSupported (OCPP 1.6 §9.4.4)."""
        return self.keys.get("connectorswitch3to1phasesupported", ("", True))[0].lower() == "true"

    def flag(self, key: str) -> bool:
        """Whether a switch is on; one that the station doesn't tell counts as on."""
        return self.keys.get(key.lower(), ("true", True))[0].strip().lower() != "false"

    def _supports(self, profile: str) -> bool:
        named = [name.strip().lower() for name in self._text("SupportedFeatureProfiles")]
        return not named or profile.lower() in named

    def _text(self, key: str) -> list[str]:
        text = self.keys.get(key.lower(), ("", True))[0]
        return [part for part in text.split(",") if part.strip()]


def wanted_keys(settings: StationSettings, known: Capabilities) -> list[tuple[str, str]]:
    """Which configuration keys to change, and to what.

    Keys that hold the value already, are read-only, or that a station doesn't list are left alone: each
    write may wear its flash. A station that lists nothing is sent the three that control needs.
    """
    needed = _needed_keys(settings)
    optional = _offline_keys(settings.authentication, settings.offline)
    changes = []
    for key, value in (needed | optional).items():
        present = known.keys.get(key.lower())
        if present is None:
            if key in optional or known.keys:
                continue
        elif present[1] or _same(present[0], value) or (key, present[0]) in _GOOD_ENOUGH:
            continue
        changes.append((key, value))
    return changes


def kept_keys(settings: StationSettings) -> frozenset[str]:
    """The keys, in lower case, that EVCE writes itself: nobody else should."""
    offline = _offline_keys(settings.authentication, settings.offline)
    return frozenset(key.lower() for key in (*_needed_keys(settings), *offline))


def _needed_keys(settings: StationSettings) -> dict[str, str]:
    return {
        "MeterValueSampleInterval": f"{settings.meter_interval:.0f}",
        "MeterValuesSampledData": MEASURANDS[0],
        "HeartbeatInterval": f"{settings.heartbeat_interval:.0f}",
    }


_GOOD_ENOUGH: Final = frozenset({("MeterValuesSampledData", MEASURANDS[1])})
"""An earlier attempt at more was refused; it needn't be made at each connection."""


def _offline_keys(mode: Authentication, offline: OfflineAuthentication) -> dict[str, str]:
    """AU-2: how the station decides while it can't ask (OCPP 1.6 §9.1, §9.2)."""
    if mode is not Authentication.KNOWN_CARDS:
        offline = OfflineAuthentication.ACCEPT
    return {
        "LocalAuthorizeOffline": _truth(offline is not OfflineAuthentication.REJECT),
        "AllowOfflineTxForUnknownId": _truth(offline is OfflineAuthentication.ACCEPT),
        "AuthorizationCacheEnabled": _truth(offline is OfflineAuthentication.CACHE),
    }


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _same(present: str, wanted: str) -> bool:
    """The order of a list and the case of a word make no difference."""
    return sorted(present.replace(" ", "").lower().split(",")) == sorted(wanted.lower().split(","))
