"""OCTT, Security: passwords, TLS, certificates, logs and signed firmware."""

import base64
import secrets
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from actors.messages import CallStation, ChangeStationKey, ChangeStationProfile, ListEvents
from evce.security.calls import (
    CertificateUse,
    InstalledCertificate,
    delete_certificate,
    extended_trigger,
    install_certificate,
)
from evce.security.keys import hash_key
from evce.security.profiles import SecurityProfile
from evce.station_control.action_state import ActionState
from evce.units import BoxIdentity
from tests.octt.charge_point import PATIENCE, ChargePoint, stamp
from tests.octt.stage import Play, case

FIRMWARE = {
    "requestId": 5,
    "firmware": {
        "location": "https://127.0.0.1/new",
        "retrieveDateTime": "2026-01-05T06:00:00Z",
        "signingCertificate": "-----BEGIN CERTIFICATE-----",
        "signature": "c2lnbmF0dXJl",
    },
}


def basic(play: Play, key: bytes) -> dict[str, object]:
    """Options of a connection that shows this password."""
    token = base64.b64encode(play.identity.encode() + b":" + key).decode()
    return {"additional_headers": {"Authorization": f"Basic {token}"}}


async def change_key(play: Play, *, send: bool) -> bytes:
    """A new password: sent to the station, or the one that it has already."""
    key = secrets.token_bytes(20)
    hashed = hash_key(key, secrets.token_bytes(16))
    station = BoxIdentity(play.identity)
    outcome = await play.secure(lambda r: ChangeStationKey(r, station, key, hashed, send, "tester"))
    assert outcome.done, outcome
    return key


async def refusal(play: Play, **options: object) -> int:
    """The HTTP status with which a connection is refused."""
    try:
        await play.dial_again(**options)
    except InvalidStatus as refused:
        return refused.response.status_code
    return 101


async def trusting(play: Play) -> ssl.SSLContext:
    """TLS of a station that knows the central system's root."""
    return await play.in_thread(lambda: ssl.create_default_context(cadata=play.system.root))


async def guarded(play: Play) -> bytes:
    """A station that has come with its password; returns that."""
    await play.begin()
    key = await change_key(play, send=False)
    await play.dial_again(**basic(play, key))
    await play.station.boot()
    return key


