"""The pages of the configuration: its overview, its plain parts, and its lists of zones, stations, meters."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, make_response, render_template, request
from pydantic import BaseModel

from evce.configuration.capacity import check_capacity, zones_left
from evce.configuration.document import SiteDocument
from evce.configuration.hints import hints
from evce.configuration.proven import proof_of
from evce.configuration.reference import section_at
from evce.configuration.registration import detected as waiting
from evce.configuration.toml_source import write_toml
from evce.degraded import degraded_currents
from evce.errors import ConfigurationError, Refusal
from evce.floors import floor
from evce.network.networkd import UNIT, networkd_unit
from evce.proof import ZoneProof
from evce.units import Amps
from evce.views import SiteSnapshot, StationView
from web.assistant import UNNAMED, assisted, next_address, step_at
from web.doors import doors
from web.effects import effects, hint_words, proof_words, sums_of
from web.forms import Field, Form, Group, as_form, faults_at, field_names, form_fields, packed, read_form
from web.labels import ADVICE, SECTIONS, label_of, path_words
from web.languages import gettext
from web.pages.proposing import Edit, configuration_page, in_force, propose
from web.pages.site_time import shown_time
from web.rendering import network_shown, site
from web.security import Access, access
from web.sentences import told
from web.things import THINGS, Things, known_things
from web.week import summary_of, week_of

__all__ = ["configuration_nav", "configuration_pages", "set_up"]

_TEMPLATES = {
    "meters": "configuration/meter.html",
    "meter_models": "configuration/meter.html",
    "zones": "configuration/zone.html",
}
"""What has more to it than its form."""

configuration_pages = Blueprint("configuration", __name__)


def set_up(app: Flask) -> None:
    """Give the templates the navigation of the configuration."""
    app.jinja_env.globals["configuration_nav"] = configuration_nav


def configuration_nav() -> list[tuple[str, str, str]]:
    """Name, address and title of each part, in the order in which people need them."""
    parts = [("overview", "/configuration", gettext("Overview"))]
    for name in (*SECTIONS, *(name for name in SiteDocument.model_fields if name not in SECTIONS)):
        parts.append((name, _address(name), _title(name)))
        if name == "stations":
            parts.append(("assignment", "/configuration/assignment", gettext("Assignment")))
    if current_app.extensions.get("evce_firmware"):
        parts.append(("firmware", "/configuration/firmware", gettext("Station firmware")))
    if current_app.extensions.get("evce_reports"):
        parts += [
            ("report", "/reports/evce", gettext("EVCE report")),
            ("reports", "/reports/stations", gettext("Station reports")),
        ]
    return [
        *parts,
        ("licence", "/configuration/licence", gettext("Licence")),
        ("history", "/configuration/history", gettext("History")),
        ("users", "/users", gettext("Users")),
        ("backup", "/configuration/backup", gettext("Save & restore")),
        ("release", "/configuration/release", gettext("EVCE firmware")),
        ("restart", "/configuration/restart", gettext("Restart")),
        ("factory-reset", "/configuration/factory-reset", gettext("Factory reset")),
    ]


def _title(name: str) -> str:
    return gettext(SECTIONS[name]) if name in SECTIONS else name.replace("_", " ").capitalize()


def _address(name: str) -> str:
    return f"/configuration/{name}" if name in THINGS else f"/configuration/section/{name}"


@configuration_pages.get("/configuration")
@access(Access.ADMIN)
def overview() -> Response:
    record, document = in_force()
    return configuration_page(
        "configuration/overview.html",
        "overview",
        record=record,
        document=document,
        hints=[hint_words(hint, document) for hint in hints(document)],
        proofs=_proofs(document),
    )


def _proofs(document: SiteDocument) -> list[tuple[str, ZoneProof, str]]:
    """Name, proof and its sentence for each zone."""
    return [
        (document.zone(proof.zone).name, proof, proof_words(proof, document))
        for proof in proof_of(document).zones
    ]


@configuration_pages.get("/configuration/site.toml")
@access(Access.ADMIN)
def site_file() -> Response:
    """The configuration in force as a site file."""
    record, document = in_force()
    head = f"# {document.site.name}, revision {record.number} by {record.author}\n"
    answer = Response(head + write_toml(document), mimetype="application/toml")
    answer.headers["Content-Disposition"] = f'attachment; filename="site-{record.number}.toml"'
    return answer


# The plain parts.


@configuration_pages.get("/configuration/section/<section>")
@access(Access.ADMIN)
def section(section: str) -> Response:
    record, document = in_force()
    model = _section_or_404(section)
    form = as_form(model, document.plain()[section])
    if section == "site" and document.site.name == UNNAMED:
        form.setlist("name", [])
    return _section_form(section, document, record.number, form, ())


@configuration_pages.post("/configuration/section/<section>")
@access(Access.ADMIN)
def change_section(section: str) -> Response:
    model = _section_or_404(section)
    form = packed(model, request.form)

    def edit(plain: dict[str, Any]) -> None:
        kept = {name: plain[section][name] for name in _with_own_pages(model, section)}
        plain[section] = {**kept, **read_form(model, form)}

    return propose(
        edit,
        lambda document, based_on, refused: _section_form(section, document, based_on, form, refused),
        title=_title(section),
        here=section,
        back=next_address(request.path, in_force()[1])
        if assisted() and step_at(request.path)
        else _address(section),
        comment=_title(section),
    )


def _section_or_404(name: str) -> type[BaseModel]:
    model = section_at(SiteDocument, (name,))
    if model is None:
        abort(404)
    return model


def _with_own_pages(model: type[BaseModel], section: str) -> list[str]:
    paths = {things.path for things in THINGS.values()}
    return [name for name in model.model_fields if (section, name) in paths]


def _section_form(
    section: str, document: SiteDocument, based_on: int, form: Form, refused: Sequence[Refusal]
) -> Response:
    model = _section_or_404(section)
    template = {
        "cpo": "configuration/supervision.html",
        "site": "configuration/network.html",
        "ocpp": "configuration/network.html",
        "network": "configuration/addresses.html",
        "tariff": "configuration/tariff.html",
        "inputs": "configuration/inputs.html",
        "load_shedding": "configuration/shedding.html",
        "webservices": "configuration/web_services.html",
    }
    more: dict[str, object] = {}
    if section == "tariff":
        periods = THINGS["periods"]
        more = {
            "week": week_of(document),
            "summary": summary_of(document),
            "periods": document.tariff.periods,
            "things": periods,
            "kind": periods.kind,
            "rows": periods.rows(document, site().snapshot(), {})[0],
            "number": based_on,
        }
    if section in ("site", "ocpp"):
        more = {"doors": doors(), "unnamed": document.site.name == UNNAMED}
    if section in ("site", "cpo"):
        more["time"] = shown_time()
    if section == "load_shedding":
        more = {"fallen": _degraded(document), "proofs": _proofs(document)}
    if section == "network":
        more = {"network": network_shown(), "unit": networkd_unit(document.network), "unit_name": UNIT}
    if section == "inputs":
        more = {"states": site().snapshot().inputs}
    return _form_page(
        model,
        section,
        form,
        refused,
        (section,),
        document,
        here=section,
        template=template.get(section, "configuration/form.html"),
        values={
            "title": _title(section),
            "intro": gettext(ADVICE[section]) if section in ADVICE else "",
            "based_on": based_on,
            "back": "/configuration",
            **more,
        },
    )


def _degraded(document: SiteDocument) -> list[tuple[str, str, Amps, Amps | None]]:
    """Name, zone, floor and degraded current of each connector (LM-12); None: it has no degraded mode."""
    model, standard = document.model(), document.load_shedding.floor_standard
    currents = degraded_currents(model, standard)
    return [
        (
            f"{station.name} / {connector.key.number}",
            "" if station.zone is None else model.zones[station.zone].name,
            floor(connector, standard),
            currents.get(connector.key),
        )
        for station in model.stations.values()
        for connector in station.connectors
    ]


@configuration_pages.get("/configuration/inputs/states")
@access(Access.ADMIN)
def input_states() -> Response:
    """The live part of the inputs' page (DI-1)."""
    html = render_template("parts/input_states.html", states=site().snapshot().inputs)
    return make_response(html)


