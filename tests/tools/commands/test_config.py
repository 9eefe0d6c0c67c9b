"""`evce config`."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evce.configuration.revisions import parse_json
from evce.configuration.toml_source import parse_toml
from evce.storage.audit_seals import AUDIT
from tools.cli import main
from tools.control.server import ControlServer
from tools.data_folder import DataFolder

NOW = datetime(2026, 3, 29, tzinfo=UTC)

Evce = Callable[..., Result]


def site(port: int) -> str:
    return f'[site]\nname = "Harbour"\n[web]\nport = {port}\n'


@pytest.fixture
def evce(tmp_path: Path) -> Evce:
    """Runs `evce config` on a data folder; site files `443.toml` and `444.toml` differ in the port."""
    for port in (443, 444):
        (tmp_path / f"{port}.toml").write_text(site(port))

    def run(command: str, *arguments: str, answer: str | None = None) -> Result:
        files = [
            str(tmp_path / argument) if argument.endswith(".toml") else argument for argument in arguments
        ]
        data = ["--data", str(tmp_path / "data")]
        return CliRunner().invoke(main, ["config", command, *data, *files], input=answer)

    return run


@pytest.fixture
def twice(evce: Evce) -> Evce:
    """The same, with two revisions in the folder."""
    assert evce("apply", "443.toml", "--yes", "--author", "ann").exit_code == 0
    assert evce("apply", "444.toml", "--yes", "--author", "bob", "--comment", "second port").exit_code == 0
    return evce


def test_the_first_site_file_is_revision_1(evce: Evce) -> None:
    """CF-1: each revision is kept with who and when."""
    result = evce("apply", "443.toml", "--author", "ann", answer="y\n")
    assert result.exit_code == 0
    assert result.output == (
        "Harbour is new\nPut this in force as revision 1? [y/N]: y\nrevision 1 is in force\n"
    )
    listed = evce("history").output.split()
    assert (listed[0], listed[3:]) == ("1", ["UTC", "ann", "from", "443.toml"])


def test_a_change_is_shown_and_asked_about_first(twice: Evce) -> None:
    """CF-1: a difference is shown first."""
    refused = twice("apply", "443.toml", answer="n\n")
    assert refused.exit_code == 1
    assert "  web.port: 444 → 443\nPut this in force as revision 3? [y/N]: n\n" in refused.output
    assert len(twice("history").output.splitlines()) == 2


def test_nothing_is_kept_where_nothing_changes(twice: Evce) -> None:
    result = twice("apply", "444.toml")
    assert (result.exit_code, result.output) == (0, "nothing differs\n")
    assert len(twice("history").output.splitlines()) == 2


def test_going_back_is_a_new_revision(twice: Evce) -> None:
    """CF-1: rolled back in one step."""
    result = twice("rollback", "1", "--yes", "--author", "eve")
    assert result.output == "  web.port: 444 → 443\nrevision 3 is in force\n"
    lines = twice("history").output.splitlines()
    assert [line.split()[0] for line in lines] == ["3", "2", "1"]
    assert lines[0].endswith("eve  back to revision 1")
    assert lines[1].endswith("bob  second port")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("1", "2"), "  web.port: 443 → 444\n"),
        (("2", "1"), "  web.port: 444 → 443\n"),
        (("1",), "  web.port: 444 → 443\n"),
        (("443.toml",), "  web.port: 444 → 443\n"),
        (("443.toml", "2"), "  web.port: 443 → 444\n"),
        (("444.toml", "2"), "nothing differs\n"),
    ],
)
def test_revisions_and_files_are_compared(twice: Evce, arguments: tuple[str, ...], expected: str) -> None:
    """CF-1: the difference between any two."""
    result = twice("diff", *arguments)
    assert (result.exit_code, result.output) == (0, expected)


def test_what_is_shown_can_be_applied_again(twice: Evce) -> None:
    shown = twice("show")
    assert shown.output.startswith("# Revision 2, ")
    assert parse_toml(shown.output) == parse_toml(site(444))
    assert parse_toml(twice("show", "--revision", "1").output).web.port == 443
    assert json.loads(twice("show", "--format", "json").output)["web"]["port"] == 444


@pytest.mark.parametrize(
    ("command", "arguments", "told"),
    [
        ("rollback", ("7", "--yes"), "no revision 7: there are 1 to 2"),
        ("show", ("--revision", "7"), "no revision 7: there are 1 to 2"),
        ("diff", ("7",), "no revision 7"),
        ("diff", ("elsewhere",), "elsewhere: neither the number of a revision nor a site file"),
        ("apply", ("443.toml", "--yes", "--based-on", "1"), "revision 2 is in force by now"),
    ],
)
def test_what_can_not_be_done_is_told_and_changes_nothing(
    twice: Evce, command: str, arguments: tuple[str, ...], told: str
) -> None:
    """RELIABILITY §2: concurrent edits refused; an unknown revision named."""
    result = twice(command, *arguments)
    assert result.exit_code == 1
    assert told in result.stderr
    assert len(twice("history").output.splitlines()) == 2


def test_a_bad_file_is_not_applied(evce: Evce, tmp_path: Path) -> None:
    """RELIABILITY invariant 19: old or new, never mixed."""
    (tmp_path / "443.toml").write_text('[site]\nname = ""\n')
    result = evce("apply", "443.toml", "--yes")
    assert (result.exit_code, "line 2: site.name" in result.stderr) == (1, True)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", ["show", "history"])
def test_a_folder_without_a_site_is_told(evce: Evce, command: str) -> None:
    result = evce(command)
    assert (result.exit_code, "holds no site" in result.stderr) == (1, True)


def test_a_database_without_a_revision_says_so(evce: Evce, tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    with folder.hold():
        folder.write(NOW).close()
    assert evce("history").output == "no revision yet\n"
    assert "apply a site file first" in evce("show").stderr


def test_a_running_daemon_is_asked_to_change_its_site(twice: Evce, tmp_path: Path) -> None:
    """CF-1: every change applies live; the daemon is the only one that changes a site while it runs."""
    asked: list[Mapping[str, Any]] = []

    def apply(request: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(request)
        return {"revision": 3}

    server = ControlServer(tmp_path / "data", {"apply": apply})
    with DataFolder(tmp_path / "data").hold():
        server.start()
        try:
            applied = twice("apply", "443.toml", "--yes", "--author", "eve")
        finally:
            server.stop()
    assert applied.output == "  web.port: 444 → 443\nrevision 3 is in force\n"
    (request,) = asked
    assert (request["author"], request["comment"], request["based_on"]) == ("eve", "from 443.toml", 2)
    assert parse_json(request["document"]) == parse_toml(site(443))


def test_a_folder_that_is_held_by_something_that_does_not_answer_stays_as_it_is(
    twice: Evce, tmp_path: Path
) -> None:
    with DataFolder(tmp_path / "data").hold():
        refused = twice("apply", "443.toml", "--yes")
        assert (refused.exit_code, "no daemon answers" in refused.stderr) == (1, True)
        assert twice("show").exit_code == 0


def test_a_change_is_in_the_audit_log(twice: Evce, tmp_path: Path) -> None:
    """LG-1: RELIABILITY invariant 20, every admin change is audited."""
    with DataFolder(tmp_path / "data").read(NOW) as store:
        lines = store.list_events(type_=AUDIT)
    assert [(line.author, line.message) for line in lines] == [
        ("bob", "configuration revision 2: second port"),
        ("ann", "configuration revision 1: from 443.toml"),
    ]


UNPROVEN = """\
[[zones]]
id = "main"
name = "Main"
maximum_a = 100
mode = "dynamic"
meter = "m"
degraded_setpoint_a = 20
building_maximum_a = 85
[[stations]]
box_identity = "A"
name = "A"
zone = "main"
connectors = [{ wiring = "TRI123" }]
[[meters]]
id = "m"
name = "M"
role = "zone"
model = "pm5320"
host = "192.168.0.40"
"""


def test_a_fuse_that_need_not_hold_must_be_accepted_by_name(evce: Evce, tmp_path: Path) -> None:
    """CF-1, DG-6: refused with the reason; once accepted, the history says what and by whom."""
    (tmp_path / "443.toml").write_text(site(443) + UNPROVEN)
    refused = evce("apply", "443.toml", "--yes")
    assert refused.exit_code == 1
    assert "5 A too much, when meter m is lost" in refused.stderr
    assert "--accept-unproven" in refused.stderr
    applied = evce("apply", "443.toml", "--yes", "--accept-unproven", "--author", "ann")
    assert applied.exit_code == 0
    assert "Not shown, whatever communication is lost:\n  main  does not hold on L1" in applied.output
    assert evce("history").output.rstrip().endswith("ann  from 443.toml (accepted unproven: main by 5.0 A)")
    assert "  main  does not hold" in evce("diff", "444.toml", "1").output
