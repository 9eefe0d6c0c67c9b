"""Drills on the real daemon: what is cut off at its links is seen as predicted, and always comes back."""

import json
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

from actors.messages import ListEvents
from tests.conftest import TIMEOUT_FACTOR
from tests.integration.house import CARS, House, until
from tools.control.client import ControlError, control, follow
from tools.control.wire import SOCKET_NAME

CLIENT = """
import socket, sys, time
link = socket.socket(socket.AF_UNIX)
link.connect(sys.argv[1])
link.sendall(sys.argv[2].encode() + b"\\n")
print(link.makefile().readline(), flush=True)
time.sleep(600)
"""
"""A client that begins a drill, and then does nothing any more."""


def audited(house: House) -> list[str]:
    events = house.ask("recorder", ListEvents(20, type="audit"))
    return [event.message for event in events if event.message.startswith("drill")]


def away(house: House, station: str) -> bool:
    return {str(key): view for key, view in house.snapshot().stations.items()}[station].link != "connected"


@pytest.fixture
def whole(house: House) -> House:
    """Nothing is amiss where a drill would be refused; cars needn't have all back after the drill before."""
    until(lambda: house.all_verified() and not degraded(house), 20, "everything is there")
    return house


def degraded(house: House) -> bool:
    return any(zone.bound_by == "meter lost" for zone in house.snapshot().zones.values())


def test_a_lost_meter_is_seen_as_predicted_and_ended_by_hand(charging: House, whole: House) -> None:
    """AC-4, RELIABILITY invariant 8: cars are cut to the shares that were foretold; then all comes back."""
    lines: list[dict[str, Any]] = []
    request = {"kind": "meter", "name": "main-meter", "seconds": 60, "author": "erika"}

    def drill() -> None:
        lines.extend(follow(whole.folder, "drill", **request))

    thread = threading.Thread(target=drill)
    thread.start()
    until(lambda: whole.snapshot().drill is not None, 5, "the drill is shown")
    with pytest.raises(ControlError, match="a drill is running: erika"):
        control(whole.folder, "drill", kind="station", name="CP-1")
    snapshot = whole.snapshot()
    assert snapshot.drill is not None
    assert (snapshot.drill.what, snapshot.drill.by) == ("meter main-meter", "erika")
    assert "drill_running" in {alarm.code for alarm in snapshot.alarms}
    # What stations offer their cars is true, whatever the daemon believes.
    until(lambda: sum(whole.pilot(name) for name in CARS) <= 20.0, 20, "the meter-loss setpoint")
    until(lambda: whole.snapshot().zones["main"].bound_by == "meter lost", 10, "people see it")
    until(lambda: len([line for line in lines if "result" in line]) >= 6, 5, "what was seen is told")
    assert whole.evce("drill", "end").exit_code == 0
    thread.join(30 * TIMEOUT_FACTOR)
    outcome = lines[-1]["over"]
    verdicts = {(each["what"], each["predicted"]): each["verdict"] for each in outcome["results"]}
    assert outcome["good"], verdicts
    assert verdicts["zone main", "limit 20 A, by meter lost"] == "as predicted"
    outlets = [each["verdict"] for each in outcome["results"] if each["what"].startswith("outlet")]
    assert outlets == ["as predicted"] * len(CARS)
    assert verdicts["meter main-meter", "connected"] == "as predicted"
    until(lambda: whole.snapshot().drill is None, 5, "the banner is gone")
    begun, over = reversed(audited(whole)[:2])
    assert begun == "drill begun: meter main-meter cut off for 60 s"
    assert over.startswith("drill over: meter main-meter restored after ")


def test_a_lost_station_keeps_its_share_and_comes_back_by_itself(whole: House) -> None:
    """AC-4, RELIABILITY invariant 4: the command prints both side by side and ends with 0."""
    sessions = {session.transaction for session in whole.sessions(running=True)}
    outcome = whole.evce("drill", "station", "CP-1", "--seconds", "3", "--yes")
    assert outcome.exit_code == 0, outcome.output
    output = " ".join(outcome.output.split())
    assert "Predicted" in output
    assert "CP-1/1 stays reserved with" in output
    assert not away(whole, "CP-1")
    assert {session.transaction for session in whole.sessions(running=True)} == sessions


def test_a_client_that_is_killed_leaves_nothing_cut_off(whole: House) -> None:
    """AC-4: `kill -9` of whoever began the drill; the daemon restores by itself."""
    request = json.dumps({"do": "drill", "kind": "station", "name": "CP-2", "seconds": 120})
    words = [sys.executable, "-c", CLIENT, str(whole.folder / SOCKET_NAME), request]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert "began" in client.stdout.readline()
        until(lambda: away(whole, "CP-2"), 5, "it is cut off")
        client.send_signal(signal.SIGKILL)
    until(lambda: not away(whole, "CP-2"), 10, "it is back")
    until(lambda: "went away" in audited(whole)[0], 5, "the log tells why")
    assert whole.snapshot().drill is None


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("meter", "nowhere"), "meter='nowhere': not at this site, which has main-meter"),
        (("inputs",), "station CP-X is not connected"),
        (("cpo",), "the uplinks to the operator are off"),
        (("meter", "main-meter", "--seconds", "2"), "what follows is seen after 8 at least"),
    ],
)
def test_what_would_show_nothing_is_refused(whole: House, words: tuple[str, ...], text: str) -> None:
    """AC-4."""
    outcome = whole.evce("drill", *words, "--yes")
    assert outcome.exit_code == 1
    assert text in " ".join(outcome.output.split())
    assert whole.snapshot().drill is None
