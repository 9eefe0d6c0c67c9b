"""How a simulated station defends itself; what EVCE makes of it is shown over real sockets elsewhere."""

import base64
import ssl
from collections import deque
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from evce.security.authority import Authority, make_root, pem
from tests.tools.simulation.scripted import station
from tools.simulation import commands
from tools.simulation.security import Defences
from tools.simulation.station import Station

ROOT_KEY = ec.generate_private_key(ec.SECP256R1())
NOW = datetime.now(UTC)
ROOT = Authority(make_root(ROOT_KEY, "Yard", NOW, 0xABC), ROOT_KEY)
CENTRAL = "CentralSystemRootCertificate"
KEY = "0F" * 20


def do(at: Station, action: str, **payload: Any) -> dict[str, Any]:
    return commands.execute(at, action, payload, 0.0)


def said(at: Station) -> list[tuple[str, dict[str, Any]]]:
    at.online = at.accepted = True
    found = []
    while (taken := at.outbox.next(0.0, only=None)) is not None:
        call, payload = taken
        at.outbox.take(call.message_id)
        found.append((call.action, payload))
    return found


def set_key(at: Station, key: str, value: str) -> str:
    return str(do(at, "ChangeConfiguration", key=key, value=value)["status"])


def signed(csr: str, name: str = "CP-01") -> str:
    return pem(ROOT.sign_station(ROOT.check(csr, [name]), "Yard", NOW, 7))


@pytest.mark.parametrize(("spells_out", "password"), [(False, b"\x0f" * 20), (True, KEY.encode())])
def test_it_dials_with_its_identity_and_its_key(spells_out: bool, password: bytes) -> None:
    """OC-7, TC_085."""
    own = Defences(profile=1, key=bytes.fromhex(KEY), spells_out=spells_out)
    header = own.authorization("CP-01")
    assert header is not None
    assert base64.b64decode(header.removeprefix("Basic ")) == b"CP-01:" + password
    assert Defences(key=bytes.fromhex(KEY)).authorization("CP-01") is None


def test_it_takes_a_profile_only_upward_and_with_what_it_needs() -> None:
    """OC-7, TC_083."""
    at = station()
    assert set_key(at, "SecurityProfile", "1") == "Rejected"
    assert [set_key(at, "AuthorizationKey", value) for value in ("short", KEY)] == ["Rejected", "Accepted"]
    assert not at.defences.reconnects
    assert set_key(at, "SecurityProfile", "1") == "Accepted"
    assert at.defences.reconnects
    assert set_key(at, "SecurityProfile", "2") == "Rejected"
    do(at, "InstallCertificate", certificateType=CENTRAL, certificate=pem(ROOT.certificate))
    assert set_key(at, "SecurityProfile", "2") == "Accepted"
    assert [set_key(at, "SecurityProfile", value) for value in ("1", "3", "4", "x")] == ["Rejected"] * 4
    context = at.defences.context()
    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    read = do(at, "GetConfiguration", key=["SecurityProfile", "AuthorizationKey"])
    assert read["configurationKey"][0]["value"] == "2"
    assert read["unknownKey"] == ["AuthorizationKey"]  # it can be written, never read


def test_it_takes_only_a_certificate_on_its_key_from_a_root_that_it_trusts() -> None:
    """OC-7, TC_074, TC_077: a wrong one is a security event."""
    at = station()
    assert do(at, "ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate") == {
        "status": "Accepted"
    }
    ((action, payload),) = said(at)
    assert action == "SignCertificate"
    chain = signed(payload["csr"])
    assert do(at, "CertificateSigned", certificateChain=chain) == {"status": "Rejected"}
    assert said(at)[0][1]["type"] == "InvalidChargePointCertificate"
    do(at, "InstallCertificate", certificateType=CENTRAL, certificate=pem(ROOT.certificate))
    for wrong in ("x", chain.replace("\n", "\r\n"), signed(Defences().request("CP-01"))):
        assert do(at, "CertificateSigned", certificateChain=wrong) == {"status": "Rejected"}
    assert do(at, "CertificateSigned", certificateChain=chain) == {"status": "Accepted"}
    assert at.defences.certificate == chain