# The lists of things.


@configuration_pages.get("/configuration/<kind>")
@access(Access.ADMIN)
def things(kind: str) -> Response:
    listed = _things_or_404(kind)
    if listed.page != _address(kind):
        abort(404)
    record, document = in_force()
    snapshot = site().snapshot()
    rows, more = listed.rows(document, snapshot, request.args)
    return configuration_page(
        "configuration/things.html",
        kind,
        kind=kind,
        number=record.number,
        title=_title(kind),
        things=listed,
        rows=rows,
        more=more,
        form=request.args,
        document=document,
        zones_left=zones_left(document) if kind == "zones" else None,
        detected=_detected(snapshot) if kind == "stations" else [],
        doors=doors() if kind == "stations" else (),
    )


def _detected(snapshot: SiteSnapshot) -> list[StationView]:
    return waiting(in_force()[1], snapshot.stations.values())


@configuration_pages.get("/configuration/stations/detected")
@access(Access.ADMIN)
def detected() -> Response:
    """The live part of the stations' page (OC-2)."""
    snapshot = site().snapshot()
    html = render_template("configuration/detected.html", detected=_detected(snapshot), now=snapshot.taken_at)
    return make_response(html)


@configuration_pages.get("/configuration/<kind>/edit")
@access(Access.ADMIN)
def thing(kind: str) -> Response:
    listed = _things_or_404(kind)
    record, document = in_force()
    name = request.args.get("name", "")
    if name:
        try:
            form = as_form(listed.model, listed.find(document.plain(), name))
        except LookupError:
            abort(404)
    else:
        form = listed.blank(request.args)
    return _thing_form(listed, document, record.number, form, (), name)


