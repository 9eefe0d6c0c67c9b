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
