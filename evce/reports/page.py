"""A report as one HTML file that needs nothing else: facts, tables and lines, secrets taken out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from evce.plain import REDACTED, plain
from evce.secret_words import TELLING_WORDS

__all__ = ["Section", "Table", "html_page", "in_mb", "moment", "rows_of", "span"]

_STYLE: Final = """
body{font:14px/1.45 system-ui,sans-serif;margin:0 auto;padding:1.5rem;max-width:90rem;color:#1b2430}
body{background:#fff}.wide{overflow-x:auto}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:2px solid #d6dde5}
h3{font-size:.95rem;margin:1rem 0 .3rem}p{margin:.2rem 0}.sub,.note{color:#5a6675}
nav{margin:1rem 0;columns:14rem}nav a{display:block;color:#0b5cad}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem;margin:.3rem 0}
dt{color:#5a6675}dd{margin:0}
table{border-collapse:collapse;width:100%;margin:.3rem 0;font-size:13px}
th,td{text-align:left;vertical-align:top;padding:.25rem .7rem .25rem 0;border-bottom:1px solid #e4e9ee}
th{color:#5a6675;font-weight:600}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:12px;background:#f4f6f8;padding:.6rem}
@media print{nav{display:none}h2{break-after:avoid}}
""".strip()


_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""It runs nothing and loads nothing, whatever a station has called itself."""


_HASH = re.compile(r"\$argon2\S+")
_TOLD = re.compile(rf"({TELLING_WORDS})(\s*[=:]\s*)\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their headings; every cell is text."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report, in this order: facts as name and value, tables, lines as they were written."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    lines: tuple[str, ...] = ()
    note: str = ""


def html_page(title: str, subtitle: str, sections: Iterable[Section]) -> str:
    """The whole page. What looks like a secret in any text is redacted, and everything is escaped."""
    parts = tuple(sections)
    return "\n".join(_page(title, subtitle, parts))


def _page(title: str, subtitle: str, sections: tuple[Section, ...]) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>"
    yield f'<h1>{_text(title)}</h1><p class="sub">{_text(subtitle)}</p><nav aria-label="Contents">'
    for number, section in enumerate(sections, start=1):
        yield f'<a href="#s{number}">{_text(section.title)}</a>'
    yield "</nav>"
    for number, section in enumerate(sections, start=1):
        yield f'<section><h2 id="s{number}">{_text(section.title)}</h2>'
        yield from _section(section)
        yield "</section>"
    yield "</body></html>\n"


def _section(section: Section) -> Iterator[str]:
    if section.note:
        yield f'<p class="note">{_text(section.note)}</p>'
    if section.facts:
        pairs = (f"<dt>{_text(name)}</dt><dd>{_text(value) or '-'}</dd>" for name, value in section.facts)
        yield f"<dl>{''.join(pairs)}</dl>"
    for table in section.tables:
        if table.title:
            yield f"<h3>{_text(table.title)}</h3>"
        yield from _table(table) if table.rows else ('<p class="note">none</p>',)
    if section.lines:
        yield f"<pre>{chr(10).join(_text(line) for line in section.lines)}</pre>"
    if not (section.facts or section.tables or section.lines):
        yield '<p class="note">none</p>'


def _table(table: Table) -> Iterator[str]:
    heads = "".join(f'<th scope="col">{_text(head)}</th>' for head in table.heads)
    yield f"<div class='wide'><table><thead><tr>{heads}</tr></thead><tbody>"
    for row in table.rows:
        yield f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>"
    yield "</tbody></table></div>"


def _text(text: str) -> str:
    """As `plain` has it, and without what a line of a log might have in its middle."""
    told = _HASH.sub(REDACTED, str(plain(text)))
    return escape(_TOLD.sub(rf"\1\2{REDACTED}", told))


def rows_of(parts: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """A plain tree as rows of dotted name and value, lists by the id of their things."""
    for name, value in parts.items():
        path = f"{prefix}{name}"
        match value:
            case dict():
                yield from rows_of(value, f"{path}.")
            case list() if value and all(isinstance(one, dict) for one in value):
                for number, one in enumerate(value, start=1):
                    yield from rows_of(one, f"{path}[{one.get('id') or one.get('name') or number}].")
            case None:
                yield path, ""
            case _:
                yield path, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def moment(at: datetime | None) -> str:
    """A moment for people of any country: UTC to the second."""
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def span(seconds: float) -> str:
    """A length of time in its two largest units."""
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"


def in_mb(size: float) -> str:
    """Bytes in decimal megabytes."""
    return f"{size / 1e6:,.1f} MB"
