"""Tests of the page of the RFID cards."""

import io
import re
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from actors.messages import CardRecord, ListCards, Message, RecordEvent, ReplaceCards, SaveCards
from evce.units import ZoneId
from tests.web.fake_site import FakeSite
from web.pages.cards import CardFilter


def tags(text: str) -> list[str]:
    return re.findall(r'name="card" value="([^"]+)"', text)


def told(site: FakeSite, kind: type[Message]) -> list[Any]:
    return [message for _, message in site.told if isinstance(message, kind)]


def audit(site: FakeSite) -> list[str]:
    return [event.message for event in told(site, RecordEvent) if event.type == "audit"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 50),
        ("?page=2", 14),
        ("?text=pool+CAR", 13),
        ("?text=04a1b01", 1),
        ("?vip=yes", 6),
        ("?authorised=no", 9),
        ("?authorised=no&vip=yes", 1),
        ("?zone=garage", 50),
        ("?zone=street&page=1", 48),
        ("?text=nothing+like+it", 0),
        ("?page=x", 50),
    ],
)
def test_cards_are_filtered_and_paged_by_the_recorder(
    user: FlaskClient, site: FakeSite, query: str, count: int
) -> None:
    """AU-4: IdTag, comment, zone, VIP, authorised; never more than a page is asked for."""
    answer = user.get(f"/cards{query}")
    assert answer.status_code == 200
    assert len(tags(answer.text)) == count
    assert all(q.limit <= 51 for _, q in site.asked if isinstance(q, ListCards))


def test_no_card_is_said(user: FlaskClient, site: FakeSite) -> None:
    """AU-5: how the first one comes."""
    assert "No card matches" in user.get("/cards?text=nothing").text
    site.cards.clear()
    assert "swipe a card at a station" in user.get("/cards").text


def test_ten_thousand_cards_are_quick(user: FlaskClient, site: FakeSite) -> None:
    """AU-4: a page is a page, whatever the list holds."""
    site.cards = {f"{n:08x}": CardRecord(f"{n:08X}", True) for n in range(10_000)}
    user.get("/cards")
    began = time.monotonic()
    assert len(tags(user.get("/cards?page=150").text)) == 50
    assert time.monotonic() - began < 2.0


def test_a_card_is_added(user: FlaskClient, site: FakeSite) -> None:
    """AU-4: VIP, authorised, comment, zones; and it is audited."""
    form = {
        "id_tag": " 04FFEE ",
        "vip": "1",
        "authorised": "1",
        "comment": "Zoe",
        "zones": ["garage", "street"],
    }
    answer = user.post("/cards/add", data=form)
    assert (answer.status_code, answer.location) == (303, "/cards?text=04FFEE")
    card = site.cards["04ffee"]
    assert (card.id_tag, card.vip, card.authorised, card.comment) == ("04FFEE", True, True, "Zoe")
    assert card.zones == ("garage", "street")
    assert audit(site) == ["card 04FFEE added"]
    assert "Card 04FFEE is on the list." in user.get(answer.location).text


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"id_tag": ""}, "1 to 20 plain characters"),
        ({"id_tag": "X" * 21}, "1 to 20 plain characters"),
        ({"id_tag": "04a1b007c"}, "on the list already"),
        ({"id_tag": "NEW", "comment": "c" * 51}, "At most 50 characters"),
        ({"id_tag": "NEW", "zones": ["roof"]}, "no longer there"),
    ],
)
def test_a_card_that_will_not_do_comes_back(
    user: FlaskClient, site: FakeSite, form: dict[str, Any], fault: str
) -> None:
    """RELIABILITY 3: at its field, with what was typed; AU-7: whatever the case."""
    answer = user.post("/cards/add", data=form)
    assert answer.status_code == 422
    assert fault in answer.text
    assert f'value="{form["id_tag"]}"' in answer.text
    assert len(site.cards) == 64


def test_a_row_is_changed_in_place(user: FlaskClient, site: FakeSite) -> None:
    """AU-4: inline; its registration and last use stay."""
    before = site.cards["04a1b017c"]
    editing = user.get("/cards/row?id_tag=04A1B017C&edit=1").text
    assert 'value="Bert Bos"' in editing
    form = {"id_tag": "04A1B017C", "authorised": "1", "vip": "1", "comment": "Berta", "zones": "street"}
    row = user.post("/cards/save", data=form)
    assert row.status_code == 200
    assert "Berta" in row.text
    assert "Quay street" in row.text
    after = site.cards["04a1b017c"]
    assert (after.vip, after.registered_at, after.last_seen_at) == (
        True,
        before.registered_at,
        before.last_seen_at,
    )
    wrong = user.post("/cards/save", data={**form, "comment": "c" * 51})
    assert wrong.status_code == 422
    assert "At most 50" in wrong.text
    assert user.get("/cards/row?id_tag=gone").status_code == 404
    assert user.post("/cards/save", data={"id_tag": "gone"}).status_code == 404


