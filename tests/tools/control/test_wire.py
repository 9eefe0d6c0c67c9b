"""Tests of the control socket's lines."""

import pytest

from tools.control.wire import pack, unpack


def test_a_message_comes_back_as_it_was() -> None:
    message = {"do": "apply", "document": "ü\n"}
    line = pack(message)
    assert line.count(b"\n") == 1
    assert unpack(line) == message


@pytest.mark.parametrize("line", [b"", b"nonsense", b"[1, 2]", b"\xff"])
def test_what_is_no_object_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # JSON, Unicode and our own are all ValueErrors
        unpack(line)
