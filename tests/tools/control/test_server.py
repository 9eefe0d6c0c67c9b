"""Tests of the daemon's end of the control socket."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.control.client import ControlError, control
from tools.control.server import ControlServer
from tools.control.wire import SOCKET_NAME


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    def fail(_: object) -> dict[str, object]:
        raise ValueError("amps=-1: at least 0")

    server = ControlServer(tmp_path, {"echo": lambda request: {"said": request["word"]}, "fail": fail})
    server.start()
    yield tmp_path
    server.stop()


def test_a_request_is_answered(folder: Path) -> None:
    """AC-4: the command line reaches the running daemon."""
    assert control(folder, "echo", word="hello") == {"said": "hello"}


def test_a_refusal_is_told_in_its_own_words(folder: Path) -> None:
    with pytest.raises(ControlError, match="amps=-1: at least 0"):
        control(folder, "fail")


def test_an_unknown_deed_names_the_known_ones(folder: Path) -> None:
    with pytest.raises(ControlError, match="know echo, fail"):
        control(folder, "dance")


def test_rubbish_is_answered_and_the_next_request_still_works(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(folder / SOCKET_NAME))
        sock.sendall(b"\x00\xff nonsense\n")
        assert b"error" in sock.recv(10_000)
    assert control(folder, "echo", word="again") == {"said": "again"}


def test_only_the_owner_may_open_the_socket(folder: Path) -> None:
    """AC-4: 0600."""
    assert stat.S_IMODE((folder / SOCKET_NAME).stat().st_mode) == 0o600


def test_without_a_daemon_the_message_says_so(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="no daemon answers"):
        control(tmp_path, "echo")


def test_a_stopped_server_leaves_no_socket(tmp_path: Path) -> None:
    server = ControlServer(tmp_path, {})
    server.start()
    server.stop()
    assert not (tmp_path / SOCKET_NAME).exists()
