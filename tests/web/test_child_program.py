"""Tests of a long piece of work as a child process."""

import io
import shutil
import sys
import threading
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import TIMEOUT_FACTOR
from web.child_program import ChildError, ChildProgram, receive


@pytest.fixture
def child(tmp_path: Path) -> Iterator[ChildProgram]:
    """What it does is a line of Python."""
    made = ChildProgram(tmp_path, (sys.executable, "-S", "-c"))
    yield made
    made.end()


def ended(child: ChildProgram) -> int:
    pause = threading.Event()
    for _ in range(int(1000 * TIMEOUT_FACTOR)):
        if (code := child.code()) is not None:
            return code
        pause.wait(0.02)
    raise AssertionError("it goes on")


def test_it_says_how_far_it_is_and_how_it_ended(child: ChildProgram) -> None:
    """SR-1, SR-4: what is no line of JSON is left out."""
    assert not child.runs
    assert child.code() is None
    child.start(
        ["import sys; print('{\"done\": 3}\\nnoise\\n[1]'); print(input(), file=sys.stderr); sys.exit(4)"],
        "a secret\n",
    )
    assert child.runs
    assert ended(child) == 4
    assert not child.runs
    assert child.said() == [{"done": 3}]
    assert child.errors() == "a secret"


def test_it_can_be_ended(child: ChildProgram) -> None:
    """SR-4"""
    child.start(["import time; time.sleep(600)"])
    assert child.code() is None
    child.end()
    assert not child.runs
    child.end()


def test_a_program_that_isn_t_there_is_told(tmp_path: Path) -> None:
    """RELIABILITY 3"""
    child = ChildProgram(tmp_path, ("/nonexistent",))
    with pytest.raises(ChildError, match="no process can be started"):
        child.start(["x"])
    assert not child.runs
    assert ChildProgram(tmp_path / "gone", ()).said() == []
    assert ChildProgram(tmp_path / "gone", ()).errors() == ""


def test_a_file_is_taken_over_or_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SR-1, SR-4: nobody fills the disk."""
    file = tmp_path / "upload"
    receive(io.BytesIO(b"x" * 100), file, 100)
    assert file.read_bytes() == b"x" * 100
    with pytest.raises(ChildError, match="larger than"):
        receive(io.BytesIO(b"x" * 101), file, 100)
    assert not file.exists()
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 1 << 20))
    with pytest.raises(ChildError, match="room for"):
        receive(io.BytesIO(b"x"), file, 100)
    monkeypatch.undo()
    with pytest.raises(ChildError, match="the disk refuses"):
        receive(io.BytesIO(b"x"), tmp_path / "gone" / "upload", 100)
