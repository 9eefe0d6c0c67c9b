"""The debug shell on the real daemon: it tells what is true, harms nothing, and leaves nothing behind."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from actors.messages import ListEvents
from tests.conftest import TIMEOUT_FACTOR
from tests.integration.house import CARS, House, until
from tools.control.wire import SOCKET_NAME, pack

NOBODY = 65_534
"""User id of `nobody`."""


def shell(house: House, *lines: str, write: bool = False) -> Result:
    """Run lines, one-shot."""
    options = [word for line in lines for word in ("-c", line)]
    return house.evce("shell", *options, *(["--write"] if write else []))


def asked(house: House, line: str) -> list[dict[str, Any]]:
    """What a machine gets for a line."""
    result = house.evce("shell", "--json", "-c", line)
    assert result.exit_code == 0, result.output
    return [json.loads(each) for each in result.output.splitlines()]


def state(house: House, name: str) -> tuple[str, int, int]:
    """State, restarts and incarnation of an actor."""
    (tree,) = asked(house, "tree")
    line = next(line for line in tree["actors"] if line["name"] == name)
    return line["state"], line["restarts"], line["incarnation"]


def listeners(house: House) -> int:
    return len(house.daemon.runtime._listeners)


def audited(house: House) -> list[tuple[str, str]]:
    return [(event.author, event.message) for event in house.ask("recorder", ListEvents(5, type="audit"))]


def test_the_tree_and_the_top_show_who_works(charging: House) -> None:
    """AC-4: every actor with its mailbox, rate and percentiles; the process above them."""
    result = shell(charging, "tree", "top --every 0.5")
    assert result.exit_code == 0
    for name in (
        "supervisor",
        "recorder",
        "view",
        "zone/main",
        "meter/main-meter",
        *(f"station/{c}" for c in CARS),
    ):
        assert result.output.count(name) >= 2

    def busy_meter() -> dict[str, Any]:
        (tree,) = asked(charging, "tree")
        return next(line for line in tree["actors"] if line["name"] == "meter/main-meter")

    # It is polled four times a second; one that has just been restarted has little to show yet.
    until(lambda: busy_meter()["per_s"] > 1.0, 40, "the meter's actor works")
    meter = busy_meter()
    assert 0 < meter["p50_s"] <= meter["p99_s"] < 2.0
    (top,) = asked(charging, "top --every 0.5")
    assert top["process"]["pid"] == os.getpid()


def test_why_and_the_pledges_agree_with_the_dashboard(charging: House) -> None:
    """AC-4, UI-9: the same sentence, the same amounts."""
    (why,) = asked(charging, "why CP-1")
    assert (why["setpoint"], "zone Garage has 40 A" in why["reason"]) == (20.0, True)
    assert [zone["id"] for zone in why["zones"]] == ["garage", "main"]
    (ledger,) = asked(charging, "pledges garage")
    assert {line["connector"] for line in ledger["lines"]} == {"CP-1/1", "CP-2/1"}
    assert why["pledge"]["charging"]


def test_an_actor_is_inspected_down_to_a_fact(charging: House) -> None:
    """AC-4: its state, read-only."""
    (facts,) = asked(charging, "inspect zone/main planner.facts.CP-1/1")
    assert (facts["kind"], facts["value"]["status"]) == ("RootZoneActor", "Charging")
    for name in ("supervisor", "recorder", "site", "inputs", "view", "station/CP-1", "meter/main-meter"):
        result = shell(charging, f"inspect {name}")
        assert (result.exit_code, result.output.startswith(name)) == (0, True)
    assert state(charging, "zone/main")[0] == "running"


def test_a_trace_shows_messages_and_switches_itself_off(charging: House) -> None:
    """AC-4: filtered, bounded, as text or JSON."""
    traced = asked(charging, "trace zone/main --type MeterSampled --count 3")
    assert [(line["to"], line["type"]) for line in traced] == [("zone/main", "MeterSampled")] * 3
    assert all(line["fields"]["meter"] == "main-meter" for line in traced)
    assert "MeterSampled {meter: main-meter" in shell(charging, "trace --type Meter* --for 1").output
    assert listeners(charging) == 0


@pytest.mark.parametrize("kinds", ["", "NeverSent"])
def test_a_client_that_vanishes_during_a_trace_leaves_nothing(charging: House, kinds: str) -> None:
    """AC-4: also while nothing fits its filter; the site charges on."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(charging.folder / SOCKET_NAME))
        client.sendall(pack({"do": "trace", "type": kinds, "count": 100_000, "seconds": 600.0}))
        until(lambda: listeners(charging) == 1, 5, "it is traced")
        if not kinds:
            assert b"fields" in client.recv(100)
    until(lambda: listeners(charging) == 0, 5, "nobody is traced any more")
    assert charging.unhurried()


