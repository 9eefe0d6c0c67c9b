"""Tests of asking for the acting administrator's own password."""

from tests.web.conftest import PASSWORD, Enter


def test_a_wrong_password_is_counted_by_the_lock_of_the_login_page(enter: Enter) -> None:
    """US-2: nobody guesses it on a screen left open."""
    admin = enter("olivia")
    form = {"role": "admin", "own_login": "olivia", "own_password": "wrong"}
    texts = [admin.post("/users/edit?login=ursula", data=form).text for _ in range(7)]
    assert "This is not your password." in texts[0]
    assert "Too many failed logins." in texts[-1]
    right = form | {"own_password": PASSWORD}
    assert "Too many failed logins." in admin.post("/users/edit?login=ursula", data=right).text
