"""Tests of the names of the settings."""

import pytest
from flask import Flask

from evce.configuration.document import SiteDocument
from evce.configuration.reference import settings
from web import labels


def test_every_setting_and_every_part_has_a_label() -> None:
    """UI-10: nobody reads a key of the file."""
    named = labels._LABELS
    assert [s.path for s in settings(SiteDocument) if s.path not in named] == []
    assert [name for name in SiteDocument.model_fields if name not in labels.SECTIONS] == []


@pytest.mark.parametrize(
    ("setting", "label", "unit"),
    [
        ("zones[].maximum_a", "Maximum current", "A"),
        ("advanced.ramp_a_per_s", "Rise of a dynamic limit", "A/s"),
        ("meters[].poll_ms", "Poll period", "ms"),
        ("x.something_new", "Something new", ""),
    ],
)
def test_a_label_and_its_unit(app: Flask, setting: str, label: str, unit: str) -> None:
    """UI-10: also of a setting that nobody has named yet."""
    with app.test_request_context():
        assert (labels.label_of(setting), labels.unit_of(setting)) == (label, unit)


@pytest.mark.parametrize(("word", "text"), [("known_cards", "Only known cards"), ("brand_new", "brand new")])
def test_choices_are_words(app: Flask, word: str, text: str) -> None:
    """UI-10: no code on the screen."""
    with app.test_request_context():
        assert labels.choice_word(word) == text


@pytest.mark.parametrize(
    ("sentence", "codes", "shown"),
    [
        (
            "static: all; dynamic: what static leaves",
            ("static", "dynamic"),
            "“Static”: all; “Dynamic”: what static leaves",
        ),
        ("inherit takes over", ("inherit",), "“As the level above” takes over"),
        ("as ocpp.meter_interval_s says", (), "as “Station network: Meter value interval” says"),
        ("what ocpp says", (), "what “Station network” says"),
        ("building_maximum_a of a_zone", (), "“Most the building draws” of a_zone"),
        ("ws://HOST/ocpp/BOX, TRI231", ("TRI231",), "ws://HOST/ocpp/BOX, TRI231"),
    ],
)
def test_a_sentence_names_settings_as_the_pages_do(
    app: Flask, sentence: str, codes: tuple[str, ...], shown: str
) -> None:
    """UI-10: no code on the screen, also where a sentence of the reference is shown."""
    with app.test_request_context():
        assert labels.in_words(sentence, codes) == shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("zones[main].maximum_a", "“Main switchboard”, Maximum current"),
        ("stations[CP-01].connectors[#2].wiring", "“CP-01”, Connector 2, Wiring"),
        ("tariff.periods[Night].percent", "Times of use, “Night”, Share of the maximum"),
        ("cpo.url", "Remote supervision, Address of the operator"),
        ("zones (order)", "Zones (order)"),
    ],
)
def test_a_place_of_the_document_is_told_in_words(app: Flask, path: str, shown: str) -> None:
    """UI-10: with the names that people gave."""
    with app.test_request_context():
        assert labels.path_words(path, {"main": "Main switchboard"}) == shown


def test_what_is_folded_away_is_a_setting() -> None:
    """UI-6: a name that is none would fold nothing."""
    assert set(labels.SELDOM) <= {setting.path for setting in settings(SiteDocument)}
