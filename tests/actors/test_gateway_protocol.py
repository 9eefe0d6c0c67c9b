"""What the gateway decides without a socket."""

import base64

import pytest

from actors.gateway_protocol import (
    Credentials,
    Lockout,
    identity_of,
    offers_ocpp,
    read_basic_auth,
)


@pytest.mark.parametrize(
    ("target", "identity"),
    [
        ("/ocpp/CP-01", "CP-01"),
        ("/ocpp/CP-01/", "CP-01"),
        ("/ocpp/CP-01?x=1", "CP-01"),
        ("/ocpp/CP%2001", "CP 01"),
        ("/ocpp/", None),
        ("/ocpp", None),
        ("/", None),
        ("/other/CP-01", None),
        ("/ocpp/a/b", None),
        ("/ocpp/a%2Fb", None),
        ("/ocpp/a%00", None),
        ("/ocpp/" + "x" * 256, None),
    ],
)
def test_the_identity_is_the_last_part_of_the_path(target: str, identity: str | None) -> None:
    """OC-1."""
    assert identity_of(target) == identity


@pytest.mark.parametrize(
    ("headers", "offered"),
    [
        (["ocpp1.6"], True),
        (["ocpp2.0.1, ocpp1.6"], True),
        (["ocpp2.0.1"], False),
        ([], False),
        (["ocpp1.6j"], False),
    ],
)
def test_the_subprotocol_is_found_among_the_offers(headers: list[str], offered: bool) -> None:
    """OC-1."""
    assert offers_ocpp(headers) is offered


RAW = b"\xff\0:" + b"\xfe" * 17
"""A key of any bytes, as the white paper has it sent."""


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "credentials"),
    [
        (basic("CP-01:secret"), Credentials("CP-01", b"secret")),
        (basic("CP-01:a:b"), Credentials("CP-01", b"a:b")),
        (basic("CP-01:" + "0F" * 16), Credentials("CP-01", b"\x0f" * 16)),
        ("Basic " + base64.b64encode(b"CP-01:\xff\0:" + b"\xfe" * 17).decode(), Credentials("CP-01", RAW)),
        (basic("CP-01"), None),
        ("Bearer abc", None),
        ("Basic ###", None),
        ("Basic /w==", None),
        (None, None),
    ],
)
def test_credentials_are_read_from_the_header(header: str | None, credentials: Credentials | None) -> None:
    """OC-7."""
    assert read_basic_auth(header) == credentials


def test_six_wrong_keys_in_a_minute_lock_that_source_out() -> None:
    """US-3: per identity and source, so that nobody can lock others out."""
    lockout = Lockout()
    for n in range(6):
        assert not lockout.locked("CP-01", "192.0.2.1", float(n))
        lockout.failed("CP-01", "192.0.2.1", float(n))
    assert lockout.locked("CP-01", "192.0.2.1", 6.0)
    assert not lockout.locked("CP-01", "192.0.2.2", 6.0)
    assert not lockout.locked("CP-02", "192.0.2.1", 6.0)
    assert not lockout.locked("CP-01", "192.0.2.1", 61.0)


def test_the_table_of_failures_is_bounded() -> None:
    lockout = Lockout(sources=10)
    for n in range(100):
        lockout.failed(f"CP-{n}", "192.0.2.1", 0.0)
    assert len(lockout._failures) == 10
