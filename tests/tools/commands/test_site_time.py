"""`evce time`."""

import getpass
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.tools.commands.standin import standing_in
from tools.cli import main

HOST = {
    "time": "2026-07-01T10:00:00.000+00:00",
    "time_zone": "Europe/Paris",
    "source": "host",
    "by": "",
    "heard_at": None,
    "host_time": "2026-07-01T10:00:00.000+00:00",
    "ahead_of_host_s": 0.0,
    "still_moving_s": 0.0,
    "stations_behind_s": 0.0,
    "operator_not_followed": "",
    "guessed": False,
}
OPERATOR = {
    **HOST,
    "source": "operator",
    "heard_at": "2026-07-01T09:59:00.000+00:00",
    "host_time": "2026-07-01T09:00:00.000+00:00",
    "ahead_of_host_s": 3600.0,
    "still_moving_s": -2.5,
    "stations_behind_s": 3590.0,
    "operator_not_followed": "it jumped by +7200 s",
    "guessed": True,
}


def evce(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["time", *arguments, "--data", str(folder)])


def test_the_hosts_clock_is_told_in_three_lines(tmp_path: Path) -> None:
    """CPO-4: by the clock of the site."""
    with standing_in(tmp_path, {"time": HOST}):
        lines = evce(tmp_path, "show").output.splitlines()
        assert lines == [
            "site      2026-07-01 12:00:00 Europe/Paris",
            "source    the host's clock",
            "host      2026-07-01 12:00:00; the site is +0.0 s ahead",
        ]
        assert json.loads(evce(tmp_path, "show", "--json").output) == HOST


def test_what_is_out_of_the_ordinary_is_told(tmp_path: Path) -> None:
    """CPO-4: who was heard when, what is still on its way, and what was refused."""
    with standing_in(tmp_path, {"time": OPERATOR}):
        output = evce(tmp_path, "show").output
    for words in (
        "the operator at 2026-07-01 11:59:00",
        "11:00:00; the site is +3600.0 s ahead",
        "by -2.5 s, without a jump",
        "+3590.0 s behind",
        "isn't followed: it jumped by +7200 s",
        "the machine has lost its time",
    ):
        assert words in output


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [(("set", "2026-07-01T12:00:00"), "2026-07-01T12:00:00"), (("follow-host",), None)],
)
def test_it_is_set(tmp_path: Path, arguments: tuple[str, ...], asked: str | None) -> None:
    """CPO-4: under the login of whoever types it."""
    done = {**HOST, "moved_s": 90.0, "source": "person", "by": "erika", "heard_at": HOST["time"]}
    with standing_in(tmp_path, {"set_time": done}) as requests:
        output = evce(tmp_path, *arguments).output
    assert output.startswith("the site's time was moved by +90.0 s\n")
    assert "set by a person, erika at 2026-07-01 12:00:00" in output
    assert (requests[0].get("time"), requests[0]["author"]) == (asked, getpass.getuser())
