"""Tests of installing a release: with a real virtual environment, and an invented EVCE in it."""

import platform
import shutil
from collections import namedtuple
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evce import __version__, vendor
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision
from evce.errors import EvceError
from evce.release.package import ReleaseRefusedError
from evce.release.shelf import ReleaseShelf
from evce.storage import open_store
from evce.storage.migration import HEAD
from tests.evce.licence.signing import PUBLIC
from tests.evce.release.packages import made
from tests.tools.releases.wheels import wheel
from tools.commands.revision_database import RevisionDatabase
from tools.releases.installing import check, install, try_copy

AT = datetime(2026, 11, 23, tzinfo=UTC)
PYTHON = ".".join(platform.python_version_tuple()[:2])
MACHINE = platform.machine()


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "PUBLIC_KEYS", (PUBLIC,))


def package(folder: Path, version: str = "7.0.0", **wheels: str) -> Path:
    return made(folder, version, wheel(version, **wheels), PYTHON, MACHINE)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    with open_store(folder / "evce.db", AT) as store:
        document = SiteDocument.parse({"site": {"name": "Harbour"}})
        RevisionDatabase(store).append(next_revision(None, document, author="", comment="", now=AT))
    return folder


@pytest.mark.timeout(120)
def test_a_release_is_installed_beside_what_runs(tmp_path: Path, data: Path) -> None:
    """SR-4: complete, with its progress, its program tried; it doesn't run yet."""
    steps: list[tuple[float, str]] = []
    found = install(package(tmp_path), data, lambda done, step: steps.append((done, step)))
    assert found.program.is_file()
    assert found.python.exists()
    assert not (found.folder / "wheels").exists()
    assert [one.manifest.version for one in ReleaseShelf(data).installed()] == ["7.0.0"]
    assert ReleaseShelf(data).course().to_run == ""
    shares = [round(done, 6) for done, _ in steps]
    assert shares == sorted(shares)
    assert steps[-2][1] == "trying it on a copy of the site"


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("tries", "words"),
    [
        ("raise SystemExit('its tables are newer')", "can't run this site: its tables are newer"),
        ("pass", "says nothing of itself"),
        ('print(\'{"version": "6.6.6"}\')', "says that it is 6.6.6"),
    ],
)
def test_what_can_t_run_this_site_leaves_nothing(tmp_path: Path, data: Path, tries: str, words: str) -> None:
    """SR-4"""
    with pytest.raises(ReleaseRefusedError, match=words):
        install(package(tmp_path, tries=tries), data)
    assert not (data / "releases" / "7.0.0").exists()


@pytest.mark.timeout(120)
def test_wheels_that_pip_refuses_leave_nothing(tmp_path: Path, data: Path) -> None:
    """SR-4: with pip's own words."""
    broken = made(tmp_path, "7.0.0", {"evce-7.0.0-py3-none-any.whl": b"no wheel"}, PYTHON, MACHINE)
    with pytest.raises(ReleaseRefusedError, match=r"packages can't be installed: .*[Ww]heel"):
        install(broken, data)
    assert not (data / "releases" / "7.0.0").exists()


@pytest.mark.parametrize(
    ("python", "machine", "words"),
    [("3.4", MACHINE, "for Python 3.4"), (PYTHON, "vax", "for vax, and this machine")],
)
def test_a_release_for_another_machine_is_refused(
    tmp_path: Path, python: str, machine: str, words: str
) -> None:
    """SR-4"""
    with pytest.raises(ReleaseRefusedError, match=words):
        check(made(tmp_path, python=python, machine=machine))


def test_a_stranger_s_release_is_refused(tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SR-4: before anything is written."""
    monkeypatch.undo()
    with pytest.raises(ReleaseRefusedError, match="not the vendor's"):
        install(package(tmp_path), data)
    assert not (data / "releases").exists()


def test_a_full_disk_is_told_before_anything_is_written(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-4, RELIABILITY 3"""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 100 << 20))
    with pytest.raises(ReleaseRefusedError, match=r"no room for it: 2.. MiB"):
        install(package(tmp_path), data)


def test_a_release_tries_itself_on_a_copy(data: Path) -> None:
    """SR-4: the site's own database is as it was; nothing of the copy stays."""
    (data / "releases").mkdir()
    before = (data / "evce.db").read_bytes()
    told = try_copy(data, AT)
    assert (told["version"], told["schema"]) == (__version__, HEAD)
    assert (data / "evce.db").read_bytes() == before
    assert list((data / "releases").iterdir()) == []


def test_a_release_that_can_t_read_the_site_says_so(data: Path) -> None:
    """SR-4: as one that is older than the tables."""
    (data / "releases").mkdir()
    import sqlite3

    connection = sqlite3.connect(data / "evce.db")
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(EvceError, match="9999"):
        try_copy(data, AT)
