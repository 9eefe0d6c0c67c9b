"""Tests of the daemon's end of the control socket."""

import os
import socket
import stat
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TIMEOUT_FACTOR
from tools.control import server as server_module
from tools.control.client import ControlError, control, follow
from tools.control.server import AT_ONCE, ControlServer, Stream, peer, together
from tools.control.wire import SOCKET_NAME

ENDED = threading.Semaphore(0)
"""Counts the streams that were closed."""


def count(request: Mapping[str, Any]) -> Stream:
    """As many lines as are asked for; then nothing any more until the client goes."""
    try:
        for number in range(request["to"]):
            yield {"n": number}
        if request.get("fails"):
            raise LookupError("nobody there")
        pause = threading.Event()
        while request.get("stays"):
            pause.wait(0.01)
            yield None
    finally:
        ENDED.release()


def ended() -> bool:
    return ENDED.acquire(timeout=5.0 * TIMEOUT_FACTOR)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    def fail(_: object) -> dict[str, object]:
        raise ValueError("amps=-1: at least 0")

    deeds = {"echo": lambda request: {"said": request["word"]}, "fail": fail, "count": count}
    server = ControlServer(tmp_path, deeds)
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
    with pytest.raises(ControlError, match="know count, echo, fail"):
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


def test_a_stream_comes_line_by_line(folder: Path) -> None:
    """AC-4: with an end of its own, or the reason why there is no more."""
    assert list(follow(folder, "count", to=3)) == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert ended()
    with pytest.raises(ControlError, match="nobody there"):
        list(follow(folder, "count", to=1, fails=True))
    assert ended()


def test_a_client_that_goes_ends_its_stream(folder: Path) -> None:
    """AC-4: also one that goes while there is nothing to tell."""
    lines = follow(folder, "count", to=1, stays=True)
    assert next(lines) == {"n": 0}
    lines.close()
    assert ended()


def followed(folder: Path) -> Generator[dict[str, Any], None, None]:
    """One more stream, once the place of whoever has just been answered is free again."""
    deadline = time.monotonic() + 5.0 * TIMEOUT_FACTOR
    while True:
        lines = follow(folder, "count", to=1, stays=True)
        try:
            next(lines)
        except ControlError:
            assert time.monotonic() < deadline
        else:
            return lines


def test_a_stream_keeps_nobody_else_waiting_until_there_are_too_many(folder: Path) -> None:
    """AC-4: two engineers at once; and a bound."""
    with ExitStack() as stack:
        for _ in range(AT_ONCE - 1):
            lines = follow(folder, "count", to=1, stays=True)
            stack.callback(lines.close)
            next(lines)
        assert control(folder, "echo", word="hello") == {"said": "hello"}
        stack.callback(followed(folder).close)
        with pytest.raises(ControlError, match=f"{AT_ONCE} others are served now"):
            control(folder, "echo", word="hello")
    assert all(ended() for _ in range(AT_ONCE))


def test_a_stopping_server_ends_its_streams(tmp_path: Path) -> None:
    """AC-3: SIGTERM waits for no trace."""
    server = ControlServer(tmp_path, {"count": count})
    server.start()
    lines = follow(tmp_path, "count", to=1, stays=True)
    next(lines)
    server.stop()
    assert ended()
    with pytest.raises(ControlError, match="closed the connection"):
        next(lines)


def test_who_is_at_the_other_end_is_told_by_the_kernel() -> None:
    """AC-4: SO_PEERCRED, nothing that a client says."""
    one, other = socket.socketpair()
    with one, other:
        assert peer(one) == os.geteuid()


@pytest.mark.parametrize(("user", "let_in"), [(0, True), (os.geteuid(), True), (os.geteuid() + 1, False)])
def test_only_the_daemons_user_and_root_get_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch, user: int, let_in: bool
) -> None:
    """AC-4: peer credentials are checked, whatever the mode of the socket."""
    monkeypatch.setattr(server_module, "peer", lambda _: user)
    if let_in:
        assert control(folder, "echo", word="hello") == {"said": "hello"}
    else:
        with pytest.raises(ControlError, match="only the daemon's own user and root"):
            control(folder, "echo", word="hello")


def test_two_deeds_of_one_name_are_no_deeds() -> None:
    """AC-3: the second would hide the first, and nobody would know."""

    def deed(_: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    assert set(together({"one": deed}, {"two": deed}, {})) == {"one", "two"}
    with pytest.raises(ValueError, match="two deeds of one name: two"):
        together({"one": deed, "two": deed}, {"two": deed})
