"""What the parts of a document can't be together: references, the tree of zones, meters, outlets, limits.

The checks read plain data, so that they also run over a document some of whose fields were refused:
each check looks only at values of the right type, the others have been told already.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

from evce.configuration.choices import FileTransfer, MeterRole, ZoneMode
from evce.configuration.meter_models import check_meter_models
from evce.configuration.meter_places import check_meter_places
from evce.configuration.network import network_conflicts
from evce.configuration.outlets import check_outlets
from evce.configuration.refusals import Path, label, refusal, suggest, value_at
from evce.configuration.uplink import uplink_conflicts
from evce.errors import Refusal
from evce.floors import FloorStandard
from evce.security.profiles import SecurityProfile

__all__ = ["MAXIMUM_DEPTH", "cross_check"]

MAXIMUM_DEPTH = 10
"""Levels of zones; far beyond any real site (the capacity references know 3), bounds every recursion."""

SLOWEST_CONTROL_POLL_MS = 1_500
"""A meter counts as lost after 5 s: three polls must fit before that."""

MOST_SLOTS = 20
"""Time slots of all tariff periods together (TOU-1)."""

Plain = Mapping[str, Any]


def cross_check(data: Plain) -> Iterator[Refusal]:
    """Everything that is wrong between the fields of a document given as plain data."""
    for check in _CHECKS:
        yield from check(data)


def _entries(data: Plain, *keys: str) -> list[tuple[Path, dict[str, Any]]]:
    """The tables of a list, each with its path."""
    holder: Any = data
    for key in keys:
        holder = holder.get(key) if isinstance(holder, Mapping) else None
    things = holder if isinstance(holder, list | tuple) else ()
    return [((*keys, place), dict(thing)) for place, thing in enumerate(things) if isinstance(thing, Mapping)]


def _by_id(data: Plain, key: str) -> dict[str, tuple[Path, dict[str, Any]]]:
    """The tables of a list by their id; of two with one id the first counts."""
    found: dict[str, tuple[Path, dict[str, Any]]] = {}
    for path, thing in _entries(data, key):
        if isinstance(thing.get("id"), str):
            found.setdefault(thing["id"], (path, thing))
    return found


def _table(data: Plain, key: str) -> dict[str, Any]:
    """A section, empty where there is none or it was refused."""
    section = data.get(key)
    return dict(section) if isinstance(section, Mapping) else {}


def _word(thing: Plain, key: str) -> str:
    """A text, empty where there is none or it was refused."""
    value = thing.get(key)
    return value if isinstance(value, str) else ""


def _number(thing: Plain, key: str, default: float | None = None) -> float | None:
    """A number, None where there is none or it was refused."""
    value = thing.get(key, default)
    return value if isinstance(value, int | float) else None


def _known(data: Plain, path: Path, known: Mapping[str, object], what: str) -> Iterator[Refusal]:
    """A reference must lead somewhere; nothing to say where none is given."""
    name = value_at(data, path)
    if isinstance(name, str) and name not in known:
        there = f"(there are {', '.join(known)})" if known else "(there is none)"
        meant = suggest(name, known)
        yield refusal(data, path, f"must be the id of a {what}" + ("" if meant else f" {there}"), meant)


# Unique names


def _folded(value: Any) -> Hashable:
    """Names that differ only in case are taken for one another by people."""
    match value:
        case str():
            return value.casefold()
        case int():
            return value
        case _:
            return None


_UNIQUE: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("zones",), "id", "zone"),
    (("zones",), "name", "zone"),
    (("stations",), "box_identity", "station"),
    (("stations",), "name", "station"),
    (("stations",), "address", "station"),
    (("meters",), "id", "meter"),
    (("meters",), "name", "meter"),
    (("meter_models",), "id", "model"),
    (("meter_models",), "name", "model"),
    (("inputs", "channels"), "name", "input"),
    (("inputs", "channels"), "pin", "input"),
    (("tariff", "periods"), "name", "period"),
)


def _unique(data: Plain) -> Iterator[Refusal]:
    for keys, field, what in _UNIQUE:
        first: dict[Hashable, Path] = {}
        for path, thing in _entries(data, *keys):
            if (value := _folded(thing.get(field))) is None:
                continue
            other = first.setdefault(value, path)
            if other != path:
                number = f"#{int(other[-1]) + 1}"
                yield refusal(data, (*path, field), f"must be unique; {what} {number} has it already")


# The tree of zones


def _parents(data: Plain) -> Iterator[Refusal]:
    zones = _by_id(data, "zones")
    for path, zone in _entries(data, "zones"):
        yield from _known(data, (*path, "parent"), zones, "zone")
        if (parent := _word(zone, "parent")) not in zones:
            continue
        mine, above = _number(zone, "maximum_a"), _number(zones[parent][1], "maximum_a")
        if mine is not None and above is not None and mine > above:
            allowed = f'must be at most {above:g}, the maximum of its parent "{parent}"'
            yield refusal(data, (*path, "maximum_a"), allowed)


def _cycles_and_depth(data: Plain) -> Iterator[Refusal]:
    zones = _by_id(data, "zones")
    told: set[str] = set()
    for zone_id, (path, _) in zones.items():
        trail = [zone_id]
        while (parent := _word(zones[trail[-1]][1], "parent")) in zones and parent not in trail:
            trail.append(parent)
        if parent in trail:
            cycle = trail[trail.index(parent) :]
            if zone_id in cycle and not told.intersection(cycle):
                told.update(cycle)
                around = " → ".join([*cycle, cycle[0]])
                yield refusal(data, (*path, "parent"), f"must not lead back to the zone itself ({around})")
        elif len(trail) == MAXIMUM_DEPTH + 1:
            yield refusal(data, (*path, "parent"), f"must be a zone of at most level {MAXIMUM_DEPTH - 1}")


def _zones_hold_one_kind(data: Plain) -> Iterator[Refusal]:
    children: dict[str, list[str]] = {}
    for _, zone in _entries(data, "zones"):
        if parent := _word(zone, "parent"):
            children.setdefault(parent, []).append(_word(zone, "id"))
    zones = _by_id(data, "zones")
    for path, station in _entries(data, "stations"):
        yield from _known(data, (*path, "zone"), zones, "zone")
        if below := children.get(_word(station, "zone")):
            yield refusal(
                data,
                (*path, "zone"),
                f"must be a zone without sub-zones: a zone holds sub-zones or stations, and this one holds "
                f"{', '.join(below)}",
            )


# Dynamic zones and meters


_ONLY_DYNAMIC = 'must be left out of a static zone, or its mode be "dynamic"'


def _dynamic_zones(data: Plain) -> Iterator[Refusal]:
    for path, zone in _entries(data, "zones"):
        at_meter, at_setpoint = (*path, "meter"), (*path, "degraded_setpoint_a")
        static = zone.get("mode", ZoneMode.STATIC) == ZoneMode.STATIC
        if static and zone.get("building_maximum_a") is not None:
            yield refusal(data, (*path, "building_maximum_a"), _ONLY_DYNAMIC)
        given = zone.get("meter") is not None
        setpoint, maximum = _number(zone, "degraded_setpoint_a"), _number(zone, "maximum_a")
        match zone.get("mode", ZoneMode.STATIC):
            case ZoneMode.DYNAMIC if not given:
                yield refusal(data, at_meter, "must be given: a dynamic zone needs a meter")
            case ZoneMode.STATIC if given:
                yield refusal(data, at_meter, _ONLY_DYNAMIC)
            case ZoneMode.STATIC if setpoint:
                yield refusal(data, at_setpoint, _ONLY_DYNAMIC)
        if setpoint is not None and maximum is not None and setpoint > maximum:
            yield refusal(data, at_setpoint, f"must be at most {maximum:g}, the zone's maximum")


def _buildings(data: Plain) -> Iterator[Refusal]:
    """What a sub-zone's building draws flows through every zone above it."""
    zones = _by_id(data, "zones")
    for zone_id, (_, zone) in zones.items():
        drawn, trail = _number(zone, "building_maximum_a"), [zone_id]
        while (parent := _word(zones[trail[-1]][1], "parent")) in zones and parent not in trail:
            trail.append(parent)
            path, above = zones[parent]
            most = _number(above, "building_maximum_a")
            if drawn is not None and most is not None and most < drawn:
                allowed = f'must be at least {drawn:g}, the building of "{zone_id}" below it'
                yield refusal(data, (*path, "building_maximum_a"), allowed)


