"""The rules of logins follow the configuration."""

from evce.configuration.sections import WebSettings
from web.login_rules import LoginRules


def test_the_factory_values_are_those_of_a_document_that_says_nothing() -> None:
    """US-3: 600 s, 6 failures, 60 s."""
    rules = LoginRules(1.0, 1, 1.0)
    rules.follow(WebSettings())
    assert rules == LoginRules(600.0, 6, 60.0) == LoginRules()


def test_all_three_are_taken_over() -> None:
    """US-3"""
    rules = LoginRules()
    rules.follow(WebSettings(session_timeout_s=120, login_attempts=3, login_lock_s=300))
    assert rules == LoginRules(120.0, 3, 300.0)