@pytest.mark.parametrize(
    ("change", "words", "expected"),
    [
        ({"set_authorised": "no"}, "not authorised", {"authorised": False}),
        ({"set_vip": "yes"}, "VIP", {"vip": True}),
        ({"set_zones": "all"}, "all zones", {"zones": None}),
        ({"set_zones": "some", "zones": ["street"]}, "only Quay street", {"zones": (ZoneId("street"),)}),
    ],
)
def test_many_cards_are_changed_after_a_question(
    user: FlaskClient, site: FakeSite, change: dict[str, Any], words: str, expected: dict[str, Any]
) -> None:
    """AU-4: bulk change; the others stay, what isn't named stays."""
    form = {"card": ["04A1B007C", "04A1B017C"], **change}
    asked = user.post("/cards/bulk", data=form)
    assert "Change these 2 cards?" in asked.text
    assert words in asked.text
    assert told(site, SaveCards) == []
    user.post("/cards/bulk", data={**form, "confirmed": "1"})
    (order,) = told(site, SaveCards)
    assert [card.id_tag for card in order.cards] == form["card"]
    for card in order.cards:
        assert {name: getattr(card, name) for name in expected} == expected
        assert card.comment == site.cards[card.id_tag.casefold()].comment != ""


def test_all_that_the_filter_finds_can_be_changed(user: FlaskClient, site: FakeSite) -> None:
    """AU-4: not only the page that is seen."""
    form = {"scope": "all", "text": "pool car", "set_vip": "yes", "confirmed": "1"}
    assert user.post("/cards/bulk", data=form).location == "/cards?text=pool+car"
    (order,) = told(site, SaveCards)
    assert len(order.cards) == 13


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/cards/bulk", {"set_vip": "yes"}),
        ("/cards/bulk", {"card": "04A1B007C"}),
        ("/cards/bulk", {"card": "04A1B007C", "set_zones": "some"}),
        ("/cards/delete", {}),
        ("/cards/delete", {"card": "gone"}),
    ],
)
def test_nothing_chosen_changes_nothing(
    user: FlaskClient, site: FakeSite, address: str, form: dict[str, str]
) -> None:
    """RELIABILITY 3: the message says what to do."""
    assert user.post(address, data={**form, "confirmed": "1"}).status_code == 303
    assert "Tick at least one card" in user.get("/cards").text
    assert len(site.cards) == 64
    assert told(site, SaveCards) == []


def test_cards_are_deleted_after_a_question(user: FlaskClient, site: FakeSite) -> None:
    """AU-4: remove; RELIABILITY 3: asked before a loss."""
    form = {"card": ["04A1B007C", "04A1B017C"]}
    assert "Delete these 2 cards?" in user.post("/cards/delete", data=form).text
    assert len(site.cards) == 64
    user.post("/cards/delete", data={**form, "confirmed": "1"})
    assert len(site.cards) == 62
    assert audit(site) == ["card 04A1B007C deleted", "card 04A1B017C deleted"]


def upload(user: FlaskClient, content: bytes, name: str = "cards.csv") -> Any:
    return user.post(
        "/cards/import", data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )


def test_an_import_is_reported_before_it_replaces_anything(user: FlaskClient, site: FakeSite) -> None:
    """AU-6: row by row, a clear warning, then the whole list."""
    report = upload(user, b"IdTag;Status\r\n04A1B007C;Accepted\r\nNEW-1;Blocked\r\n")
    assert report.status_code == 200
    assert "The whole list is replaced" in report.text
    assert "63 cards are lost" in report.text
    assert told(site, ReplaceCards) == []
    text = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", report.text, re.DOTALL)
    assert text
    done = user.post("/cards/import", data={"text": text[1], "confirmed": "1"})
    assert done.status_code == 303
    assert sorted(site.cards) == ["04a1b007c", "new-1"]
    assert site.cards["04a1b007c"].comment == "Ann Arbor"
    assert not site.cards["new-1"].authorised
    assert audit(site) == ["card list replaced by an import of 2 cards"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"04AA\n04aa\n", "stands in line 1 already"),
        (b"", "no row"),
        (b"\xff\xfe\x81\x8d\x00", "The file is no text"),
        (b"id_tag,authorised,zones\n04AA,yes,roof\n", "no zone “roof”"),
    ],
)
def test_an_import_with_a_wrong_row_replaces_nothing(
    user: FlaskClient, site: FakeSite, content: bytes, words: str
) -> None:
    """AU-6: all or nothing, also when it is sent as confirmed."""
    report = upload(user, content)
    assert report.status_code == 422
    assert words in report.text
    assert "Replace the list" not in report.text
    user.post("/cards/import", data={"text": content.decode("latin-1"), "confirmed": "1"})
    assert len(site.cards) == 64


def test_a_file_must_be_chosen(user: FlaskClient) -> None:
    """RELIABILITY 3: said, not crashed."""
    assert "Choose a file first" in user.post("/cards/import", data={}).text


def test_the_export_is_the_whole_list(user: FlaskClient, site: FakeSite) -> None:
    """AU-6: and comes back as it was."""
    answer = user.get("/cards/export.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cards.csv"'
    assert len(answer.text.splitlines()) == 65
    report = upload(user, answer.data)
    assert "stays" in report.text
    assert "63 cards" not in report.text


def test_a_silent_recorder_is_said_so(user: FlaskClient, site: FakeSite) -> None:
    """UI-11: 503, no empty list."""
    user.get("/")
    site.silent.add("recorder")
    assert user.get("/cards").status_code == 503


def test_the_filter_stays_in_the_address() -> None:
    """AU-4: for the next page and after a change."""
    wanted = CardFilter("x", ZoneId("garage"), True, False)
    assert wanted.query == {"text": "x", "zone": "garage", "vip": "yes", "authorised": "no"}
