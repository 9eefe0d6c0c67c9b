"""Revisions in a row, users, and browser sessions that end with their user."""

from dataclasses import replace

import pytest

from evce.errors import RevisionConflictError
from evce.records import RevisionRecord, UserRecord, WebSessionRecord
from evce.storage import Store
from tests.evce.storage.builders import NOW, later

ANN = UserRecord("ann", "administrator", "$argon2id$a", NOW)
BOB = UserRecord("bob", "user", "$argon2id$b", NOW)


def revision(number: int) -> RevisionRecord:
    return RevisionRecord(number, f'{{"number": {number}}}', "ann", "because", later(number))


def session(token: str, login: str = "ann", used: float = 0) -> WebSessionRecord:
    return WebSessionRecord(token, login, NOW, later(used))


def test_revisions_are_kept_in_a_row(store: Store) -> None:
    assert store.newest_revision() is None
    store.append_revision(revision(1))
    store.append_revision(revision(2))
    assert store.revisions() == [revision(2), revision(1)]
    assert (store.newest_revision(), store.revision(1), store.revision(3)) == (revision(2), revision(1), None)


@pytest.mark.parametrize("number", [0, 1, 3, -1])
def test_a_revision_out_of_the_row_is_refused(store: Store, number: int) -> None:
    store.append_revision(revision(1))
    with pytest.raises(RevisionConflictError, match="it would have to be 2"):
        store.append_revision(revision(number))
    assert store.revisions() == [revision(1)]


def test_users_are_kept_and_changed(store: Store) -> None:
    store.save_user(BOB)
    store.save_user(ANN)
    store.save_user(replace(BOB, last_access_at=later(5)))
    assert store.users() == [ANN, replace(BOB, last_access_at=later(5))]
    assert (store.find_user("ann"), store.find_user("Ann")) == (ANN, None)


def test_a_browser_session_is_kept_renewed_and_ended(store: Store) -> None:
    store.save_user(ANN)
    assert store.save_web_session(session("t1"))
    assert store.save_web_session(session("t1", used=60))
    assert store.find_web_session("t1") == session("t1", used=60)
    assert store.delete_web_session("t1")
    assert not store.delete_web_session("t1")
    assert store.find_web_session("t1") is None


def test_a_user_takes_the_browser_sessions_along(store: Store) -> None:
    store.save_user(ANN)
    store.save_web_session(session("t1"))
    assert store.delete_user("ann")
    assert not store.delete_user("ann")
    assert store.find_web_session("t1") is None
    assert not store.save_web_session(session("t2"))
    assert store.find_web_session("t2") is None


@pytest.mark.parametrize(("user", "kept"), [(replace(ANN, password_hash="new"), False), (ANN, True)])
def test_only_a_new_password_ends_the_browser_sessions(store: Store, user: UserRecord, kept: bool) -> None:
    store.save_user(ANN)
    store.save_web_session(session("t1"))
    store.save_user(replace(user, last_access_at=NOW))
    assert (store.find_web_session("t1") is not None) is kept


@pytest.mark.parametrize(
    ("which", "left"),
    [
        ({}, []),
        ({"login": "ann"}, ["b1"]),
        ({"last_used_before": later(50)}, ["a2", "b1"]),
        ({"login": "ann", "last_used_before": later(500)}, ["b1"]),
    ],
)
def test_browser_sessions_are_ended_together(store: Store, which: dict[str, object], left: list[str]) -> None:
    store.save_user(ANN)
    store.save_user(BOB)
    for record in (session("a1", used=10), session("a2", used=100), session("b1", "bob", used=100)):
        store.save_web_session(record)
    store.delete_web_sessions(**which)  # type: ignore[arg-type]
    assert [token for token in ("a1", "a2", "b1") if store.find_web_session(token)] == left
