"""How a simulated station proves itself: its password, the roots that it trusts, and its certificate."""

import base64
import hashlib
import re
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from evce.units import Monotonic
from tools.simulation import transfers
from tools.simulation.outbox import Call

if TYPE_CHECKING:
    from tools.simulation.station import Station

__all__ = [
    "Defences",
    "change_key",
    "delete_certificate",
    "install_certificate",
    "installed_certificates",
    "security_event",
    "signed_firmware",
    "take_certificate",
    "trigger",
]

Payload = Mapping[str, Any]

_HIGHEST = 3
_PSS = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
_CENTRAL = "CentralSystemRootCertificate"


@dataclass
class Defences:
    """What a station holds (security white paper); it outlives reboots.

    `spells_out`: it sends the digits of its key as its password, as many do, not the bytes. `reconnects` is
    set when it has to dial anew to use what it was given.
    """

    profile: int = 0
    key: bytes | None = None
    spells_out: bool = False
    roots: dict[str, list[str]] = field(default_factory=dict)
    certificate: str | None = None
    reconnects: bool = False
    _private: ec.EllipticCurvePrivateKey | None = None
    _in_use: tuple[str, ec.EllipticCurvePrivateKey] | None = None

    def authorization(self, identity: str) -> str | None:
        """The Authorization header that it dials with."""
        if self.key is None or self.profile not in (1, 2):
            return None
        password = self.key.hex().upper().encode() if self.spells_out else self.key
        return "Basic " + base64.b64encode(identity.encode() + b":" + password).decode()

    def context(self) -> ssl.SSLContext | None:
        """The TLS that it dials with, None without: it trusts its roots alone."""
        if self.profile < 2:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for root in self.roots.get(_CENTRAL, ()):
            context.load_verify_locations(cadata=root)
        if self.profile == _HIGHEST and self._in_use is not None:
            certificate, key = self._in_use
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "own.pem"
                path.touch(0o600)
                path.write_text(_key_pem(key) + certificate)
                context.load_cert_chain(path)
        return context

    def request(self, identity: str) -> str:
        """A certificate signing request on a new key."""
        self._private = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, identity)])
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
        csr = builder.sign(self._private, hashes.SHA256())
        return csr.public_bytes(serialization.Encoding.PEM).decode()

    def take(self, chain: str) -> bool:
        """Whether it takes this certificate: on its new key, and signed by a root that it trusts."""
        if self._private is None or "\r" in chain:
            return False
        try:
            certificate = x509.load_pem_x509_certificate(chain.encode())
        except ValueError:
            return False
        if certificate.public_key() != self._private.public_key():
            return False
        if not any(_signed(certificate, root) for root in self.roots.get(_CENTRAL, ())):
            return False
        self.certificate, self._in_use = chain, (chain, self._private)
        return True


def change_key(station: "Station", name: str, value: str) -> str | None:
    """Status of ChangeConfiguration for a key that is a matter of security; None for any other."""
    own = station.defences
    if name == "AuthorizationKey":
        if re.fullmatch(r"(?:[0-9A-Fa-f]{2}){16,20}", value) is None:
            return "Rejected"
        own.key = bytes.fromhex(value)
        own.reconnects = own.profile in (1, 2)
        return "Accepted"
    if name == "SecurityProfile":
        wanted = int(value) if value.isdecimal() else -1
        if not own.profile <= wanted <= _HIGHEST or not _ready(own, wanted):
            return "Rejected"
        own.reconnects = wanted != own.profile
        own.profile = wanted
        station.keys.set(name, value)
        return "Accepted"
    return None


def _ready(own: Defences, profile: int) -> bool:
    """It refuses a profile that it can't be in: without a password, a root or a certificate."""
    if profile in (1, 2) and own.key is None:
        return False
    if profile >= 2 and not own.roots.get(_CENTRAL):
        return False
    return profile < _HIGHEST or own.certificate is not None


