"""Tests of the mutating on a small tree of its own."""

from pathlib import Path

import pytest

from tools.endurance.mutating import MutatingError, judge, prepared, try_all
from tools.endurance.mutations import Mutation

MODULE = "evce/adding.py"


def mutation(name: str, old: str, new: str) -> Mutation:
    return Mutation(name, 1, MODULE, old, new, ("tests/test_adding.py",))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with one module and one test of it, which looks at sums and not at differences."""
    root = tmp_path / "root"
    for package in ("evce", "actors", "web", "tools", "tests"):
        (root / package).mkdir(parents=True)
        (root / package / "__init__.py").touch()
    (root / "setup.cfg").write_text("[tool:pytest]\n")
    (root / "pyproject.toml").write_text("")
    (root / MODULE).write_text("def total(a, b):\n    return a + b\n\n\ndef rest(a, b):\n    return a - b\n")
    (root / "tests/test_adding.py").write_text(
        "from evce.adding import total\n\n\ndef test_a_total():\n    assert total(1, 2) == 3\n"
    )
    return root


def test_what_a_test_notices_is_told_from_what_survives_and_from_nonsense(root: Path, tmp_path: Path) -> None:
    """Each mutation is taken back before the next; the tree itself is never touched."""
    before = (root / MODULE).read_text()
    mutations = [
        mutation("noticed", "a + b", "a * b"),
        mutation("survivor", "a - b", "b - a"),
        mutation("elsewhere", "a / b", "b / a"),
        mutation("no python", "return a + b", "return ("),
    ]
    folder = tmp_path / "work"
    red: list[str] = []
    verdicts = {
        v.mutation.name: v for v in try_all(root, folder, mutations, jobs=1, seed=0, left_out=red.append)
    }
    assert {name for name, verdict in verdicts.items() if verdict.good} == {"noticed"}
    assert verdicts["noticed"].caught_by == "tests/test_adding.py::test_a_total"
    assert (verdicts["survivor"].caught_by, verdicts["survivor"].trouble) == ("", "")
    assert "occurs 0 times" in verdicts["elsewhere"].trouble
    assert "pytest ended with" in verdicts["no python"].trouble
    assert (root / MODULE).read_text() == before
    assert red == []


def test_a_test_that_is_red_already_notices_nothing(root: Path, tmp_path: Path) -> None:
    with (root / "tests/test_adding.py").open("a") as tests:
        tests.write("\n\ndef test_that_fails_anyway():\n    assert not total\n")
    red: list[str] = []
    survivor = mutation("m", "a - b", "b - a")
    (verdict,) = try_all(root, tmp_path / "work", [survivor], jobs=1, seed=0, left_out=red.append)
    assert red == ["tests/test_adding.py::test_that_fails_anyway"]
    assert not verdict.good


def test_tests_that_cant_be_run_prove_nothing(root: Path, tmp_path: Path) -> None:
    (root / MODULE).write_text("def total(")
    with pytest.raises(MutatingError, match="without any mutation already: pytest ended with 2"):
        list(try_all(root, tmp_path / "work", [mutation("m", "7", "8")], jobs=1, seed=0, left_out=print))


def test_a_place_without_tests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MutatingError, match="has no evce: mutations need the source tree"):
        prepared(tmp_path, tmp_path / "work")


@pytest.mark.parametrize(
    ("code", "output", "caught_by", "trouble"),
    [
        (0, "3 passed", "", ""),
        (1, "FAILED tests/a.py::test_b[x-1] - assert 1 == 2\n1 failed", "tests/a.py::test_b[x-1]", ""),
        (1, "ERROR tests/a.py::test_b - KeyError: 1\n1 error", "tests/a.py::test_b", ""),
        (
            1,
            '+++ Timeout +++\n  File "/t/tests/a.py", line 3, in test_b\n    go()',
            "tests/a.py::test_b (no end in time)",
            "",
        ),
        (1, "Timeout", "a test (no end in time)", ""),
        (2, "ERROR tests/a.py\nInterrupted: 1 error", "", "pytest ended with 2: "),
        (5, "no tests ran", "", "pytest ended with 5: no tests ran"),
    ],
)
def test_only_a_red_test_notices_a_mutation(code: int, output: str, caught_by: str, trouble: str) -> None:
    """A module that can't be imported any more is nothing that a test has noticed."""
    found = judge(code, output)
    assert found[0] == caught_by
    assert found[1].startswith(trouble) if trouble else found[1] == ""
