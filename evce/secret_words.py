"""Words by which one knows that something is a secret, for all that shows, keeps or reports what it finds."""

import re
from typing import Final

__all__ = ["TELLING_WORDS", "is_secret_option", "names_a_secret"]

TELLING_WORDS: Final = (
    r"pass_?(?:word|wd|phrase)|secret|token|credential|cookie|authori[sz]ation_?key|private_?key|pin_?code"
)
"""A regular expression, whatever the case."""

_OPTION = re.compile(TELLING_WORDS, re.IGNORECASE)
_NAME = re.compile(
    rf"{TELLING_WORDS}|_hash|hash_|^hash$|private|(?:api|auth|form|signing)_?key", re.IGNORECASE
)


def names_a_secret(name: str) -> bool:
    """Whether a field of this name holds one."""
    return _NAME.search(name) is not None


def is_secret_option(key: str) -> bool:
    """Whether a station's configuration key holds one, as AuthorizationKey does (OCPP 1.6 security)."""
    return _OPTION.search(key) is not None
