"""Who may charge."""

import pytest

from evce.configuration.choices import Authentication
from evce.records import CardRecord
from evce.station_control.authorisation import normal_tag, status_of
from evce.units import ZoneId

HERE, ELSEWHERE = ZoneId("here"), ZoneId("elsewhere")


@pytest.mark.parametrize(
    ("mode", "card", "status"),
    [
        (Authentication.ALL_CARDS, None, "Accepted"),
        (Authentication.PLUG_AND_CHARGE, None, "Accepted"),
        (Authentication.KNOWN_CARDS, None, "Invalid"),
        (Authentication.KNOWN_CARDS, CardRecord("A", True), "Accepted"),
        (Authentication.KNOWN_CARDS, CardRecord("A", False), "Invalid"),
        (Authentication.KNOWN_CARDS, CardRecord("A", True, zones=(HERE,)), "Accepted"),
        (Authentication.KNOWN_CARDS, CardRecord("A", True, zones=(ELSEWHERE,)), "Invalid"),
        (Authentication.KNOWN_CARDS, CardRecord("A", True, zones=()), "Invalid"),
        (Authentication.ALL_CARDS, CardRecord("A", False), "Accepted"),
    ],
)
def test_the_mode_of_the_station_decides(mode: Authentication, card: CardRecord | None, status: str) -> None:
    """AU-1, AU-4, AU-5."""
    assert status_of(card, mode, HERE) == status


def test_tags_compare_without_case() -> None:
    """AU-7."""
    assert normal_tag(" 04aB ") == normal_tag("04Ab")
