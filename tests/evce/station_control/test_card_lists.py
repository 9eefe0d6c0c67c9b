"""Which cards go into a station's list, and by which messages."""

from datetime import timedelta

import pytest

from evce.records import CardRecord
from evce.station_control.capabilities import Capabilities
from evce.station_control.card_lists import CardList, chosen_cards, list_messages
from evce.units import ZoneId
from evce.validation import check_order
from tests.evce.station_control.bench import EPOCH

ZONE = ZoneId("z")


def told(**keys: str) -> Capabilities:
    return Capabilities({name.lower(): (value, True) for name, value in keys.items()})


def test_a_list_holds_who_may_charge_there() -> None:
    """AU-2, AU-4: zones count, and IdTags compare without case."""
    cards = [
        CardRecord("a1", True),
        CardRecord("A1", True),
        CardRecord("b", False),
        CardRecord("c", True, zones=(ZONE,)),
        CardRecord("d", True, zones=(ZoneId("other"),)),
    ]
    assert chosen_cards(cards, ZONE, Capabilities()) == (["A1", "C"], 2)


def test_where_there_is_no_room_for_all_vips_and_the_latest_stay() -> None:
    """AU-2: LocalAuthListMaxLength."""
    cards = [
        CardRecord("old", True, last_seen_at=EPOCH),
        CardRecord("new", True, last_seen_at=EPOCH + timedelta(days=1)),
        CardRecord("vip", True, vip=True),
        CardRecord("never", True),
    ]
    assert chosen_cards(cards, ZONE, told(LocalAuthListMaxLength="2")) == (["VIP", "NEW"], 4)


@pytest.mark.parametrize(("length", "parts"), [("1000", 10), ("5000", 10), ("300", 34), ("", 100)])
def test_ten_thousand_cards_go_in_parts_that_the_station_takes(length: str, parts: int) -> None:
    """AU-2: SendLocalListMaxLength; the version rises with each part."""
    tags = [f"{number:020X}" for number in range(10_000)]
    messages = list_messages(tags, None, 3, told(SendLocalListMaxLength=length))
    assert [message["listVersion"] for message in messages] == list(range(4, 4 + parts))
    assert [m["updateType"] for m in messages] == ["Full", *["Differential"] * (parts - 1)]
    assert [e["idTag"] for m in messages for e in m["localAuthorizationList"]] == tags
    assert all(check_order("SendLocalList", message) is None for message in messages[:2])


def test_only_what_changed_is_sent_to_a_station_that_has_the_rest() -> None:
    """AU-2: added with a status, removed without one (OCPP 1.6 §5.15)."""
    known = CardList(4, frozenset({"A", "B"}))
    (message,) = list_messages(["B", "C"], known, 4, Capabilities())
    assert message == {
        "listVersion": 5,
        "updateType": "Differential",
        "localAuthorizationList": [{"idTag": "C", "idTagInfo": {"status": "Accepted"}}, {"idTag": "A"}],
    }
    assert list_messages(["A", "B"], known, 4, Capabilities()) == []


@pytest.mark.parametrize("version", [0, 3, 9])
def test_a_station_with_another_version_gets_everything(version: int) -> None:
    """AU-2: it was replaced, or somebody else has sent it a list."""
    (message,) = list_messages(["A"], CardList(4, frozenset({"A"})), version, Capabilities())
    assert (message["updateType"], message["listVersion"]) == ("Full", version + 1)
    (empty,) = list_messages([], None, version, Capabilities())
    assert (empty["updateType"], empty["localAuthorizationList"]) == ("Full", [])
