"""`evce firmware`."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.tools.commands.standin import standing_in
from tools.cli import main

FILE = {
    "id": "0123456789ab",
    "family": "parking",
    "version": "3.5.0.0.1",
    "model": "",
    "name": "evlink.bin",
    "size": 5,
    "sha256": "ab",
    "added_at": "2026-03-02T07:00:00+00:00",
    "added_by": "erika",
}
STATION: dict[str, Any] = {
    "station": "CP-01",
    "family": "parking",
    "firmware": "3.2.0.0.1",
    "lowest_compatible": "3.3.0.0.1",
    "compatible": False,
    "held": "3.5.0.0.1",
    "standing": "older",
    "waits_for": "",
    "update": None,
}
COURSE = {
    "version": "3.5.0.0.1",
    "attempts": 2,
    "action": "",
    "said": "Download failed.",
    "given_up": False,
    "due_at": "2026-03-02T07:20:00+00:00",
}


def evce(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["firmware", *arguments, "--data", str(folder)], env={"COLUMNS": "240"})


@pytest.mark.parametrize(
    ("changes", "by_itself", "words"),
    [
        ({}, True, "update begins in a moment"),
        ({}, False, "older"),
        ({"waits_for": "connector 1 is in use"}, True, "waits: connector 1 is in use"),
        ({"update": COURSE | {"action": "a"}}, True, "update to 3.5.0.0.1, attempt 2"),
        ({"update": COURSE}, True, "attempt 2 failed: Download failed.; next not before 2026-03-02T07:20:00"),
        ({"update": COURSE | {"given_up": True}}, True, "given up after 2 attempts: Download failed."),
        ({"standing": "nothing_held"}, True, "nothing held"),
    ],
)
def test_files_and_stations_are_tables_or_json(
    tmp_path: Path, changes: dict[str, Any], by_itself: bool, words: str
) -> None:
    """SR-5: versions, what the family needs, and how far each station is."""
    told = {"by_itself": by_itself, "files": [FILE], "stations": [STATION | changes]}
    with standing_in(tmp_path, {"firmware": told}):
        output = evce(tmp_path, "list").output
        for expected in ("0123456789ab", "evlink.bin", "erika", "3.2.0.0.1", "3.3.0.0.1 (too old)", words):
            assert expected in output
        assert json.loads(evce(tmp_path, "list", "--json").output) == told


def test_what_is_asked_for_is_done_and_said(tmp_path: Path) -> None:
    """SR-5."""
    path = tmp_path / "evlink.bin"
    path.write_bytes(b"image")
    answers = {
        "firmware_add": {"file": FILE},
        "firmware_remove": {"file": FILE},
        "firmware_send": {"action": "a"},
        "firmware_try_again": {"again": True},
    }
    with standing_in(tmp_path, answers):
        assert evce(tmp_path, "add", str(path), "--family", "parking").output == (
            "0123456789ab: firmware 3.5.0.0.1 for parking\n"
        )
        assert evce(tmp_path, "remove", FILE["id"]).output == "removed: evlink.bin, 3.5.0.0.1\n"
        assert evce(tmp_path, "send", "CP-01", FILE["id"]).output == "asked\n"
        assert "tried again" in evce(tmp_path, "try-again", "CP-01").output
        wrong = evce(tmp_path, "add", str(path), "--family", "garage")
        assert (wrong.exit_code, "'garage' is not one of" in wrong.output) == (2, True)


def test_nothing_to_try_again_and_nothing_kept_are_said(tmp_path: Path) -> None:
    """SR-5."""
    answers = {
        "firmware": {"by_itself": True, "files": [], "stations": []},
        "firmware_try_again": {"again": False},
    }
    with standing_in(tmp_path, answers):
        assert "no firmware is kept" in evce(tmp_path, "list").output
        refused = evce(tmp_path, "try-again", "CP-01")
        assert (refused.exit_code, "no update has failed" in refused.output) == (1, True)
