"""Every call of the white paper fits its schema, and answers are read back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from evce.security import calls
from evce.validation import check_order

WHEN = datetime(2026, 1, 1, 12, tzinfo=UTC)
PEM = "-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----\r\n"
HELD = calls.InstalledCertificate("SHA256", "aa", "bb", "0C")
FIRMWARE = calls.Firmware("https://x/f.bin", WHEN, PEM, "c2ln", install_at=WHEN)


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("ChangeConfiguration", calls.authorization_key(b"\0" * 16)),
        ("ChangeConfiguration", calls.security_profile(2)),
        ("CertificateSigned", calls.certificate_signed(PEM)),
        ("InstallCertificate", calls.install_certificate(calls.CertificateUse.MANUFACTURER, PEM)),
        ("DeleteCertificate", calls.delete_certificate(HELD)),
        (
            "GetInstalledCertificateIds",
            calls.get_installed_certificates(calls.CertificateUse.CENTRAL_SYSTEM),
        ),
        ("ExtendedTriggerMessage", calls.extended_trigger("SignChargePointCertificate")),
        ("ExtendedTriggerMessage", calls.extended_trigger("MeterValues", 1)),
        ("GetLog", calls.get_log(calls.LogKind.SECURITY, 7, "https://x/log")),
        (
            "GetLog",
            calls.get_log(
                calls.LogKind.DIAGNOSTICS,
                7,
                "https://x/log",
                oldest=WHEN,
                latest=WHEN,
                retries=1,
                retry_interval=5,
            ),
        ),
        ("SignedUpdateFirmware", calls.signed_update_firmware(8, FIRMWARE, retries=1, retry_interval=5)),
    ],
)
def test_calls_fit_their_schemas(action: str, payload: Mapping[str, Any]) -> None:
    """OC-1."""
    assert check_order(action, payload) is None


def test_pem_goes_out_with_line_feeds_alone() -> None:
    """OC-7, TC_074: what stations and their tests want."""
    sent = (
        calls.certificate_signed(PEM)["certificateChain"],
        calls.install_certificate(calls.CertificateUse.MANUFACTURER, PEM)["certificate"],
        calls.signed_update_firmware(8, FIRMWARE)["firmware"]["signingCertificate"],
    )
    assert set(sent) == {PEM.replace("\r", "")}


def test_a_key_is_sent_in_its_digits() -> None:
    """OC-7, TC_073."""
    assert calls.authorization_key(b"\x0f" * 20) == {"key": "AuthorizationKey", "value": "0F" * 20}


def test_what_a_station_holds_is_read_from_its_answer() -> None:
    """OC-7, TC_076: none is an answer as well."""
    answer = {"status": "Accepted", "certificateHashData": [HELD.payload()]}
    assert calls.read_installed_certificates(answer) == (HELD,)
    assert calls.read_installed_certificates({"status": "NotFound"}) == ()


def test_only_messages_that_can_be_triggered_are_asked_for() -> None:
    with pytest.raises(ValueError, match="SignChargePointCertificate"):
        calls.extended_trigger("Authorize")