def _zone_meters(data: Plain) -> Iterator[Refusal]:
    meters = _by_id(data, "meters")
    owner: dict[str, Path] = {}
    for path, zone in _entries(data, "zones"):
        at_meter = (*path, "meter")
        yield from _known(data, at_meter, meters, "meter")
        if not (meter := _word(zone, "meter")):
            continue
        role = _word(meters[meter][1], "role") if meter in meters else ""
        if role and role != MeterRole.ZONE:
            yield refusal(data, at_meter, f'must be a meter with the role "zone", this one has "{role}"')
        if (other := owner.setdefault(meter, path)) != path:
            yield refusal(data, at_meter, f"must be a meter of its own; {label(other, data)} has this one")


def _meter_zones(data: Plain) -> Iterator[Refusal]:
    zones = _by_id(data, "zones")
    named_by = {_word(zone, "meter"): zone_id for zone_id, (_, zone) in reversed(zones.items())}
    for path, meter in _entries(data, "meters"):
        at_zone, role, zone = (*path, "zone"), meter.get("role"), _word(meter, "zone")
        yield from _known(data, at_zone, zones, "zone")
        if role == MeterRole.PRODUCTION and meter.get("zone") is None:
            yield refusal(data, at_zone, "must be given: the zone that the production feeds")
        owner = named_by.get(_word(meter, "id"))
        if role == MeterRole.ZONE and zone in zones and owner != zone:
            right = (
                f'"{owner}", the zone that names it' if owner else "left out, or that zone name this meter"
            )
            yield refusal(data, at_zone, f"must be {right}")