def test_roots_are_installed_listed_and_deleted() -> None:
    """OC-7, TC_075, TC_076, TC_078."""
    at = station()
    assert do(at, "GetInstalledCertificateIds", certificateType=CENTRAL) == {"status": "NotFound"}
    assert do(at, "InstallCertificate", certificateType=CENTRAL, certificate="x") == {"status": "Rejected"}
    assert said(at)[0][1]["type"] == "InvalidCentralSystemCertificate"
    do(at, "InstallCertificate", certificateType=CENTRAL, certificate=pem(ROOT.certificate))
    (known,) = do(at, "GetInstalledCertificateIds", certificateType=CENTRAL)["certificateHashData"]
    assert known["serialNumber"] == "ABC"
    assert do(at, "DeleteCertificate", certificateHashData=known) == {"status": "Accepted"}
    assert do(at, "DeleteCertificate", certificateHashData=known) == {"status": "NotFound"}


def test_signed_firmware_is_taken_from_its_maker_alone() -> None:
    """OC-1, TC_080, TC_081."""
    at = station()
    key = ec.generate_private_key(ec.SECP256R1())
    signer = pem(ROOT.sign_server(key, ["maker"], "Maker", NOW, 9))
    firmware = {
        "location": "https://x/f.bin",
        "retrieveDateTime": "2026-01-01T00:00:00Z",
        "signingCertificate": signer,
        "signature": "c2ln",
    }
    assert do(at, "SignedUpdateFirmware", requestId=4, firmware=firmware) == {"status": "InvalidCertificate"}
    assert said(at)[0][1]["type"] == "InvalidFirmwareSigningCertificate"
    do(
        at,
        "InstallCertificate",
        certificateType="ManufacturerRootCertificate",
        certificate=pem(ROOT.certificate),
    )
    assert do(at, "SignedUpdateFirmware", requestId=4, firmware=firmware) == {"status": "Accepted"}
    statuses = [payload for action, payload in said(at) if action == "SignedFirmwareStatusNotification"]
    assert statuses[-1] == {"status": "Installed", "requestId": 4}


@pytest.mark.parametrize(("forged", "last"), [(False, "Installed"), (True, "InvalidSignature")])
def test_a_firmware_must_be_the_one_that_was_signed(*, forged: bool, last: str) -> None:
    """OC-3, TC_080, TC_081: looked at once it is there."""
    at = station()
    at.transfers = deque()
    key = ec.generate_private_key(ec.SECP256R1())
    maker = pem(ROOT.certificate)
    do(at, "InstallCertificate", certificateType="ManufacturerRootCertificate", certificate=maker)
    firmware = {
        "location": "https://x/fw-9",
        "retrieveDateTime": "2026-01-01T00:00:00Z",
        "signingCertificate": pem(ROOT.sign_server(key, ["maker"], "Maker", NOW, 9)),
        "signature": base64.b64encode(key.sign(b"image", ec.ECDSA(hashes.SHA256()))).decode(),
    }
    assert do(at, "SignedUpdateFirmware", requestId=4, firmware=firmware) == {"status": "Accepted"}
    at.transfers[0].done(b"forgery" if forged else b"image", 1.0)
    assert said(at)[-1] == ("SignedFirmwareStatusNotification", {"status": last, "requestId": 4})
    assert (at.firmware == "fw-9") is not forged


def test_the_state_of_a_log_can_be_triggered() -> None:
    """OC-1, TC_079."""
    at = station()
    do(at, "ExtendedTriggerMessage", requestedMessage="LogStatusNotification")
    assert said(at) == [("LogStatusNotification", {"status": "Idle"})]


def test_what_can_be_triggered_as_ever_still_can() -> None:
    """OC-1, TC_054: ExtendedTriggerMessage knows what TriggerMessage knows."""
    at = station()
    assert do(at, "ExtendedTriggerMessage", requestedMessage="Heartbeat") == {"status": "Accepted"}
    assert said(at)[0][0] == "Heartbeat"


def test_a_new_certificate_request_has_a_new_key() -> None:
    own = Defences()
    first, second = (x509.load_pem_x509_csr(own.request("CP-01").encode()) for _ in range(2))
    assert first.public_key() != second.public_key()
