"""Tests of the catalogue files."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tools.translations.files import fault_lines, merged, path_of, stale, template, written
from tools.translations.sources import Found


def catalogue(text: str | tuple[str, str], string: str | tuple[str, ...], *flags: str) -> Catalog:
    made = Catalog(locale="fr")
    made.add(text, string, flags=flags)
    return made


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (catalogue("Stop", "Arrêter"), None),
        (catalogue("%(num)d of %(all)s", "%(all)s : %(num)d"), None),
        (catalogue(("one", "%(num)d cars"), ("une", "%(num)d voitures")), None),
        (catalogue("50 %% of it", "50 %% de lui"), None),
        (catalogue("Stop", ""), "untranslated: Stop"),
        (catalogue(("one", "%(num)d cars"), ("une", "")), "untranslated: one"),
        (catalogue("Stop", "Arrêter", "fuzzy"), "fuzzy: Stop"),
        (catalogue("%(a)s A", "%(b)s A"), "places for values differ: %(a)s A -> %(b)s A"),
        (catalogue("%(a)s A", "A"), "places for values differ: %(a)s A -> A"),
        (catalogue("%(a)s A", "%(a)d A"), "places for values differ: %(a)s A -> %(a)d A"),
        (catalogue(("one", "two"), ("a", "b", "c")), "has 3 plural forms, not 2: one"),
    ],
)
def test_what_a_catalogue_lacks_is_told(made: Catalog, fault: str | None) -> None:
    """UI-5: untranslated, fuzzy, or with other places than the source."""
    assert fault_lines(made) == ([] if fault is None else [fault])


def test_an_update_keeps_what_was_translated_and_drops_what_is_gone(tmp_path: Path) -> None:
    """UI-5: new strings come without a translation; a second update changes nothing."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "page.py").write_text('gettext("kept"); gettext("new")')
    path = path_of(tmp_path, "fr")
    path.parent.mkdir(parents=True)
    old = Catalog(locale="fr")
    old.add("kept", "gardé")
    old.add("gone", "parti")
    path.write_bytes(written(old))
    assert stale(tmp_path, "fr")
    after = merged(tmp_path, "fr")
    assert {m.id: m.string for m in after if m.id} == {"kept": "gardé", "new": None}
    path.write_bytes(written(after))
    assert not stale(tmp_path, "fr")


def test_a_string_of_two_files_stands_once() -> None:
    """UI-5: with both places."""
    made = template([Found("same", "web/a.py"), Found("same", "evce/b.py")])
    assert len(made) == 1
    assert sorted(made["same"].locations) == [("evce/b.py", 0), ("web/a.py", 0)]
