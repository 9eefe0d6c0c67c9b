"""`evce zone`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evce.configuration.revisions import next_revision
from evce.configuration.toml_source import parse_toml
from evce.limit_ledger import hour_of
from tests.evce.storage.builders import limit_record
from tools.cli import main
from tools.data_folder import DataFolder

SITE = """\
[site]
name = "Harbour"
time_zone = "Asia/Kolkata"
[[zones]]
id = "main"
name = "Main"
maximum_a = 100
[[zones]]
id = "garage"
name = "Garage"
parent = "main"
maximum_a = 50
"""

HOUR = hour_of(datetime.now(UTC))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in which two zones have been seen, in this hour and some before."""
    folder = DataFolder(tmp_path / "data")
    with folder.hold(), folder.write(HOUR) as store:
        revision = next_revision(None, parse_toml(SITE), author="ann", comment="", now=HOUR)
        store.append_revision(revision)
        for zone in ("main", "garage"):
            for hours in (0, 1, 2, 30):
                at = HOUR - timedelta(hours=hours)
                store.record_limits(
                    limit_record(zone, phase, at=at, peak=60.0 + hours, metered=zone == "main")
                    for phase in range(3)
                )
    return folder.path


def ledger(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["zone", "ledger", "--data", str(data), *arguments])


def test_the_hours_of_a_zone_are_told_with_their_reasons(data: Path) -> None:
    """UI-9: in the site's time, with what the peak is compared to."""
    result = ledger(data, "main")
    assert result.exit_code == 0
    words = " ".join(result.output.replace("│", " ").split())
    local = HOUR + timedelta(hours=5.5)
    for told in (
        "62.0 of 100 A",
        "20.0 of 25.0 A",
        f"{local:%H:%M}:00",
        "meter",
        f"{local:%Y-%m-%d %H:%M}",
    ):
        assert told in words
    assert ("90.0 of" in words, "garage" in words, "no meter" in words) == (False, False, False)


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (("main",), 9),
        (("main", "--days", "3"), 12),
        (("--by", "hour"), 18),
        (("--by", "hour", "--days", "400"), 24),
    ],
)
def test_machines_get_every_field(data: Path, arguments: tuple[str, ...], count: int) -> None:
    """UI-9: times in UTC, phases from 1."""
    records = json.loads(ledger(data, *arguments, "--json").output)
    assert len(records) == count
    assert (records[-1]["at"], records[-1]["phase"]) == (HOUR.isoformat(), 3)
    assert records[-1]["setpoint_bound_by"] == "meter"


def test_days_are_those_of_the_site(data: Path) -> None:
    """UI-9: each with the extremes of its hours."""
    records = json.loads(ledger(data, "--days", "3", "--json").output)
    assert {record["zone"] for record in records} == {"main", "garage"}
    assert {datetime.fromisoformat(record["at"]).strftime("%H:%M") for record in records} == {"18:30"}
    assert max(record["peak"] for record in records) == 90.0
    assert "* no meter" in ledger(data, "garage", "--by", "day").output


def test_a_zone_that_is_not_there_is_told_from_one_that_was_never_seen(data: Path, tmp_path: Path) -> None:
    wrong = ledger(data, "mian")
    assert (wrong.exit_code, "there are main, garage" in wrong.output) == (2, True)
    fresh = DataFolder(tmp_path / "fresh")
    with fresh.hold(), fresh.write(HOUR) as store:
        assert "no configuration yet" in ledger(fresh.path).output
        store.append_revision(next_revision(None, parse_toml(SITE), author="ann", comment="", now=HOUR))
    assert ledger(fresh.path).output.startswith("nothing yet")
    assert json.loads(ledger(fresh.path, "--json").output) == []
