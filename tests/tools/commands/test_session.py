"""`evce session`."""

import getpass
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evce.records import EventRecord, SessionPoint
from evce.storage import Store
from evce.units import BoxIdentity, ConnectorKey
from tests.tools.commands.standin import standing_in
from tools.cli import main
from tools.data_folder import DataFolder

ONE = {
    "transaction": 7,
    "connector": "CP-01/1",
    "id_tag": "04A1",
    "vip": False,
    "started_at": "2026-03-02T07:00:00+00:00",
    "energy_kwh": 3.25,
    "departure": "2026-03-02T16:30:00+00:00",
    "energy_stated_kwh": 20.0,
}
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OTHER = {**ONE, "connector": "CP-02/1", "departure": None, "energy_stated_kwh": None}


def evce(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["session", *arguments, "--data", str(folder)], env={"COLUMNS": "140"})


def rows(output: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in output.splitlines() if "│" in line]


def test_running_sessions_are_a_table_or_json(tmp_path: Path) -> None:
    """LM-4: with what their drivers stated."""
    Store(DataFolder(tmp_path).database, NOON).close()
    with standing_in(tmp_path, {"sessions": {"sessions": [ONE, OTHER]}}):
        assert rows(evce(tmp_path, "list").output) == [
            ["CP-01/1", "04A1", "2026-03-02 07:00:00", "3.2", "2026-03-02 16:30:00", "20"],
            ["CP-02/1", "04A1", "2026-03-02 07:00:00", "3.2", "", ""],
        ]
        assert json.loads(evce(tmp_path, "list", "--json").output) == [ONE, OTHER]


def test_no_session_is_said_plainly(tmp_path: Path) -> None:
    """LM-4."""
    with standing_in(tmp_path, {"sessions": {"sessions": []}}):
        assert evce(tmp_path, "list").output == "no session is running\n"
        assert json.loads(evce(tmp_path, "list", "--json").output) == []


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        (["--departure", "17:30"], {"departure": "17:30"}),
        (["--energy", "20"], {"energy_kwh": 20.0}),
        (["--departure", "17:30", "--energy", "7.5"], {"departure": "17:30", "energy_kwh": 7.5}),
        (["--forget"], {"forget": True}),
    ],
)
def test_a_plan_is_stated_in_ones_own_name(
    tmp_path: Path, options: list[str], changed: dict[str, Any]
) -> None:
    """LM-4: departure, energy, both, or nothing any more."""
    with standing_in(tmp_path, {"plan_session": {"session": ONE}}) as asked:
        result = evce(tmp_path, "plan", "CP-01/1", *options, "--json")
    assert json.loads(result.output) == ONE
    plain = {"connector": "CP-01/1", "departure": None, "energy_kwh": None, "forget": False}
    assert asked == [{"do": "plan_session", "author": getpass.getuser(), **plain, **changed}]


@pytest.mark.parametrize("options", [[], ["--forget", "--energy", "5"], ["--energy", "much"]])
def test_what_makes_no_sense_is_not_even_asked(tmp_path: Path, options: list[str]) -> None:
    """RELIABILITY §3."""
    with standing_in(tmp_path, {"plan_session": {"session": ONE}}) as asked:
        assert evce(tmp_path, "plan", "CP-01/1", *options).exit_code == 2
    assert asked == []


def test_a_refusal_is_told_plainly(tmp_path: Path) -> None:
    """RELIABILITY §3: the daemon's own words, and exit code 1."""
    with standing_in(tmp_path, {"plan_session": ValueError("departure='soon': a time such as 17:30")}):
        result = evce(tmp_path, "plan", "CP-01/1", "--departure", "soon")
    assert (result.exit_code, result.output) == (1, "Error: departure='soon': a time such as 17:30\n")


def kept(folder: Path, *, course: bool) -> None:
    """A data folder in which one session has ended."""
    key = ConnectorKey(BoxIdentity("CP-01"), 1)
    with Store(DataFolder(folder).database, NOON) as store:
        begun = store.record_start(key, station_name="G", id_tag="AB", started_at=NOON, meter_start=0.0)
        number = begun.session.transaction
        store.record_stop(
            key.station, number, stopped_at=later(60), meter_stop=5000.0, now=later(60), reason="Local"
        )
        if course:
            store.append_events([EventRecord(later(-1), "CP-01", "transaction", "card AB accepted")])
            parts = ((0, 16.0, "Charging", "all it may have"), (30, 0.0, "SuspendedEVSE", "no room"))
            store.record_course(
                SessionPoint(number, later(at), allowed, allowed, 0.0, state, reason)
                for at, allowed, state, reason in parts
            )


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_a_timeline_is_two_tables_or_json(tmp_path: Path) -> None:
    """UI-8, UI-9: the key moments, and what was allowed and drawn and why."""
    kept(tmp_path, course=True)
    assert rows(evce(tmp_path, "timeline", "1").output) == [
        ["2026-03-02 11:59:00", "Authorised", "AB"],
        ["2026-03-02 12:00:00", "Started", "AB"],
        ["2026-03-02 12:30:00", "Suspended by system", "no room"],
        ["2026-03-02 13:00:00", "Ended", "Local"],
        ["2026-03-02 12:00:00", "30 min", "Charging", "16", "16", "0.00", "all it may have"],
        ["2026-03-02 12:30:00", "30 min", "Suspended by system", "0", "0", "0.00", "no room"],
    ]
    told = json.loads(evce(tmp_path, "timeline", "1", "--json").output)
    assert (told["transaction"], told["energy_kwh"], told["complete"], len(told["points"])) == (
        1,
        5.0,
        True,
        2,
    )


def test_a_timeline_that_is_gone_and_one_that_never_was_are_told_apart(tmp_path: Path) -> None:
    """UI-8."""
    kept(tmp_path, course=False)
    gone = evce(tmp_path, "timeline", "1")
    assert gone.exit_code == 0
    assert "nothing is kept of the course of this session" in gone.output
    never = evce(tmp_path, "timeline", "99")
    assert never.exit_code == 1
    assert "there is no session 99" in never.output
