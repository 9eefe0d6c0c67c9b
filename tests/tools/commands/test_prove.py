"""Tests of `evce prove`."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tools.cli import main
from tools.endurance.kills import KillOptions, KillReport
from tools.endurance.mutating import MutatingError, Verdict
from tools.endurance.mutations import CATALOGUE, Mutation


def told(*arguments: str) -> tuple[int, str]:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(main, ["prove", *arguments])
    return result.exit_code, result.output


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Mutation]:
    """The mutations that were asked for; whatever has to do with a meter survives."""
    asked: list[Mutation] = []

    def try_all(_: Path, __: Path, mutations: Sequence[Mutation], **___: Any) -> Iterator[Verdict]:
        for mutation in mutations:
            asked.append(mutation)
            yield Verdict(mutation, "" if "meter" in mutation.name else "tests/a.py::test_b[1]", took=1.0)

    monkeypatch.setattr("tools.endurance.mutating.try_all", try_all)
    return asked


def test_each_mutation_is_shown_with_what_caught_it(tried: list[Mutation]) -> None:
    """AC-5: which check caught each."""
    code, output = told("mutations", "--only", "settling", "--only", "retried start")
    assert code == 0, output
    assert [mutation.name for mutation in tried] == [
        "the settling is skipped",
        "a retried start is a new transaction",
    ]
    assert output.count("tests/a.py::test_b[1]") == 2
    assert "2 of 2 mutations caught" in output


def test_a_survivor_is_a_failure(tried: list[Mutation]) -> None:
    code, output = told("mutations")
    assert code == 1
    assert len(tried) == len(CATALOGUE)
    assert "a silent meter is never lost: SURVIVED" in output


def test_a_name_that_no_mutation_has_is_refused() -> None:
    code, output = told("mutations", "--only", "unicorn")
    assert code == 2
    assert "no mutation's name has 'unicorn' in it" in output


def test_a_tree_that_proves_nothing_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def try_all(*_: Any, **__: Any) -> Iterator[Verdict]:
        raise MutatingError("tests/a.py is red already")

    monkeypatch.setattr("tools.endurance.mutating.try_all", try_all)
    code, output = told("mutations")
    assert code == 1
    assert "Error: tests/a.py is red already" in output


@pytest.mark.parametrize(("problems", "expected"), [((), 0), (("transaction 7 of A/1 is lost",), 1)])
def test_kills_are_summed_up(
    problems: tuple[str, ...], expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-2: the seed is told, the referee's page kept, and a loss is a failure."""

    def kill_often(options: KillOptions, _: Path, told: Callable[[int], object]) -> KillReport:
        told(options.count)
        return KillReport(options.count, 40, 30, 2.5, problems, f"<page of {options.seed}>")

    monkeypatch.setattr("tools.endurance.kills.kill_often", kill_often)
    page = tmp_path / "out" / "kills.html"
    code, output = told("kills", "--count", "5", "--seed", "9", "--report", str(page))
    assert code == expected
    assert page.read_text() == "<page of 9>"
    for line in (
        "Kills: 5, seed 9",
        "transactions acknowledged │ 40",
        "longest above a limit     │ 2.5 s",
        *problems,
    ):
        assert line in output
