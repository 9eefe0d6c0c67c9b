"""The site's certificate authority: what it signs, for whom and how long; keys come from outside."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from evce.security.standing import CertificateRecord
from evce.units import BoxIdentity

__all__ = [
    "LONGEST_CSR",
    "Authority",
    "CsrError",
    "PrivateKey",
    "fingerprint",
    "make_root",
    "pem",
    "read_certificate",
    "serial_text",
]

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

LONGEST_CSR: Final = 5500
"""Characters (SignCertificate.req)."""

_ROOT_VALID: Final = timedelta(days=20 * 365)
_SERVER_VALID: Final = timedelta(days=825)
"""The longest that strict clients take."""
_STATION_VALID: Final = timedelta(days=2 * 365)
_CLOCK_SKEW: Final = timedelta(days=1)
"""A station whose clock is slow must not find a certificate that begins tomorrow."""

_LEAST_RSA: Final = 2048
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_HASHES: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


class CsrError(ValueError):
    """A certificate signing request that is not signed; the text says what it should be."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A root certificate with its key.

    Signatures are SHA-256 with RSA in the old padding (PKCS #1 v1.5), or ECDSA on a key of one's own: many
    stations know no PSS.
    """

    certificate: x509.Certificate
    key: PrivateKey

    def check(self, csr_text: str, names: Iterable[str]) -> x509.CertificateSigningRequest:
        """The request in this PEM, if it is sound and asks for a certificate for one of `names`.

        Sound: signed with the key that it shows (SHA-256 or longer), RSA of at least 2048 bits or one of the
        curves P-256, P-384, P-521. Raises `CsrError`.
        """
        if len(csr_text) > LONGEST_CSR:
            raise CsrError(f"it has {len(csr_text)} characters, {LONGEST_CSR} are allowed")
        try:
            csr = x509.load_pem_x509_csr(csr_text.replace("\r\n", "\n").strip().encode())
            key = csr.public_key()
            signed = csr.is_signature_valid
            digest = csr.signature_hash_algorithm
        except (ValueError, UnsupportedAlgorithm, InvalidSignature) as error:
            raise CsrError("it is no certificate signing request in PEM") from error
        if not signed:
            raise CsrError("its signature is wrong")
        if not isinstance(digest, _HASHES):
            raise CsrError("it must be signed with SHA-256 or longer")
        match key:
            case rsa.RSAPublicKey() if key.key_size >= _LEAST_RSA:
                pass
            case rsa.RSAPublicKey():
                raise CsrError(f"its key has {key.key_size} bits, at least {_LEAST_RSA} are needed")
            case ec.EllipticCurvePublicKey() if isinstance(key.curve, _CURVES):
                pass
            case _:
                raise CsrError("its key must be RSA, or on the curve P-256, P-384 or P-521")
        found = [
            str(attribute.value) for attribute in csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        ]
        allowed = tuple(dict.fromkeys(names))
        if len(found) != 1 or found[0] not in allowed:
            raise CsrError(f"its common name is {', '.join(found) or 'missing'}, not {' or '.join(allowed)}")
        return csr

    def sign_station(
        self, csr: x509.CertificateSigningRequest, organisation: str, now: datetime, serial: int
    ) -> x509.Certificate:
        """A client certificate for a station; only name and key are taken from what it asked for."""
        common_name = csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        subject = _name(str(common_name), organisation)
        return self._sign(
            subject, csr.public_key(), now, _STATION_VALID, serial, ExtendedKeyUsageOID.CLIENT_AUTH, ()
        )

    def sign_server(
        self, key: PrivateKey, hosts: Iterable[str], organisation: str, now: datetime, serial: int
    ) -> x509.Certificate:
        """EVCE's own certificate toward the stations, for all names and addresses that they call it by."""
        known = tuple(dict.fromkeys(hosts))
        subject = _name(known[0] if known else "EVCE", organisation)
        names = tuple(_alternative(host) for host in known)
        return self._sign(
            subject, key.public_key(), now, _SERVER_VALID, serial, ExtendedKeyUsageOID.SERVER_AUTH, names
        )

    def record(self, certificate: x509.Certificate, station: BoxIdentity) -> CertificateRecord:
        """What is kept of a certificate."""
        return CertificateRecord(
            serial=serial_text(certificate.serial_number),
            station=station,
            issued_at=certificate.not_valid_before_utc + _CLOCK_SKEW,
            expires_at=certificate.not_valid_after_utc,
            fingerprint=fingerprint(certificate),
        )

    def made(self, certificate: x509.Certificate) -> bool:
        """Whether this authority signed it."""
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True

    def _sign(
        self,
        subject: x509.Name,
        key: object,
        now: datetime,
        valid: timedelta,
        serial: int,
        use: x509.ObjectIdentifier,
        names: tuple[x509.GeneralName, ...],
    ) -> x509.Certificate:
        until = min(now + valid, self.certificate.not_valid_after_utc)
        public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey = key  # type: ignore[assignment]
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.certificate.subject)
            .public_key(public)
            .serial_number(serial)
            .not_valid_before(now - _CLOCK_SKEW)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(ca=False, rsa_key=isinstance(public, rsa.RSAPublicKey)), critical=True)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())


def make_root(key: PrivateKey, organisation: str, now: datetime, serial: int) -> x509.Certificate:
    """A root certificate on this key, which signs end entities and nothing between."""
    subject = _name(f"EVCE root {now:%Y-%m-%d}", organisation)
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _ROOT_VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True, rsa_key=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def pem(certificate: x509.Certificate) -> str:
    """The certificate in PEM, with line feeds alone."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode().replace("\r\n", "\n")


def read_certificate(text: str) -> x509.Certificate:
    """The certificate in this PEM. Raises `ValueError` in words."""
    try:
        return x509.load_pem_x509_certificate(text.encode())
    except ValueError as error:
        raise ValueError("it is no certificate in PEM") from error


def serial_text(serial: int) -> str:
    """A serial number as TLS libraries print it: upper-case hexadecimal digits, an even number of them."""
    digits = f"{serial:X}"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 by which people compare certificates."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _name(common_name: str, organisation: str) -> x509.Name:
    """Common name and organisation; X.520 bounds both at 64 characters."""
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])]
    if organisation:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]))
    return x509.Name(attributes)


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, ca: bool, rsa_key: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=rsa_key and not ca,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
