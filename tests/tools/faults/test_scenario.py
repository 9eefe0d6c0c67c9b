"""Scenario files: those of this repository are survived, and a wrong one is told field by field."""

from pathlib import Path

import pytest

from tools.faults.scenario import ScenarioError, read_scenario
from tools.faults.script import perform

FILES = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_scenario_ends_as_it_must(path: Path) -> None:
    """AC-5: a base site, a timeline of faults, the expected outcome and time."""
    script = read_scenario(path)
    assert script.expected
    assert perform(script).problems == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = 1\nfaults = []", ["name: ", "faults: "]),
        ('name = "x"\n[[faults]]\nid = "meter-silnt"', ["faults.0: id = 'meter-silnt': know "]),
        ('name = "x"\n[[faults]]\nid = "meter-silent"\nat = -1', ["faults.0.at: "]),
        ('name = "x"\n[[faults]]\nid = "meter-silent"\nstation = "Q7"', ["station = 'Q7': one of G1"]),
        ('name = "x"\n[[faults]]\nid = "clock-day"\nvariant = "up"', ["clock-day has ahead, behind"]),
        (
            'name = "x"\n[[faults]]\nid = "meter-silent"\n[[expect]]\nat = 1\nwithin = 1',
            ["expect.0: just one of alarm"],
        ),
        (
            'name = "x"\n[[faults]]\nid = "meter-silent"\n[[expect]]\nat = 1\nwithin = 1\nat_most_a = 3',
            ["amperes are of a zone or of a station"],
        ),
        ('name = "x', ["no TOML"]),
    ],
)
def test_a_wrong_file_is_told_field_by_field(tmp_path: Path, text: str, told: list[str]) -> None:
    """RELIABILITY §3: the field, the value, what is allowed."""
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as error:
        read_scenario(path)
    assert all(words in str(error.value) for words in told), str(error.value)