def test_a_reader_changes_nothing(house: House) -> None:
    """AC-4: read-only unless started with --write."""
    before = state(house, "view")
    for line in ("kill view", "hang view", "restart view", "pause view", "resume view", "send view Settle"):
        refused = shell(house, line)
        assert (refused.exit_code, "evce shell --write" in refused.output) == (2, True), line
    assert state(house, "view") == before


def test_what_a_writer_did_is_in_the_audit_log(charging: House) -> None:
    """AC-2, AC-4: kill, restart, pause and resume, send; who and what; charging goes on."""
    _, restarts, born = state(charging, "zone/gate")
    assert shell(charging, "kill zone/gate", write=True).exit_code == 0
    until(lambda: state(charging, "zone/gate") == ("running", restarts + 1, born + 1), 5, "it is back")
    assert shell(charging, "restart zone/gate", write=True).exit_code == 0
    until(lambda: state(charging, "zone/gate") == ("running", restarts + 1, born + 2), 5, "started again")
    assert shell(charging, "pause site 60", write=True).exit_code == 0
    until(lambda: state(charging, "site")[0] == "paused", 5, "it is paused")
    sent = shell(charging, "send zone/gate ReportDemand reply_to=view", "resume site", write=True)
    assert sent.exit_code == 0
    until(lambda: state(charging, "site")[0] == "running", 5, "it goes on")
    who, what = zip(*reversed(audited(charging)), strict=True)
    assert [text.split(":")[0] for text in what] == [
        "zone/gate was killed for a drill (exception)",
        "zone/gate was restarted by hand",
        "site was paused for 60 s",
        "ReportDemand was sent to zone/gate by hand",
        "site was resumed",
    ]
    assert all(who)
    until(charging.unhurried, 30, "every car has its share again")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("inspect station/CP1", "did you mean station/CP-1?"),
        ("why CP9", "known are"),
        ("pledges gargae", "did you mean garage?"),
        ("kill station/CP-77", "no living actor has that name"),
        ("send zone/main MeterLost meter=m", "reason: field required"),
        ("send station/CP-1 AssignSetpoints plan=9", "can't be sent by hand"),
        ("pause zone/main 60", "zone/main may be paused for up to 2 s"),
        ("tre", "did you mean tree?"),
    ],
)
def test_a_wrong_name_is_told_with_the_right_one(house: House, line: str, told: str) -> None:
    """RELIABILITY §3: and nothing has happened."""
    refused = shell(house, line, write=True)
    assert (refused.exit_code in (1, 2), told in refused.output) == (True, True), refused.output
    assert "Traceback" not in refused.output


def test_threads_and_log_can_be_looked_at(house: House) -> None:
    """AC-4: stacks, profile, log."""
    (found,) = asked(house, "stacks")
    names = {name for stack in found["stacks"] for name in stack["threads"]}
    assert {"recorder", "zone/main", "timers", "watchdog"} <= names
    (profile,) = asked(house, "profile 0.5")
    assert profile["looks"] > 5
    shell(house, "kill view", write=True)
    until(lambda: "view died: KilledForDrill" in shell(house, "log 20 --level error").output, 5, "it is told")


@pytest.fixture
def in_the_open(house: House) -> Iterator[Path]:
    """A way to the socket that its mode doesn't bar, for a user who has no business there."""
    folder = Path(tempfile.mkdtemp(prefix="evce"))
    link = folder / SOCKET_NAME
    path = house.folder / SOCKET_NAME
    os.link(path, link)
    folder.chmod(0o755)
    path.chmod(0o666)
    yield folder
    path.chmod(0o600)
    shutil.rmtree(folder)


KNOCK = """
import socket, sys
with socket.socket(socket.AF_UNIX) as sock:
    sock.connect(sys.argv[1])
    sock.sendall(b'{"do":"actors"}\\n')
    print(sock.makefile().readline())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_is_refused_whatever_the_mode_of_the_socket(house: House, in_the_open: Path) -> None:
    """AC-4: the kernel says who is there (SO_PEERCRED)."""
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    assert python is not None
    command = [python, "-c", KNOCK, str(in_the_open / SOCKET_NAME)]
    answers = {}
    for user in (0, NOBODY):
        done = subprocess.run(
            command,
            user=user,
            group=user,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
            timeout=20 * TIMEOUT_FACTOR,
        )
        answers[user] = set(json.loads(done.stdout))
    assert answers == {0: {"window_s", "actors"}, NOBODY: {"error"}}
