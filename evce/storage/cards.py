"""Cards in the database: one for each IdTag whatever its case, unknown ones collected when swiped."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, func, or_
from sqlmodel import Session, col, select

from evce.records import CardRecord
from evce.storage.tables import CardRow
from evce.storage.transactions import fold_id_tag
from evce.storage.unit import Part
from evce.units import ZoneId

__all__ = [
    "CardsPart",
    "collect_card",
    "delete_card",
    "find_card",
    "list_cards",
    "note_seen",
    "replace_cards",
    "save_card",
]

COLLECTED_KEPT = 1000
"""Unknown cards waiting for the operator; somebody who swipes made-up tags pushes out the oldest."""


def find_card(db: Session, id_tag: str) -> CardRecord | None:
    """The card of that IdTag, upper or lower case."""
    row = db.get(CardRow, fold_id_tag(id_tag))
    return None if row is None else _card(row)


def collect_card(db: Session, id_tag: str, now: datetime) -> CardRecord:
    """Puts an unknown card on the list, not authorised, for the operator to accept (AU-5)."""
    row = CardRow(
        key=fold_id_tag(id_tag),
        id_tag=id_tag,
        authorised=False,
        registered_at=now,
        last_seen_at=now,
        collected=True,
    )
    db.add(row)
    db.flush()
    collected = col(CardRow.collected).is_(True)
    if db.exec(select(func.count()).select_from(CardRow).where(collected)).one() > COLLECTED_KEPT:
        newest_first = col(CardRow.last_seen_at).desc(), col(CardRow.key)
        kept = select(CardRow.key).where(collected).order_by(*newest_first).limit(COLLECTED_KEPT)
        db.exec(delete(CardRow).where(collected, col(CardRow.key).not_in(kept)))
    return _card(row)


def note_seen(db: Session, seen: Mapping[str, datetime]) -> None:
    """Notes when each of these IdTags was last swiped; one that is not on the list any more is skipped."""
    for id_tag, at in seen.items():
        row = db.get(CardRow, fold_id_tag(id_tag))
        if row is not None:
            row.last_seen_at = _later(row.last_seen_at, at)
            db.add(row)


def save_card(db: Session, card: CardRecord, now: datetime) -> CardRecord:
    """Adds or changes a card. Its registration date stays, its last seen only moves on."""
    known = db.get(CardRow, fold_id_tag(card.id_tag))
    row = known or CardRow(key=fold_id_tag(card.id_tag), id_tag=card.id_tag, authorised=False)
    row.id_tag = card.id_tag
    row.authorised = card.authorised
    row.vip = card.vip
    row.comment = card.comment
    row.zones = None if card.zones is None else list(card.zones)
    row.registered_at = card.registered_at or row.registered_at or now
    row.last_seen_at = _later(row.last_seen_at, card.last_seen_at)
    row.collected = False
    db.add(row)
    db.flush()
    return _card(row)


def replace_cards(db: Session, cards: Iterable[CardRecord], now: datetime) -> int:
    """Replaces the whole list (AU-6), of the same IdTag the later row counts; how many there are now."""
    by_key = {fold_id_tag(card.id_tag): card for card in cards}
    db.exec(delete(CardRow))
    db.expunge_all()
    for card in by_key.values():
        save_card(db, replace(card, registered_at=card.registered_at or now), now)
    return len(by_key)


def delete_card(db: Session, id_tag: str) -> bool:
    """Removes a card; False if there was none."""
    row = db.get(CardRow, fold_id_tag(id_tag))
    if row is None:
        return False
    db.delete(row)
    return True


def list_cards(
    db: Session,
    *,
    text: str,
    zone: ZoneId | None,
    vip: bool | None,
    authorised: bool | None,
    limit: int | None,
    offset: int,
) -> list[CardRecord]:
    """The cards by IdTag. `text` is looked for in IdTag and comment; `zone`: cards that open that zone."""
    query = select(CardRow).order_by(col(CardRow.key))
    if text:
        query = query.where(
            or_(
                col(CardRow.key).contains(text.casefold(), autoescape=True),
                func.lower(CardRow.comment).contains(text.lower(), autoescape=True),
            )
        )
    if vip is not None:
        query = query.where(CardRow.vip == vip)
    if authorised is not None:
        query = query.where(CardRow.authorised == authorised)
    if zone is None:
        rows = db.exec(query.limit(limit).offset(max(0, offset)))
        return [_card(row) for row in rows]
    # Zones are a list inside the row, which not every database can search.
    matching = [_card(row) for row in db.exec(query) if row.zones is None or zone in row.zones]
    return matching[max(0, offset) :][:limit]


def _later(known: datetime | None, new: datetime | None) -> datetime | None:
    if known is None or new is None:
        return known or new
    return max(known, new)


def _card(row: CardRow) -> CardRecord:
    return CardRecord(
        id_tag=row.id_tag,
        authorised=row.authorised,
        vip=row.vip,
        comment=row.comment,
        zones=None if row.zones is None else tuple(ZoneId(zone) for zone in row.zones),
        registered_at=row.registered_at,
        last_seen_at=row.last_seen_at,
    )


class CardsPart(Part):
    """The calls of a store for cards."""

    def find_card(self, id_tag: str) -> CardRecord | None:
        """The card of that IdTag, upper or lower case (AU-7)."""
        with self._unit.reading() as db:
            return find_card(db, id_tag)

    def collect_card(self, id_tag: str, now: datetime) -> CardRecord:
        """Puts an unknown card on the list, not authorised (AU-5); a known one stays as it is."""
        with self._unit.writing() as db:
            return find_card(db, id_tag) or collect_card(db, id_tag, now)

    def note_seen(self, seen: Mapping[str, datetime]) -> None:
        """Notes when these cards, by IdTag, were last swiped."""
        with self._unit.writing() as db:
            note_seen(db, seen)

    def save_card(self, card: CardRecord, now: datetime) -> CardRecord:
        """Adds or changes a card."""
        with self._unit.writing() as db:
            return save_card(db, card, now)

    def replace_cards(self, records: Iterable[CardRecord], now: datetime) -> int:
        """Replaces the whole list, all or nothing (AU-6)."""
        with self._unit.writing() as db:
            return replace_cards(db, records, now)

    def delete_card(self, id_tag: str) -> bool:
        """Removes a card; False if there was none."""
        with self._unit.writing() as db:
            return delete_card(db, id_tag)

    def list_cards(
        self,
        *,
        text: str = "",
        zone: ZoneId | None = None,
        vip: bool | None = None,
        authorised: bool | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[CardRecord]:
        """The cards by IdTag, filtered (AU-4)."""
        with self._unit.reading() as db:
            return list_cards(
                db, text=text, zone=zone, vip=vip, authorised=authorised, limit=limit, offset=offset
            )
