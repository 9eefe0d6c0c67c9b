"""Security between stations and the daemon, over real sockets: each profile, the way up, and no way down."""

import base64
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from actors.messages import GetRevision, GetStationSecurity, SecuritySeen
from evce.security.authority import make_root, pem, serial_text
from evce.security.standing import StationSecurity
from evce.units import BoxIdentity
from tests.integration.house import YARD, House, until
from tools.simulation.security import Defences
from tools.simulation.station import Station

GUARDED = YARD.replace('host = "127.0.0.1"\nmeter', 'host = "127.0.0.1"\ntls_port = 0\nmeter', 1)
KEY = "00112233445566778899AABBCCDDEEFF00FF00FF"
OTHER = "FF" * 20


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of its own with a port for TLS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPIOZERO_PIN_FACTORY", "mock")
        house = House(tmp_path_factory.mktemp("guarded") / "data", GUARDED)
        try:
            house.start()
            until(house.all_verified, 20, "every station is verified")
            yield house
        finally:
            house.stop()


def obey(house: House, *command: str, answer: str | None = None) -> str:
    """Run a command that has to succeed; returns what it says."""
    result = house.evce(*command, answer=answer)
    assert result.exit_code == 0, result.output
    return result.output


def standing(house: House, station: str) -> StationSecurity:
    seen = house.ask("security", GetStationSecurity())
    assert isinstance(seen, SecuritySeen)
    known = {record.station: record for record in seen.stations}
    return known.get(BoxIdentity(station), StationSecurity(BoxIdentity(station)))


def basic(key: str, user: str = "CP-X") -> dict[str, str]:
    token = base64.b64encode(user.encode() + b":" + bytes.fromhex(key)).decode()
    return {"Authorization": f"Basic {token}"}


def dial(house: House, tls: ssl.SSLContext | None = None, **headers: str) -> ClientConnection:
    scheme, port = ("ws", house.daemon.ocpp_port) if tls is None else ("wss", house.daemon.ocpps_port)
    return connect(
        f"{scheme}://127.0.0.1:{port}/ocpp/CP-X",
        subprotocols=[Subprotocol("ocpp1.6")],
        proxy=None,
        ssl=tls,
        additional_headers=headers,
    )


def heard(house: House, tls: ssl.SSLContext | None = None, **headers: str) -> int:
    """The HTTP status that a connection of CP-X gets; 101 once a heartbeat was answered over it."""
    try:
        with dial(house, tls, **headers) as socket:
            socket.send('[2,"h","Heartbeat",{}]')
            while json.loads(socket.recv(timeout=10))[:2] != [3, "h"]:
                pass
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def trusting(house: House, own: Path | None = None) -> ssl.SSLContext:
    """TLS of a station that trusts the house's root, and shows its own certificate if it has one."""
    root = obey(house, "certificate", "root")
    context = ssl.create_default_context(cadata=root)
    if own is not None:
        context.load_cert_chain(own)
    return context


def simulated(house: House, name: str) -> Station:
    return house.site.world.stations[name]


def test_each_profile_lets_in_who_proves_it_and_nobody_with_less(guarded: House, tmp_path: Path) -> None:
    """OC-7, TC_085, TC_086, TC_087: right, wrong, none and downgrade for each of the profiles."""
    house, wrong, right = guarded, basic(OTHER), basic(KEY)
    assert heard(house) == 101  # profile 0, as before
    obey(house, "station", "password", "CP-X", "--set", answer=f"{KEY}\n")
    assert heard(house) == 101  # a password alone asks for nothing
    assert heard(house, **wrong) == 401
    assert heard(house, **basic(KEY, "CP-1")) == 401
    assert heard(house, **right) == 101
    until(lambda: standing(house, "CP-X").reached == 1, 5)
    assert (heard(house), heard(house, **wrong), heard(house, **right)) == (401, 401, 101)
    spelt_out = base64.b64encode(f"CP-X:{KEY}".encode()).decode()
    assert heard(house, Authorization=f"Basic {spelt_out}") == 101

    secured = trusting(house)
    assert (heard(house, secured), heard(house, secured, **wrong)) == (401, 401)
    assert heard(house, secured, **right) == 101
    until(lambda: standing(house, "CP-X").reached == 2, 5)
    assert heard(house, **right) == 403  # the right password on an open line is a downgrade
    assert heard(house, secured, **right) == 101

    own = certificate_of(house, "CP-X", tmp_path, secured, right)
    assert heard(house, trusting(house, own)) == 101
    until(lambda: standing(house, "CP-X").reached == 3, 5)
    assert (heard(house, secured, **right), heard(house, **right)) == (403, 403)
    assert heard(house, trusting(house, own)) == 101
    codes = {alarm.code for alarm in house.snapshot().alarms}
    assert "station_refused" not in codes  # it came in the right way since

    serial = serial_text(x509.load_pem_x509_certificate(own.read_bytes()).serial_number)
    obey(house, "certificate", "revoke", serial, "--yes")
    assert heard(house, trusting(house, own)) == 403
    alarms = house.snapshot().alarms
    refusals = {alarm.source: alarm.message for alarm in alarms if alarm.code == "station_refused"}
    assert "revoked" in refusals["CP-X"]

    obey(house, "station", "security", "CP-X", "--forget")  # the one deliberate way down
    assert heard(house) == 101


