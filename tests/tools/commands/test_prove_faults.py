"""Tests of `evce prove links` and `evce prove process`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tools.cli import main
from tools.endurance.ground import Ground
from tools.endurance.trial import Finding, Look, Trial, Verdict
from tools.referee.referee import Referee
from tools.rehearsal.sites import small_site


def told(*arguments: str) -> tuple[int, str]:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(main, ["prove", *arguments])
    return result.exit_code, result.output


class StillGround:
    """A ground on which nothing runs."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed, self.life = folder, seed, list[str]()
        self.referee = Referee(small_site().model())

    def start(self) -> None:
        self.life.append("start")

    def stop(self) -> None:
        self.life.append("stop")


Played = tuple[StillGround, list[Trial], float | None, float]


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[Played]:
    """What was played how; of whatever has to do with being stopped nothing is seen."""
    asked: list[Played] = []

    def play_all(
        ground: StillGround,
        trials: list[Trial],
        seconds: float | None,
        begun: Callable[[Trial], object],
        told: Callable[[Verdict], object],
        patience: float,
    ) -> list[Verdict]:
        assert ground.life == ["start"]
        asked.append((ground, trials, seconds, patience))
        look, verdicts = Look("it rains", 2.0, lambda _: True), []
        for trial in trials:
            begun(trial)
            good = "stopped" not in trial.name
            verdict = Verdict(trial, (Finding(look, good, 0.5 if good else None),), (), 3.0)
            told(verdict)
            verdicts.append(verdict)
        return verdicts

    monkeypatch.setattr("tools.endurance.ground.Ground", StillGround)
    monkeypatch.setattr("tools.endurance.trial.play_all", play_all)
    return asked


@pytest.mark.parametrize("command", ["links", "process"])
def test_faults_are_played_and_summed_up(command: str, played: list[Played], tmp_path: Path) -> None:
    """AC-5: each with what was seen of it and when; one that is missed is a failure."""
    page = tmp_path / "out" / "page.html"
    options = ("--seed", "4", "--seconds", "7", "--patience", "2", "--report", str(page))
    code, output = told(command, *options)
    ((ground, trials, seconds, patience),) = played
    assert (ground.seed, seconds, patience, ground.life) == (4, 7.0, 2.0, ["start", "stop"])
    assert not ground.folder.exists()
    assert f"{len(trials)} faults, seed 4" in page.read_text()
    missed = [trial.name for trial in trials if "stopped" in trial.name]
    assert code == int(bool(missed))
    assert f"{len(trials) - len(missed)} of {len(trials)} faults as they should be" in output
    for trial in trials:
        assert f"{trial.name}: {trial.breaks}"[:80] in output
    for name in missed:
        assert f"{name}: it rains (within 2): never" in output


def test_only_the_faults_that_are_named_are_played(played: list[Played]) -> None:
    code, output = told("links", "--only", "half-open", "--only", "meter-late")
    assert code == 0, output
    names = [trial.name for trial in played[0][1]]
    assert names == ["station-half-open", "meter-half-open", "meter-late", "operator-half-open"]


def test_a_fault_that_there_is_not_is_refused() -> None:
    code, output = told("process", "--only", "flood")
    assert code == 2
    assert "no fault's name has 'flood' in it; know killed, " in output


def test_a_daemon_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: Ground) -> None:
        raise RuntimeError("the daemon doesn't start")

    monkeypatch.setattr(StillGround, "start", start)
    monkeypatch.setattr("tools.endurance.ground.Ground", StillGround)
    code, output = told("process")
    assert code == 1
    assert "Error: the daemon doesn't start" in output
