"""The side file says what it knows, or that it knows nothing."""

from pathlib import Path

import pytest

from evce.storage.id_floor import FILE_NAME, Floor, read_floor, write_floor


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    write_floor(path, Floor(101, 7))
    write_floor(path, Floor(201, 8))
    assert read_floor(path) == Floor(201, 8)
    assert [entry.name for entry in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize(
    "content", [None, b"", b"12", b"1 2 3", b"a b", b"-5 1", b"0 1", b"5 -1", b"\xff\xfe"]
)
def test_a_missing_or_damaged_file_knows_nothing(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / FILE_NAME
    if content is not None:
        path.write_bytes(content)
    assert read_floor(path) is None


def test_a_write_that_fails_leaves_the_file_before(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    write_floor(path, Floor(101, 7))
    (tmp_path / f"{FILE_NAME}.part").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_floor(path, Floor(201, 8))
    assert read_floor(path) == Floor(101, 7)
