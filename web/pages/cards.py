"""The page of the RFID cards: filter, add, change one or many, delete, import and export (AU-4…6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict

from actors.messages import (
    CardRecord,
    DeleteCard,
    FindCard,
    ListCards,
    Message,
    RecordEvent,
    ReplaceCards,
    SaveCard,
    SaveCards,
)
from evce.units import ZoneId
from evce.views import SiteSnapshot
from web.card_files import COMMENT_LENGTH, Report, export_csv, id_tag_fault, read_cards
from web.languages import gettext, ngettext
from web.rendering import revisions, site, still_page
from web.security import Access, access, reader

__all__ = ["CardFilter", "cards_pages"]

_PER_PAGE = 50
_ALL = 100_000
_SHOWN_ROWS = 300

cards_pages = Blueprint("cards", __name__)


@dataclass(frozen=True, slots=True)
class CardFilter:
    """What the reader asked for; None: both."""

    text: str = ""
    zone: ZoneId | None = None
    vip: bool | None = None
    authorised: bool | None = None
    page: int = 1

    def question(self, limit: int, offset: int = 0) -> ListCards:
        """The question to the recorder."""
        return ListCards(limit, offset, self.text, self.zone, self.vip, self.authorised)

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address, without the page."""
        words = {True: "yes", False: "no", None: ""}
        return {
            "text": self.text,
            "zone": self.zone or "",
            "vip": words[self.vip],
            "authorised": words[self.authorised],
        }


@cards_pages.get("/cards")
@access(Access.USER)
def cards() -> Response:
    return _list_page(_read_filter(request.args), MultiDict(), {})


@cards_pages.post("/cards/add")
@access(Access.USER)
def add() -> Response:
    """A new card; one that is there already is not overwritten."""
    snapshot = site().snapshot()
    card, faults = _read_card(request.form, snapshot, request.form.get("id_tag", "").strip())
    if not faults and _find(card.id_tag) is not None:
        faults["id_tag"] = gettext(
            "This card is on the list already: find it with the filter and change it there."
        )
    if faults:
        return _list_page(CardFilter(), request.form, faults, 422)
    _order(SaveCard(card), f"card {card.id_tag} added")
    flash(gettext("Card %(tag)s is on the list.", tag=card.id_tag), "success")
    return _back(CardFilter(text=card.id_tag))


@cards_pages.get("/cards/row")
@access(Access.USER)
def row() -> Response:
    """One row of the table, to look at or (`edit=1`) to change."""
    card = _find(request.args.get("id_tag", ""))
    if card is None:
        abort(404)
    return _row(card, editing=request.args.get("edit") == "1")


@cards_pages.post("/cards/save")
@access(Access.USER)
def save() -> Response:
    """What was changed in a row; a row that won't do comes back with what is wrong."""
    known = _find(request.form.get("id_tag", ""))
    if known is None:
        abort(404)
    card, faults = _read_card(request.form, site().snapshot(), known.id_tag)
    if faults:
        return _row(card, editing=True, faults=faults, status=422)
    _order(SaveCard(card), f"card {card.id_tag} changed")
    return _row(replace(card, registered_at=known.registered_at, last_seen_at=known.last_seen_at), saved=True)


@cards_pages.post("/cards/bulk")
@access(Access.USER)
def bulk() -> Response:
    """Change many cards at once: those ticked, or all that the filter finds; asked first."""
    wanted = _read_filter(request.form)
    chosen = _chosen(wanted)
    snapshot = site().snapshot()
    changes = _bulk_changes(snapshot)
    if not chosen or not changes:
        text = gettext("Tick at least one card and choose what to change.")
        flash(text, "warning")
        return _back(wanted)
    if request.form.get("confirmed") != "1":
        return _confirm("bulk", chosen, changes)
    changed = tuple(_changed(card, snapshot) for card in chosen)
    _order(SaveCards(changed), f"{len(changed)} cards changed: {', '.join(changes)}")
    flash(ngettext("One card is changed.", "%(num)d cards are changed.", len(changed)), "success")
    return _back(wanted)


@cards_pages.post("/cards/delete")
@access(Access.USER)
def delete() -> Response:
    """Take cards off the list, after a question."""
    wanted = _read_filter(request.form)
    tags = list(dict.fromkeys(request.form.getlist("card")))[:_PER_PAGE]
    chosen = [card for card in map(_find, tags) if card is not None]
    if not chosen:
        flash(gettext("Tick at least one card."), "warning")
        return _back(wanted)
    if request.form.get("confirmed") != "1":
        return _confirm("delete", chosen, [])
    for card in chosen:
        _order(DeleteCard(card.id_tag), f"card {card.id_tag} deleted")
    flash(ngettext("One card is deleted.", "%(num)d cards are deleted.", len(chosen)), "success")
    return _back(wanted)


