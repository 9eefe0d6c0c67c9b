"""Tests of the command line's end of the control socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.control.client import ControlError, control, follow
from tools.control.wire import SOCKET_NAME, unpack

Patience = Callable[[float], float]


@contextmanager
def daemon(folder: Path, answer: bytes | None) -> Iterator[list[bytes]]:
    """Somebody at the socket who takes one request and says `answer`; None: never says anything."""
    asked: list[bytes] = []
    over = threading.Event()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / SOCKET_NAME))
        listener.listen(1)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                asked.append(connection.recv(10_000))
                if answer is None:
                    over.wait(10.0)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield asked
        over.set()
        thread.join(10.0)


def test_a_request_is_one_line_and_so_is_its_answer(tmp_path: Path) -> None:
    """AC-4: the name of the deed and its arguments go over together."""
    with daemon(tmp_path, b'{"revision":3}\n') as asked:
        assert control(tmp_path, "apply", document="{}", based_on=2) == {"revision": 3}
    assert unpack(asked[0]) == {"do": "apply", "document": "{}", "based_on": 2}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b'{"error":"revision 3 is in force by now"}\n', "revision 3 is in force by now"),
        (b"", "closed the connection without an answer"),
        (None, "no daemon answers at .*timed out"),
        (b"nonsense\n", "said something that is no answer"),
        (b"[1]\n", "said something that is no answer"),
    ],
)
def test_what_went_wrong_is_told(tmp_path: Path, answer: bytes | None, told: str) -> None:
    """AC-4: a refusal in the daemon's own words; anything else in ours."""
    with daemon(tmp_path, answer), pytest.raises(ControlError, match=told):
        control(tmp_path, "apply", timeout=0.3)


def test_nobody_at_home_is_told(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match=r"no daemon answers at .*No such file"):
        control(tmp_path, "actors")


def test_a_stream_is_told_line_by_line_until_its_end(tmp_path: Path) -> None:
    """AC-4: and arguments go over as with a single answer."""
    with daemon(tmp_path, b'{"n":1}\n{"n":2}\n{"end":true}\n') as asked:
        assert list(follow(tmp_path, "trace", name="view")) == [{"n": 1}, {"n": 2}]
    assert unpack(asked[0]) == {"do": "trace", "name": "view"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b'{"n":1}\n', "closed the connection without an answer"),
        (b'{"n":1}\n{"error":"no living actor"}\n', "^no living actor$"),
    ],
)
def test_a_stream_that_breaks_off_is_told_from_one_that_ends(
    tmp_path: Path, answer: bytes, told: str
) -> None:
    """AC-4: half a trace must not look whole."""
    with daemon(tmp_path, answer):
        lines = follow(tmp_path, "trace")
        assert next(lines) == {"n": 1}
        with pytest.raises(ControlError, match=told):
            next(lines)