def trigger(station: "Station", payload: Payload, _now: Monotonic) -> dict[str, Any] | None:
    """ExtendedTriggerMessage for what only it can ask; None for what TriggerMessage knows too."""
    match payload["requestedMessage"]:
        case "SignChargePointCertificate":
            csr = station.defences.request(station.spec.box_identity)
            station.outbox.put(Call("SignCertificate", lambda: {"csr": csr}))
        case "LogStatusNotification" as action:
            station.outbox.put(Call(action, lambda: {"status": "Idle"}))
        case _:
            return None
    return {"status": "Accepted"}


def take_certificate(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    """CertificateSigned; a wrong one is told as a security event."""
    own = station.defences
    if not own.take(str(payload["certificateChain"])):
        security_event(station, "InvalidChargePointCertificate", now)
        return {"status": "Rejected"}
    own.reconnects = own.profile == _HIGHEST
    return {"status": "Accepted"}


def install_certificate(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    text = str(payload["certificate"])
    try:
        x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        security_event(station, "InvalidCentralSystemCertificate", now)
        return {"status": "Rejected"}
    known = station.defences.roots.setdefault(str(payload["certificateType"]), [])
    if text not in known:
        known.append(text)
    return {"status": "Accepted"}


def installed_certificates(station: "Station", payload: Payload, _now: Monotonic) -> dict[str, Any]:
    known = station.defences.roots.get(str(payload["certificateType"]), [])
    if not known:
        return {"status": "NotFound"}
    return {"status": "Accepted", "certificateHashData": [_hash_data(text) for text in known]}


def delete_certificate(station: "Station", payload: Payload, _now: Monotonic) -> dict[str, Any]:
    wanted = dict(payload["certificateHashData"])
    for known in station.defences.roots.values():
        for text in known:
            if _hash_data(text) == wanted:
                known.remove(text)
                return {"status": "Accepted"}
    return {"status": "NotFound"}


def signed_firmware(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    """SignedUpdateFirmware: only from a certificate that a root of its manufacturer has signed."""
    firmware, request = payload["firmware"], int(payload["requestId"])
    try:
        signer = x509.load_pem_x509_certificate(str(firmware["signingCertificate"]).encode())
    except ValueError:
        return {"status": "InvalidCertificate"}
    roots = station.defences.roots.get("ManufacturerRootCertificate", ())
    if not any(_signed(signer, root) for root in roots):
        security_event(station, "InvalidFirmwareSigningCertificate", now)
        return {"status": "InvalidCertificate"}
    transfers.fetch_signed_firmware(
        station,
        str(firmware["location"]),
        request,
        lambda content: _signed_by(signer, str(firmware["signature"]), content),
        now,
    )
    return {"status": "Accepted"}


def security_event(station: "Station", kind: str, now: Monotonic) -> None:
    """Send SecurityEventNotification."""
    _tell(
        station, "SecurityEventNotification", {"type": kind, "timestamp": station.written(station.clock(now))}
    )


def _tell(station: "Station", action: str, payload: dict[str, Any]) -> None:
    station.outbox.put(Call(action, lambda: payload))


def _signed(certificate: x509.Certificate, root: str) -> bool:
    try:
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(root.encode()))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _signed_by(signer: x509.Certificate, signature: str, content: bytes) -> bool:
    """Whether it is the signer's over this file, with SHA-256: ECDSA, or RSA with PSS."""
    key = signer.public_key()
    try:
        given = base64.b64decode(signature, validate=True)
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(given, content, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(given, content, _PSS, hashes.SHA256())
        else:
            return False
    except (ValueError, InvalidSignature):
        return False
    return True


def _hash_data(text: str) -> dict[str, str]:
    """RFC 6960, section 4.1.1: hashes of the issuer's name and of its public key."""
    certificate = x509.load_pem_x509_certificate(text.encode())
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": hashlib.sha256(certificate.issuer.public_bytes()).hexdigest(),
        "issuerKeyHash": hashlib.sha256(key).hexdigest(),
        "serialNumber": f"{certificate.serial_number:X}"[:40],
    }


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
