"""The two sites, made once: each test gets a copy."""

import shutil
from pathlib import Path

import pytest

from tests.tools.backups.builders import LATER, PHRASE, back_up, cheap_keys, fill
from tools.backups.unpacking import unpack
from tools.data_folder import DataFolder


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_keys(monkeypatch)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`old` and `new` are data folders, `site.evce` is a backup of the new one, `restore-1` its content."""
    folder = tmp_path_factory.mktemp("sites")
    with pytest.MonkeyPatch.context() as patch:
        cheap_keys(patch)
        fill(DataFolder(folder / "old"), "old", sessions=5)
        back_up(fill(DataFolder(folder / "new"), "new"), folder / "site.evce")
    unpack(folder / "site.evce", PHRASE, folder / "restore-1", LATER)
    return folder


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    """A backup of the new site."""
    return Path(shutil.copyfile(made / "site.evce", tmp_path / "site.evce"))


@pytest.fixture
def old(made: Path, tmp_path: Path) -> DataFolder:
    """The old site."""
    return DataFolder(Path(shutil.copytree(made / "old", tmp_path / "data")))


@pytest.fixture
def staged(made: Path, old: DataFolder) -> Path:
    """The new site unpacked beside the old one, as by the daemon that holds the folder."""
    return Path(shutil.copytree(made / "restore-1", old.path / "restore-1"))