@cards_pages.get("/cards/export.csv")
@access(Access.USER)
def export() -> Response:
    answer = Response(export_csv(site().cards(ListCards(_ALL))), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="cards.csv"'
    return answer


@cards_pages.post("/cards/import")
@access(Access.USER)
def import_cards() -> Response:
    """Check a file row by row; once confirmed it replaces the whole list, all or nothing (AU-6)."""
    snapshot = site().snapshot()
    text, fault = _uploaded()
    report = (
        read_cards(text, site().cards(ListCards(_ALL)), snapshot.zones)
        if not fault
        else Report((), (), fault)
    )
    if request.form.get("confirmed") == "1" and report.good:
        _order(ReplaceCards(report.cards), f"card list replaced by an import of {len(report.cards)} cards")
        count = len(report.cards)
        flash(ngettext("The list holds one card now.", "The list holds %(num)d cards now.", count), "success")
        return _back(CardFilter())
    bad_first = sorted(report.rows, key=lambda one: (one.card is not None, one.line))
    return still_page(
        "card_import.html",
        snapshot,
        nav="cards",
        status=200 if report.good else 422,
        report=report,
        shown=bad_first[:_SHOWN_ROWS],
        text=text,
    )


def _list_page(
    wanted: CardFilter, form: Mapping[str, str], faults: Mapping[str, str], status: int = 200
) -> Response:
    snapshot = site().snapshot()
    found = site().cards(wanted.question(_PER_PAGE + 1, (wanted.page - 1) * _PER_PAGE))
    return still_page(
        "cards.html",
        snapshot,
        nav="cards",
        status=status,
        cards=found[:_PER_PAGE],
        more=len(found) > _PER_PAGE,
        wanted=wanted,
        form=form,
        faults=faults,
    )


def _read_filter(source: Mapping[str, str]) -> CardFilter:
    said = {"yes": True, "no": False}
    page = source.get("page", "1")
    return CardFilter(
        text=source.get("text", "").strip()[:COMMENT_LENGTH],
        zone=ZoneId(source["zone"]) if source.get("zone") else None,
        vip=said.get(source.get("vip", "")),
        authorised=said.get(source.get("authorised", "")),
        page=max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
    )


def _read_card(
    form: MultiDict[str, str], snapshot: SiteSnapshot, id_tag: str
) -> tuple[CardRecord, dict[str, str]]:
    comment = form.get("comment", "").strip()
    zones = [zone for zone in form.getlist("zones") if zone]
    faults = {}
    if fault := id_tag_fault(id_tag):
        faults["id_tag"] = fault
    if len(comment) > COMMENT_LENGTH or not comment.isprintable():
        faults["comment"] = gettext("At most %(most)d characters on one line.", most=COMMENT_LENGTH)
    if any(zone not in snapshot.zones for zone in zones):
        faults["zones"] = gettext("One of these zones is no longer there.")
    card = CardRecord(
        id_tag,
        authorised=form.get("authorised") == "1",
        vip=form.get("vip") == "1",
        comment=comment,
        zones=tuple(ZoneId(zone) for zone in zones) or None,
    )
    return card, faults


def _chosen(wanted: CardFilter) -> list[CardRecord]:
    if request.form.get("scope") == "all":
        return site().cards(wanted.question(_ALL))
    tags = dict.fromkeys(request.form.getlist("card"))
    return [card for card in map(_find, list(tags)[:_PER_PAGE]) if card is not None]


def _bulk_changes(snapshot: SiteSnapshot) -> list[str]:
    """What a bulk change says, in words; empty when it changes nothing."""
    words = []
    match request.form.get("set_authorised"):
        case "yes":
            words.append(gettext("authorised"))
        case "no":
            words.append(gettext("not authorised"))
    match request.form.get("set_vip"):
        case "yes":
            words.append(gettext("VIP"))
        case "no":
            words.append(gettext("no VIP"))
    match request.form.get("set_zones"):
        case "all":
            words.append(gettext("all zones"))
        case "some":
            named = [snapshot.zones[zone].name for zone in _zones_to_set(snapshot)]
            words += [gettext("only %(zones)s", zones=", ".join(named))] if named else []
    return words


def _zones_to_set(snapshot: SiteSnapshot) -> list[ZoneId]:
    return [ZoneId(zone) for zone in request.form.getlist("zones") if zone in snapshot.zones]


def _changed(card: CardRecord, snapshot: SiteSnapshot) -> CardRecord:
    said = {"yes": True, "no": False}
    zones = card.zones
    if request.form.get("set_zones") == "all":
        zones = None
    elif request.form.get("set_zones") == "some":
        zones = tuple(_zones_to_set(snapshot)) or zones
    return replace(
        card,
        authorised=said.get(request.form.get("set_authorised", ""), card.authorised),
        vip=said.get(request.form.get("set_vip", ""), card.vip),
        zones=zones,
    )


def _confirm(what: str, chosen: Sequence[CardRecord], changes: list[str]) -> Response:
    sent = [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "confirmed")]
    return still_page(
        "card_confirm.html",
        site().snapshot(),
        nav="cards",
        what=what,
        chosen=chosen[:20],
        count=len(chosen),
        changes=changes,
        sent=sent,
    )


def _uploaded() -> tuple[str, str]:
    """The text of the file, or what is wrong with it."""
    if "text" in request.form:
        return request.form["text"], ""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return "", gettext("Choose a file first.")
    content = upload.read()
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding), ""
        except UnicodeDecodeError:
            continue
    return "", gettext("The file is no text: export the list as CSV.")


def _row(
    card: CardRecord,
    *,
    editing: bool = False,
    saved: bool = False,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    snapshot = site().snapshot()
    html = render_template(
        "parts/card_row.html",
        card=card,
        editing=editing,
        saved=saved,
        faults=faults or {},
        snapshot=snapshot,
        now=snapshot.taken_at,
        tz=snapshot.time_zone,
    )
    return make_response(html, status)


def _find(id_tag: str) -> CardRecord | None:
    found = site().ask("recorder", FindCard(id_tag[:100]))
    return found if isinstance(found, CardRecord) else None


def _order(message: Message, audit: str) -> None:
    site().tell("recorder", message)
    site().tell("recorder", RecordEvent(revisions().now(), "EVCE", "audit", audit, reader().login))


def _back(wanted: CardFilter) -> Response:
    query = {name: value for name, value in wanted.query.items() if value}
    return make_response(redirect(f"/cards?{urlencode(query)}" if query else "/cards", 303))
