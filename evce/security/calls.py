"""The CALLs of the security white paper: their payloads, and what a station's answers to them say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

__all__ = [
    "TRIGGERS",
    "CertificateUse",
    "Firmware",
    "InstalledCertificate",
    "LogKind",
    "authorization_key",
    "certificate_signed",
    "delete_certificate",
    "extended_trigger",
    "get_installed_certificates",
    "get_log",
    "install_certificate",
    "read_installed_certificates",
    "security_profile",
    "signed_update_firmware",
]

TRIGGERS: Final = (
    "BootNotification",
    "LogStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "SignChargePointCertificate",
    "StatusNotification",
)
"""What ExtendedTriggerMessage can ask for."""


class CertificateUse(StrEnum):
    """What a root certificate in a station is good for."""

    CENTRAL_SYSTEM = "CentralSystemRootCertificate"
    MANUFACTURER = "ManufacturerRootCertificate"


class LogKind(StrEnum):
    """Which log GetLog asks for."""

    DIAGNOSTICS = "DiagnosticsLog"
    SECURITY = "SecurityLog"


@dataclass(frozen=True, slots=True)
class InstalledCertificate:
    """How a station names a certificate that it holds (CertificateHashDataType)."""

    algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial: str

    def payload(self) -> dict[str, str]:
        return {
            "hashAlgorithm": self.algorithm,
            "issuerNameHash": self.issuer_name_hash,
            "issuerKeyHash": self.issuer_key_hash,
            "serialNumber": self.serial,
        }


@dataclass(frozen=True, slots=True)
class Firmware:
    """What SignedUpdateFirmware offers; the certificate is PEM, the signature base64."""

    location: str
    retrieve_at: datetime
    signing_certificate: str
    signature: str
    install_at: datetime | None = None


def authorization_key(key: bytes) -> dict[str, str]:
    """ChangeConfiguration with a new password."""
    return {"key": "AuthorizationKey", "value": key.hex().upper()}


def security_profile(profile: int) -> dict[str, str]:
    """ChangeConfiguration to a higher profile; a station refuses a lower one."""
    return {"key": "SecurityProfile", "value": str(int(profile))}


def certificate_signed(chain: str) -> dict[str, str]:
    """CertificateSigned with the station's certificate, PEM."""
    return {"certificateChain": _lines(chain)}


def install_certificate(use: CertificateUse, certificate: str) -> dict[str, str]:
    """InstallCertificate with a root certificate, PEM."""
    return {"certificateType": use.value, "certificate": _lines(certificate)}


def delete_certificate(certificate: InstalledCertificate) -> dict[str, Any]:
    """DeleteCertificate, named as the station names it."""
    return {"certificateHashData": certificate.payload()}


def get_installed_certificates(use: CertificateUse) -> dict[str, str]:
    """GetInstalledCertificateIds."""
    return {"certificateType": use.value}


def read_installed_certificates(answer: Mapping[str, Any]) -> tuple[InstalledCertificate, ...]:
    """What the station holds; NotFound says that there is none."""
    return tuple(
        InstalledCertificate(
            algorithm=str(known["hashAlgorithm"]),
            issuer_name_hash=str(known["issuerNameHash"]),
            issuer_key_hash=str(known["issuerKeyHash"]),
            serial=str(known["serialNumber"]),
        )
        for known in answer.get("certificateHashData") or ()
    )


def extended_trigger(message: str, connector: int | None = None) -> dict[str, Any]:
    """ExtendedTriggerMessage. Raises `ValueError` for a message that it can't ask for."""
    if message not in TRIGGERS:
        raise ValueError(f"message={message!r}: one of {', '.join(TRIGGERS)}")
    payload: dict[str, Any] = {"requestedMessage": message}
    if connector is not None:
        payload["connectorId"] = connector
    return payload


def get_log(
    kind: LogKind,
    request: int,
    location: str,
    *,
    oldest: datetime | None = None,
    latest: datetime | None = None,
    retries: int | None = None,
    retry_interval: int | None = None,
) -> dict[str, Any]:
    """GetLog: have the station upload its log to `location`; times are aware, `retry_interval` is in s."""
    log: dict[str, Any] = {"remoteLocation": location}
    if oldest is not None:
        log["oldestTimestamp"] = _time(oldest)
    if latest is not None:
        log["latestTimestamp"] = _time(latest)
    return {"logType": kind.value, "requestId": request, "log": log} | _attempts(retries, retry_interval)


def signed_update_firmware(
    request: int, firmware: Firmware, *, retries: int | None = None, retry_interval: int | None = None
) -> dict[str, Any]:
    """SignedUpdateFirmware; `retry_interval` in s."""
    offered = {
        "location": firmware.location,
        "retrieveDateTime": _time(firmware.retrieve_at),
        "signingCertificate": _lines(firmware.signing_certificate),
        "signature": firmware.signature,
    }
    if firmware.install_at is not None:
        offered["installDateTime"] = _time(firmware.install_at)
    return {"requestId": request, "firmware": offered} | _attempts(retries, retry_interval)


def _attempts(retries: int | None, retry_interval: int | None) -> dict[str, int]:
    given = {"retries": retries, "retryInterval": retry_interval}
    return {name: value for name, value in given.items() if value is not None}


def _lines(pem: str) -> str:
    """PEM with line feeds alone: stations choke on carriage returns."""
    return pem.replace("\r\n", "\n").replace("\r", "\n")


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
