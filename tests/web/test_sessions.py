"""Tests of the browsers' sessions."""

import hashlib

import pytest

from actors.messages import SaveWebSession
from tests.web.conftest import Clock
from tests.web.fake_site import FakeSite
from web.sessions import SessionTable
from web.settings import WebSettings
from web.site import Site


@pytest.fixture
def table(site: FakeSite, settings: WebSettings) -> SessionTable:
    return SessionTable(Site(site.ask, site.tell, 1.0), settings)


def test_only_the_hash_of_a_token_is_kept(table: SessionTable, site: FakeSite) -> None:
    """RELIABILITY 4.13: random tokens; the disk never sees one."""
    token, other = table.begin("olivia"), table.begin("olivia")
    assert token != other
    assert len(token) >= 43
    assert hashlib.sha256(token.encode()).hexdigest() in site.web_sessions
    assert token not in repr(site.told)


def test_a_session_ends_after_ten_idle_minutes(table: SessionTable, clock: Clock) -> None:
    """US-3: 600 s; each use counts anew."""
    token = table.begin("olivia")
    for _ in range(3):
        clock.advance(599)
        assert table.find(token) is not None
    clock.advance(601)
    assert table.find(token) is None


def test_another_time_out_counts_for_the_logins_that_stand(
    table: SessionTable, settings: WebSettings, clock: Clock
) -> None:
    """US-3: configurable."""
    token = table.begin("olivia")
    settings.login.idle = 60.0
    clock.advance(60)
    assert table.find(token) is not None
    clock.advance(61)
    assert table.find(token) is None


def test_the_page_s_own_refreshes_are_no_use(table: SessionTable, clock: Clock) -> None:
    """US-3: a dashboard that refreshes itself is idle all the same."""
    token = table.begin("olivia")
    for _ in range(6):
        clock.advance(100)
        assert table.find(token, touch=False) is not None
    clock.advance(1)
    assert table.find(token, touch=False) is None


def test_a_session_ends_after_twelve_hours_whatever_happens(table: SessionTable, clock: Clock) -> None:
    """RELIABILITY 4.14: absolute time-out."""
    token = table.begin("olivia")
    for _ in range(86):
        clock.advance(500)
        assert table.find(token) is not None
    clock.advance(500)
    assert table.find(token) is None


def test_a_revoked_session_is_gone_here_and_on_disk(table: SessionTable, site: FakeSite) -> None:
    """US-3: logout counts at once, even if the recorder's old answer were still on its way."""
    token = table.begin("olivia")
    kept = dict(site.web_sessions)
    table.revoke(token)
    assert site.web_sessions == {}
    site.web_sessions.update(kept)
    assert table.find(token) is None


def test_all_sessions_of_a_user_can_be_revoked(table: SessionTable) -> None:
    """RELIABILITY 4.9: as a changed password does."""
    mine, hers = table.begin("olivia"), table.begin("ursula")
    table.revoke_login("olivia")
    assert table.find(mine) is None
    assert table.find(hers) is not None


def test_a_restart_logs_nobody_out(table: SessionTable, site: FakeSite, settings: WebSettings) -> None:
    """AC-3: sessions come back from the recorder."""
    token = table.begin("olivia")
    after = SessionTable(Site(site.ask, site.tell, 1.0), settings)
    found = after.find(token)
    assert found is not None
    assert found.login == "olivia"


def test_the_last_use_is_written_seldom(table: SessionTable, site: FakeSite, clock: Clock) -> None:
    """Edge flash: a click is not a write."""
    token = table.begin("olivia")
    for _ in range(60):
        clock.advance(1)
        table.find(token)
    saved = [message for _, message in site.told if isinstance(message, SaveWebSession)]
    assert len(saved) <= 3


def test_an_unknown_token_is_nobody(table: SessionTable) -> None:
    """RELIABILITY 4.13: nothing but a token of the table opens a session."""
    assert table.find("x" * 43) is None


def test_a_password_changed_elsewhere_ends_the_session(table: SessionTable) -> None:
    """RELIABILITY 4.9: also from the command line, which this process only sees as a new hash."""
    token = table.begin("ann")
    assert table.still_fits(token, "$old")
    assert table.still_fits(token, "$old")
    assert not table.still_fits(token, "$new")
