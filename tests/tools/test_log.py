"""Tests of the daemon's log."""

import io
import json
import logging
import warnings
from collections.abc import Iterator

import pytest

from tools.log import RecentLines, set_up_log


@pytest.fixture(autouse=True)
def _own_root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_json_lines_can_be_read_by_machines_with_their_tracebacks() -> None:
    """AC-3: JSON or console logs."""
    stream = io.StringIO()
    finish = set_up_log("json", stream)
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("evce.test").exception("it %s", "failed")
    finish()
    line = json.loads(stream.getvalue())
    assert (line["level"], line["message"]) == ("error", "it failed")
    assert "ValueError: broken" in line["traceback"]


def test_console_lines_are_for_people() -> None:
    """AC-3: one line with level and message."""
    stream = io.StringIO()
    finish = set_up_log("console", stream)
    logging.getLogger("evce.test").warning("meter lost")
    finish()
    assert stream.getvalue().rstrip().endswith("WARNING evce.test: meter lost")


def test_chatty_libraries_are_quiet_unless_they_warn() -> None:
    stream = io.StringIO()
    finish = set_up_log("console", stream)
    logging.getLogger("websockets.server").info("connection open")
    logging.getLogger("websockets.server").warning("trouble")
    finish()
    assert stream.getvalue().count("\n") == 1


def test_warnings_for_developers_stay_out_of_an_operators_log() -> None:
    stream = io.StringIO()
    finish = set_up_log("console", stream)
    warnings.warn("falling back to something", UserWarning, stacklevel=1)
    finish()
    assert stream.getvalue() == ""


def test_the_newest_lines_are_kept_for_the_shell() -> None:
    """AC-4: a bounded number, whatever the log writes them to."""
    recent = RecentLines(bound=2)
    logger = logging.getLogger("evce.test")
    logger.addHandler(recent)
    for number in range(3):
        logger.warning("line %d", number)
    logger.removeHandler(recent)
    assert [record.getMessage() for record in recent.records()] == ["line 1", "line 2"]
