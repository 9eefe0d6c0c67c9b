"""Tests of the shelf of firmware files."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evce.firmware.library import FirmwareRefusedError
from evce.firmware.updates import begun, failed, new_course
from evce.units import BoxIdentity
from web import file_exchange, firmware_shelf
from web.firmware_shelf import FirmwareShelf

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BOX = BoxIdentity("CP-01")


def shelf(folder: Path) -> FirmwareShelf:
    return FirmwareShelf(folder / "firmware", lambda: NOW)


def stored(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "firmware").iterdir())


def test_a_file_is_kept_over_a_restart_and_removed(tmp_path: Path) -> None:
    """SR-5: readable by its owner only, under a name that leads nowhere."""
    first = shelf(tmp_path)
    made = first.add("parking", "", "", "../evlink 3.4.0.0.1.bin", io.BytesIO(b"image"), "ada")
    assert (made.version, made.name, made.size, made.added_by) == (
        "3.4.0.0.1",
        "evlink_3.4.0.0.1.bin",
        5,
        "ada",
    )
    (tmp_path / "firmware" / ".0123.part").write_bytes(b"ima")  # what a power cut left
    again = shelf(tmp_path)
    assert again.files() == [made]
    with again.open(made.id) as content:
        assert content.read() == b"image"
    assert stored(tmp_path) == sorted([made.id, "shelf.json"])
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "firmware").iterdir()} == {0o600}
    assert again.remove(made.id) == made
    assert again.remove(made.id) is None
    assert (stored(tmp_path), shelf(tmp_path).files()) == (["shelf.json"], [])
    with pytest.raises(FileNotFoundError, match="no firmware"):
        again.open(made.id)


def test_how_far_a_station_is_outlives_a_restart(tmp_path: Path) -> None:
    """SR-5: a restart doesn't begin the attempts anew."""
    first = shelf(tmp_path)
    made = first.add("parking", "3.4.0.0.1", "", "fw.bin", io.BytesIO(b"image"), "ada")
    course = failed(
        begun(new_course(BOX, made, NOW), "a", NOW), "Download failed.", NOW + timedelta(minutes=1)
    )
    first.follow(BOX, course)
    assert shelf(tmp_path).courses() == {BOX: course}
    first.follow(BOX, None)
    assert shelf(tmp_path).courses() == {}


@pytest.mark.parametrize(
    ("family", "version", "content", "words"),
    [
        ("parking", "newest", b"x", "version: 'newest' won't do"),
        ("garage", "1.0", b"x", "family: 'garage' won't do: one of city"),
        ("parking", "1.0", b"", "file: the file is empty"),
        ("parking", "1.0", b"12345", "file: a file may have 4 bytes"),
    ],
)
def test_what_won_t_do_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, family: str, version: str, content: bytes, words: str
) -> None:
    """SR-5, RELIABILITY 3."""
    monkeypatch.setattr(file_exchange, "FILE_MOST", 4)
    made = shelf(tmp_path)
    with pytest.raises(FirmwareRefusedError, match=words):
        made.add(family, version, "", "fw.bin", io.BytesIO(content), "ada")
    assert made.files() == []
    assert not (tmp_path / "firmware").exists() or stored(tmp_path) == []


def test_the_shelf_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY 4.19."""
    monkeypatch.setattr(firmware_shelf, "KEPT_MOST", 1)
    made = shelf(tmp_path)
    made.add("parking", "1.0", "", "fw.bin", io.BytesIO(b"x"), "ada")
    with pytest.raises(FirmwareRefusedError, match="1 files are kept at most"):
        made.add("parking", "1.1", "", "fw.bin", io.BytesIO(b"x"), "ada")
    monkeypatch.setattr(firmware_shelf, "KEPT_MOST", 9)
    monkeypatch.setattr(file_exchange, "DISK_LEFT", 2**60)
    with pytest.raises(FirmwareRefusedError, match="no room"):
        made.add("parking", "1.1", "", "fw.bin", io.BytesIO(b"x"), "ada")


def test_a_file_that_was_changed_goes_to_no_station(tmp_path: Path) -> None:
    """SR-5."""
    made = shelf(tmp_path)
    file = made.add("parking", "1.0", "", "fw.bin", io.BytesIO(b"image"), "ada")
    (tmp_path / "firmware" / file.id).write_bytes(b"imagine")
    with pytest.raises(FirmwareRefusedError, match="was changed on the disk"):
        made.open(file.id)


@pytest.mark.parametrize("text", ["", "{}", '{"files": [{"id": "x"}], "courses": 1}', "[]"])
def test_a_list_that_can_t_be_read_is_put_aside(tmp_path: Path, text: str) -> None:
    """RELIABILITY 3: EVCE starts all the same."""
    (tmp_path / "firmware").mkdir()
    (tmp_path / "firmware" / "x").write_bytes(b"x")
    (tmp_path / "firmware" / "shelf.json").write_text(text)
    made = shelf(tmp_path)
    assert (made.files(), made.courses()) == ([], {})
    assert (tmp_path / "firmware" / "shelf.corrupt").read_text() == text
    made.add("parking", "1.0", "", "fw.bin", io.BytesIO(b"x"), "ada")
    assert len(shelf(tmp_path).files()) == 1