async def certificate(play: Play, station: ChargePoint) -> tuple[ec.EllipticCurvePrivateKey, str]:
    """A key, and the certificate that the central system signs for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, play.identity)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    station.answers["CertificateSigned"] = lambda _: {"status": "Accepted"}
    text = csr.public_bytes(serialization.Encoding.PEM).decode()

    async def signed() -> bool:
        return any(name == "CertificateSigned" for name, _ in station.heard)

    # White paper, CertSigningRepeatTimes: a station that hears nothing asks once more.
    for patience in (8.0, PATIENCE) if play.wire.loses else (PATIENCE,):
        assert await station.call("SignCertificate", csr=text) == {"status": "Accepted"}
        if await play.within(patience, signed):
            break
    chain: str = (await station.expect("CertificateSigned"))["certificateChain"]
    assert "\r" not in chain
    own = x509.load_pem_x509_certificate(chain.encode())
    assert own.public_key() == key.public_key()
    return key, chain


@case()
async def test_octt_073_change_the_basic_auth_password(play: Play) -> None:
    """OC-7: sent, taken, and from the next connection on nothing else opens."""
    old = await guarded(play)
    new = await change_key(play, send=True)
    told = await play.station.expect("ChangeConfiguration", lambda p: p["key"] == "AuthorizationKey")
    assert bytes.fromhex(told["value"]) == new
    assert await refusal(play, **basic(play, new)) == 101
    await play.station.boot()

    async def closed() -> bool:
        return await refusal(play, **basic(play, old)) == 401

    await play.until(closed, "the old password is refused")


@case()
async def test_octt_074_update_the_charge_point_certificate(play: Play) -> None:
    """OC-7: asked for, signed, and sent."""
    station = await play.begin()
    station.answers["ExtendedTriggerMessage"] = lambda _: {"status": "Accepted"}
    payload = extended_trigger("SignChargePointCertificate")
    identity = BoxIdentity(play.identity)
    outcome = await play.secure(
        lambda r: CallStation(r, identity, "ExtendedTriggerMessage", payload, "tester")
    )
    assert outcome.payload == {"status": "Accepted"}
    await certificate(play, station)


async def install(play: Play, use: CertificateUse) -> None:
    """A root certificate for the station."""
    station = await play.begin()
    station.answers["InstallCertificate"] = lambda _: {"status": "Accepted"}
    root = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
    payload, identity = install_certificate(use, root), BoxIdentity(play.identity)
    outcome = await play.secure(lambda r: CallStation(r, identity, "InstallCertificate", payload, "tester"))
    assert outcome.payload == {"status": "Accepted"}
    told = await station.expect("InstallCertificate")
    assert told["certificateType"] == use.value
    assert "\r" not in told["certificate"]


@case()
async def test_octt_075_1_install_a_manufacturer_root(play: Play) -> None:
    """OC-7."""
    await install(play, CertificateUse.MANUFACTURER)


@case()
async def test_octt_075_2_install_a_central_system_root(play: Play) -> None:
    """OC-7."""
    await install(play, CertificateUse.CENTRAL_SYSTEM)


@case()
async def test_octt_076_delete_a_certificate(play: Play) -> None:
    """OC-7: named as the station names it."""
    station = await play.begin()
    station.answers["DeleteCertificate"] = lambda _: {"status": "Accepted"}
    payload = delete_certificate(InstalledCertificate("SHA256", "aa", "bb", "07"))
    identity = BoxIdentity(play.identity)
    outcome = await play.secure(lambda r: CallStation(r, identity, "DeleteCertificate", payload, "tester"))
    assert outcome.payload == {"status": "Accepted"}
    assert await station.expect("DeleteCertificate") == payload


async def event(play: Play, kind: str) -> None:
    """A security event is answered, and people find it in the log."""
    station = await play.begin()
    assert await station.call("SecurityEventNotification", type=kind, timestamp=stamp()) == {}

    async def logged() -> bool:
        events = await play.system.ask("recorder", ListEvents(limit=10_000))
        return any(e.device == play.identity and kind in e.message for e in events)

    await play.until(logged, f"{kind} is in the log")


@case()
async def test_octt_077_invalid_charge_point_certificate(play: Play) -> None:
    """OC-7."""
    await event(play, "InvalidChargePointCertificate")


@case()
async def test_octt_078_invalid_central_system_certificate(play: Play) -> None:
    """OC-7."""
    await event(play, "InvalidCentralSystemCertificate")


@case()
async def test_octt_079_get_the_security_log(play: Play) -> None:
    """OC-3, OC-7: followed to its upload."""
    station = await play.begin()
    station.answers["GetLog"] = lambda _: {"status": "Accepted", "filename": "security.txt"}
    action = await play.order("log", type="SecurityLog", location="https://127.0.0.1/logs/")
    (*_, asked) = [payload for name, payload in station.heard if name == "GetLog"]
    assert asked["logType"] == "SecurityLog"
    for status in ("Uploading", "Uploaded"):
        await station.say("LogStatusNotification", status=status, requestId=asked["requestId"])
    assert (await play.outcome(action)).state is ActionState.DONE


async def signed_firmware(play: Play, *statuses: str) -> None:
    """Offered with its signature; each step is taken in."""
    station = await play.begin()
    station.answers["SignedUpdateFirmware"] = lambda _: {"status": "Accepted"}
    action = await play.outcome(await play.order("call", call="SignedUpdateFirmware", payload=FIRMWARE))
    assert action.state is ActionState.DONE
    assert await station.expect("SignedUpdateFirmware") == FIRMWARE
    for status in statuses:
        await station.say("SignedFirmwareStatusNotification", status=status, requestId=5)

    async def logged() -> bool:
        events = await play.system.ask("recorder", ListEvents(limit=10_000))
        return any(e.device == play.identity and statuses[-1] in e.message for e in events)

    await play.until(logged, f"{statuses[-1]} is in the log")


@case()
async def test_octt_080_secure_firmware_update(play: Play) -> None:
    """OC-3, OC-7."""
    await signed_firmware(
        play, "Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting", "Installed"
    )


@case()
async def test_octt_081_secure_firmware_update_invalid_signature(play: Play) -> None:
    """OC-3, OC-7."""
    await signed_firmware(play, "Downloading", "Downloaded", "InvalidSignature")


@case()
async def test_octt_083_upgrade_the_security_profile(play: Play) -> None:
    """OC-7: to TLS with the password; the open line is closed behind it."""
    key = await guarded(play)
    secured = await trusting(play)
    identity = BoxIdentity(play.identity)
    profile = SecurityProfile(2)
    outcome = await play.secure(lambda r: ChangeStationProfile(r, identity, profile, "tester"))
    assert outcome.done, outcome
    told = await play.station.expect("ChangeConfiguration", lambda p: p["key"] == "SecurityProfile")
    assert told["value"] == "2"
    assert await refusal(play, ssl=secured, **basic(play, key)) == 101
    await play.station.boot()
    await play.until(play.verified, "it is in service again")

    async def closed() -> bool:
        return await refusal(play, **basic(play, key)) == 403

    await play.until(closed, "no way down")


@case()
async def test_octt_085_basic_authentication(play: Play) -> None:
    """OC-7: who shows the password is in, who shows another one isn't."""
    key = await guarded(play)
    await play.until(play.verified, "it is in service")
    assert await refusal(play, **basic(play, b"\0" * 20)) == 401
    assert await refusal(play, **basic(play, key)) == 101


@case()
async def test_octt_086_tls_server_certificate(play: Play) -> None:
    """OC-7: a station that knows the root trusts the central system's certificate."""
    key = await guarded(play)
    await play.dial_again(ssl=await trusting(play), **basic(play, key))
    assert (await play.station.boot())["status"] == "Accepted"
    await play.until(play.verified, "it is in service")


@case()
async def test_octt_087_tls_client_certificate(play: Play) -> None:
    """OC-7: with the certificate that was signed for it nothing else is asked for."""
    key = await guarded(play)
    secured = await trusting(play)
    await play.dial_again(ssl=secured, **basic(play, key))
    await play.station.boot()
    own, chain = await certificate(play, play.station)
    path = play.system.folder / f"{play.identity}.pem"
    private = own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_text(private.decode() + chain)
    context = await trusting(play)
    context.load_cert_chain(path)
    await play.dial_again(ssl=context)
    assert (await play.station.boot())["status"] == "Accepted"
    await play.until(play.verified, "it is in service")


@case()
async def test_octt_088_websocket_subprotocol_negotiation(play: Play) -> None:
    """OC-1: of those that it offers the one that is spoken here is chosen; without it nobody talks."""
    await play.dial_again(subprotocols=[Subprotocol("ocpp2.0.1"), Subprotocol("ocpp1.6")])
    assert play.station.subprotocol == "ocpp1.6"
    assert (await play.station.boot())["status"] == "Accepted"
    await play.dial_again(subprotocols=[Subprotocol("ocpp2.0.1")])
    assert play.station.subprotocol is None, "OCPP-J 3.1.2: the handshake ends without a subprotocol"
    assert await play.station.wait_closed() is not None, "and the connection is closed at once"
