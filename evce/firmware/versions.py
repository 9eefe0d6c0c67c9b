"""The versions of stations' firmware as they are written in the field, and which of two is the older."""

import re
from dataclasses import dataclass
from itertools import zip_longest

__all__ = ["Version", "older", "read_version", "version_in"]

_BUILD = re.compile(r"v?(\d)(\d)(\d)(\d)(?:\s*-\s*(\d+))?(?:\s*\(r\d+\))?")
"""EVlink City, Parking and Smart Wallbox say 3300-9(r7) for build 9 of 3.3.0.0 (guide 2.4.2)."""
_DOTTED = re.compile(r"v?(\d+(?:\.\d+)+)(?:[-+_. ]*(rc|alpha|beta|pre|dev).*|[-+_ ](\d+)\b.*|[-+_ ].*)?")
_LETTER = re.compile(r"v(\d+)")
"""DC 24 kW says 22PRO017362 V013 (guide 1.1.2.1): a part number and the version."""
_IN_NAME = re.compile(r"(?<![\d.])\d+(?:\.\d+){1,5}|(?<![a-z\d])v\d{2,4}(?![\d])|(?<!\d)\d{4}-\d+\(r\d+\)")
_LONGEST = 50


@dataclass(frozen=True, slots=True)
class Version:
    """`parts` by weight. Different `scheme`s can't be compared; a `trial` comes before its release."""

    scheme: str
    parts: tuple[int, ...]
    trial: bool = False


def read_version(text: str) -> Version | None:
    """The version in a text such as 3.3.0.0.1, 01.00.00, 3300-9(r7) or 22PRO017362 V013, None in others."""
    plain = text.strip().lower()
    if not plain or len(plain) > _LONGEST:
        return None
    for part in (plain, plain.split()[-1]):
        if found := _BUILD.fullmatch(part):
            *digits, build = found.groups()
            return Version("dotted", tuple(int(digit) for digit in (*digits, build or "0")))
        if found := _DOTTED.fullmatch(part):
            numbers, trial, build = found.groups()
            parts = tuple(int(number) for number in (*numbers.split("."), *([build] if build else ())))
            return Version("dotted", parts, trial is not None)
        if found := _LETTER.fullmatch(part):
            return Version("letter", (int(found[1]),))
    return None


def older(one: str, other: str) -> bool | None:
    """Whether the first is older than the other; None where nobody can tell. Missing parts count as 0."""
    first, second = read_version(one), read_version(other)
    if first is None or second is None or first.scheme != second.scheme:
        return None
    for left, right in zip_longest(first.parts, second.parts, fillvalue=0):
        if left != right:
            return left < right
    return first.trial and not second.trial


def version_in(file_name: str) -> str:
    """The version that a file's name tells, empty where it tells none: evlink-3.4.0.0.1.bin."""
    found = _IN_NAME.search(file_name.lower())
    return "" if found is None else file_name[found.start() : found.end()]
