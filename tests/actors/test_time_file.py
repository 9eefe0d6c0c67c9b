"""Tests of the file in which the correction of the time outlives the process."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actors.time_file import FILE_NAME, TimeFile
from evce.site_time import KeptTime, Machine, TimeSource

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
KEPT = KeptTime(TimeSource.PERSON, NOON, Machine(NOON, 7.5, "boot"), NOON, "anna")


def test_what_is_kept_is_found_by_the_next_process(tmp_path: Path) -> None:
    """CPO-4."""
    assert TimeFile(tmp_path).read() is None
    TimeFile(tmp_path).keep(KEPT)
    assert TimeFile(tmp_path).read() == KEPT
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'{"source": "operator"'])
def test_a_damaged_file_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert TimeFile(tmp_path).read() is None


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        TimeFile(tmp_path / "missing").keep(KEPT)
