"""The virtual environment is made when it must be, and only then."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools import environment


class Workshop:
    """Stands for venv and pip: notes what would have been done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
        self.done: list[str] = []
        self.usable = False
        monkeypatch.delenv("EVCE_VENV", raising=False)
        monkeypatch.setattr(environment, "ROOT", root)
        monkeypatch.setattr(environment, "_usable", lambda _python: self.usable)
        monkeypatch.setattr(environment, "_create", self.create)
        monkeypatch.setattr(environment, "_install", self.install)
        for name in environment.MADE_FROM:
            (root / name).write_text(name)

    def create(self, venv: Path) -> None:
        self.done.append("create")
        (venv / "bin").mkdir(parents=True, exist_ok=True)
        self.usable = True

    def install(self, _python: Path, extras: Sequence[str]) -> None:
        self.done.append(f"install {','.join(extras)}".strip())


@pytest.fixture
def workshop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Workshop:
    return Workshop(monkeypatch, tmp_path)


def test_the_first_call_makes_it_and_the_second_does_nothing(workshop: Workshop, tmp_path: Path) -> None:
    assert environment.prepare() == tmp_path / ".venv" / "bin"
    environment.prepare()
    assert workshop.done == ["create", "install"]


@pytest.mark.parametrize("name", environment.MADE_FROM)
def test_a_change_of_what_it_is_made_from_installs_again(
    workshop: Workshop, tmp_path: Path, name: str
) -> None:
    environment.prepare(["test"])
    (tmp_path / name).write_text("changed")
    environment.prepare()
    assert workshop.done == ["create", "install test", "install test"]


def test_extras_are_added_and_kept(workshop: Workshop) -> None:
    """Running the product after the tests doesn't make anything anew."""
    environment.prepare()
    environment.prepare(["test"])
    environment.prepare()
    assert workshop.done == ["create", "install", "install test"]


def test_an_installation_that_was_cut_short_is_done_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_python: Path, _extras: Sequence[str]) -> None:
        raise environment.SetUpError("no index")

    monkeypatch.setattr(environment, "_install", fails)
    with pytest.raises(environment.SetUpError):
        environment.prepare()
    monkeypatch.setattr(environment, "_install", workshop.install)
    environment.prepare()
    assert workshop.done == ["create", "install"]


def test_a_broken_environment_is_made_anew(workshop: Workshop, tmp_path: Path) -> None:
    environment.prepare()
    (tmp_path / ".venv" / environment.STAMP).write_text(json.dumps({"made_from": 1}))
    workshop.usable = False
    environment.prepare()
    assert workshop.done == ["create", "install"] * 2


def test_another_place_can_be_chosen(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EVCE_VENV", str(tmp_path / "else where"))
    assert environment.prepare() == tmp_path / "else where" / "bin"
    assert workshop.done == ["create", "install"]


def test_the_newest_interpreter_on_the_path_is_found(tmp_path: Path) -> None:
    for name in ("python3.9", "python3.11", "python3.12"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert environment.newer_python(str(tmp_path)) == str(tmp_path / "python3.12")
    (tmp_path / "python3.12").unlink()
    (tmp_path / "python3.11").unlink()
    assert environment.newer_python(str(tmp_path)) is None


def test_an_old_python_says_what_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment, "MINIMUM", (3, 99))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"EVCE needs Python 3\.99 or newer"):
        environment.require_python("tools/run")
