"""`evce release`."""

import json
import platform
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from evce import __version__, vendor
from evce.release.course import BASE, Course
from evce.release.package import Manifest
from evce.release.shelf import Installed, ReleaseShelf
from evce.storage import open_store
from evce.storage.migration import HEAD
from tests.evce.licence.signing import PUBLIC
from tests.evce.release.packages import made
from tests.evce.release.test_shelf import manifest, put
from tests.tools.releases.wheels import wheel
from tools.cli import main
from tools.commands import release as command
from tools.releases import installing

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def evce(*arguments: object, code: int = 0, answers: str = "") -> str:
    result = CliRunner().invoke(main, [str(one) for one in arguments], input=answers, env={"COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "PUBLIC_KEYS", (PUBLIC,))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    python = ".".join(platform.python_version_tuple()[:2])
    return made(tmp_path, "7.0.0", wheel("7.0.0"), python, platform.machine())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    open_store(folder / "evce.db", AT).close()
    return folder


@pytest.fixture
def shelf(data: Path) -> ReleaseShelf:
    return ReleaseShelf(data)


def test_a_package_is_checked_and_told(package: Path, tmp_path: Path) -> None:
    """SR-4"""
    told = evce("release", "check", package)
    assert "EVCE 7.0.0, made 2026-11-23" in told
    assert "What is new." in told
    (tmp_path / "other").write_text("x")
    assert "no release of EVCE" in evce("release", "check", tmp_path / "other", code=1)


@pytest.mark.timeout(120)
def test_a_package_is_installed_after_asking_and_started_with_the_next_start(
    package: Path, data: Path, shelf: ReleaseShelf
) -> None:
    """SR-4: it asks before each, and can be started later."""
    evce("release", "install", package, "--data", data, code=1, answers="n\n")
    assert shelf.installed() == []
    told = evce("release", "install", package, "--data", data, answers="y\nn\n")
    assert "`evce release start 7.0.0` starts it later" in told
    assert shelf.course() == Course()
    told = evce("release", "start", "7.0.0", "--data", data, answers="y\n")
    assert "the next start of EVCE is 7.0.0" in told
    assert shelf.course().to_run == "7.0.0"
    assert "On trial:   7.0.0" in evce("release", "show", "--data", data)


def test_a_program_hears_how_far_it_is(data: Path, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SR-4: in lines of JSON, and why where it is refused."""

    def install(_: Path, data: Path, progress: installing.Progress) -> Installed:
        progress(0.3, "installing its packages")
        return Installed(manifest("7.0.0"), data)

    monkeypatch.setattr(installing, "install", install)
    lines = evce("release", "install", package, "--data", data, "--machine").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"done": 30, "step": "installing its packages"},
        {"installed": "7.0.0"},
    ]
    monkeypatch.undo()
    lines = evce("release", "install", package, "--data", data, "--machine", code=1).splitlines()
    assert "not the vendor's" in json.loads(lines[-1])["refused"]


def test_what_isn_t_installed_isn_t_started(data: Path) -> None:
    """SR-4"""
    assert "'6.6' is not installed" in evce("release", "start", "6.6", "--data", data, "--yes", code=1)


def test_going_back_says_what_is_lost_and_asks(data: Path, shelf: ReleaseShelf) -> None:
    """SR-4"""
    assert "no release to go back to" in evce("release", "back", "--data", data, code=1)
    put(shelf, "1.0")
    path = shelf.folder / "1.0" / "manifest.json"
    path.write_text(path.read_text().replace(f'"{HEAD}"', '"0001"'))
    shelf.change(lambda _: Course("1.1", "1.0", AT))
    assert "no snapshot from before" in evce("release", "back", "--data", data, code=1)
    at = AT + timedelta(minutes=1)
    with open_store(data / "evce.db", at) as store:
        store.take_snapshot(at, kind="v0001-")
    told = evce("release", "back", "--data", data, code=1, answers="n\n")
    assert "stored since 2026-11-23 12:01 UTC will be lost" in told
    assert "next start of EVCE is 1.0" in evce("release", "back", "--data", data, answers="y\n")
    assert shelf.course().to_run == "1.0"
    shelf.change(lambda _: Course("1.1", BASE, AT))
    assert "the installation of this machine" in evce("release", "back", "--data", data, "--yes")


def test_what_runs_and_how_the_last_update_ended_is_shown(data: Path, shelf: ReleaseShelf) -> None:
    """SR-4"""
    assert f"This is:    {__version__}, the installation of this machine" in evce(
        "release", "show", "--data", data
    )
    put(shelf, "1.1")
    shelf.change(lambda _: Course("1.1", BASE, AT).wanted("1.2", "", AT).rolled_back("no such module", AT))
    shelf.change(lambda course: Course(BASE, "1.1", AT, last=course.last))
    told = evce("release", "show", "--data", data)
    assert "Before it:  1.1" in told
    assert "Installed:  1.1" in told
    assert "1.2 was rolled back, 2026-11-23 12:00 UTC: no such module" in told
    (shelf.folder / "state.json").write_text("{")
    assert "is damaged" in evce("release", "show", "--data", data, code=1)


def test_a_vendor_makes_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SR-4: with the key of `evce licence key`."""
    key = tmp_path / "key.pem"
    evce("licence", "key", key)
    targets: list[Path] = []

    def build(target: Path, *_: object) -> Manifest:
        targets.append(target)
        return manifest("7.0.0")

    monkeypatch.setattr(command, "build", build)
    assert "EVCE 7.0.0" in evce("release", "make", "--key", key, tmp_path)
    assert targets == [tmp_path / f"evce-{__version__}.evce-release"]


def test_a_release_tries_itself(data: Path) -> None:
    """SR-4: for the one that installs it."""
    (data / "releases").mkdir()
    assert json.loads(evce("release", "try", "--data", data))["version"] == __version__
