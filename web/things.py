"""The lists of the configuration document: what their pages show, and how one thing of them is changed."""

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from evce.configuration.choices import MeterModel
from evce.configuration.document import SiteDocument
from evce.configuration.meter_models import MeterModelSettings, RegisterSettings
from evce.configuration.refusals import name_of, value_at
from evce.configuration.sections import MeterSettings, PeriodSettings, StationSettings, ZoneSettings
from evce.registers import CURRENTS, Quantity
from evce.units import BoxIdentity, MeterId
from evce.views import SiteSnapshot
from web.formatting import amps
from web.forms import Form, Option, as_form
from web.labels import choice_word
from web.languages import gettext, mark

__all__ = ["THINGS", "Row", "Things", "known_things"]

_PER_PAGE = 100

_USUAL = (*CURRENTS, Quantity.ACTIVE_POWER, Quantity.ENERGY_DELIVERED)
"""What a new model of meters begins with."""

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in its table: `cells` under the columns, `depth` below its root, `state` where it has one."""

    name: str
    title: str
    note: str
    cells: tuple[str, ...]
    depth: int = 0
    state: str = ""
    tags: tuple[str, ...] = ()
    leaf: bool = True


Rows = Callable[[SiteDocument, SiteSnapshot, Query], list[Row]]


@dataclass(frozen=True)
class Things:
    """One list of the document; `path` leads to it, `page` shows it."""

    kind: str
    path: tuple[str, ...]
    model: type[BaseModel]
    one: str
    another: str
    columns: tuple[str, ...]
    list_rows: Rows
    page: str
    here: str
    empty: str
    advice: str

    @property
    def setting(self) -> str:
        """Its path as the reference writes it: `zones[]`."""
        return ".".join(self.path) + "[]"

    def title_of(self, name: str) -> str:
        """The title of the form."""
        return gettext(self.another) if not name else gettext(self.one, name=name)

    def rows(self, document: SiteDocument, snapshot: SiteSnapshot, query: Query) -> tuple[list[Row], int]:
        """One page of the table, and the number of the next page (0: there is none)."""
        found = self.list_rows(document, snapshot, query)
        text = query.get("page", "1")
        page = int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 6 else 1
        first = max(0, page - 1) * _PER_PAGE
        return found[first : first + _PER_PAGE], page + 1 if len(found) > first + _PER_PAGE else 0

    def _list(self, plain: dict[str, Any]) -> list[dict[str, Any]]:
        found = value_at(plain, self.path)
        return found if isinstance(found, list) else []

    def place_of(self, plain: dict[str, Any], name: str) -> int:
        """Where the thing stands; for one that is not there yet, where it will stand."""
        names = [name_of(thing) for thing in self._list(plain)]
        return names.index(name) if name in names else len(names)

    def find(self, plain: dict[str, Any], name: str) -> dict[str, Any]:
        """The thing with this name. Raises `LookupError`."""
        for thing in self._list(plain):
            if name_of(thing) == name:
                return thing
        raise LookupError(name)

    def replace(self, plain: dict[str, Any], name: str, values: dict[str, Any]) -> None:
        """Put new values in its place. Raises `LookupError`."""
        found = self.find(plain, name)
        found.clear()
        found.update(values)

    def add(self, plain: dict[str, Any], values: dict[str, Any]) -> None:
        """Put a new thing at the end; without an id it gets one made of its name."""
        if "id" in self.model.model_fields and "id" not in values:
            taken = {name_of(thing) for thing in self._list(plain)}
            values = {"id": _made_of(str(values.get("name", "")), taken), **values}
        self._list(plain).append(values)

    def remove(self, plain: dict[str, Any], name: str) -> None:
        """Take it out, with what names it where that is no loss. Raises `LookupError`."""
        self._list(plain).remove(self.find(plain, name))
        if self.kind == "zones":
            _let_go_of_zone(plain, name)

    def blank(self, query: Query) -> Form:
        """A new thing's form: its defaults, and what the address says about it."""
        form: Form = MultiDict()
        for name, info in self.model.model_fields.items():
            if name in query:
                form.add(name, query[name][:100])
            elif info.default is True:
                form.add(name, "1")
            elif isinstance(info.default, tuple):
                form.setlist(name, [str(item) for item in info.default])
            elif isinstance(info.default, str | int | float) and info.default is not False:
                form.add(name, f"{info.default:g}" if isinstance(info.default, float) else str(info.default))
        if self.kind == "stations":
            form.add("connectors.0", "1")
            form.setlist("name", form.getlist("box_identity"))
        if self.kind == "meter_models":
            for place, quantity in enumerate(_USUAL):
                plain = RegisterSettings(quantity=quantity).model_dump(mode="json")
                form.update(as_form(RegisterSettings, plain, f"registers.{place}."))
                form.add(f"registers.{place}", "1")
        return form


