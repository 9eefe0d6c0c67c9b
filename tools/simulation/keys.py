"""A station's OCPP 1.6 configuration keys: what they hold, which may be written, what a value must be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Keys"]


def _boolean(value: str) -> bool:
    return value.lower() in ("true", "false")


def _count(value: str) -> bool:
    return value.isdecimal()


def _anything(value: str) -> bool:
    return len(value) <= 500


@dataclass(frozen=True, slots=True)
class _Key:
    value: str
    readonly: bool = False
    valid: Callable[[str], bool] = _anything
    reboot: bool = False


def _factory(connectors: int, stack_levels: int, units: str) -> dict[str, _Key]:
    """OCPP 1.6 part 2, section 9, and two of the vendor's own for free charging."""
    return {
        "AllowOfflineTxForUnknownId": _Key("false", valid=_boolean),
        "AuthorizationCacheEnabled": _Key("true", valid=_boolean),
        "AuthorizeRemoteTxRequests": _Key("false", valid=_boolean),
        "ClockAlignedDataInterval": _Key("0", valid=_count),
        "ConnectionTimeOut": _Key("60", valid=_count),
        "ConnectorPhaseRotation": _Key(",".join(f"{n}.RST" for n in range(1, connectors + 1))),
        "GetConfigurationMaxKeys": _Key("50", readonly=True),
        "HeartbeatInterval": _Key("300", valid=_count),
        "LocalAuthorizeOffline": _Key("true", valid=_boolean),
        "LocalPreAuthorize": _Key("false", valid=_boolean),
        "MeterValuesAlignedData": _Key("Energy.Active.Import.Register"),
        "MeterValuesSampledData": _Key("Current.Import,Power.Active.Import,Energy.Active.Import.Register"),
        "MeterValueSampleInterval": _Key("60", valid=_count),
        "MinimumStatusDuration": _Key("0", valid=_count),
        "NumberOfConnectors": _Key(str(connectors), readonly=True),
        "ResetRetries": _Key("1", valid=_count),
        "SecurityProfile": _Key("0", readonly=True),
        "StopTransactionOnEVSideDisconnect": _Key("true", valid=_boolean),
        "StopTransactionOnInvalidId": _Key("true", valid=_boolean),
        "StopTxnAlignedData": _Key(""),
        "StopTxnSampledData": _Key(""),
        "SupportedFeatureProfiles": _Key(
            "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger",
            readonly=True,
        ),
        "TransactionMessageAttempts": _Key("500", valid=_count),
        "TransactionMessageRetryInterval": _Key("10", valid=_count),
        "UnlockConnectorOnEVSideDisconnect": _Key("true", valid=_boolean),
        "WebSocketPingInterval": _Key("0", valid=_count),
        "LocalAuthListEnabled": _Key("true", valid=_boolean),
        "LocalAuthListMaxLength": _Key("10000", readonly=True),
        "SendLocalListMaxLength": _Key("1000", readonly=True),
        "ChargeProfileMaxStackLevel": _Key(str(stack_levels), readonly=True),
        "ChargingScheduleAllowedChargingRateUnit": _Key(units, readonly=True),
        "ChargingScheduleMaxPeriods": _Key("24", readonly=True),
        "MaxChargingProfilesInstalled": _Key("32", readonly=True),
        "FreeVendActive": _Key("false", valid=_boolean),
        "FreeVendIdTag": _Key("FREEVEND"),
    }


class Keys:
    """The key store of one station. It lives in the station's memory and outlives reboots."""

    def __init__(self, connectors: int, stack_levels: int = 8, units: str = "Current,Power") -> None:
        self._keys = _factory(connectors, stack_levels, units)

    def hide(self, name: str) -> None:
        """From now on it isn't listed, asked for or not."""
        del self._keys[name]

    def add(self, name: str, value: str) -> None:
        """One that not every station has; nobody may change it."""
        self._keys[name] = _Key(value, readonly=True)

    def text(self, name: str) -> str:
        return self._keys[name].value

    def flag(self, name: str) -> bool:
        return self._keys[name].value.lower() == "true"

    def number(self, name: str) -> int:
        return int(self._keys[name].value)

    def names(self, name: str) -> list[str]:
        """A comma-separated list."""
        return [part.strip() for part in self._keys[name].value.split(",") if part.strip()]

    def set(self, name: str, value: str) -> None:
        """Set it from inside, readonly or not."""
        old = self._keys[name]
        self._keys[name] = _Key(value, old.readonly, old.valid, old.reboot)

    def change(self, name: str, value: str) -> str:
        """Status of ChangeConfiguration.conf."""
        key = self._keys.get(name)
        if key is None:
            return "NotSupported"
        if key.readonly or not key.valid(value):
            return "Rejected"
        self.set(name, value)
        return "RebootRequired" if key.reboot else "Accepted"

    def read(self, names: Sequence[str]) -> dict[str, object]:
        """GetConfiguration.conf: those asked for, or all when none was named."""
        wanted = list(names) or list(self._keys)
        known = [
            {"key": name, "readonly": self._keys[name].readonly, "value": self._keys[name].value}
            for name in wanted
            if name in self._keys
        ]
        answer: dict[str, object] = {"configurationKey": known}
        unknown = [name for name in wanted if name not in self._keys]
        if unknown:
            answer["unknownKey"] = unknown
        return answer
