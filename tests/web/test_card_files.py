"""Tests of card lists as files."""

import time
from datetime import UTC, datetime

import pytest
from flask import Flask

from actors.messages import CardRecord
from evce.units import ZoneId
from web.card_files import Report, export_csv, id_tag_fault, read_cards

ZONES = ("main", "garage")
SEEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
ANN = CardRecord("04AA", True, True, "Ann", (ZoneId("garage"),), SEEN, SEEN)
BOB = CardRecord("04BB", False, comment="=1+1")


def read(app: Flask, text: str, *known: CardRecord) -> Report:
    with app.test_request_context():
        return read_cards(text, known, ZONES)


def test_what_is_exported_can_be_imported(app: Flask) -> None:
    """AU-6: EVCE's own format, everything kept."""
    report = read(app, export_csv([ANN, BOB]), ANN, BOB)
    assert report.good
    assert report.cards == (ANN, BOB)
    assert (report.counts, report.gone) == ({"same": 2}, ())


def test_no_cell_begins_a_formula() -> None:
    """RELIABILITY 4.20: CWE-1236, in every column."""
    cards = [CardRecord(tag, True, comment=text) for tag, text in (("=A", "@x"), ("+B", "-y"), ("-C", "\tz"))]
    cells = [cell for line in export_csv(cards).splitlines()[1:] for cell in line.split(",")]
    assert not [cell for cell in cells if cell.lstrip('"').startswith(("=", "+", "-", "@", "\t"))]


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("04AA\n04CC\n", ["04AA", "04CC"]),
        ("IdTag;Expiry;Parent;Status\n04AA;;;Accepted\n04CC;2030-01-01;;Blocked\n", ["04AA", "04CC"]),
        ("04AA,2019-12-31T16:00:00.000,PARENT,Accepted\r\n04CC,,,Blocked\r\n", ["04AA", "04CC"]),
        ("Name\tUID\nAnn\t04AA\nCarl\t04CC\n", ["04AA", "04CC"]),
        ("\ufeff04AA|x\n\n04CC|y\n", ["04AA", "04CC"]),
    ],
)
def test_a_station_s_list_is_understood(app: Flask, text: str, tags: list[str]) -> None:
    """AU-6: with or without a header; what the station doesn't tell is kept of a known card."""
    report = read(app, text, ANN, BOB)
    assert report.good
    assert [card.id_tag for card in report.cards] == tags
    assert (report.cards[0].comment, report.cards[0].vip, report.cards[0].zones) == ("Ann", True, ("garage",))
    assert report.cards[1].authorised is ("Blocked" not in text)
    assert [card.id_tag for card in report.gone] == ["04BB"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",yes,no,,,,", "1 to 20 plain characters"),
        ("X" * 21 + ",yes,no,,,,", "1 to 20 plain characters"),
        ("04Ä,yes,no,,,,", "plain characters"),
        ("04DD,perhaps,no,,,,", "“perhaps” is neither yes nor no"),
        ("04DD,yes,no," + "c" * 51 + ",,,", "longer than 50"),
        ("04DD,yes,no,,roof,,", "no zone “roof”"),
        ("04DD,yes,no,,,yesterday,", "A time is not like"),
        ("04aa,yes,no,,,,", "stands in line 2 already"),
    ],
)
def test_a_wrong_row_stops_the_whole_import(app: Flask, row: str, reason: str) -> None:
    """AU-6, AU-7: all or nothing, each row with its line and its reason."""
    text = "id_tag,authorised,vip,comment,zones,registered_at,last_seen_at\n04AA,yes,no,,,,\n" + row + "\n"
    report = read(app, text, ANN)
    assert not report.good
    bad = [one for one in report.rows if one.card is None]
    assert [(one.line, one.verdict) for one in bad] == [(3, "bad")]
    assert reason in bad[0].reason


@pytest.mark.parametrize(
    ("text", "fault"), [("", "no row"), ("\n \n", "no row"), ("id_tag,authorised\n", "header and no row")]
)
def test_an_empty_file_is_no_list(app: Flask, text: str, fault: str) -> None:
    """AU-6: it would delete every card."""
    report = read(app, text, ANN)
    assert not report.good
    assert fault in report.fault


def test_what_changes_is_told_row_by_row(app: Flask) -> None:
    """AU-6: new, changed with what, the same, and gone."""
    text = "id_tag,authorised,vip,comment,zones\n04AA,no,yes,Anna,garage\n04CC,yes,no,,\n"
    report = read(app, text, ANN, BOB)
    assert [(row.id_tag, row.verdict, row.reason) for row in report.rows] == [
        ("04AA", "changed", "authorised, comment"),
        ("04CC", "new", ""),
    ]


def test_ten_thousand_rows_are_checked_quickly(app: Flask) -> None:
    """AU-4: a list of that size."""
    cards = [CardRecord(f"{n:08X}", True, comment=f"card {n}") for n in range(10_000)]
    text = export_csv(cards)
    assert len(text) < 1 << 20
    began = time.monotonic()
    assert read(app, text, *cards).counts == {"same": 10_000}
    assert time.monotonic() - began < 10.0


@pytest.mark.parametrize(
    ("tag", "good"), [("04AA", True), ("", False), ("x" * 20, True), ("x" * 21, False), ("a\nb", False)]
)
def test_an_id_tag_is_what_a_reader_reads(app: Flask, tag: str, good: bool) -> None:
    """AU-7: CiString20 of OCPP 1.6."""
    with app.test_request_context():
        assert (id_tag_fault(tag) == "") is good
