"""Tests of the words by which one knows a secret."""

import pytest

from evce.secret_words import is_secret_option, names_a_secret


@pytest.mark.parametrize(
    "name",
    [
        "AuthorizationKey",
        "authorisation_key",
        "WebPassword",
        "wifiPasswd",
        "PASS_PHRASE",
        "passphrase",
        "PinCode",
        "SharedSecret",
        "PrivateKey",
        "session_token",
        "credentials",
        "cookie",
    ],
)
def test_what_holds_a_secret_is_known_by_its_name(name: str) -> None:
    """RELIABILITY 4: whichever station or field it is."""
    assert names_a_secret(name)
    assert is_secret_option(name)


@pytest.mark.parametrize(
    "name", ["password_hash", "hash", "hash_of", "private", "apiKey", "form_key", "authKey"]
)
def test_a_field_may_hold_one_under_more_names_than_an_option(name: str) -> None:
    """RELIABILITY 4"""
    assert names_a_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "HeartbeatInterval",
        "LocalAuthListEnabled",
        "AuthorizeRemoteTxRequests",
        "id_tag",
        "key",
        "passed",
        "pin",
    ],
)
def test_what_holds_none_is_shown(name: str) -> None:
    """An engineer sees what a station is set to."""
    assert not names_a_secret(name)
    assert not is_secret_option(name)
