"""`evce user`."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evce.records import UserRecord
from evce.storage.store import Store
from tests.tools.commands.standin import standing_in
from tools.cli import main
from tools.data_folder import DataFolder
from web.passwords import Passwords

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = "Harbour-car-park-1"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path)
    with made.hold(), made.write(NOW) as store:
        store.save_user(UserRecord("olivia", "admin", "$argon2id$old", NOW))
    return made


def evce(folder: DataFolder, *arguments: str, typed: str = "") -> Result:
    command = ["user", *arguments, "--data", str(folder.path)]
    return CliRunner().invoke(main, command, input=typed, env={"COLUMNS": "100"})


def stored(folder: DataFolder) -> Store:
    return folder.read(NOW)


def test_users_are_a_table(folder: DataFolder) -> None:
    """US-2: login, role, created, last access."""
    result = evce(folder, "list")
    assert result.exit_code == 0
    for words in ("olivia", "admin", "2026-01-01 00:00 UTC", "never"):
        assert words in result.output


def test_a_lost_password_is_replaced_in_a_folder_that_nobody_runs(folder: DataFolder) -> None:
    """US-2: typed twice, and again until it is strong enough; the audit log tells."""
    result = evce(folder, "reset", "olivia", typed=f"weak\nweak\n{GOOD}\n{GOOD}\n")
    assert result.exit_code == 0
    assert "The password needs" in result.output
    assert GOOD not in result.output
    with stored(folder) as store:
        known = store.find_user("olivia")
        events = store.list_events(limit=10)
    assert known is not None
    assert Passwords().verify(known.password_hash, GOOD)
    assert (known.role, known.created_at) == ("admin", NOW)
    assert events[0].message == "user olivia has a new password"


def test_a_password_is_made_up_and_printed_once(folder: DataFolder) -> None:
    """US-1: it has every class of characters, and opens the login."""
    result = evce(folder, "reset", "olivia", "--generate")
    found = re.search(r"new password: (\S+)", result.output)
    assert found
    with stored(folder) as store:
        known = store.find_user("olivia")
    assert known is not None
    assert Passwords().verify(known.password_hash, found[1])


def test_a_running_daemon_is_asked(folder: DataFolder) -> None:
    """AC-3: one writer; the clear password stays here."""
    with folder.hold(), standing_in(folder.path, {"save_user": {"user": "olivia"}}) as asked:
        result = evce(folder, "reset", "olivia", typed=f"{GOOD}\n{GOOD}\n")
    assert (result.exit_code, asked[0]["login"], asked[0]["role"]) == (0, "olivia", "admin")
    assert Passwords().verify(asked[0]["password_hash"], GOOD)
    assert GOOD not in str(asked)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("reset", "nobody"), "there are olivia"),
        (("reset", "admin", "--create"), "may not be “admin”"),
    ],
)
def test_a_refusal_says_what_would_be_right(
    folder: DataFolder, arguments: tuple[str, ...], told: str
) -> None:
    """RELIABILITY §3: in words, and nothing is written."""
    result = evce(folder, *arguments, typed=f"{GOOD}\n{GOOD}\n")
    assert result.exit_code == 1
    assert told in result.output
    with stored(folder) as store:
        assert [user.login for user in store.users()] == ["olivia"]


def test_an_administrator_is_created_on_request(folder: DataFolder) -> None:
    """US-1: where nobody who knows a login is left."""
    assert evce(folder, "reset", "otto", "--create", typed=f"{GOOD}\n{GOOD}\n").exit_code == 0
    with stored(folder) as store:
        known = store.find_user("otto")
    assert known is not None
    assert known.role == "admin"
