"""The certificate authority on disk: its root, EVCE's certificate toward the stations, and TLS with both."""

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from evce.security.authority import Authority, PrivateKey, make_root, pem
from evce.security.standing import CertificateRecord
from evce.units import BoxIdentity

__all__ = ["CertificateStore", "ServerFiles", "own_hosts"]

_FOLDER: Final = "authority"
_ROOT_BITS: Final = 3072
_SERVER_BITS: Final = 2048
"""RSA, which every station knows; the server's key is used at each handshake, the root's hardly ever."""

_RENEWED_BEFORE: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """A certificate of one's own with its key, in place of one by the authority (PEM files)."""

    certificate: Path
    key: Path


class CertificateStore:
    """The folder `authority` of a data folder; safe from any thread, each call reads the disk anew.

    The root is made at its first use. While a next root is prepared, both are trusted and the first signs.
    Key and certificate lie in one file, so that a power cut leaves both or neither; its owner alone can read
    it. Methods raise `OSError` where the disk refuses, `ValueError` for a
    file that can't be read.
    """

    def __init__(self, folder: Path, organisation: str = "") -> None:
        self._folder = folder / _FOLDER
        self._organisation = organisation
        self._lock = threading.Lock()

    # The authority.

    def authority(self, now: datetime) -> Authority:
        """The root in force, made where there is none."""
        with self._lock:
            return self._read("root") or self._make("root", now)

    def next_authority(self) -> Authority | None:
        """The root that will follow, if one is prepared."""
        with self._lock:
            return self._read("next")

    def prepare_next(self, now: datetime) -> Authority:
        """Make the root that will follow, or return the one that was made: stations have to get it first."""
        with self._lock:
            return self._read("next") or self._make("next", now)

    def switch(self, now: datetime) -> Authority:
        """The next root takes over; the old one stays trusted. Raises `ValueError` when none is prepared."""
        with self._lock:
            following = self._read("next")
            if following is None:
                raise ValueError("no next root is prepared")
            current = self._read("root")
            if current is not None:
                kept = f"former-{current.certificate.serial_number:x}.pem"
                _write_private(self._folder / kept, pem(current.certificate).encode())
            (self._folder / "next.pem").replace(self._folder / "root.pem")
            _sync(self._folder)
        self.renew_server(now, self._server_hosts())
        return following

    def trusted(self, now: datetime) -> tuple[x509.Certificate, ...]:
        """The roots whose station certificates open: the one in force, the next, and former ones in time."""
        known = [self.authority(now).certificate]
        following = self.next_authority()
        if following is not None:
            known.append(following.certificate)
        for path in sorted(self._folder.glob("former-*.pem")):
            former = x509.load_pem_x509_certificate(path.read_bytes())
            if former.not_valid_after_utc > now:
                known.append(former)
        return tuple(known)

    def sign(
        self, csr: str, station: BoxIdentity, names: Iterable[str], now: datetime
    ) -> tuple[str, CertificateRecord]:
        """A certificate for a station's request, PEM. Raises `CsrError` for a request that isn't sound."""
        authority = self.authority(now)
        sound = authority.check(csr, names)
        made = authority.sign_station(sound, self._organisation, now, x509.random_serial_number())
        return pem(made), authority.record(made, station)

    # EVCE's own certificate.

    def server(self, now: datetime, hosts: Iterable[str]) -> x509.Certificate:
        """The certificate toward the stations, made or renewed where need be."""
        known = self._server()
        authority = self.authority(now)
        wanted = tuple(dict.fromkeys(hosts))
        if (
            known is not None
            and authority.made(known)
            and known.not_valid_after_utc - now > _RENEWED_BEFORE
            and set(wanted) <= set(_hosts_of(known))
        ):
            return known
        return self.renew_server(now, wanted)

    def renew_server(self, now: datetime, hosts: Iterable[str]) -> x509.Certificate:
        """A new certificate toward the stations, on a new key."""
        authority = self.authority(now)
        key = rsa.generate_private_key(public_exponent=65537, key_size=_SERVER_BITS)
        made = authority.sign_server(key, hosts, self._organisation, now, x509.random_serial_number())
        with self._lock:
            _write_private(self._folder / "server.pem", _key_pem(key) + pem(made).encode())
        return made

    def context(
        self,
        now: datetime,
        hosts: Iterable[str],
        own: ServerFiles | None = None,
        further_roots: Path | None = None,
    ) -> ssl.SSLContext:
        """TLS 1.2 at least, asking stations for a certificate without insisting: the profile decides."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_OPTIONAL
        self.load(context, now, hosts, own)
        self.trust(context, now)
        if further_roots is not None:
            context.load_verify_locations(cafile=str(further_roots))
        return context

    def load(
        self, context: ssl.SSLContext, now: datetime, hosts: Iterable[str], own: ServerFiles | None = None
    ) -> None:
        """Put the certificate into a context, also one in use: it holds from the next handshake on."""
        files = self.files(now, hosts, own)
        context.load_cert_chain(files.certificate, files.key)

    def files(self, now: datetime, hosts: Iterable[str], own: ServerFiles | None = None) -> ServerFiles:
        """Where certificate and key toward the stations lie (PEM), made or renewed where need be."""
        if own is not None:
            return own
        self.server(now, hosts)
        return ServerFiles(self._folder / "server.pem", self._folder / "server.pem")

    def trust(self, context: ssl.SSLContext, now: datetime) -> None:
        """Let stations in with certificates of each root that is trusted."""
        for root in self.trusted(now):
            context.load_verify_locations(cadata=pem(root))

    # Files.

    def _read(self, name: str) -> Authority | None:
        path = self._folder / f"{name}.pem"
        if not path.exists():
            return None
        content = path.read_bytes()
        key = serialization.load_pem_private_key(content, password=None)
        if not isinstance(key, PrivateKey):
            raise ValueError(f"{path}: its key must be RSA or on an elliptic curve")
        return Authority(x509.load_pem_x509_certificate(content), key)

    def _make(self, name: str, now: datetime) -> Authority:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = rsa.generate_private_key(public_exponent=65537, key_size=_ROOT_BITS)
        root = make_root(key, self._organisation, now, x509.random_serial_number())
        _write_private(self._folder / f"{name}.pem", _key_pem(key) + pem(root).encode(), fresh=True)
        return self._read(name) or Authority(root, key)

    def _server(self) -> x509.Certificate | None:
        path = self._folder / "server.pem"
        return x509.load_pem_x509_certificate(path.read_bytes()) if path.exists() else None

    def _server_hosts(self) -> tuple[str, ...]:
        known = self._server()
        return own_hosts() if known is None else _hosts_of(known)


def own_hosts(*further: str) -> tuple[str, ...]:
    """The names and addresses by which stations may call this machine, as far as it knows them itself."""
    host = socket.gethostname()
    found = [host, "localhost", "127.0.0.1", "::1", *further]
    with contextlib.suppress(OSError):  # a name that isn't known on the network has no further address
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(host, None)]
    return tuple(
        dict.fromkeys(name for name in found if name and name.isascii() and name not in ("0.0.0.0", "::"))  # noqa: S104
    )


def _hosts_of(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(name.value) for name in names)


def _key_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(path: Path, content: bytes, *, fresh: bool = False) -> None:
    """Written beside and renamed, so that a power cut leaves the old file or the new one.

    `fresh`: one that is there stays, since another program was quicker.
    """
    new = path.with_suffix(f"{path.suffix}.{os.getpid()}")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if fresh:
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(new)
        new.unlink()
    else:
        new.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """A rename is on the disk once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
