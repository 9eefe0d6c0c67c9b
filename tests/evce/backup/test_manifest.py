"""Tests of what a backup says of itself."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from evce.backup.manifest import COUNTED, Manifest
from evce.backup.refusals import BackupRefusedError, Reason

MANIFEST = Manifest(
    "1.0",
    "0010",
    "Hafen Ω",
    datetime(2026, 11, 1, tzinfo=UTC),
    7,
    dict.fromkeys(COUNTED, 3),
    ("authority/root.pem",),
    ("/etc/cpo",),
)


def test_it_is_read_as_it_was_written() -> None:
    """SR-1."""
    assert Manifest.parse(MANIFEST.to_bytes()) == MANIFEST
    assert Manifest.parse(MANIFEST.plain()) == MANIFEST


@pytest.mark.parametrize(
    "change",
    [
        {"made_at": "2026-11-01T00:00:00"},
        {"made_at": "yesterday"},
        {"counts": {}},
        {"counts": dict.fromkeys(COUNTED, -1)},
        {"counts": None},
        {"revision": "x"},
        {"files": 3},
    ],
)
def test_one_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    """SR-2."""
    with pytest.raises(BackupRefusedError) as refused:
        Manifest.parse(json.dumps(MANIFEST.plain() | change).encode())
    assert refused.value.reason is Reason.CONTENT


@pytest.mark.parametrize("source", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_manifest_is_refused(source: bytes) -> None:
    """SR-2."""
    with pytest.raises(BackupRefusedError):
        Manifest.parse(source)
