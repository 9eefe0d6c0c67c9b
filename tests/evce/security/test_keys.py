"""Passwords of stations: how they are written, sent and compared."""

import time

import pytest

from evce.security.keys import as_sent, hash_key, key_fits, read_key

KEY = bytes.fromhex("00FF" * 10)


@pytest.mark.parametrize("text", ["00ff" * 8, "00FF" * 10, "aB" * 18])
def test_a_key_is_32_to_40_hexadecimal_digits(text: str) -> None:
    """OC-7: AuthorizationKey of the security white paper."""
    assert read_key(text) == bytes.fromhex(text)


@pytest.mark.parametrize(
    "text", ["", "00ff" * 7, "00ff" * 11, "0" * 33, "x" * 32, "\u0660" * 32, "00 ff" * 8]
)
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    """OC-7."""
    with pytest.raises(ValueError, match="32 to 40 hexadecimal digits"):
        read_key(text)


@pytest.mark.parametrize(
    ("password", "key"),
    [
        (KEY, KEY),
        (KEY.hex().encode(), KEY),
        (KEY.hex().upper().encode(), KEY),
        (b"sixteen letters!", b"sixteen letters!"),
        (b"0123456789abcdef", b"0123456789abcdef"),  # 16 bytes that look like digits are a key by themselves
    ],
)
def test_stations_send_the_bytes_or_spell_them_out(password: bytes, key: bytes) -> None:
    """OC-7: TC_085 wants bytes; many stations send the digits that they were given."""
    assert as_sent(password) == key


def test_only_the_right_key_fits() -> None:
    """OC-7."""
    hashed = hash_key(KEY, b"salt" * 4)
    assert KEY.hex() not in hashed
    assert key_fits(KEY, hashed)
    assert not key_fits(KEY[:-1] + b"\0", hashed)
    assert hash_key(KEY, b"tlas" * 4) != hashed


@pytest.mark.parametrize("broken", ["", "scrypt$zz$00", "plain", "scrypt$00", "a$b$c$d"])
def test_a_hash_that_can_not_be_read_fits_nothing(broken: str) -> None:
    """OC-7."""
    assert not key_fits(b"x", broken)


def test_three_hundred_stations_can_come_back_within_a_minute() -> None:
    """OC-6: the hash takes less than a tenth of what a core has for it; 300 in 60 s are 200 ms each."""
    began = time.process_time()
    for _ in range(5):
        hash_key(KEY, b"salt" * 4)
    assert (time.process_time() - began) / 5 < 0.1
