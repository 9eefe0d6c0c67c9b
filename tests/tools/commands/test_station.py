"""`evce station`."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.tools.commands.standin import standing_in
from tools.cli import main
from tools.control.server import ControlServer, Stream


@pytest.mark.parametrize(
    ("verdict", "correction", "code"),
    [("right", None, 0), ("wrong", 'wiring = "TRI231"', 1), ("unclear", None, 3)],
)
def test_a_check_tells_its_course_and_its_result_by_its_exit_code(
    tmp_path: Path, verdict: str, correction: str | None, code: int
) -> None:
    """EL-3: and the line that corrects the site file."""
    asked: list[dict[str, Any]] = []

    def wiring(request: Mapping[str, Any]) -> Stream:
        asked.append(dict(request))

        def stream() -> Stream:
            yield {"text": "on its way"}
            yield None
            yield {"text": "the result", "verdict": verdict, "correction": correction}

        return stream()

    server = ControlServer(tmp_path, {"wiring": wiring})
    server.start()
    try:
        arguments = ["station", "wiring", "G1", "--connector", "2", "--data", str(tmp_path)]
        result = CliRunner().invoke(main, arguments)
    finally:
        server.stop()
    assert result.exit_code == code
    assert result.output.splitlines()[:2] == ["on its way", "the result"]
    assert ('wiring = "TRI231"' in result.output) is (correction is not None)
    assert (asked[0]["station"], asked[0]["connector"]) == ("G1", 2)


def test_without_a_daemon_it_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["station", "wiring", "G1", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "no daemon answers" in result.output


SEEN: dict[str, Any] = {
    "box_identity": "G1",
    "name": "Garage 1",
    "registered": True,
    "link": "connected",
    "zone": None,
    "vendor": "Schneider Electric",
    "model": "EVB1A22P4RI",
    "serial_number": "3N204",
    "firmware": "3.4.0.4",
    "last_seen_at": "2026-11-02T08:00:00+00:00",
}


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {},
            [
                "Name:          Garage 1",
                "Vendor:        Schneider Electric",
                "Model:         EVB1A22P4RI",
                "Serial number: 3N204",
                "Firmware:      3.4.0.4",
                "Zone:          none",
                "Heard last:    2026-11-02T08:00:00+00:00",
            ],
        ),
        (
            {"registered": False, "firmware": ""},
            ["Name:          (not registered)", "Firmware:      not known"],
        ),
    ],
)
def test_a_station_is_shown_as_it_told_of_itself(
    tmp_path: Path, changes: dict[str, Any], lines: list[str]
) -> None:
    """OC-4."""
    with standing_in(
        tmp_path, {"stations": {"stations": [{**SEEN, "box_identity": "A1"}, {**SEEN, **changes}]}}
    ):
        result = CliRunner().invoke(main, ["station", "show", "G1", "--data", str(tmp_path)])
    assert result.exit_code == 0
    told = result.output.splitlines()
    assert told[0] == "Station:       G1"
    assert set(lines) <= set(told)


def test_of_one_station_programs_read_everything(tmp_path: Path) -> None:
    with standing_in(tmp_path, {"stations": {"stations": [SEEN]}}):
        result = CliRunner().invoke(main, ["station", "show", "G1", "--json", "--data", str(tmp_path)])
    assert json.loads(result.output) == SEEN


def test_a_station_that_nobody_knows_is_answered_with_those_known(tmp_path: Path) -> None:
    with standing_in(tmp_path, {"stations": {"stations": [SEEN]}}):
        result = CliRunner().invoke(main, ["station", "show", "g9", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "station='g9': know G1" in result.output


DONE = {"state": "done", "said": "Unlocked.", "ended": True, "result": {}}


def run(tmp_path: Path, deeds: Mapping[str, Any], *arguments: str) -> Result:
    server = ControlServer(tmp_path, deeds)
    server.start()
    try:
        return CliRunner().invoke(main, ["station", *arguments, "--data", str(tmp_path)])
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("arguments", "action", "parameters"),
    [
        (["unlock", "G1", "--connector", "1"], "unlock", {"connector": "1"}),
        (["reset", "G1"], "reset", {}),
        (["stop", "G1", "--connector", "1", "--forced"], "stop", {"connector": "1", "forced": True}),
        (["availability", "G1", "--type", "inoperative"], "availability", {"type": "Inoperative"}),
        (["call", "G1", "--call", "Reset", "--payload", "{}"], "call", {"call": "Reset", "payload": "{}"}),
    ],
)
def test_an_action_is_asked_for_with_its_parameters(
    tmp_path: Path, arguments: list[str], action: str, parameters: dict[str, Any]
) -> None:
    """OC-3."""
    asked: list[dict[str, Any]] = []

    def act(request: Mapping[str, Any]) -> Stream:
        asked.append(dict(request))
        return iter([{**DONE, "state": "sent", "said": "Sent.", "ended": False}, DONE])  # type: ignore[return-value]

    result = run(tmp_path, {"act": _closable(act)}, *arguments)
    assert result.output.splitlines() == ["sent: Sent.", "done: Unlocked."]
    assert result.exit_code == 0
    (request,) = asked
    assert (request["station"], request["action"], request["parameters"]) == ("G1", action, parameters)


def test_a_signed_firmware_takes_certificate_and_signature_from_files(tmp_path: Path) -> None:
    """OC-3: a signature as openssl writes it becomes base64."""
    asked: list[dict[str, Any]] = []

    def act(request: Mapping[str, Any]) -> Stream:
        asked.append(dict(request))
        return iter([DONE])  # type: ignore[return-value]

    for name, content in (("fw.bin", b"image"), ("maker.pem", b"PEM"), ("fw.sig", b"\xff\xfe\x00")):
        (tmp_path / name).write_bytes(content)
    files = ["--certificate", str(tmp_path / "maker.pem"), "--signature", str(tmp_path / "fw.sig")]
    result = run(tmp_path, {"act": _closable(act)}, "signed-firmware", "G1", str(tmp_path / "fw.bin"), *files)
    assert result.exit_code == 0, result.output
    (request,) = asked
    assert request["parameters"] == {"certificate": "PEM", "signature": "//4A"}
    assert request["file"] == str(tmp_path / "fw.bin")


@pytest.mark.parametrize(("state", "code"), [("done", 0), ("refused", 1), ("timed out", 1), ("failed", 1)])
def test_the_exit_code_tells_the_outcome(tmp_path: Path, state: str, code: int) -> None:
    """OC-3: for scripts, as JSON too."""
    ended = {**DONE, "state": state}
    result = run(tmp_path, {"act": _closable(lambda _: [ended])}, "reset", "G1", "--json")
    assert (json.loads(result.output), result.exit_code) == (ended, code)


def test_a_firmware_that_isn_t_there_never_reaches_the_daemon(tmp_path: Path) -> None:
    """RELIABILITY 3."""
    result = CliRunner().invoke(main, ["station", "firmware", "G1", str(tmp_path / "x"), "--data", "."])
    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_stations_and_actions_are_listed(tmp_path: Path) -> None:
    """OC-2, OC-3."""
    listed = {
        "box_identity": "G1",
        "name": "Garage",
        "registered": False,
        "link": "never seen",
        "zone": None,
        "vendor": "V",
        "model": "M",
        "serial_number": "S",
        "firmware": "F",
    }
    result = run(tmp_path, {"stations": lambda _: {"stations": [listed]}}, "list", "--json")
    assert json.loads(result.output) == [listed]
    action = {"asked_at": "now", "action": "reset", "parameters": {}, "state": "done", "requested_by": "a"}
    known = {"actions": [{**action, "said": "Back."}], "files": [{"size": 3, "path": "/d", "name": "d"}]}
    output = run(tmp_path, {"station_actions": lambda _: known}, "actions", "G1").output
    assert "Back." in output
    assert "3 bytes  /d" in output


def _closable(act: Callable[[Mapping[str, Any]], Any]) -> Callable[[Mapping[str, Any]], Stream]:
    def deed(request: Mapping[str, Any]) -> Stream:
        answers = act(request)

        def stream() -> Stream:
            yield from answers

        return stream()

    return deed
