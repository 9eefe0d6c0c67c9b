"""`evce backup`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.tools.backups.builders import NOW, PHRASE, cheap_keys, fill, site_of
from tools.cli import main
from tools.control.server import ControlServer
from tools.data_folder import DataFolder


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_keys(monkeypatch)


@pytest.fixture
def phrase(tmp_path: Path) -> str:
    (tmp_path / "phrase").write_text(f"{PHRASE}\n")
    return str(tmp_path / "phrase")


def run(*arguments: object, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["backup", *(str(one) for one in arguments)], input=answer)


def test_a_site_is_saved_checked_and_restored(tmp_path: Path, phrase: str) -> None:
    """SR-1, SR-2: while nothing runs; the pass phrase from a file, or asked for."""
    folder = fill(DataFolder(tmp_path / "data"), "harbour", sessions=1)
    file = tmp_path / "site.evce"
    made = run("make", file, "--data", folder.path, answer=f"{PHRASE}\n{PHRASE}\n")
    assert (made.exit_code, "holds harbour, made " in made.output) == (0, True), made.output
    assert "/etc/ssl/certs/ca.pem" in made.output
    assert PHRASE not in made.output
    with folder.read(NOW) as store:
        assert store.list_events(type_="audit")[0].message == "a backup was made: site.evce"
    checked = run("check", file, "--pass-phrase-file", phrase)
    assert (checked.exit_code, "is sound. It holds harbour" in checked.output) == (0, True)
    (folder.path / "operator.txt").write_text("changed")
    declined = run("restore", file, "--data", folder.path, "--pass-phrase-file", phrase, answer="n\n")
    assert (declined.exit_code, "will be lost" in declined.output) == (1, True)
    assert site_of(folder)["operator"] == "changed"
    assert not list(folder.path.glob("restore-*"))
    restored = run("restore", file, "--data", folder.path, "--pass-phrase-file", phrase, "--yes")
    assert restored.exit_code == 0, restored.output
    assert site_of(folder)["operator"] == "key of harbour"


def test_a_running_daemon_is_told(tmp_path: Path, phrase: str) -> None:
    """SR-1, SR-2: it alone puts the backup in place."""
    folder = fill(DataFolder(tmp_path / "data"), "harbour", sessions=0)
    asked: list[dict[str, object]] = []

    def deed(request: object) -> dict[str, object]:
        asked.append(dict(request))  # type: ignore[call-overload]
        return {}

    server = ControlServer(folder.path, {"restore_backup": deed, "note_backup": deed})
    server.start()
    try:
        with folder.hold():
            file = tmp_path / "site.evce"
            arguments = ("--data", folder.path, "--pass-phrase-file", phrase)
            assert run("make", file, *arguments).exit_code == 0
            told = run("restore", file, "--without-users", "--yes", *arguments)
            assert (told.exit_code, "EVCE starts anew" in told.output) == (0, True), told.output
    finally:
        server.stop()
    assert [request["do"] for request in asked] == ["note_backup", "restore_backup"]
    assert asked[1]["users"] is False
    assert (folder.path / str(asked[1]["folder"]) / "new" / "evce.db").is_file()


@pytest.mark.parametrize(
    ("content", "says"),
    [("idTag;comment", "is no backup of EVCE"), ("EVCE-BK\n", "end is missing")],
)
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, phrase: str, content: str, says: str) -> None:
    """SR-2: in words, without a traceback; a program gets the name of the reason."""
    file, data = tmp_path / "site.evce", tmp_path / "data"
    file.write_text(content)
    data.mkdir()
    for arguments in (("check", file), ("restore", file, "--data", data, "--yes")):
        refused = run(*arguments, "--pass-phrase-file", phrase)
        assert (refused.exit_code, says in refused.output) == (1, True)
        assert "Traceback" not in refused.output
    assert not (data / "evce.db").exists()
    said = run("check", file, "--pass-phrase-file", phrase, "--machine")
    assert json.loads(said.output.splitlines()[-1])["refused"] in ("foreign", "truncated")


def test_a_weak_pass_phrase_makes_no_backup(tmp_path: Path) -> None:
    """SR-1."""
    folder = fill(DataFolder(tmp_path / "data"), "harbour", sessions=0)
    refused = run("make", tmp_path / "x.evce", "--data", folder.path, answer="short\nshort\n")
    assert (refused.exit_code, "pass phrase has 5 characters" in refused.output) == (1, True)
    assert not (tmp_path / "x.evce").exists()
