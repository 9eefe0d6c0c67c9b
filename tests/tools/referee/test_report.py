"""The referee's report in its three forms."""

import json
import re
from pathlib import Path

import pytest

from evce.electrical import SiteModel, Zone
from evce.units import ZoneId
from tools.referee.referee import Referee
from tools.referee.report import as_json, as_text, write_report

MAIN = ZoneId("main")


@pytest.fixture
def referee() -> Referee:
    referee = Referee(SiteModel(zones={MAIN: Zone(MAIN, "Main", None, 100.0)}))
    for second in range(30):
        referee.observe({MAIN: (60.0, 70.0, 120.0 if second > 5 else 80.0)}, float(second))
    return referee


def test_the_table_names_the_zone_and_the_violation(referee: Referee) -> None:
    """AC-5: the verdict can be read by people."""
    text = as_text(referee)
    assert re.search(r"main +100\.0 +60\.0 +70\.0 +120\.0", text)
    assert "VIOLATION main L3" in text
    assert text.endswith("NOT CLEAN")


def test_programs_get_json(referee: Referee) -> None:
    data = json.loads(as_json(referee))
    assert data["clean"] is False
    assert data["zones"]["main"]["highest"] == [60.0, 70.0, 120.0]
    assert data["violations"][0]["phase"] == 2


def test_the_files_and_the_exit_code(referee: Referee, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    assert write_report(referee, folder) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["referee.html", "referee.json", "referee.txt"]
    calm = Referee(SiteModel(zones={}))
    assert write_report(calm, folder) == 0