@configuration_pages.post("/configuration/<kind>/edit")
@access(Access.ADMIN)
def change_thing(kind: str) -> Response:
    listed = _things_or_404(kind)
    name = request.args.get("name", "")
    form = packed(listed.model, request.form)

    def edit(plain: dict[str, Any]) -> None:
        values = read_form(listed.model, form)
        if name:
            listed.replace(plain, name, values)
        else:
            listed.add(plain, values)

    title = listed.title_of(name)
    return propose(
        edit,
        lambda document, based_on, refused: _thing_form(listed, document, based_on, form, refused, name),
        title=title,
        here=listed.here,
        back=listed.page,
        comment=title,
    )


@configuration_pages.post("/configuration/zones/move")
@access(Access.ADMIN)
def move_zone() -> Response:
    """Hang a zone below another one, or, without one, on its own at the top."""
    zones = THINGS["zones"]
    name, parent = request.form.get("name", ""), request.form.get("parent", "")

    def edit(plain: dict[str, Any]) -> None:
        if parent:
            zones.find(plain, parent)
        zones.find(plain, name)["parent"] = parent or None

    title = gettext("%(name)s below %(parent)s", name=name, parent=parent)
    if not parent:
        title = gettext("%(name)s fed by no other zone", name=name)
    return _without_form(edit, zones, title)


@configuration_pages.post("/configuration/<kind>/check")
@access(Access.ADMIN)
def check(kind: str) -> Response:
    """What a form that is being filled in would do, without any change of the settings."""
    document = in_force()[1]
    plain = copy.deepcopy(document.plain())
    if kind == "load_shedding":
        plain[kind] = read_form(_section_or_404(kind), request.form)
    else:
        listed, name = _things_or_404(kind), request.args.get("name", "")
        values = read_form(listed.model, packed(listed.model, request.form))
        try:
            if name:
                listed.replace(plain, name, values)
            else:
                listed.add(plain, values)
        except LookupError:
            abort(404)
    try:
        after = SiteDocument.parse(plain)
        check_capacity(document, after)
    except ConfigurationError as error:
        faults = [_fault_line(refusal) for refusal in error.refusals]
        html = render_template("configuration/checked.html", faults=faults, told=(), fallen=())
    else:
        html = render_template(
            "configuration/checked.html",
            faults=(),
            told=(*sums_of(after), *effects(document, after, site().snapshot())),
            fallen=_degraded(after) if kind == "load_shedding" else (),
        )
    return make_response(html)


def _fault_line(refusal: Refusal) -> str:
    steps = ["[]" if isinstance(step, int) else f".{step}" for step in refusal.path]
    return f"{label_of(''.join(steps).removeprefix('.'))}: {told(refusal.allowed)}"


@configuration_pages.post("/configuration/<kind>/delete")
@access(Access.ADMIN)
def delete_thing(kind: str) -> Response:
    listed = _things_or_404(kind)
    name = request.form.get("name", "")

    def edit(plain: dict[str, Any]) -> None:
        listed.remove(plain, name)

    return _without_form(edit, listed, gettext("Delete %(name)s", name=name))


def _without_form(edit: Edit, listed: Things, title: str) -> Response:
    def again(_: SiteDocument, __: int, refused: Sequence[Refusal]) -> Response:
        texts = [f"{path_words(refusal.field)}: {told(refusal.allowed)}" for refusal in refused]
        return configuration_page(
            "configuration/refused.html", listed.here, 422, title=title, others=texts, back=listed.page
        )

    return propose(
        edit, again, title=title, here=listed.here, back=listed.page, comment=title, editable=False
    )


def _things_or_404(kind: str) -> Things:
    listed = THINGS.get(kind)
    if listed is None:
        abort(404)
    return listed


def _thing_form(
    listed: Things,
    document: SiteDocument,
    based_on: int,
    form: Form,
    refused: Sequence[Refusal],
    name: str,
) -> Response:
    place: tuple[str | int, ...] = (*listed.path, listed.place_of(document.plain(), name))
    return _form_page(
        listed.model,
        listed.setting,
        form,
        refused,
        place,
        document,
        here=listed.here,
        template=_TEMPLATES.get(listed.kind, "configuration/form.html"),
        new=not name,
        values={
            "title": listed.title_of(form.get("name") or name if name else ""),
            "based_on": based_on,
            "back": listed.page,
            "kind": listed.kind,
            "name": name,
        },
    )


def _form_page(
    model: type[BaseModel],
    setting: str,
    form: Form,
    refused: Sequence[Refusal],
    place: Sequence[str | int],
    document: SiteDocument,
    *,
    here: str,
    template: str,
    new: bool = False,
    values: Mapping[str, object],
) -> Response:
    known = known_things(document)
    names = field_names(form_fields(model, setting, form, known, {}))
    faults, others = faults_at(refused, place, names)
    fields: tuple[Field | Group, ...] = form_fields(model, setting, form, known, faults, new=new)
    return configuration_page(
        template,
        here,
        422 if refused else 200,
        document=document,
        fields=fields,
        others=others,
        **values,
    )
