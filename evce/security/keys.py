"""The password of a station (AuthorizationKey): how it is written, sent, hashed and compared."""

import hashlib
import hmac
import re
from typing import Final

__all__ = ["LONGEST_KEY", "SHORTEST_KEY", "as_sent", "hash_key", "key_fits", "read_key"]

SHORTEST_KEY: Final = 16
LONGEST_KEY: Final = 20
"""Bytes (security white paper, AuthorizationKey)."""

_HEX: Final = re.compile(rb"(?:[0-9A-Fa-f]{2}){16,20}")

_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**13, 8, 1
"""8 MiB and about 20 ms.

300 stations that all reconnect within 60 s take 6 s of one core, outside the interpreter's lock, and a key of
16 random bytes can't be guessed through any hash. The cost is there for keys that people made up. Argon2id
with the 64 MiB of the pages' passwords would take a minute of one core for the same storm.
"""


def read_key(text: str) -> bytes:
    """A key as people and ChangeConfiguration write it: 32 to 40 hexadecimal digits. Raises `ValueError`."""
    if _HEX.fullmatch(text.encode("ascii", "replace")) is None:
        raise ValueError(
            f"a key is {2 * SHORTEST_KEY} to {2 * LONGEST_KEY} hexadecimal digits ({SHORTEST_KEY} to "
            f"{LONGEST_KEY} bytes), not {len(text)} characters of another kind"
        )
    return bytes.fromhex(text)


def as_sent(password: bytes) -> bytes:
    """The key in a password of HTTP basic authentication.

    The white paper has its bytes sent; many stations send the hexadecimal digits that they were given. The
    two can't be taken for each other: what is spelled out is longer than any key.
    """
    return bytes.fromhex(password.decode()) if _HEX.fullmatch(password) else password


def hash_key(key: bytes, salt: bytes) -> str:
    """Hash a key for the database; `salt` is 16 random bytes."""
    digest = hashlib.scrypt(key, salt=salt, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P, dklen=32)
    return f"scrypt${salt.hex()}${digest.hex()}"


def key_fits(key: bytes, key_hash: str) -> bool:
    """Compare a key with its hash in constant time; False for a hash that can't be read."""
    try:
        _, salt, _ = key_hash.split("$")
        return hmac.compare_digest(hash_key(key, bytes.fromhex(salt)), key_hash)
    except ValueError:
        return False
