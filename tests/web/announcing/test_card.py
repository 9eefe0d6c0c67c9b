"""One description, whichever the protocol."""

import pytest

from web.announcing.card import Card


def card(name: str, identifier: str = "02:00:5e:10:1a:2b") -> Card:
    return Card(name, identifier, "1.0", 8443, ("192.0.2.7",))


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("Harbour car park", "harbour-car-park-1a2b"),
        ("Gare d'Évry — P2", "gare-d-evry-p2-1a2b"),
        ("駐車場", "evce-1a2b"),
        ("-", "evce-1a2b"),
        ("x" * 100, "x" * 53 + "-1a2b"),
        (52 * "x" + " park", 52 * "x" + "-1a2b"),
    ],
)
def test_the_host_is_a_label_that_no_other_has(name: str, host: str) -> None:
    """NW-2"""
    assert card(name).host == host
    assert len(host) <= 63


def test_a_machine_without_an_identifier_has_a_host_too() -> None:
    """NW-2"""
    assert card("Harbour", "").host == "harbour"


def test_a_long_name_is_cut_between_letters() -> None:
    """NW-2: a label holds 63 bytes."""
    assert card("é" * 40).instance == "é" * 31
    assert card("  ").instance == "EVCE"


def test_the_device_is_the_same_whatever_its_name() -> None:
    """NW-2"""
    assert card("A").device == card("B").device != card("A", "02:00:5e:10:1a:2c").device


def test_the_link_opens_the_pages() -> None:
    """NW-2"""
    assert card("A").link("192.0.2.7") == "https://192.0.2.7:8443/"
