"""A release as one signed file: a zip archive of wheels, a manifest that names each, and its signature."""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evce import vendor
from evce.errors import EvceError

__all__ = [
    "MOST_BYTES",
    "SUFFIX",
    "Manifest",
    "ReleaseRefusedError",
    "Wheel",
    "is_version",
    "open_package",
    "unpack",
    "write_package",
]

SUFFIX: Final = ".evce-release"

MOST_BYTES: Final = 512 << 20
"""Of a package, and of what it unpacks to: the wheels of EVCE and of all that it needs are about 60 MB."""

_FORMAT: Final = 1
_DOMAIN: Final = b"evce-release-1\0"
"""In front of what is signed: a signature for one purpose is none for another."""

_MANIFEST, _SIGNATURE, _WHEELS = "manifest.json", "manifest.sig", "wheels/"
_MOST_WHEELS = 400
_LONGEST_MANIFEST = 1 << 20
_LONGEST_NOTES = 20_000
_CHUNK = 1 << 20

_VERSION = re.compile(r"[0-9]+(\.[0-9]+){1,3}((a|b|rc|\.post|\.dev)[0-9]+)*", re.ASCII)
_WHEEL = re.compile(r"[A-Za-z0-9._+!-]{1,150}\.whl", re.ASCII)


class ReleaseRefusedError(EvceError, ValueError):
    """A file is no release that can be installed here; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """One file of a package: bytes, and SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release says of itself.

    `python` is the version that its wheels are for, such as 3.11, `machine` the processor as uname(1) names
    it, `schema` the version of the database's tables that it knows. `notes` tell people what is new.
    """

    version: str
    made_at: datetime
    python: str
    machine: str
    schema: str
    wheels: tuple[Wheel, ...]
    notes: str = ""

    def to_bytes(self) -> bytes:
        """As it lies in a package, and is signed."""
        plain = {
            "format": _FORMAT,
            "version": self.version,
            "made_at": self.made_at.isoformat(),
            "python": self.python,
            "machine": self.machine,
            "schema": self.schema,
            "notes": self.notes,
            "wheels": [{"name": one.name, "size": one.size, "sha256": one.sha256} for one in self.wheels],
        }
        return json.dumps(plain, ensure_ascii=False, indent=1).encode()

    @classmethod
    def parse(cls, source: bytes) -> "Manifest":
        """From JSON. Raises ReleaseRefusedError."""
        try:
            plain = json.loads(source)
            if plain["format"] != _FORMAT:
                raise ReleaseRefusedError("a newer EVCE has laid it out: install a release between first")
            found = cls(
                str(plain["version"]),
                datetime.fromisoformat(plain["made_at"]),
                str(plain["python"])[:20],
                str(plain["machine"])[:50],
                str(plain["schema"])[:50],
                tuple(_wheel(one) for one in plain["wheels"]),
                str(plain["notes"])[:_LONGEST_NOTES],
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            if isinstance(error, ReleaseRefusedError):
                raise
            raise ReleaseRefusedError("its manifest can't be read") from None
        names = {one.name for one in found.wheels}
        if not is_version(found.version) or found.made_at.tzinfo is None:
            raise ReleaseRefusedError("its manifest can't be read")
        if not 0 < len(found.wheels) <= _MOST_WHEELS or len(names) != len(found.wheels):
            raise ReleaseRefusedError("its manifest can't be read")
        if sum(one.size for one in found.wheels) > MOST_BYTES:
            raise ReleaseRefusedError(f"it unpacks to more than {MOST_BYTES >> 20} MiB")
        return found


def is_version(text: str) -> bool:
    """Whether it is a version of a release, such as 1.4.0 or 2.0rc1; it is fit for the name of a folder."""
    return len(text) <= 40 and _VERSION.fullmatch(text) is not None


def open_package(file: Path | IO[bytes], keys: Iterable[str] | None = None) -> Manifest:
    """The manifest of a package, once its signature is found good; the wheels are looked at by `unpack`.

    `keys` are the public keys to trust, in place of those of the product. Raises ReleaseRefusedError.
    """
    with _archive(file) as archive:
        return _manifest(archive, keys or vendor.PUBLIC_KEYS)


def unpack(
    file: Path,
    into: Path,
    keys: Iterable[str] | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Manifest:
    """Write the wheels of a package to a folder, each checked against the signed manifest.

    `progress` gets the share that is done, 0 to 1. Raises ReleaseRefusedError, and OSError where the disk
    refuses; what there is of it the caller removes.
    """
    with _archive(file) as archive:
        manifest = _manifest(archive, keys or vendor.PUBLIC_KEYS)
        _members(archive, [one.name for one in manifest.wheels])
        whole, done = max(1, sum(one.size for one in manifest.wheels)), 0
        for wheel in manifest.wheels:
            _unpack(archive, wheel, into)
            done += wheel.size
            progress(done / whole)
    return manifest


def write_package(
    target: Path, key: Ed25519PrivateKey, wheels: Collection[Path], manifest: Manifest
) -> Manifest:
    """Make a package, as the vendor, of these wheels, which the manifest needn't name yet.

    Raises ReleaseRefusedError where it would be refused, OSError.
    """
    listed = tuple(_described(path) for path in sorted(wheels))
    manifest = replace(manifest, wheels=listed, notes=manifest.notes[:_LONGEST_NOTES])
    content = manifest.to_bytes()
    Manifest.parse(content)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_MANIFEST, content)
        archive.writestr(_SIGNATURE, key.sign(_DOMAIN + content))
        for path in sorted(wheels):
            archive.write(path, f"{_WHEELS}{path.name}")
    return manifest


def _archive(file: Path | IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
        why = "it is no release of EVCE, or its end is missing: copy it once more"
        raise ReleaseRefusedError(why) from None


def _manifest(archive: zipfile.ZipFile, keys: Iterable[str]) -> Manifest:
    content, signature = _small(archive, _MANIFEST), _small(archive, _SIGNATURE)
    if not vendor.signed_by(keys, _DOMAIN + content, signature):
        raise ReleaseRefusedError("its signature is not the vendor's: changed, or made by somebody else")
    return Manifest.parse(content)


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as member:
            content = member.read(_LONGEST_MANIFEST + 1)
    except (KeyError, *_DAMAGES):
        raise ReleaseRefusedError(f"it is no release of EVCE: there is no {name} in it") from None
    if len(content) > _LONGEST_MANIFEST:
        raise ReleaseRefusedError("its manifest can't be read")
    return content


def _members(archive: zipfile.ZipFile, wheels: Collection[str]) -> None:
    """Nothing else may lie in it, and nothing twice: the signature covers what the manifest names."""
    there = sorted(archive.namelist())
    if there != sorted((_MANIFEST, _SIGNATURE, *(f"{_WHEELS}{name}" for name in wheels))):
        raise ReleaseRefusedError("there is something else in it than its manifest names")


def _unpack(archive: zipfile.ZipFile, wheel: Wheel, into: Path) -> None:
    digest, left = hashlib.sha256(), wheel.size
    try:
        with archive.open(f"{_WHEELS}{wheel.name}") as member, (into / wheel.name).open("xb") as out:
            while chunk := member.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    break
                digest.update(chunk)
                out.write(chunk)
    except _DAMAGES:
        raise ReleaseRefusedError(f"{wheel.name} in it is damaged: copy the package once more") from None
    if left or digest.hexdigest() != wheel.sha256:
        raise ReleaseRefusedError(f"{wheel.name} in it was changed after the package was signed")


def _described(path: Path) -> Wheel:
    with path.open("rb") as file:
        return Wheel(path.name, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _wheel(plain: Mapping[str, Any]) -> Wheel:
    found = Wheel(str(plain["name"]), int(plain["size"]), str(plain["sha256"]))
    if _WHEEL.fullmatch(found.name) is None or found.size < 0:
        raise ValueError(found.name)
    return found


_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What zipfile raises for a member that can't be read; RuntimeError for an encrypted one."""