def _made_of(name: str, taken: Container[str]) -> str:
    """A short name such as `main-switchboard`, or `main-switchboard-2` where that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:44]
    if not made or made not in taken:
        return made
    return next(f"{made}-{n}" for n in range(2, 10_000) if f"{made}-{n}" not in taken)


def _let_go_of_zone(plain: dict[str, Any], zone: str) -> None:
    """Its stations have no zone then, and get 0 A; sub-zones and production are the person's to decide."""
    for station in plain["stations"]:
        if station["zone"] == zone:
            station["zone"] = None
    for meter in plain["meters"]:
        if meter["zone"] == zone and meter["role"] != "production":
            meter["zone"] = None
    for period in plain["tariff"]["periods"]:
        if period["zones"] is not None and zone in period["zones"]:
            period["zones"] = [name for name in period["zones"] if name != zone] or None


def known_things(document: SiteDocument) -> dict[str, Sequence[Option]]:
    """The zones and meters that settings can name."""
    return {
        "zones": [Option(zone.id, zone.name) for zone in document.zones],
        "meters": [Option(meter.id, meter.name) for meter in document.meters],
        "models": [
            *(Option(model, choice_word(model)) for model in MeterModel),
            *(Option(model.id, model.name) for model in document.meter_models),
        ],
    }


def _zone_rows(document: SiteDocument, _: SiteSnapshot, __: Query) -> list[Row]:
    meters = {meter.id: meter.name for meter in document.meters}
    below: dict[str | None, list[ZoneSettings]] = {}
    for zone in document.zones:
        below.setdefault(zone.parent, []).append(zone)
    stations: dict[str, int] = {}
    for station in document.stations:
        if station.zone is not None:
            stations[station.zone] = stations.get(station.zone, 0) + 1
    rows: list[Row] = []

    def walk(parent: str | None, depth: int) -> None:
        for zone in below.get(parent, ()):
            dynamic = zone.mode == "dynamic"
            rows.append(
                Row(
                    zone.id,
                    zone.name,
                    zone.id,
                    (
                        f"{amps(zone.maximum_a)} A",
                        gettext("Dynamic") if dynamic else gettext("Static"),
                        meters.get(zone.meter or "", "") if dynamic else "",
                        f"{amps(zone.degraded_setpoint_a)} A" if dynamic else "",
                        choice_word(zone.authentication),
                        str(stations.get(zone.id, 0)) if zone.id not in below else "",
                    ),
                    depth,
                    leaf=not stations.get(zone.id),
                )
            )
            walk(zone.id, depth + 1)

    walk(None, 0)
    return rows


def _station_rows(document: SiteDocument, snapshot: SiteSnapshot, query: Query) -> list[Row]:
    zones = {zone.id: zone.name for zone in document.zones}
    text, zone, family = (query.get(name, "").strip().casefold() for name in ("text", "zone", "family"))
    rows = []
    for station in document.stations:
        fields = (station.name, station.box_identity, station.address or "", station.serial_number or "")
        if text and not any(text in field.casefold() for field in fields):
            continue
        if (zone and zone != (station.zone or "-")) or (family and family != station.family):
            continue
        view = snapshot.stations.get(BoxIdentity(station.box_identity))
        rows.append(
            Row(
                station.box_identity,
                station.name,
                station.box_identity,
                (
                    choice_word(station.family),
                    zones.get(station.zone or "", gettext("none: 0 A")),
                    ", ".join(f"{c.wiring} {amps(c.rating_a)} A" for c in station.connectors),
                    choice_word(station.authentication),
                ),
                state=view.link.value if view is not None else "",
                tags=("VIP",) if station.vip else (),
            )
        )
    return rows


