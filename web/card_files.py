"""Card lists as files: the export, and the check of every row of an import before anything is replaced."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from actors.messages import CardRecord
from evce.units import ZoneId
from web.csv_lines import FORMULA, csv_line, iso
from web.languages import gettext

__all__ = [
    "COMMENT_LENGTH",
    "ID_TAG_LENGTH",
    "ImportRow",
    "Report",
    "export_csv",
    "id_tag_fault",
    "read_cards",
]

ID_TAG_LENGTH = 20
"""CiString20 of OCPP 1.6."""
COMMENT_LENGTH = 50
MOST_ROWS = 50_000

_COLUMNS = ("id_tag", "authorised", "vip", "comment", "zones", "registered_at", "last_seen_at")
_TAG_HEADERS = (
    "idtag",
    "tag",
    "tagid",
    "uid",
    "badge",
    "badgeid",
    "badgenumber",
    "card",
    "cardid",
    "cardidtag",
    "rfid",
)
_STATUS = {"accepted": True, "blocked": False, "expired": False, "invalid": False}
_YES = ("1", "yes", "true", "x", "vip")
_NO = ("", "0", "no", "false")


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of a file: `verdict` is new, changed, same or bad; `card` None where it is bad."""

    line: int
    id_tag: str
    verdict: str
    reason: str
    card: CardRecord | None


@dataclass(frozen=True, slots=True)
class Report:
    """Every row of a file, and the cards that the list would lose."""

    rows: tuple[ImportRow, ...]
    gone: tuple[CardRecord, ...]
    fault: str = ""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows have each verdict."""
        return Counter(row.verdict for row in self.rows)

    @property
    def good(self) -> bool:
        """Whether the list may be replaced: all or nothing (AU-6)."""
        return not self.fault and bool(self.rows) and all(row.card is not None for row in self.rows)

    @property
    def cards(self) -> tuple[CardRecord, ...]:
        """The new list."""
        return tuple(row.card for row in self.rows if row.card is not None)


def export_csv(cards: Iterable[CardRecord]) -> str:
    """The whole list in EVCE's own format; no cell begins a formula (CWE-1236)."""
    lines = [csv_line(_COLUMNS)]
    for card in cards:
        cells = (
            card.id_tag,
            "yes" if card.authorised else "no",
            "yes" if card.vip else "no",
            card.comment,
            "" if card.zones is None else " ".join(card.zones),
            iso(card.registered_at),
            iso(card.last_seen_at),
        )
        lines.append(csv_line(cells))
    return "".join(lines)


def id_tag_fault(id_tag: str) -> str:
    """What is wrong with an IdTag, empty when nothing is."""
    if not 1 <= len(id_tag) <= ID_TAG_LENGTH or not id_tag.isascii() or not id_tag.isprintable():
        return gettext("An IdTag has 1 to %(most)d plain characters.", most=ID_TAG_LENGTH)
    return ""


def read_cards(text: str, known: Sequence[CardRecord], zones: Iterable[str]) -> Report:
    """Check a file of either format against the list as it is; `zones` are the ids that there are.

    EVCE's own format has a header with `id_tag`. A station's format is a list whose first column, or the one
    headed as one, is the IdTag; a column with Accepted, Blocked, Expired or Invalid is its status, and
    without one every card is authorised. What a station doesn't tell is kept of a card that is known.
    """
    rows = _rows(text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))
    if not rows:
        return Report((), (), gettext("The file holds no row."))
    if len(rows) > MOST_ROWS:
        return Report((), (), gettext("The file holds more than %(most)d rows.", most=MOST_ROWS))
    there = {card.id_tag.casefold(): card for card in known}
    head = [_folded(cell) for cell in rows[0][1]]
    own = "idtag" in head and "authorised" in head
    tag_at = next((place for place, name in enumerate(head) if name in _TAG_HEADERS), None)
    body = rows if tag_at is None else rows[1:]
    if not body:
        return Report((), (), gettext("The file holds a header and no row."))
    places = {name: place for place, name in enumerate(head)}
    known_zones = frozenset(zones)
    seen: dict[str, int] = {}
    read = []
    for line, cells in body:
        card, reason = (
            _own_row(cells, places, known_zones) if own else _station_row(cells, tag_at or 0, there)
        )
        if card is not None and (first := seen.setdefault(card.id_tag.casefold(), line)) != line:
            reason = gettext("The same IdTag stands in line %(line)d already.", line=first)
            card = None
        read.append(_judged(line, cells, card, reason, there, tag_at or 0))
    gone = tuple(card for tag, card in there.items() if tag not in seen)
    return Report(tuple(read), gone)


