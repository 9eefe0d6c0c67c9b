"""Packages of releases for tests, signed with a test's key."""

from datetime import UTC, datetime
from pathlib import Path

from evce.release.package import Manifest, write_package
from tests.evce.licence.signing import KEY

__all__ = ["MADE_AT", "made"]

MADE_AT = datetime(2026, 11, 23, tzinfo=UTC)


def made(
    folder: Path,
    version: str = "1.2.0",
    wheels: dict[str, bytes] | None = None,
    python: str = "3.11",
    machine: str = "x86_64",
    schema: str = "0012",
) -> Path:
    """A package with these wheels."""
    source = folder / f"wheels-{version}"
    source.mkdir()
    for name, content in (
        wheels or {"evce-1-py3-none-any.whl": b"one", "other-2-py3-none-any.whl": b"two"}
    ).items():
        (source / name).write_bytes(content)
    target = folder / f"evce-{version}.evce-release"
    manifest = Manifest(version, MADE_AT, python, machine, schema, (), "What is new.")
    write_package(target, KEY, list(source.iterdir()), manifest)
    return target
