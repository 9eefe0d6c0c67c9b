"""The self-signed certificate of the first start, and the key that signs forms: made once, kept private."""

import ipaddress
import os
import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["CertificateFiles", "ensure_certificate", "ensure_secret_key"]

_VALID = timedelta(days=825)
"""The longest that Apple's systems take for a certificate that was trusted by hand."""
_RENEWED_BEFORE = timedelta(days=30)
_CLOCK_SKEW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where certificate and key lie (PEM), and the SHA-256 by which a person can compare them."""

    certificate: Path
    key: Path
    fingerprint: str


def ensure_certificate(folder: Path, now: datetime | None = None) -> CertificateFiles:
    """The certificate of this installation, made when there is none or its time is nearly over (US-4).

    It names localhost, this host and the loopback addresses. Both files are readable by their owner only.
    A pair of one's own, put there under the same names, is used as it is.
    """
    moment = datetime.now(UTC) if now is None else now
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    if certificate_file.exists() and key_file.exists():
        known = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        own = known.issuer == known.subject
        if not own or known.not_valid_after_utc - moment > _RENEWED_BEFORE:
            return CertificateFiles(certificate_file, key_file, _fingerprint(known))
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _make(key, moment)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_private(
        key_file,
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    _write_private(certificate_file, certificate.public_bytes(serialization.Encoding.PEM))
    return CertificateFiles(certificate_file, key_file, _fingerprint(certificate))


def ensure_secret_key(folder: Path) -> bytes:
    """The secret of `WebSettings.secret_key`, made at the first start."""
    path = folder / "form-secret"
    if path.exists() and len(known := path.read_bytes()) >= 32:
        return known
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = secrets.token_bytes(32)
    _write_private(path, secret)
    return secret


def _make(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    host = socket.gethostname()
    names = list(dict.fromkeys(name for name in ("localhost", host) if name and name.isascii()))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"EVCE on {host}"[:64])])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _VALID)
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    *(x509.DNSName(name) for name in names),
                    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                    x509.IPAddress(ipaddress.ip_address("::1")),
                ]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _write_private(path: Path, content: bytes) -> None:
    """Written beside and renamed, so that a power cut leaves the old file or the new one."""
    new = path.with_suffix(path.suffix + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