def _meter_rows(document: SiteDocument, snapshot: SiteSnapshot, _: Query) -> list[Row]:
    zones = {zone.id: zone.name for zone in document.zones}
    models = {model.id: model.name for model in document.meter_models}
    named_by = {zone.meter: zone.name for zone in document.zones if zone.meter is not None}
    rows = []
    for meter in document.meters:
        view = snapshot.meters.get(MeterId(meter.id))
        rows.append(
            Row(
                meter.id,
                meter.name,
                meter.id,
                (
                    choice_word(meter.role),
                    named_by.get(meter.id) or zones.get(meter.zone or "", ""),
                    models.get(meter.model) or choice_word(meter.model),
                    meter.endpoint.of_unit(meter.unit),
                    f"{meter.poll_ms} ms",
                ),
                state=view.state if view is not None else "",
            )
        )
    return rows


def _model_rows(document: SiteDocument, _: SiteSnapshot, __: Query) -> list[Row]:
    used: dict[str, list[str]] = {}
    for meter in document.meters:
        used.setdefault(meter.model, []).append(meter.name)
    return [
        Row(
            model.id,
            model.name,
            model.id,
            (
                ", ".join(f"{choice_word(one.quantity)} {one.address}" for one in model.registers),
                choice_word(model.word_order),
                ", ".join(used.get(model.id, ())),
            ),
        )
        for model in document.meter_models
    ]


def _period_rows(document: SiteDocument, _: SiteSnapshot, __: Query) -> list[Row]:
    zones = {zone.id: zone.name for zone in document.zones}
    return [
        Row(
            period.name,
            period.name,
            "" if period.enabled else gettext("switched off"),
            (
                f"{period.percent} %",
                ", ".join(period.slots),
                _days(period.days),
                gettext("all")
                if period.zones is None
                else ", ".join(zones.get(zone, zone) for zone in period.zones),
            ),
        )
        for period in document.tariff.periods
    ]


def _days(days: Iterable[str]) -> str:
    named = [choice_word(str(day)) for day in days]
    return gettext("every day") if len(named) == 7 else ", ".join(named)


THINGS: dict[str, Things] = {
    things.kind: things
    for things in (
        Things(
            kind="zones",
            path=("zones",),
            model=ZoneSettings,
            one=mark("Zone %(name)s"),
            another=mark("New zone"),
            columns=(
                mark("Maximum"),
                mark("Limit"),
                mark("Meter"),
                mark("Degraded"),
                mark("Who may charge"),
                mark("Stations"),
            ),
            list_rows=_zone_rows,
            page="/configuration/zones",
            here="zones",
            empty=mark(
                "No zone yet. Begin with the main switchboard: without a zone no station gets energy."
            ),
            advice=mark("A zone is a switchboard: it holds sub-zones or stations, never both."),
        ),
        Things(
            kind="stations",
            path=("stations",),
            model=StationSettings,
            one=mark("Station %(name)s"),
            another=mark("New station"),
            columns=(mark("Family"), mark("Zone"), mark("Connectors"), mark("Who may charge")),
            list_rows=_station_rows,
            page="/configuration/stations",
            here="stations",
            empty=mark("No station."),
            advice=mark("A station gets energy once it is here and has a zone."),
        ),
        Things(
            kind="meters",
            path=("meters",),
            model=MeterSettings,
            one=mark("Meter %(name)s"),
            another=mark("New meter"),
            columns=(mark("For"), mark("Zone"), mark("Model"), mark("Connection"), mark("Polled")),
            list_rows=_meter_rows,
            page="/configuration/meters",
            here="meters",
            empty=mark("No power meter: every zone is static."),
            advice=mark("A dynamic zone needs a meter that reads everything in it, the cars included."),
        ),
        Things(
            kind="meter_models",
            path=("meter_models",),
            model=MeterModelSettings,
            one=mark("Meter model %(name)s"),
            another=mark("New meter model"),
            columns=(mark("Registers"), mark("Word order"), mark("Used by")),
            list_rows=_model_rows,
            page="/configuration/meter_models",
            here="meter_models",
            empty=mark("No model of your own: those that are built in need no entry."),
            advice=mark("For meters that are not built in: which register holds what, as their manual says."),
        ),
        Things(
            kind="periods",
            path=("tariff", "periods"),
            model=PeriodSettings,
            one=mark("Period %(name)s"),
            another=mark("New period"),
            columns=(mark("Share"), mark("Time slots"), mark("Days"), mark("Zones")),
            list_rows=_period_rows,
            page="/configuration/section/tariff",
            here="tariff",
            empty=mark("No period yet: the nominal maximum applies all the time."),
            advice="",
        ),
    )
}
"""The lists that have pages of their own, by the name in their address."""