def _meter_readings(data: Plain) -> Iterator[Refusal]:
    for path, meter in _entries(data, "meters"):
        slowest = SLOWEST_CONTROL_POLL_MS
        poll = _number(meter, "poll_ms") or 0
        if poll > slowest and _word(meter, "role") in (MeterRole.ZONE, MeterRole.PRODUCTION):
            allowed = f"must be at most {slowest} for a meter that sets a limit (it is lost after 5 s)"
            yield refusal(data, (*path, "poll_ms"), allowed)


def _meter_places(data: Plain) -> Iterator[Refusal]:
    yield from check_meter_places(data, _entries(data, "meters"))


def _meter_models(data: Plain) -> Iterator[Refusal]:
    yield from check_meter_models(data, _entries(data, "meter_models"), _entries(data, "meters"))


# Network and advanced values


def _listeners(data: Plain) -> Iterator[Refusal]:
    port = _number(_table(data, "web"), "port", 8_443)
    if port and port == _number(_table(data, "ocpp"), "port", 8_887):
        yield refusal(data, ("web", "port"), "must differ from ocpp.port: stations connect there")


def _file_ports(data: Plain) -> Iterator[Refusal]:
    """Only the ways that a station uses are listened on."""
    ocpp = _table(data, "ocpp")
    used = {_word(ocpp, "file_transfer"), *(_word(s, "file_transfer") for _, s in _entries(data, "stations"))}
    known = {
        "web.port": _number(_table(data, "web"), "port", 8_443),
        "ocpp.port": _number(ocpp, "port", 8_887),
        "ocpp.tls_port": _number(ocpp, "tls_port"),
        "ocpp.files_port": _number(ocpp, "files_port", 8_888),
    }
    for way, usual in ((FileTransfer.FTP, 8_821), (FileTransfer.FTPS, 8_990)):
        name = f"{way}_port"
        port = _number(ocpp, name, usual)
        if not port or way not in used:
            continue
        for other, taken in known.items():
            if port == taken:
                yield refusal(data, ("ocpp", name), f"must differ from {other}")
        known[f"ocpp.{name}"] = port
    first, last = _number(ocpp, "ftp_data_port_first", 8_900), _number(ocpp, "ftp_data_port_last", 8_939)
    if first and last is not None and last < first:
        yield refusal(data, ("ocpp", "ftp_data_port_last"), f"must be at least {first:g}, the first of them")


