"""`evce drill`."""

import getpass
import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.tools.commands.standin import standing_in
from tools.cli import main
from tools.control.server import ControlServer

FORETOLD = {
    "kind": "meter",
    "name": "m",
    "what": "meter m",
    "notes": ["zone main goes degraded after 5 s: 20 A per phase for its cars", "A/1: 20 A -> 10 A"],
    "dangers": [],
    "amiss": [],
    "least_s": 8.0,
    "expected": [{"stage": "cut", "what": "meter m", "predicted": "not connected", "within": 6.0}],
}
BEGAN = {"began": {"what": "meter m", "by": "erika", "until": "2026-03-02T12:00:30+00:00"}}


def result(verdict: str = "as predicted", after: float | None = 5.1) -> dict[str, Any]:
    return {
        "stage": "cut",
        "what": "meter m",
        "predicted": "not connected",
        "within": 6.0,
        "observed": "not connected" if after else "connected",
        "after": after,
        "verdict": verdict,
    }


def stream(row: dict[str, Any], *, good: bool) -> list[dict[str, Any]]:
    return [BEGAN, {"result": row}, {"over": {"good": good, "results": [row]}}]


def evce(folder: Path, *arguments: str, answer: str | None = None) -> Result:
    words = ["drill", *arguments, "--data", str(folder)]
    return CliRunner().invoke(main, words, env={"COLUMNS": "160"}, input=answer)


def told(*drills: dict[str, Any], running: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"drills": {"drills": list(drills), "running": running}}


@pytest.mark.parametrize(
    ("row", "good", "words"),
    [
        (result(), True, ["5.1 s", "as predicted"]),
        (result("too late", 7.0), False, ["7.0 s", "too late"]),
        (result("differs", None), False, ["connected", "differs"]),
        (result("ended before", None), True, ["ended before"]),
    ],
)
def test_predicted_and_observed_stand_side_by_side_and_a_difference_fails(
    tmp_path: Path, row: dict[str, Any], good: bool, words: list[str]
) -> None:
    """AC-4: exit code 1 where something differs."""
    with standing_in(tmp_path, told(FORETOLD) | {"drill": stream(row, good=good)}) as asked:
        outcome = evce(tmp_path, "meter", "m", "--yes", "--seconds", "20")
    assert outcome.exit_code == (0 if good else 1)
    for word in (
        "A/1: 20 A -> 10 A",
        "12:00:30",
        "Predicted",
        "Observed",
        "not connected, within 6 s",
        *words,
    ):
        assert word in outcome.output, outcome.output
    expected = {"do": "drill", "kind": "meter", "name": "m", "seconds": 20.0, "force": False}
    assert asked[-1] == expected | {"author": getpass.getuser()}


def test_machines_get_every_line_as_json(tmp_path: Path) -> None:
    """AC-4."""
    lines = stream(result(), good=True)
    with standing_in(tmp_path, told(FORETOLD) | {"drill": lines}):
        outcome = evce(tmp_path, "meter", "m", "--yes", "--json")
    assert [json.loads(line) for line in outcome.stdout.splitlines()] == lines


@pytest.mark.parametrize(("answer", "done"), [("y\n", True), ("n\n", False)])
def test_nothing_is_cut_off_before_somebody_agrees(tmp_path: Path, answer: str, done: bool) -> None:
    """AC-4: what would follow is shown first."""
    with standing_in(tmp_path, told(FORETOLD) | {"drill": stream(result(), good=True)}) as asked:
        outcome = evce(tmp_path, "meter", "m", answer=answer)
    assert "20 A per phase for its cars" in outcome.output
    assert "Cut off meter m for 30 s?" in outcome.output
    assert (outcome.exit_code == 0, [each["do"] for each in asked][1:]) == (done, ["drill"] if done else [])


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        (("station", "A", "--force"), {"kind": "station", "name": "A", "force": True}),
        (("cpo",), {"kind": "cpo", "name": ""}),
        (("cpo", "A"), {"kind": "cpo", "name": "A"}),
        (("inputs",), {"kind": "inputs", "name": ""}),
    ],
)
def test_each_kind_has_its_command(tmp_path: Path, words: tuple[str, ...], request_: dict[str, Any]) -> None:
    """AC-4."""
    with standing_in(tmp_path, told(FORETOLD) | {"drill": stream(result(), good=True)}) as asked:
        assert evce(tmp_path, *words, "--yes").exit_code == 0
    assert request_.items() <= asked[-1].items()


