"""The page that registers detected stations, one or many at once, each with what it said of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from evce.configuration.document import SiteDocument
from evce.configuration.registration import detected, proposed
from evce.configuration.sections import StationSettings
from evce.errors import Refusal
from evce.units import BoxIdentity
from evce.views import StationView
from web.forms import Field, Form, Group, as_form, faults_at, field_names, form_fields, read_form
from web.languages import gettext
from web.pages.proposing import configuration_page, in_force, propose
from web.rendering import site
from web.security import Access, access
from web.things import known_things

__all__ = ["registration_pages"]

registration_pages = Blueprint("registration", __name__)

MOST = 200
"""Rows of one page."""

_SHOWN = ("name", "zone", "family", "address", "serial_number")
"""The fields of a row beside its outlets; the others are on the station's own page."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One detected station; `fields` as typed, `fault` what is wrong with its identity."""

    place: int
    identity: str
    view: StationView | None
    chosen: bool
    fields: tuple[Field, ...]
    outlets: Group
    refused: bool
    fault: str

    @property
    def open(self) -> bool:
        """Whether something is wrong with an outlet, so that they must be seen."""
        return any(field.fault for slot in self.outlets.slots for field in slot.fields)


@registration_pages.get("/configuration/stations/register")
@access(Access.ADMIN)
def registration() -> Response:
    """The detected stations, all of them ticked, or those that are named."""
    record, document = in_force()
    views = detected(document, site().snapshot().stations.values())[:MOST]
    wanted = request.args.getlist("station")
    form: Form = MultiDict()
    for place, (identity, plain) in enumerate(proposed(document, views).items()):
        form.update(as_form(StationSettings, plain, _prefix(place)))
        if not wanted or identity in wanted:
            form.add("chosen", str(place))
    return _page(document, record.number, form, (), {})


@registration_pages.post("/configuration/stations/register")
@access(Access.ADMIN)
def register() -> Response:
    """The ticked rows, after a look at the difference; what is wrong stands at its row."""
    form = request.form
    chosen = [place for place in _places(form) if str(place) in form.getlist("chosen")]
    if not chosen:
        record, document = in_force()
        return _page(document, record.number, form, (), {}, gettext("Tick the stations to register."))
    at: dict[int, int] = {}

    def edit(plain: dict[str, Any]) -> None:
        for place in chosen:
            at[len(plain["stations"])] = place
            plain["stations"].append(read_form(StationSettings, form, _prefix(place)))

    names = [form.get(f"{_prefix(place)}name", "") for place in chosen]
    title = gettext("Register %(count)d stations", count=len(chosen))
    if len(chosen) == 1:
        title = gettext("Register %(name)s", name=names[0])
    return propose(
        edit,
        lambda document, based_on, refused: _page(document, based_on, form, refused, at),
        title=title,
        here="stations",
        back="/configuration/stations",
        comment=f"registered {', '.join(names)}",
    )


def _prefix(place: int) -> str:
    return f"row.{place}."


def _places(form: Form) -> list[int]:
    return [place for place in range(MOST) if f"{_prefix(place)}box_identity" in form]


def _page(
    document: SiteDocument,
    based_on: int,
    form: Form,
    refused: Sequence[Refusal],
    at: Mapping[int, int],
    fault: str = "",
) -> Response:
    """`at` tells the row of each station that was added to the document."""
    views = site().snapshot().stations
    known = known_things(document)
    rows, elsewhere = [], list(refused)
    for place in _places(form):
        own = [one for one in refused if _row_of(one, at) == place]
        elsewhere = [one for one in elsewhere if one not in own]
        rows.append(_row(place, form, own, views, known, refused=bool(own)))
    _, others = faults_at(elsewhere, (), ())
    return configuration_page(
        "configuration/registration.html",
        "stations",
        422 if refused or fault else 200,
        rows=rows,
        based_on=based_on,
        others=others,
        fault=fault,
        some_refused=any(row.refused for row in rows),
    )


def _row_of(refusal: Refusal, at: Mapping[int, int]) -> int | None:
    match refusal.path[:2]:
        case ("stations", int(place)):
            return at.get(place)
    return None


def _row(
    place: int,
    form: Form,
    own: Sequence[Refusal],
    views: Mapping[BoxIdentity, StationView],
    known: Mapping[str, Any],
    *,
    refused: bool,
) -> _Row:
    prefix = _prefix(place)
    fields = form_fields(StationSettings, "stations[]", form, known, {}, new=True, prefix=prefix)
    names = [name.removeprefix(prefix) for name in field_names(fields)]
    faults: dict[str, str] = {}
    for one in own:
        found, beside = faults_at([one], one.path[:2], names)
        for name, text in found.items():
            faults.setdefault(f"{prefix}{name}", text)
        for text in beside:
            faults.setdefault(f"{prefix}box_identity", text)
    fields = form_fields(StationSettings, "stations[]", form, known, faults, new=True, prefix=prefix)
    plain = {field.name.removeprefix(prefix): field for field in fields if isinstance(field, Field)}
    outlets = next(field for field in fields if isinstance(field, Group))
    identity = form.get(f"{prefix}box_identity", "")
    return _Row(
        place,
        identity,
        views.get(BoxIdentity(identity)),
        str(place) in form.getlist("chosen") and not refused,
        tuple(replace(plain[name], help="") for name in _SHOWN),
        outlets,
        refused,
        faults.get(f"{prefix}box_identity", ""),
    )