def _tls(data: Plain) -> Iterator[Refusal]:
    ocpp = _table(data, "ocpp")
    port = _number(ocpp, "tls_port")
    if port is None:
        stations = [(_word(station, "box_identity"), station) for _, station in _entries(data, "stations")]
        for name, thing in (("the site", ocpp), *stations):
            profile = _number(thing, "security_profile", 0) or 0
            if profile >= SecurityProfile.TLS_BASIC_AUTH:
                allowed = f"must be given: {name} asks for security profile {profile:g}, which needs TLS"
                yield refusal(data, ("ocpp", "tls_port"), allowed)
                break
    known = (("ocpp", "port", 8_887), ("ocpp", "files_port", 8_888), ("web", "port", 8_443))
    for section, name, default in known:
        if port and port == _number(_table(data, section), name, default):
            yield refusal(data, ("ocpp", "tls_port"), f"must differ from {section}.{name}")
    pair = ("tls_certificate_file", "tls_key_file")
    for name, other in (pair, pair[::-1]):
        if ocpp.get(name) is None and ocpp.get(other) is not None:
            yield refusal(data, ("ocpp", name), f"must be given with {other}")


def _leases(data: Plain) -> Iterator[Refusal]:
    advanced = _table(data, "advanced")
    dynamic, static = _number(advanced, "lease_dynamic_s", 120), _number(advanced, "lease_static_s", 600)
    if dynamic is not None and static is not None and static < dynamic:
        allowed = f"must be at least {dynamic:g}, the lease in dynamic zones"
        yield refusal(data, ("advanced", "lease_static_s"), allowed)


def _cpo(data: Plain) -> Iterator[Refusal]:
    for name, allowed in uplink_conflicts(_table(data, "cpo")):
        yield refusal(data, ("cpo", name), allowed)


def _network(data: Plain) -> Iterator[Refusal]:
    for name, allowed in network_conflicts(_table(data, "network")):
        yield refusal(data, ("network", name), allowed)


def _reset_pins(data: Plain) -> Iterator[Refusal]:
    inputs = _table(data, "inputs")
    if inputs.get("reset_contact") is not True:
        return
    taken = {_number(channel, "pin"): path for path, channel in _entries(data, "inputs", "channels")}
    for name, usual in (("reset_drive_pin", 7), ("reset_sense_pin", 8)):
        pin = _number(inputs, name, usual)
        if pin is not None and pin in taken:
            allowed = f"must differ from the pin of {label(taken[pin], data)}"
            yield refusal(data, ("inputs", name), allowed)
    drive, sense = _number(inputs, "reset_drive_pin", 7), _number(inputs, "reset_sense_pin", 8)
    if drive is not None and drive == sense:
        yield refusal(data, ("inputs", "reset_sense_pin"), "must differ from inputs.reset_drive_pin")


def _outlets(data: Plain) -> Iterator[Refusal]:
    standard = _table(data, "load_shedding").get("floor_standard", FloorStandard.IEC61851)
    for path, station in _entries(data, "stations"):
        yield from check_outlets(data, path, station, standard)


# Times of use


def _tariff_zones(data: Plain) -> Iterator[Refusal]:
    zones = _by_id(data, "zones")
    for path, period in _entries(data, "tariff", "periods"):
        named = period.get("zones")
        for place in range(len(named) if isinstance(named, list | tuple) else 0):
            yield from _known(data, (*path, "zones", place), zones, "zone")


def _tariff_slots(data: Plain) -> Iterator[Refusal]:
    """TOU-1: twenty slots in all."""
    so_far = 0
    for path, period in _entries(data, "tariff", "periods"):
        slots = period.get("slots")
        so_far += len(slots) if isinstance(slots, list | tuple) else 0
        if so_far > MOST_SLOTS:
            yield refusal(data, (*path, "slots"), f"must be at most {MOST_SLOTS} in all periods together")
            return


_CHECKS: tuple[Callable[[Plain], Iterator[Refusal]], ...] = (
    _unique,
    _parents,
    _cycles_and_depth,
    _zones_hold_one_kind,
    _dynamic_zones,
    _buildings,
    _zone_meters,
    _meter_zones,
    _meter_readings,
    _meter_places,
    _reset_pins,
    _meter_models,
    _listeners,
    _file_ports,
    _tls,
    _leases,
    _cpo,
    _network,
    _tariff_zones,
    _tariff_slots,
    _outlets,
)
