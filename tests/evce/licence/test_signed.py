"""Tests of signed licences."""

from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evce.licence import REFERENCES, LicenceError, read_licence, sign_licence
from tests.evce.licence.signing import KEY, MAC, PUBLIC, signed


def test_a_licence_says_what_it_gives_to_whom() -> None:
    """LIC-1: bound to the unique identifier, in any spelling of it."""
    text = sign_licence(KEY, "EDL", "02-42-AC-11-00-02", "Harbour Ltd", date(2026, 11, 23))
    read = read_licence(text, [PUBLIC])
    assert (read.reference, read.holder, read.issued_on) == (
        REFERENCES["EDL"],
        "Harbour Ltd",
        date(2026, 11, 23),
    )
    assert read.is_for(MAC)
    assert read.is_for(f" {MAC.upper()} ")
    assert not read.is_for("02:42:ac:11:00:03")


def test_blanks_and_line_ends_of_a_mail_do_no_harm() -> None:
    """LIC-2"""
    text = signed()
    assert read_licence(f" {text[:40]}\r\n{text[40:]}\n", [PUBLIC]) == read_licence(text, [PUBLIC])


def test_not_one_changed_character_is_believed() -> None:
    """LIC-1: whatever is changed, it is refused."""
    text = signed()
    for place in range(0, len(text), 7):
        other = "A" if text[place] != "A" else "B"
        with pytest.raises(LicenceError):
            read_licence(text[:place] + other + text[place + 1 :], [PUBLIC])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "begins with EVCE1"),
        ("EVCE1.a", "three parts"),
        ("EVCE1.!!!.a", "damaged"),
        ("x" * 5000, "begins with EVCE1"),
        (sign_licence(Ed25519PrivateKey.generate(), "EDL", MAC, "", date(2026, 1, 1)), "not the vendor's"),
    ],
)
def test_what_is_no_licence_is_told_why(text: str, words: str) -> None:
    """LIC-1, RELIABILITY 3"""
    with pytest.raises(LicenceError, match=words):
        read_licence(text, [PUBLIC])


def test_a_stranger_s_licence_is_no_licence_of_the_product() -> None:
    """LIC-1: the product trusts its own key, not that of a test."""
    with pytest.raises(LicenceError, match="signature"):
        read_licence(signed())


@pytest.mark.parametrize(
    ("reference", "identifier", "words"),
    [
        ("XXL", MAC, "reference='XXL': there are ESS, ESM"),
        ("open", MAC, "reference='open'"),
        ("EDS", "serial 7", "identifier='serial 7': a MAC address"),
    ],
)
def test_nothing_is_signed_that_there_cannot_be(reference: str, identifier: str, words: str) -> None:
    """LIC-1"""
    with pytest.raises(LicenceError, match=words):
        sign_licence(KEY, reference, identifier, "", date(2026, 1, 1))
