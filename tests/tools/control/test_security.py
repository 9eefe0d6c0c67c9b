"""What the command line has a running daemon do about passwords and certificates."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from actors.messages import (
    CallStation,
    ChangeStationKey,
    ChangeStationProfile,
    ForgetStationSecurity,
    GetRevision,
    GetSecurityOutcome,
    RevokeCertificate,
    SecurityOutcome,
    SecuritySeen,
)
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision
from evce.security.keys import key_fits
from evce.security.profiles import SecurityProfile
from evce.security.standing import CertificateRecord, StationSecurity
from evce.units import BoxIdentity
from tools.control.security import security_deeds

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CP = BoxIdentity("CP-1")
HELD = {"hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb", "serialNumber": "0C"}
SITE = SiteDocument.parse(
    {
        "site": {"name": "Yard"},
        "ocpp": {"security_profile": 1},
        "stations": [
            {"box_identity": CP, "name": "One", "connectors": [{"wiring": "TRI123", "rating_a": 32}]}
        ],
    }
)


@dataclass
class Runtime:
    """Has everything done at once, with this outcome."""

    outcome: SecurityOutcome = SecurityOutcome(True, "done")  # noqa: RUF009  # frozen
    told: list[Any] = field(default_factory=list)

    def ask(self, name: str, question: Any, timeout: float) -> Any:
        match question:
            case GetRevision():
                return next_revision(None, SITE, author="test", comment="", now=NOW)
            case GetSecurityOutcome(request):
                assert request == self.told[-1].request
                return self.outcome
        certificate = CertificateRecord("0A", CP, NOW, NOW, "AA")
        return SecuritySeen((StationSecurity(CP, ("h",), SecurityProfile.BASIC_AUTH),), (certificate,))

    def tell(self, name: str, message: Any) -> bool:
        assert name == "security"
        self.told.append(message)
        return True


def deed(runtime: Runtime, name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    found: Any = security_deeds(runtime)[name]  # type: ignore[arg-type]
    return found  # type: ignore[no-any-return]


def test_a_password_is_made_of_chance_or_given_and_never_told() -> None:
    """OC-7, TC_073."""
    runtime = Runtime()
    asked = {"station": CP, "author": "ann"}
    answers = [deed(runtime, "station_password")(asked) for _ in range(2)]
    answers.append(deed(runtime, "station_password")({**asked, "key": "0F" * 16, "set": True}))
    first, second, given = runtime.told
    assert isinstance(first, ChangeStationKey)
    assert (len(first.key), first.send, first.requested_by) == (20, True, "ann")
    assert first.key != second.key
    assert (given.key, given.send) == (b"\x0f" * 16, False)
    assert key_fits(given.key, given.key_hash)
    assert answers == [{"text": "done", "payload": None}] * 3


def test_what_was_not_done_is_an_error_in_its_own_words() -> None:
    """OC-7."""
    runtime = Runtime(SecurityOutcome(False, "it has none"))
    with pytest.raises(ValueError, match="it has none"):
        deed(runtime, "station_profile")({"station": CP, "profile": 2})
    with pytest.raises(LookupError, match="know CP-1"):
        deed(runtime, "station_password")({"station": "CP-9"})
    with pytest.raises(ValueError, match="32 to 40"):
        deed(runtime, "station_password")({"station": CP, "key": "x", "set": True})


def test_everything_else_reaches_the_actor_with_who_asked() -> None:
    """OC-7, TC_074, TC_075, TC_076, TC_083."""
    runtime = Runtime()
    asked = {"station": CP, "author": "ann", "use": "ManufacturerRootCertificate"}
    for name, more in (
        ("station_profile", {"profile": 2}),
        ("forget_security", {}),
        ("revoke_certificate", {"serial": "0A"}),
        ("request_certificate", {}),
        ("install_certificate", {"certificate": "PEM"}),
        (
            "delete_certificate",
            {
                "certificate": {
                    "algorithm": "SHA256",
                    "issuer_name_hash": "aa",
                    "issuer_key_hash": "bb",
                    "serial": "0C",
                }
            },
        ),
    ):
        assert deed(runtime, name)({**asked, **more})["text"] == "done"
    profile, forget, revoke, *calls = runtime.told
    assert isinstance(profile, ChangeStationProfile)
    assert isinstance(forget, ForgetStationSecurity)
    assert isinstance(revoke, RevokeCertificate)
    assert {message.requested_by for message in runtime.told} == {"ann"}
    assert all(isinstance(call, CallStation) for call in calls)
    assert [(call.action, call.payload) for call in calls] == [
        ("ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"}),
        ("InstallCertificate", {"certificateType": "ManufacturerRootCertificate", "certificate": "PEM"}),
        ("DeleteCertificate", {"certificateHashData": HELD}),
    ]


def test_what_a_station_holds_and_what_is_known_of_it_are_listed() -> None:
    """OC-7: hashes of passwords are nobody's business."""
    held = {"status": "Accepted", "certificateHashData": [HELD]}
    runtime = Runtime(SecurityOutcome(True, "done", held))
    asked = {"station": CP, "use": "CentralSystemRootCertificate"}
    (known,) = deed(runtime, "installed_certificates")(asked)["certificates"]
    assert known["serial"] == "0C"
    seen = deed(runtime, "security")({})
    assert seen["stations"] == [{"station": CP, "asked": 1, "reached": 1, "passwords": 1}]
    assert seen["certificates"][0]["serial"] == "0A"
    assert seen["certificates"][0]["revoked_at"] is None
