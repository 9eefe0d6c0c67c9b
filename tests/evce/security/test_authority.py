"""What the authority signs, and what it doesn't."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from evce.security.authority import (
    Authority,
    CsrError,
    fingerprint,
    make_root,
    pem,
    read_certificate,
    serial_text,
)
from evce.units import BoxIdentity

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CP = BoxIdentity("CP-1")
EC = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ROOT = Authority(make_root(RSA, "Yard", NOW, 1), RSA)


def csr(*names: str, key: object = EC, digest: object = hashes.SHA256()) -> str:  # stateless
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    made = builder.sign(key, digest)  # type: ignore[arg-type]
    return made.public_bytes(serialization.Encoding.PEM).decode()


def test_a_station_gets_a_client_certificate_in_its_own_name() -> None:
    """OC-7, TC_074: SHA256withRSA in the old padding, whatever key the station has."""
    asked = ROOT.check(csr("CP-1"), ["CP-1"])
    made = ROOT.sign_station(asked, "Yard", NOW, 0xABC)
    assert made.subject.rfc4514_string() == "O=Yard,CN=CP-1"
    assert isinstance(made.signature_algorithm_parameters, padding.PKCS1v15)
    assert isinstance(made.signature_hash_algorithm, hashes.SHA256)
    assert ROOT.made(made)
    usage = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert made.not_valid_before_utc < NOW < made.not_valid_after_utc <= ROOT.certificate.not_valid_after_utc
    record = ROOT.record(made, CP)
    assert (record.serial, record.station, record.issued_at) == ("0ABC", CP, NOW)
    assert record.fingerprint == fingerprint(made)


def test_a_serial_number_of_the_station_will_do_as_its_name() -> None:
    """OC-7: the white paper has the common name be the serial number."""
    assert ROOT.check(csr("SN-5"), ["CP-1", "SN-5"]).is_signature_valid


def test_line_ends_of_any_kind_are_read() -> None:
    assert ROOT.check(csr("CP-1").replace("\n", "\r\n"), ["CP-1"]).is_signature_valid


SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # to be refused


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no certificate signing request"),
        ("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", "no certificate"),
        (pem(ROOT.certificate), "no certificate signing request"),
        ("x" * 5501, "5501 characters, 5500 are allowed"),
        (csr("CP-2"), "common name is CP-2, not CP-1"),
        (csr(), "common name is missing"),
        (csr("CP-1", "CP-2"), "common name is CP-1, CP-2"),
        (csr("CP-1", key=SMALL), "1024 bits"),
        (csr("CP-1", key=ec.generate_private_key(ec.SECP192R1())), "P-256"),
        (csr("CP-1", key=ed25519.Ed25519PrivateKey.generate(), digest=None), "SHA-256"),
    ],
)
def test_an_unsound_request_is_refused_with_its_reason(text: str, why: str) -> None:
    """OC-7."""
    with pytest.raises(CsrError, match=why):
        ROOT.check(text, ["CP-1"])


def test_a_request_signed_with_another_key_is_refused() -> None:
    """OC-7: whoever asks must have the key."""
    sound = x509.load_pem_x509_csr(csr("CP-1").encode())
    der = bytearray(sound.public_bytes(serialization.Encoding.DER))
    place = der.rindex(sound.signature)
    der[place : place + len(sound.signature)] = (
        x509.load_pem_x509_csr(csr("CP-2").encode())
        .signature[: len(sound.signature)]
        .ljust(len(sound.signature), b"\0")
    )
    forged = (
        "-----BEGIN CERTIFICATE REQUEST-----\n" + _base64(bytes(der)) + "-----END CERTIFICATE REQUEST-----\n"
    )
    with pytest.raises(CsrError):
        ROOT.check(forged, ["CP-1"])


def _base64(der: bytes) -> str:
    return base64.encodebytes(der).decode()


def test_the_servers_certificate_has_every_name_that_stations_call_it_by() -> None:
    """OC-7, TC_086: names and addresses."""
    made = ROOT.sign_server(EC, ["evce.local", "192.0.2.1", "evce.local"], "Yard", NOW, 5)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == ["evce.local", "192.0.2.1"]
    usage = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_nothing_outlives_its_root() -> None:
    """OC-7."""
    late = ROOT.certificate.not_valid_after_utc - timedelta(days=10)
    made = ROOT.sign_server(EC, ["x"], "Yard", late, 5)
    assert made.not_valid_after_utc == ROOT.certificate.not_valid_after_utc


def test_the_certificate_of_another_authority_is_told_apart() -> None:
    other = Authority(make_root(EC, "Other", NOW, 2), EC)
    made = other.sign_server(EC, ["x"], "Other", NOW, 5)
    assert other.made(made)
    assert not ROOT.made(made)


def test_certificates_are_read_or_refused() -> None:
    assert read_certificate(pem(ROOT.certificate)) == ROOT.certificate
    with pytest.raises(ValueError, match="no certificate in PEM"):
        read_certificate("x")
    assert (serial_text(0xABC), serial_text(0xABCD)) == ("0ABC", "ABCD")
