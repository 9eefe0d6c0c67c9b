"""Tests of building the package of a release."""

import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evce import __version__
from evce.errors import EvceError
from evce.release.package import open_package
from evce.storage.migration import HEAD
from tests.evce.licence.signing import KEY, PUBLIC
from tests.tools.releases.wheels import wheel
from tools.environment import ROOT
from tools.releases import building
from tools.releases.building import build, newest_notes

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_package_is_made_of_what_pip_has_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SR-4: of this version, for this machine, with the pinned versions of everything."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        folder = Path(command[command.index("--wheel-dir") + 1])
        for name, content in wheel(__version__).items():
            (folder / name).write_bytes(content)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    target = tmp_path / "evce.evce-release"
    manifest = build(target, KEY, AT)
    assert open_package(target, [PUBLIC]) == manifest
    assert (manifest.version, manifest.schema, manifest.machine) == (__version__, HEAD, platform.machine())
    assert [one.name for one in manifest.wheels] == [f"evce-{__version__}-py3-none-any.whl"]
    assert manifest.notes
    assert commands[0][commands[0].index("--constraint") + 1] == "constraints.txt"
    assert (ROOT / "constraints.txt").is_file()


def test_where_pip_fails_there_is_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SR-4"""
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1))
    with pytest.raises(EvceError, match="pip could not"):
        build(tmp_path / "evce", KEY, AT)
    monkeypatch.setattr(building, "ROOT", tmp_path)
    with pytest.raises(EvceError, match="from a checkout"):
        build(tmp_path / "evce", KEY, AT)
    assert list(tmp_path.iterdir()) == []


def test_the_notes_are_the_newest_section_of_the_changes() -> None:
    """SR-4"""
    assert newest_notes("# Changes\n\n## 1.1\n\nNew.\n- a\n\n## 1.0\nOld.\n") == "New.\n- a"
    assert newest_notes("# Changes\n") == ""
