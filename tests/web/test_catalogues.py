"""Tests of the catalogues as the pages read them."""

import pytest
from babel.messages.catalog import Catalog

from web.catalogues import catalogue, catalogue_of


def made(*texts: str) -> Catalog:
    catalog = Catalog(locale="fr")
    for text in texts:
        catalog.add(text, f"fr: {text}", locations=[("evce/said.py", 0)])
    return catalog


@pytest.mark.parametrize(
    ("template", "sentence", "values"),
    [
        ("Gets %(a)s: %(b)s.", "Gets 6 A: its rating.", ["6 A", "its rating"]),
        ("%(a)s at 50 %% of %(b)s", "x at 50 % of y", ["x", "y"]),
        ("for %(a)s%(b)s.", "for 3 cars, its turn.", ["3 cars, its turn"]),
        ("for %(a)s%(b)s.", "for .", [""]),
        ("Gets %(a)s.", "Gets 6 A", None),
        ("Gets %(a)s.", "It gets 6 A.", None),
        ("a %(a)s b %(b)s c", "a 1 b c", None),
        ("a%(a)sa", "a", None),
    ],
)
def test_a_template_finds_its_values_in_a_sentence(
    template: str, sentence: str, values: list[str] | None
) -> None:
    """UI-5: or says that the sentence is another one."""
    (found,) = catalogue_of(made(template)).templates
    assert found.values(sentence) == values


def test_the_template_with_most_fixed_words_comes_first() -> None:
    """UI-5: a general one would swallow what a special one tells better."""
    found = catalogue_of(made("must be %(a)s", "must be at most %(a)s", "%(a)s or %(b)s")).templates
    assert [one.text for one in found] == ["must be at most %(a)s", "must be %(a)s", "%(a)s or %(b)s"]


def test_only_the_core_s_sentences_are_looked_for() -> None:
    """UI-5: what the pages say themselves is translated where it is said."""
    catalog = made("the station is not connected")
    catalog.add("Station %(name)s", "Borne %(name)s", locations=[("web/things.py", 0)])
    found = catalogue_of(catalog)
    assert (found.templates, found.sentences) == ((), {"the station is not connected"})
    assert found.strings.gettext("Station %(name)s") == "Borne %(name)s"


def test_a_language_is_read_once_and_english_is_empty() -> None:
    """UI-5: the file as it is in the sources, not compiled."""
    assert catalogue("de") is catalogue("de")
    assert catalogue("de").strings.gettext("Stations") == "Ladestationen"
    assert (
        catalogue("de").strings.ngettext("%(num)d station", "%(num)d stations", 2).endswith("Ladestationen")
    )
    assert catalogue("en").strings.gettext("Stations") == "Stations"
    assert catalogue("en").templates == ()