def _rows(text: str) -> list[tuple[int, list[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";,\t|", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return [
            (reader.line_num, [_plain(cell) for cell in cells])
            for cells in reader
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error:
        return []


def _plain(cell: str) -> str:
    """Without the mark that keeps a spreadsheet from taking it for a formula."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _folded(cell: str) -> str:
    return "".join(c for c in cell.casefold() if c.isalnum())


def _own_row(
    cells: list[str], places: Mapping[str, int], zones: frozenset[str]
) -> tuple[CardRecord | None, str]:
    def cell(name: str) -> str:
        place = places.get(name.replace("_", ""))
        return cells[place] if place is not None and place < len(cells) else ""

    id_tag = cell("id_tag")
    named = tuple(ZoneId(zone) for zone in cell("zones").replace(";", " ").split()) or None
    unknown = [zone for zone in named or () if zone not in zones]
    faults = [
        id_tag_fault(id_tag),
        ""
        if len(cell("comment")) <= COMMENT_LENGTH
        else gettext("The comment is longer than %(most)d characters.", most=COMMENT_LENGTH),
        gettext("There is no zone “%(zone)s”.", zone=unknown[0]) if unknown else "",
        *(
            gettext("“%(value)s” is neither yes nor no.", value=cell(name)[:20])
            for name in ("authorised", "vip")
            if cell(name).casefold() not in (*_YES, *_NO)
        ),
    ]
    times = [_time(cell(name)) for name in ("registered_at", "last_seen_at")]
    if "bad" in times:
        faults.append(gettext("A time is not like 2026-01-31T12:00:00Z."))
    if fault := next((fault for fault in faults if fault), ""):
        return None, fault
    registered, last_seen = (time if isinstance(time, datetime) else None for time in times)
    authorised, vip = (cell(name).casefold() in _YES for name in ("authorised", "vip"))
    return CardRecord(id_tag, authorised, vip, cell("comment"), named, registered, last_seen), ""


def _station_row(
    cells: list[str], tag_at: int, there: Mapping[str, CardRecord]
) -> tuple[CardRecord | None, str]:
    id_tag = cells[tag_at] if tag_at < len(cells) else ""
    if fault := id_tag_fault(id_tag):
        return None, fault
    told = [_STATUS[cell.casefold()] for cell in cells if cell.casefold() in _STATUS]
    card = there.get(id_tag.casefold())
    return CardRecord(
        id_tag=id_tag,
        authorised=told[0] if told else True,
        vip=card.vip if card else False,
        comment=card.comment if card else "",
        zones=card.zones if card else None,
        registered_at=card.registered_at if card else None,
        last_seen_at=card.last_seen_at if card else None,
    ), ""


def _judged(
    line: int,
    cells: list[str],
    card: CardRecord | None,
    reason: str,
    there: Mapping[str, CardRecord],
    tag_at: int,
) -> ImportRow:
    if card is None:
        return ImportRow(line, cells[tag_at][:40] if tag_at < len(cells) else "", "bad", reason, None)
    known = there.get(card.id_tag.casefold())
    if known is None:
        return ImportRow(line, card.id_tag, "new", "", card)
    told = [
        text
        for differs, text in (
            (known.authorised != card.authorised, gettext("authorised")),
            (known.vip != card.vip, gettext("VIP")),
            (known.comment != card.comment, gettext("comment")),
            (known.zones != card.zones, gettext("zones")),
        )
        if differs
    ]
    return ImportRow(line, card.id_tag, "changed" if told else "same", ", ".join(told), card)


def _time(text: str) -> datetime | str | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return "bad"
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
