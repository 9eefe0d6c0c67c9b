"""One card for each IdTag whatever its case, unknown ones collected."""

import pytest

from evce.records import CardRecord
from evce.storage import Store, cards
from evce.units import ZoneId
from tests.evce.storage.builders import NOW, later


@pytest.mark.parametrize("id_tag", ["ABCD1234", "abcd1234", "aBcD1234"])
def test_a_card_is_found_in_any_case(store: Store, id_tag: str) -> None:
    """AU-7"""
    store.save_card(CardRecord("AbCd1234", authorised=True), NOW)
    found = store.find_card(id_tag)
    assert found == CardRecord("AbCd1234", authorised=True, registered_at=NOW)
    assert store.find_card("OTHER") is None


def test_an_unknown_card_is_collected_not_authorised(store: Store) -> None:
    """AU-5"""
    collected = store.collect_card("NEW1", NOW)
    assert collected == CardRecord("NEW1", authorised=False, registered_at=NOW, last_seen_at=NOW)
    assert store.list_cards() == [collected]
    assert store.collect_card("new1", later(5)) == collected


def test_a_change_keeps_the_registration_date_and_never_moves_last_seen_back(store: Store) -> None:
    """AU-4"""
    store.collect_card("NEW1", NOW)
    store.note_seen({"new1": later(60), "GONE": later(60)})
    card = CardRecord(
        "New1", authorised=True, vip=True, comment="Ann", zones=(ZoneId("garage"),), last_seen_at=later(10)
    )
    saved = store.save_card(card, later(90))
    assert saved == CardRecord("New1", True, True, "Ann", (ZoneId("garage"),), NOW, later(60))
    assert store.list_cards() == [saved]


def test_a_card_is_removed(store: Store) -> None:
    """AU-4"""
    store.save_card(CardRecord("A", authorised=True), NOW)
    assert store.delete_card("a")
    assert not store.delete_card("a")
    assert store.list_cards() == []


def test_an_import_replaces_the_whole_list(store: Store) -> None:
    """AU-6: of two rows with one IdTag the later counts."""
    store.save_card(CardRecord("OLD", authorised=True), NOW)
    rows = [CardRecord("a1", True), CardRecord("B2", False), CardRecord("A1", False, comment="later row")]
    assert store.replace_cards(rows, later(1)) == 2
    assert [(card.id_tag, card.comment) for card in store.list_cards()] == [("A1", "later row"), ("B2", "")]


def test_an_import_that_fails_leaves_the_old_list(store: Store) -> None:
    """AU-6: all or nothing."""

    def rows():  # type: ignore[no-untyped-def]
        yield CardRecord("NEW", True)
        raise ValueError("row 2 can't be read")

    store.save_card(CardRecord("OLD", authorised=True), NOW)
    with pytest.raises(ValueError, match="row 2"):
        store.replace_cards(rows(), NOW)
    assert [card.id_tag for card in store.list_cards()] == ["OLD"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({}, ["A1", "B2", "C3"]),
        ({"text": "b"}, ["A1", "B2"]),
        ({"text": "%"}, []),
        ({"zone": ZoneId("garage")}, ["A1", "C3"]),
        ({"zone": ZoneId("garage"), "limit": 1, "offset": 1}, ["C3"]),
        ({"vip": True}, ["B2"]),
        ({"authorised": False}, ["C3"]),
        ({"limit": 1, "offset": 1}, ["B2"]),
    ],
)
def test_cards_are_filtered(store: Store, question: dict[str, object], found: list[str]) -> None:
    """AU-4"""
    store.save_card(CardRecord("A1", True, comment="Bob"), NOW)
    store.save_card(CardRecord("B2", True, vip=True, zones=(ZoneId("roof"),)), NOW)
    store.save_card(CardRecord("C3", False, zones=(ZoneId("roof"), ZoneId("garage"))), NOW)
    assert [card.id_tag for card in store.list_cards(**question)] == found  # type: ignore[arg-type]


def test_made_up_tags_push_out_the_oldest_collected_card_only(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AU-5"""
    monkeypatch.setattr(cards, "COLLECTED_KEPT", 3)
    store.save_card(CardRecord("REGISTERED", authorised=False), NOW)
    for number in range(6):
        store.collect_card(f"X{number}", later(number))
    assert [card.id_tag for card in store.list_cards()] == ["REGISTERED", "X3", "X4", "X5"]
