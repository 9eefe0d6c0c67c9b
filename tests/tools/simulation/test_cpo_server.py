"""The simulated operator on a real socket, and as a program."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.conftest import TIMEOUT_FACTOR
from tools.simulation.cpo_server import CpoServer, obey
from tools.simulation.wire import Answer

BOOT = '[2,"a","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'


def test_a_station_is_answered_and_commanded(tmp_path: Path) -> None:
    """CPO-1: both ways over one socket."""
    server = CpoServer(tmp_path / "book")
    url = f"ws://127.0.0.1:{server.start()}/ocpp/CP-1"
    try:
        with connect(url, subprotocols=["ocpp1.6"], proxy=None) as station:  # type: ignore[list-item]
            station.send(BOOT)
            assert json.loads(station.recv(5 * TIMEOUT_FACTOR))[2]["status"] == "Accepted"
            assert obey(server, "stations") == '["CP-1"]'
            message_id, text = server.operator.command("ClearCache", {})
            server.send_raw("CP-1", text)
            assert json.loads(station.recv(5 * TIMEOUT_FACTOR))[2] == "ClearCache"
            station.send(json.dumps([3, message_id, {"status": "Accepted"}]))
            station.send(BOOT)
            station.recv(5 * TIMEOUT_FACTOR)
            assert server.operator.answers[message_id] == Answer(message_id, {"status": "Accepted"})
    finally:
        server.stop()


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    server = CpoServer(tmp_path / "book", password="secret")
    url = f"ws://127.0.0.1:{server.start()}/CP-1"
    try:
        with pytest.raises(InvalidStatus), connect(url, proxy=None):
            pass
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("slow 0.5", "ok"),
        ("ahead -3600", "ok"),
        ("mute on", "ok"),
        ("wrong on", "ok"),
        ("errors 3", "ok"),
        ("refuse abc", "ok"),
        ("boot Pending", "ok"),
        ("stations", "[]"),
        ("book", "[]"),
        ("faults", "[]"),
        ("call CP-9 ClearCache {}", "error: 'CP-9'"),
        ("slow very", "error: could not convert string to float: 'very'"),
    ],
)
def test_orders_change_its_habits(tmp_path: Path, line: str, answer: str) -> None:
    server = CpoServer(tmp_path / "book")
    server.start()
    try:
        assert obey(server, line) == answer
        assert obey(server, "dance").startswith("error: don't know")
    finally:
        server.stop()


def test_it_is_a_program_of_its_own(tmp_path: Path) -> None:
    """CPO-1: `evce simulate cpo`."""
    command = [sys.executable, "-m", "tools", "simulate", "cpo", "--book", str(tmp_path / "book")]
    result = subprocess.run(
        [*command, "--seconds", "0.2"],
        capture_output=True,
        text=True,
        timeout=30 * TIMEOUT_FACTOR,
        check=True,
    )
    assert result.stdout.startswith("operator at ws://127.0.0.1:")
    assert (tmp_path / "book").exists()
