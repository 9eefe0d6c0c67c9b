"""A backup made and restored while EVCE runs, by its command line."""

import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.integration.process import Process
from tests.tools.backups.builders import PHRASE, cheap_keys
from tools.cli import main
from tools.control.client import control
from tools.data_folder import DataFolder

SITE = """
[site]
name = "Harbour"
[[zones]]
id = "main"
name = "Main"
maximum_a = 63
"""


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    processes: list[Process] = []

    def start(*arguments: str) -> Process:
        processes.append(Process(tmp_path, *arguments))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()


def test_a_running_site_goes_back_to_its_backup(
    launch: Callable[..., Process], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-1, SR-2: RELIABILITY invariants 13 and 19; a restore that fails leaves the site as it was."""
    cheap_keys(monkeypatch)
    site = tmp_path / "site.toml"
    site.write_text(SITE)
    phrase = tmp_path / "phrase"
    phrase.write_text(PHRASE)
    process = launch(str(site)).ready()

    def run(*arguments: str) -> str:
        given = [*arguments, "--data", str(process.data)]
        result = CliRunner().invoke(main, given)
        assert result.exit_code == 0, result.output
        return result.output

    def starts_anew() -> str:
        process.greeting = ""
        return process.ready().greeting

    secret = ("--pass-phrase-file", str(phrase))
    assert "holds Harbour" in run("backup", "make", str(tmp_path / "a.evce"), *secret)
    (tmp_path / "changed.toml").write_text(SITE.replace("Harbour", "Pier"))
    run("config", "apply", str(tmp_path / "changed.toml"), "--yes")
    with closing(sqlite3.connect(process.data / "evce.db")) as db:
        (opened,) = db.execute("SELECT value FROM meta WHERE key = 'opening'").fetchone()

    control(process.data, "restore_backup", folder="restore-nowhere", users=True, author="ann")
    assert "runs Pier" in starts_anew()
    assert "was not restored" in process.log.read_text()

    run("backup", "restore", str(tmp_path / "a.evce"), "--yes", *secret)
    assert "runs Harbour" in starts_anew()
    assert process.end(signal.SIGTERM)[0] == 0
    assert "Traceback" not in process.log.read_text()

    with DataFolder(process.data).read(datetime.now(UTC)) as store:
        told = [event.message for event in store.list_events(type_="audit")]
        assert any("the backup was not restored" in line for line in told)
        assert any("the backup of Harbour, made" in line for line in told)
        assert any("a backup was made: a.evce" in line for line in told)
    floor, opening = map(int, (process.data / "ids.floor").read_text().split())
    assert floor > 100_000
    assert opening > opened
