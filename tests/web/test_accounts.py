"""Tests of users and the admin of the first start."""

from dataclasses import replace

import pytest

from tests.web.fake_site import FakeSite
from web import accounts
from web.accounts import Accounts, Role, ensure_admin
from web.passwords import Passwords, password_faults
from web.site import NoAnswerError, Site


def test_the_first_start_makes_an_admin_with_a_strong_password_and_tells_it_once(
    passwords: Passwords,
) -> None:
    """US-1: generated, good enough by its own rules, and gone at the second start."""
    site = FakeSite()
    made = ensure_admin(site.ask, site.tell, "olivia", passwords=passwords)
    assert made is not None
    assert password_faults(made.password) == []
    assert site.users["olivia"].role == Role.ADMIN
    assert made.password not in site.users["olivia"].password_hash
    assert ensure_admin(site.ask, site.tell, "olivia", passwords=passwords) is None


def test_an_admin_of_another_name_is_enough(site: FakeSite, passwords: Passwords) -> None:
    """US-1: nobody is added to a site that has an admin."""
    assert ensure_admin(site.ask, site.tell, "second", passwords=passwords) is None
    assert "second" not in site.users


@pytest.mark.parametrize(
    ("login", "password", "word"),
    [
        ("admin", None, "may not be"),
        ("ADMIN", None, "may not be"),
        ("", None, "printable"),
        (" olivia", None, "printable"),
        ("o" * 51, None, "printable"),
        ("olivia", "Short-1", "characters"),
        ("olivia", "all-lower-case-1", "upper-case"),
    ],
)
def test_an_unsuitable_login_or_password_is_refused_with_its_reason(
    login: str, password: str | None, word: str
) -> None:
    """US-1: nothing is written then."""
    site = FakeSite()
    with pytest.raises(ValueError, match=word):
        ensure_admin(site.ask, site.tell, login, password)
    assert site.told == []


def test_a_recorder_that_loses_the_user_is_an_error(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """US-1: no credentials are shown that nobody could log in with."""
    site = FakeSite()
    monkeypatch.setattr("web.accounts.Event.wait", lambda *_: None)
    with pytest.raises(RuntimeError, match="did not keep"):
        ensure_admin(site.ask, lambda *_: True, "olivia", passwords=passwords)


def test_a_right_password_finds_the_user_and_notes_the_access(site: FakeSite, passwords: Passwords) -> None:
    """US-2: last access."""
    found = Accounts(Site(site.ask, site.tell, 1.0), passwords).check(
        "olivia", "Harbour-car-park-1", site.now()
    )
    assert found is not None
    assert site.users["olivia"].last_access_at == site.now()


@pytest.mark.parametrize(
    ("login", "password"),
    [("olivia", "wrong"), ("nobody", "Harbour-car-park-1"), ("wanda", "Harbour-car-park-1")],
)
def test_nobody_else_gets_in(site: FakeSite, passwords: Passwords, login: str, password: str) -> None:
    """US-1: a wrong password, an unknown login, the role of the web services."""
    assert Accounts(Site(site.ask, site.tell, 1.0), passwords).check(login, password, site.now()) is None


def test_who_is_known_stays_known_while_the_recorder_restarts(
    site: FakeSite, passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-2: the dashboard can be read while the recorder is down; a stranger is not let in."""
    known = Accounts(Site(site.ask, site.tell, 1.0), passwords)
    assert known.find("olivia") is not None
    monkeypatch.setattr(accounts, "_CACHED", 0.0)
    site.silent.add("recorder")
    assert known.find("olivia") is not None
    with pytest.raises(NoAnswerError):
        known.find("ursula")


def test_everybody_is_listed_and_a_change_counts_at_once(site: FakeSite, passwords: Passwords) -> None:
    """US-2: without waiting for what is remembered."""
    accounts = Accounts(Site(site.ask, site.tell, 1.0), passwords)
    assert [user.login for user in accounts.everybody()] == ["olivia", "ursula", "wanda"]
    found = accounts.find("ursula")
    assert found is not None
    accounts.save(replace(found, role=Role.ADMIN))
    changed = accounts.find("ursula")
    assert changed is not None
    assert changed.role == Role.ADMIN
    accounts.delete("ursula")
    assert accounts.find("ursula") is None
    assert passwords.verify(accounts.hash("x"), "x")
