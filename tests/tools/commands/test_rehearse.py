"""Tests of `evce rehearse`."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tools.cli import main
from tools.rehearsal.cpo_day import CpoDay, CpoDayReport
from tools.rehearsal.window import Window, WindowReport


def told(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["rehearse", *arguments])
    return result.exit_code, result.output


def reported(window: Window, *problems: str) -> WindowReport:
    mishaps = ("  1.0 s  link: G1 is hung up on",)
    return WindowReport(window, problems, mishaps, 3, 0.25, 4.0, 60.0, 1.0, "<page>" if problems else "")


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[Window]:
    """The windows that were asked for; seed 2 has a problem."""
    asked: list[Window] = []

    def play_all(
        windows: Iterable[Window], _: int, simulated: Callable[[float], None]
    ) -> Iterator[WindowReport]:
        for window in windows:
            asked.append(window)
            simulated(60.0)
            yield reported(window, *(["main L1: too long"] if window.seed == 2 else []))

    monkeypatch.setattr("tools.rehearsal.series.play_all", play_all)
    return asked


def test_windows_are_played_and_summed_up(played: list[Window]) -> None:
    """AC-5: seeds from the first on, as long as asked."""
    code, output = told("--windows", "3", "--first-seed", "5", "--minutes", "2", "--site", "demo")
    assert code == 0
    assert [window.seed for window in played] == [5, 6, 7]
    assert {(window.seconds, window.site) for window in played} == {(120.0, "demo")}
    for line in ("windows               │ 3", "mishaps               │ 3", "longest above a limit │ 4.0 s"):
        assert line in output
    assert "seeds/s" in output
    assert "times as fast as life" in output


def test_a_problem_names_its_seed_and_its_mishaps_and_ends_with_1(
    played: list[Window], tmp_path: Path
) -> None:
    """AC-5: the referee's page of that window is kept, and of no other."""
    folder = tmp_path / "reports"
    code, output = told("--windows", "3", "--reports", str(folder))
    assert code == 1
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("small-2.html", "<page>")]
    assert "seed 2: main L1: too long" in output
    assert "G1 is hung up on" in output
    assert len(played) == 3
    again = "--first-seed 2 --minutes 60 --site small --mishap-every 120"
    assert f"evce rehearse {again} --trace {folder / 'small-2.txt'}" in output.replace("\n", "")


def test_a_trace_holds_every_message_of_one_window(tmp_path: Path) -> None:
    """AC-5: what happened in a window that failed."""
    path = tmp_path / "trace.txt"
    code, output = told("--minutes", "0.5", "--mishap-every", "1000", "--trace", str(path))
    assert code == 0, output
    assert any("zone/main MeterSampled" in line for line in path.read_text().splitlines())


def test_half_a_window_is_refused() -> None:
    code, output = told("--windows", "0")
    assert code == 2
    assert "--windows" in output


def test_a_week_is_cut_into_parts(played: list[Window], tmp_path: Path) -> None:
    """LM-8: as many hours as asked, one part after the other; swings are told."""
    code, output = told("week", "--hours", "6", "--seed", "1", "--reports", str(tmp_path / "reports"))
    assert code == 1, "seed 2 has a problem"
    assert [(window.seed, window.begin, window.seconds) for window in played] == [
        (1, 0.0, 7200.0),
        (2, 7200.0, 7200.0),
        (3, 14400.0, 7200.0),
    ]
    assert {(window.site, window.weather) for window in played} == {("demo", True)}
    assert "seed 2: main L1: too long" in output
    assert "from hour 2.0 on: 1 min in 1 s of a core, 3 sessions, at most 0 turns" in output
    assert "most turns in 5 min" in output
    assert (tmp_path / "reports" / "demo-2.html").is_file()
    assert "week --hours 6 --part-hours 2 --seed 1 --cars 3 --part 2 --trace" in output.replace("\n", "")


def test_a_part_of_a_week_is_the_same_part_alone(played: list[Window], tmp_path: Path) -> None:
    """AC-5: so that one with a problem can be looked at."""
    told("week", "--hours", "6", "--reports", str(tmp_path))
    part = played[1]
    played.clear()
    told("week", "--hours", "6", "--part", "2", "--reports", str(tmp_path))
    assert played == [part]
    code, output = told("week", "--hours", "6", "--part", "4")
    assert code == 2
    assert "4: there are 3 parts" in output


def test_whole_days_are_played_with_mishaps(played: list[Window], tmp_path: Path) -> None:
    """AC-5: each day of the week has its turn."""
    code, output = told("days", "--days", "8", "--reports", str(tmp_path))
    assert code == 1, "seed 2 has a problem"
    assert [window.begin / 86_400.0 for window in played] == [0, 1, 2, 3, 4, 5, 6, 0]
    assert {(w.seconds, w.site, w.weather, w.mishap_every) for w in played} == {
        (86_400.0, "demo", False, 900.0)
    }
    again = "days --first-seed 2 --hours 24 --mishap-every 900 --cars 3 --trace"
    assert again in output.replace("\n", "")


@pytest.mark.parametrize(("problems", "code"), [((), 0), (("session 3 is not in the book",), 1)])
def test_an_operator_s_bad_day_is_played(
    monkeypatch: pytest.MonkeyPatch, problems: tuple[str, ...], code: int
) -> None:
    """CPO-3."""
    asked: list[CpoDay] = []

    def play_day(day: CpoDay, _: Path, told: Callable[[str], None]) -> CpoDayReport:
        asked.append(day)
        told("all is well")
        return CpoDayReport(12, 30, 2, problems)

    monkeypatch.setattr("tools.rehearsal.cpo_day.play_day", play_day)
    found, output = told("cpo-day", "--hours", "2", "--seed", "4")
    assert found == code
    assert asked == [CpoDay(2.0, 4)]
    assert "all is well" in output
    assert "12 sessions; at most 30 messages waited" in output
    assert all(problem in output for problem in problems)
