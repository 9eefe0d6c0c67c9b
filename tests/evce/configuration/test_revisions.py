"""The history of a document."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from evce.configuration.document import SiteDocument
from evce.configuration.revisions import (
    Change,
    canonical_json,
    difference,
    next_revision,
    parse_json,
    revision_numbered,
    rolled_back,
)
from evce.errors import ConfigurationError, RevisionConflictError, UnknownRevisionError
from evce.records import RevisionRecord
from tests.evce.configuration.sites import documents, small_site

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def changed(**sections: Any) -> SiteDocument:
    return SiteDocument.parse(small_site() | sections)


def history_of(*documents: SiteDocument) -> list[RevisionRecord]:
    """These documents as revisions, newest first."""
    records: list[RevisionRecord] = []
    for document in documents:
        newest = records[0] if records else None
        records.insert(0, next_revision(newest, document, author="ann", comment="", now=NOW))
    return records


@given(documents())
@settings(max_examples=60, deadline=None)
def test_the_stored_text_gives_the_same_document_back(document: SiteDocument) -> None:
    """CF-1: a revision means the same for ever."""
    text = canonical_json(document)
    assert parse_json(text) == document
    assert canonical_json(parse_json(text)) == text


@given(documents(), documents())
@settings(max_examples=60, deadline=None)
def test_documents_differ_exactly_when_a_difference_is_told(one: SiteDocument, other: SiteDocument) -> None:
    """CF-1: no change goes unseen, none is invented."""
    assert difference(one, one) == ()
    assert (difference(one, other) == ()) is (one == other)
    assert (canonical_json(one) == canonical_json(other)) is (one == other)


@given(documents(), documents())
@settings(max_examples=40, deadline=None)
def test_a_difference_backwards_is_the_difference_turned_round(
    one: SiteDocument, other: SiteDocument
) -> None:
    there = {(change.path, str(change.before), str(change.after)) for change in difference(one, other)}
    back = {(change.path, str(change.after), str(change.before)) for change in difference(other, one)}
    assert there == back


def test_the_order_of_keys_does_not_change_the_text() -> None:
    data = small_site()
    turned = json.loads(json.dumps(data), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert canonical_json(SiteDocument.parse(turned)) == canonical_json(SiteDocument.parse(data))


def test_a_difference_names_things_by_their_ids() -> None:
    """CF-1: a difference is shown first."""
    site = small_site()
    site["zones"][1]["maximum_a"] = 40
    site["zones"].reverse()
    site["stations"][0]["connectors"][1]["wiring"] = "MONO3"
    del site["stations"][1]
    site["meters"].append(
        {"id": "kitchen", "name": "Kitchen", "role": "reporting", "model": "nsx", "host": "10.0.0.9"}
    )
    site["load_shedding"] = {"priority": "duration"}
    told = [str(change) for change in difference(SiteDocument.parse(small_site()), SiteDocument.parse(site))]
    assert told == [
        "  zones[garage].maximum_a: 63 → 40",
        '  zones (order): ["main", "garage", "street"] → ["street", "garage", "main"]',
        '  stations[CP-01].connectors[#2].wiring: "MONO2" → "MONO3"',
        '- stations[CP-02]: box_identity "CP-02", name "Street 1", family "city", zone "street", vip true, '
        'security_profile 0, authentication "inherit", offline "inherit", profile_memory "inherit", '
        'file_transfer "inherit"',
        '+ meters[kitchen]: id "kitchen", name "Kitchen", role "reporting", model "nsx", protocol "tcp", '
        'host "10.0.0.9", port 502, baud 19200, parity "even", stop_bits 1, unit 255, poll_ms 500',
        '  load_shedding.priority: "energy" → "duration"',
    ]


def test_a_setting_that_appears_or_goes_is_told_with_its_value() -> None:
    assert str(Change("zones[a].meter", None, "m")) == '+ zones[a].meter: "m"'
    assert str(Change("zones[a].meter", "m", None)) == '- zones[a].meter: "m"'


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "NaN", "3", "null", '{"site": {"name": "x"}, "zones": 3}']
)
def test_a_text_that_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_json(text)


def test_revisions_are_numbered_from_one() -> None:
    first, second = reversed(history_of(changed(), changed(web={"port": 443})))
    assert (first.number, second.number) == (1, 2)
    assert (first.author, first.created_at) == ("ann", NOW)


def test_a_change_to_an_old_revision_is_a_conflict() -> None:
    """RELIABILITY §2: concurrent edits are refused."""
    newest = history_of(changed(), changed(web={"port": 443}))[0]
    with pytest.raises(
        RevisionConflictError, match="revision 2 is in force by now, the change was made to revision 1"
    ):
        next_revision(newest, changed(), author="bob", comment="", now=NOW, based_on=1)
    kept = next_revision(newest, changed(), author="bob", comment="", now=NOW, based_on=2)
    assert kept.number == 3
    assert next_revision(None, changed(), author="bob", comment="", now=NOW, based_on=0).number == 1


def test_going_back_makes_a_new_revision_with_the_old_document() -> None:
    """CF-1: each revision can be rolled back, nothing of the history is lost."""
    history = history_of(changed(), changed(web={"port": 443}), changed(web={"port": 444}))
    back = rolled_back(history, 1, author="bob", now=NOW)
    assert (back.number, back.author, back.comment) == (4, "bob", "back to revision 1")
    assert back.document == history[-1].document


@pytest.mark.parametrize(
    ("count", "number", "message"),
    [
        (0, 1, "no revision 1: there is none yet"),
        (2, 3, "no revision 3: there are 1 to 2"),
        (2, 0, "no revision 0"),
    ],
)
def test_a_number_that_nobody_has_is_refused(count: int, number: int, message: str) -> None:
    history = history_of(*[changed()] * count)
    with pytest.raises(UnknownRevisionError, match=message):
        revision_numbered(history, number)
    with pytest.raises(UnknownRevisionError, match=message):
        rolled_back(history, number, author="bob", now=NOW)


def test_an_old_document_that_is_refused_today_does_not_come_back() -> None:
    history = [RevisionRecord(1, '{"site": {"name": ""}}', "ann", "", NOW)]
    with pytest.raises(ConfigurationError, match=r"site\.name"):
        rolled_back(history, 1, author="bob", now=NOW)
