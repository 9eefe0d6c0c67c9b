"""The catalogue files of the languages: bringing them up to date with the sources, and what they lack."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from tools.translations.sources import Found, find_strings

__all__ = [
    "TRANSLATED",
    "fault_lines",
    "merged",
    "missing",
    "path_of",
    "read",
    "stale",
    "template",
    "written",
]

TRANSLATED = ("de", "es", "fr", "pt")
"""Every language of the pages but English, in which the sources are written."""

_PLACE = re.compile(r"%(?:\((\w+)\))?([sd%])")
_WIDTH = 110


def path_of(root: Path, locale: str) -> Path:
    """Where the catalogue of a language is."""
    return root / "web" / "translations" / locale / "LC_MESSAGES" / "messages.po"


def template(found: list[Found]) -> Catalog:
    """Every string once, with the files that say it."""
    catalog = Catalog(project="EVCE")
    for one in found:
        catalog.add(one.text, locations=[(one.file, 0)])
    return catalog


def read(root: Path, locale: str) -> Catalog:
    """The catalogue of a language as it stands; an empty one where there is none yet."""
    path = path_of(root, locale)
    if not path.exists():
        return Catalog(locale=locale, project="EVCE")
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def merged(root: Path, locale: str) -> Catalog:
    """The catalogue with exactly the strings of the sources; what was translated stays so."""
    old, new = read(root, locale), Catalog(locale=locale, project="EVCE", fuzzy=False)
    new.creation_date, new.revision_date = old.creation_date, old.revision_date
    new.last_translator, new.language_team = "EVCE", f"{locale} <>"
    new.header_comment = f"# Translations of EVCE's pages ({locale})."
    for message in template(find_strings(root)):
        if message.id:
            known = old.get(message.id)
            string = known.string if known is not None and _same_shape(known, message) else None
            flags = known.flags if known is not None else set()
            locations = sorted(set(message.locations))
            new.add(message.id, string, locations=locations, flags=flags | message.flags)
    return new


def written(catalog: Catalog) -> bytes:
    """The file of a catalogue; the same catalogue gives the same bytes."""
    file = io.BytesIO()
    write_po(file, catalog, width=_WIDTH, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return file.getvalue()


def stale(root: Path, locale: str) -> bool:
    """Whether the file isn't what an update would write."""
    path = path_of(root, locale)
    return not path.exists() or path.read_bytes() != written(merged(root, locale))


def missing(catalog: Catalog) -> Iterator[Message]:
    """What has no translation yet."""
    for message in catalog:
        strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
        if message.id and not (strings and all(strings)):
            yield message


def fault_lines(catalog: Catalog) -> list[str]:
    """One line for everything that keeps a catalogue from being complete."""
    faults = [f"untranslated: {_shown(message)}" for message in missing(catalog)]
    for message in catalog:
        if not message.id or not message.string:
            continue
        if message.fuzzy:
            faults.append(f"fuzzy: {_shown(message)}")
        ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
        strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
        if len(ids) > 1 and len(strings) != catalog.num_plurals:
            faults.append(f"has {len(strings)} plural forms, not {catalog.num_plurals}: {_shown(message)}")
        # A language may leave the number of a singular out, as English does.
        allowed = [_places(text) for text in ids]
        faults += [
            f"places for values differ: {_shown(message)} -> {string}"
            for string in strings
            if string and _places(string) not in allowed
        ]
    return faults


def _places(text: str) -> Counter[tuple[str, str]]:
    return Counter((place[1] or "", place[2]) for place in _PLACE.finditer(text) if place[2] != "%")


def _same_shape(known: Message, wanted: Message) -> bool:
    return isinstance(known.id, str) is isinstance(wanted.id, str)


def _shown(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])
