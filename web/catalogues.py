"""The catalogue of a language: its strings, and the templates of the sentences that the core writes.

The `.po` files are read as they are, once for each language, so that a fresh clone, an installed wheel and a
translator's edit all need no compiling.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

__all__ = ["FOLDER", "Catalogue", "Template", "catalogue", "catalogue_of"]

FOLDER = Path(__file__).parent / "translations"

_CORE = ("evce/", "actors/", "web/sentences.py")
_PLACE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with places for values: the fixed `parts`, and between each two the `names` of their place.

    Places that touch each other have several names: no one can tell where their values part.
    """

    text: str
    parts: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]

    @property
    def fixed(self) -> int:
        """How many characters are fixed; the template with most of them tells a sentence best."""
        return sum(map(len, self.parts))

    def values(self, sentence: str) -> list[str] | None:
        """What stands at the places of a sentence that was made with this template, None for another one.

        Each fixed part is looked for once from the left: a long sentence costs no more than its length.
        """
        *middle, tail = self.parts
        if not sentence.startswith(middle[0]) or not sentence.endswith(tail):
            return None
        at, found = len(middle[0]), []
        for part in middle[1:]:
            end = sentence.find(part, at)
            if end < 0:
                return None
            found.append(sentence[at:end])
            at = end + len(part)
        end = len(sentence) - len(tail)
        return [*found, sentence[at:end]] if end >= at else None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`strings` as gettext has them, `templates` of the core's sentences, the most telling first."""

    strings: NullTranslations
    templates: tuple[Template, ...]
    sentences: frozenset[str]
    """Sentences of the core that hold no value."""


@lru_cache(maxsize=16)
def catalogue(locale: str) -> Catalogue:
    """The catalogue of a language; of English, in which the sources are written, an empty one."""
    path = FOLDER / locale / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalogue(NullTranslations(), (), frozenset())
    with path.open("rb") as file:
        return catalogue_of(read_po(file, locale=locale))


def catalogue_of(messages: Catalog) -> Catalogue:
    """The catalogue that a parsed file holds."""
    binary = io.BytesIO()
    write_mo(binary, messages)
    binary.seek(0)
    core = [m.id if isinstance(m.id, str) else m.id[0] for m in messages if m.id and _is_core(m.locations)]
    templates = [_template(text) for text in core if _PLACE.search(text)]
    return Catalogue(
        Translations(binary),
        tuple(sorted(templates, key=lambda template: template.fixed, reverse=True)),
        frozenset(text for text in core if not _PLACE.search(text)),
    )


def _is_core(locations: Sequence[tuple[str, int | None]]) -> bool:
    return any(file.startswith(_CORE) for file, _ in locations)


def _template(text: str) -> Template:
    first, *rest = _PLACE.split(text)
    parts, names = [first], list[tuple[str, ...]]()
    for name, part in zip(rest[::2], rest[1::2], strict=True):
        if names and not parts[-1]:
            names[-1] += (name,)
            parts[-1] = part
        else:
            names.append((name,))
            parts.append(part)
    return Template(text, tuple(part.replace("%%", "%") for part in parts), tuple(names))