def certificate_of(
    house: House, name: str, folder: Path, tls: ssl.SSLContext, headers: dict[str, str]
) -> Path:
    """Have a certificate made over OCPP as a station does; returns the file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    text = csr.public_bytes(serialization.Encoding.PEM).decode()
    with dial(house, tls, **headers) as socket:
        socket.send(json.dumps([2, "csr", "SignCertificate", {"csr": text}]))
        chain, answer = "", None
        while not chain or answer is None:
            frame = json.loads(socket.recv(timeout=10))
            if frame[0] == 3:
                answer = frame[2]
            elif frame[2] == "CertificateSigned":
                chain = frame[3]["certificateChain"]
                socket.send(json.dumps([3, frame[1], {"status": "Accepted"}]))
            else:
                socket.send(json.dumps([4, frame[1], "NotImplemented", "", {}]))
    assert answer == {"status": "Accepted"}
    assert "\r" not in chain
    path = folder / "own.pem"
    path.write_text(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        + chain
    )
    return path


def test_a_station_is_led_up_from_nothing_to_certificates_by_commands(guarded: House, tmp_path: Path) -> None:
    """OC-7, TC_073, TC_074, TC_075, TC_076, TC_083: password, root, profiles and certificate over OCPP."""
    house, own = guarded, simulated(guarded, "CP-1").defences
    assert "took the new password" in obey(house, "station", "password", "CP-1")
    assert house.evce("station", "security", "CP-1", "--profile", "3").exit_code != 0  # no certificate yet
    obey(house, "station", "security", "CP-1", "--profile", "1")
    until(lambda: standing(house, "CP-1").reached == 1, 10)

    first = own.key
    obey(house, "station", "password", "CP-1")
    assert own.key != first
    until(lambda: len(standing(house, "CP-1").keys) == 1, 10, "it came with the new one: the old is closed")

    obey(house, "certificate", "install", "CP-1")
    assert len(obey(house, "certificate", "installed", "CP-1").splitlines()) > 3
    obey(house, "station", "security", "CP-1", "--profile", "2")
    until(lambda: standing(house, "CP-1").reached == 2, 10)

    obey(house, "certificate", "request", "CP-1")
    until(lambda: own.certificate is not None, 10)
    obey(house, "station", "security", "CP-1", "--profile", "3")
    until(lambda: standing(house, "CP-1").reached == 3, 10)
    until(lambda: house.connector("CP-1").status == "Available" and house.all_verified(), 20)
    refused = house.evce("station", "security", "CP-1", "--profile", "1")
    assert "no way down" in refused.output

    maker = tmp_path / "maker.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    maker.write_text(pem(make_root(key, "Maker", datetime.now(UTC), 0xABCDEF)))
    use = ("--use", "ManufacturerRootCertificate")
    obey(house, "certificate", "install", "CP-1", "--file", str(maker), *use)
    assert own.roots["ManufacturerRootCertificate"] == [maker.read_text()]
    command = ("certificate", "delete", "CP-1", "ABCDEF", *use)
    obey(house, *command)
    assert own.roots["ManufacturerRootCertificate"] == []
    assert house.evce(*command).exit_code != 0
    assert "CP-1" in obey(house, "certificate", "show")
    assert "3" in obey(house, "station", "security")


def test_the_next_root_takes_over_without_a_station_being_lost(guarded: House) -> None:
    """OC-7: the certificate of the old root still opens, and the station trusts the new one."""
    house, own = guarded, Defences()
    assert own.context() is None
    obey(house, "certificate", "renew-root")
    coming = obey(house, "certificate", "root", "--next")
    obey(house, "certificate", "install", "CP-2", "--next")
    assert simulated(house, "CP-2").defences.roots["CentralSystemRootCertificate"] == [coming]
    obey(house, "certificate", "renew-root", "--switch")
    assert obey(house, "certificate", "root") == coming
    assert house.evce("certificate", "root", "--next").exit_code != 0


def test_a_password_that_is_none_is_refused_before_it_is_sent(guarded: House) -> None:
    """OC-7."""
    refused: Any = guarded.evce("station", "password", "CP-X", "--set", answer="too short\n")
    assert refused.exit_code != 0
    assert "32 to 40 hexadecimal digits" in refused.output
    assert "know CP-1" in guarded.evce("station", "password", "CP-9").output


def test_a_profile_that_is_asked_for_from_now_on_ends_the_connections_without_it(guarded: House) -> None:
    """OC-7, CF-1: live, and the station is refused until it has what is asked for."""
    house = guarded
    number = house.ask("site", GetRevision()).number
    stations = tuple(
        station.model_copy(update={"security_profile": 1}) if station.box_identity == "CP-3" else station
        for station in house.document.stations
    )
    path = house.site_file(house.folder / "asked.toml", stations=stations)
    obey(house, "config", "apply", str(path), "--yes", "--accept-unproven")
    until(lambda: "CP-3" in {a.source for a in house.snapshot().alarms if a.code == "station_refused"}, 10)
    obey(house, "config", "rollback", str(number), "--yes", "--accept-unproven")
    until(house.all_verified, 20)