def test_the_list_tells_what_would_follow_and_what_runs(tmp_path: Path) -> None:
    """AC-4: in words; the table of a single one; JSON for machines."""
    running = {"what": "station A", "by": "max", "until": "2026-03-02T12:00:30+00:00"}
    drill = FORETOLD | {"dangers": ["zone main does not hold"], "amiss": ["station B is not connected"]}
    answers = told(drill, running=running)
    with standing_in(tmp_path, answers) as asked:
        output = evce(tmp_path, "list").output
        for words in (
            "max cut off station A",
            "A/1: 20 A",
            "--force",
            "does not hold",
            "can't be drilled now",
        ):
            assert words in output
        assert "Predicted" not in output
        assert "Predicted" in evce(tmp_path, "list", "meter", "m").output
        assert json.loads(evce(tmp_path, "list", "--json").output) == answers["drills"]
    assert {"kind": "meter", "name": "m", "seconds": 30.0}.items() <= asked[1].items()
    with standing_in(tmp_path, told()):
        assert evce(tmp_path, "list").output == "nothing can be cut off here\n"


def test_a_refusal_is_told_plainly(tmp_path: Path) -> None:
    """AC-4: with its exit code, and without a traceback."""
    refusal = ValueError("a drill is running: max cut off station A")
    with standing_in(tmp_path, told(FORETOLD) | {"drill": refusal}):
        outcome = evce(tmp_path, "meter", "m", "--yes")
    assert (outcome.exit_code, "Error: a drill is running: max" in outcome.output) == (1, True)


def test_a_daemon_that_goes_away_meanwhile_is_a_failure(tmp_path: Path) -> None:
    """AC-4: nobody knows then what would have been seen."""
    with standing_in(tmp_path, told(FORETOLD) | {"drill": [BEGAN]}):
        outcome = evce(tmp_path, "meter", "m", "--yes")
    assert (outcome.exit_code, "went away" in outcome.output) == (1, True)


def test_a_drill_is_ended_by_hand(tmp_path: Path) -> None:
    """AC-4."""
    with standing_in(tmp_path, {"drill_end": {"ended": "meter m"}}) as asked:
        assert evce(tmp_path, "end").output == "restored: meter m\n"
    assert asked[0]["author"] == getpass.getuser()


def test_ctrl_c_ends_the_drill_and_its_end_is_still_watched(tmp_path: Path) -> None:
    """AC-4: the table is printed all the same; the handler of before is back."""
    ended = threading.Event()
    row = result("ended before", None)

    def drill(_: Any) -> Iterator[dict[str, Any]]:
        yield BEGAN
        os.kill(os.getpid(), signal.SIGINT)
        while not ended.wait(0.01):
            yield None  # type: ignore[misc]
        yield {"over": {"good": True, "results": [row]}}

    def end(_: Any) -> dict[str, Any]:
        ended.set()
        return {"ended": "meter m"}

    before = signal.getsignal(signal.SIGINT)
    deeds: dict[str, Any] = {"drills": lambda _: told(FORETOLD)["drills"], "drill": drill, "drill_end": end}
    server = ControlServer(tmp_path, deeds)
    server.start()
    try:
        outcome = evce(tmp_path, "meter", "m", "--yes")
    finally:
        server.stop()
    assert (outcome.exit_code, ended.is_set()) == (0, True)
    assert "ended before" in outcome.output
    assert signal.getsignal(signal.SIGINT) is before
