"""Tests of the web interface's settings."""

from web.login_rules import LoginRules
from web.settings import WebSettings


def test_the_factory_values_are_those_of_the_specification() -> None:
    """US-3: 600 s idle, 6 failures, 60 s; RELIABILITY 4.14: 12 h."""
    factory = WebSettings()
    assert (factory.login, factory.absolute_timeout) == (LoginRules(600, 6, 60), 43200)


def test_the_secret_is_random_and_not_shown() -> None:
    """RELIABILITY 4.22: a log line with the settings gives nothing away."""
    one, other = WebSettings(), WebSettings()
    assert one.secret_key != other.secret_key
    assert len(one.secret_key) == 32
    assert "secret" not in repr(one)


def test_the_clock_is_aware_of_its_zone() -> None:
    """Time is UTC inside."""
    assert WebSettings().now().utcoffset() is not None
