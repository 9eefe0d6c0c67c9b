"""The maintenance report of EVCE itself: process, machine, configuration, zones, stations, meters, alarms."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from evce.configuration.document import SiteDocument
from evce.configuration.hints import hints
from evce.configuration.proven import proof_of
from evce.plain import REDACTED, plain
from evce.proof import zone_sentence
from evce.records import LimitRecord, RevisionRecord
from evce.reports.inside import ActorFigures, Inside
from evce.reports.page import Section, Table, in_mb, moment, rows_of, span
from evce.units import Amps, PhaseAmps, Seconds
from evce.views import SiteSnapshot, StationView, ZoneView

__all__ = ["SiteRecords", "actor_rows", "alarms_of", "site_sections", "station_states"]

RATE_KNOWN_AFTER: Final[Seconds] = 3600.0
"""What was written in the first minutes is mostly the start."""

_DAY: Final[Seconds] = 86_400.0
_IN_DETAIL: Final = ("zones", "stations", "meters")
"""Parts of the document that have a section of their own."""


@dataclass(frozen=True, slots=True)
class SiteRecords:
    """What the database tells for the report: `peaks` by day, and event lines of the last 24 h by device.

    `lost` counts the connections that each station lost, `told` every line of a device.
    """

    revision: RevisionRecord
    document: SiteDocument
    peaks: tuple[LimitRecord, ...] = ()
    lost: Counter[str] | None = None
    told: Counter[str] | None = None


def site_sections(
    version: str, snapshot: SiteSnapshot, records: SiteRecords, inside: Inside
) -> Iterator[Section]:
    """Every part of the report, the summary first."""
    lost, told = records.lost or Counter(), records.told or Counter()
    yield _summary(version, snapshot, inside)
    yield alarms_of(snapshot)
    yield _host(inside)
    yield _configuration(records)
    yield _zones(snapshot, records.peaks)
    yield Section(
        "Stations",
        tables=(_stations(snapshot, lost), _wear(snapshot)),
        note="Obedience, delay and error are judged since EVCE runs; lost links are those of the last 24 h.",
    )
    yield _meters(snapshot, told)
    yield _inputs(snapshot)
    yield _uplinks(snapshot, records.document)
    yield Section(
        "Actors",
        facts=(("Messages that found nobody", str(inside.undelivered)),),
        tables=(Table(_ACTOR_HEADS, tuple(actor_rows(inside.actors))),),
    )
    yield _database(inside)
    lines = tuple(f"{moment(x.at)} {x.level:<8} {x.logger}: {x.message}" for x in inside.log)
    yield Section("Last log lines", lines=lines)


def _summary(version: str, snapshot: SiteSnapshot, inside: Inside) -> Section:
    linked = Counter(one.link.value for one in snapshot.stations.values() if one.registered)
    return Section(
        "Summary",
        (
            ("Site", snapshot.site_name),
            ("EVCE", version),
            ("Running for", span(inside.host.process_up)),
            ("Revision in force", str(snapshot.revision)),
            ("Stations", _counted(linked)),
            ("Meters", _counted(Counter(one.state for one in snapshot.meters.values()))),
            ("Zones", str(len(snapshot.zones))),
            ("Alarms", str(len(snapshot.alarms))),
            ("Actors restarted", str(sum(1 for one in inside.actors if one.restarts))),
            ("Drill", "none" if snapshot.drill is None else f"{snapshot.drill.what} by {snapshot.drill.by}"),
        ),
    )


def alarms_of(snapshot: SiteSnapshot, sources: Iterable[str] | None = None) -> Section:
    """The alarms that stand, all or those of these sources and their connectors."""
    wanted = None if sources is None else tuple(sources)
    rows = tuple(
        (moment(one.raised_at), one.severity, one.source, one.message, one.advice, one.acknowledged_by)
        for one in snapshot.alarms
        if wanted is None or one.source.partition("/")[0] in wanted or one.source in wanted
    )
    heads = ("Since", "Severity", "Source", "Alarm", "Advice", "Seen by")
    return Section("Alarms", tables=(Table(heads, rows),))


def _host(inside: Inside) -> Section:
    host = inside.host
    return Section(
        "Machine and process",
        (
            ("Name", host.name),
            ("System", host.system),
            ("Python", host.python),
            ("Clock", moment(host.utc)),
            ("Machine up for", span(host.host_up)),
            ("Processors", str(host.processors)),
            ("Load, 1 / 5 / 15 min", " / ".join(f"{one:.2f}" for one in host.load)),
            ("Memory", f"{in_mb(host.memory_available)} available of {in_mb(host.memory_total)}"),
            ("Disk of the data", f"{in_mb(host.disk_free)} free of {in_mb(host.disk_total)}"),
            ("Process", f"{host.pid}, running for {span(host.process_up)}"),
            ("Processor used by it", f"{host.cpu:.1%} of one core since its start"),
            ("Memory used by it", in_mb(host.memory)),
            ("Threads / open files", f"{host.threads} / {host.files}"),
        ),
    )


def _configuration(records: SiteRecords) -> Section:
    document, revision = records.document, records.revision
    whole = plain(document.plain(), depth=12, items=10_000)
    rest = {name: part for name, part in whole.items() if name not in _IN_DETAIL}
    proof = tuple((document.zone(p.zone).name, zone_sentence(p)) for p in proof_of(document).zones)
    return Section(
        "Configuration",
        (
            ("Revision", str(revision.number)),
            ("Put in force", f"{moment(revision.created_at)} by {revision.author}"),
            ("Comment", revision.comment),
            ("Zones / stations / meters", " / ".join(str(len(getattr(document, one))) for one in _IN_DETAIL)),
        ),
        (
            Table(("Zone", "Finding"), proof, "Whatever communication is lost"),
            Table(
                ("Field", "Hint"),
                tuple((one.field, one.text) for one in hints(document)),
                "Worth a second look",
            ),
            Table(("Setting", "Value"), tuple(rows_of(rest)), "Settings"),
        ),
        note=f"Secrets are left out, and show as {REDACTED}.",
    )


def _zones(snapshot: SiteSnapshot, peaks: Iterable[LimitRecord]) -> Section:
    rows = tuple(
        (
            f"{'· ' * depth}{zone.name}",
            zone.id,
            f"{zone.maximum:g} A",
            f"dynamic, {zone.meter}" if zone.dynamic else "static",
            _phases(zone.limit),
            zone.bound_by,
            _phases(zone.setpoints),
            _phases(zone.pledged),
            _phases(zone.lost),
            "not measured" if zone.measured is None else _phases(zone.measured),
            f"{zone.optimal} / {zone.reduced} / {zone.suspended}",
        )
        for zone, depth in _tree(snapshot)
    )
    heads = (
        *("Zone", "Id", "Maximum", "Mode", "Limit now", "Set by", "Granted", "May be drawn"),
        *("Set aside", "Measured", "Optimal / reduced / suspended"),
    )
    ledger = tuple(
        (
            one.zone,
            f"{one.at:%Y-%m-%d}",
            f"L{one.phase + 1}",
            f"{one.peak:.1f} A of {one.maximum:g} A{'' if one.metered else ' (told by the stations)'}",
            moment(one.peak_at),
            f"{one.setpoint:.1f} A under {one.setpoint_limit:.1f} A ({one.setpoint_bound_by})",
            f"{one.lowest:.1f} A ({one.lowest_bound_by})",
        )
        for one in peaks
    )
    ledger_heads = ("Zone", "Day", "Phase", "Peak", "At", "Most granted", "Lowest limit")
    tables = (Table(heads, rows), Table(ledger_heads, ledger, "Peaks of the limit ledger, by day"))
    return Section("Zones", tables=tables, note="Currents per phase: L1 / L2 / L3.")


def _tree(snapshot: SiteSnapshot) -> Iterator[tuple[ZoneView, int]]:
    """Each zone with its depth, parents before children."""
    waiting = [(zone, 0) for zone in reversed(list(snapshot.zones.values())) if zone.parent is None]
    while waiting:
        zone, depth = waiting.pop()
        yield zone, depth
        below = [other for other in snapshot.zones.values() if other.parent == zone.id]
        waiting += [(other, depth + 1) for other in reversed(below)]


def station_states(station: StationView) -> str:
    """Each connector with its status."""
    return ", ".join(f"{one.key.number} {one.status.value}" for one in station.connectors)


def _stations(snapshot: SiteSnapshot, lost: Counter[str]) -> Table:
    rows = []
    for one in snapshot.stations.values():
        seen = one.obedience
        judged = "" if seen is None else f"{seen.score} of 100, {seen.error:.1f} A above"
        if seen is not None and seen.delay is not None:
            judged += f", {seen.delay:.1f} s"
        actor = snapshot.actors.get(f"station/{one.box_identity}")
        rows.append(
            (
                f"{one.name} ({one.box_identity})"
                if one.registered
                else f"{one.box_identity}, not registered",
                one.zone or "",
                f"{one.link.value}{', verified' if one.verified else ''}",
                f"{one.vendor} {one.model}".strip(),
                one.serial_number,
                one.firmware,
                station_states(one),
                moment(one.last_seen_at),
                str(lost[one.box_identity]),
                judged,
                "" if actor is None else str(actor.restarts),
            )
        )
    heads = (
        *("Station", "Zone", "Link", "Vendor and model", "Serial number", "Firmware", "Connectors"),
        *("Heard last", "Links lost", "Obedience", "Actor restarts"),
    )
    return Table(heads, tuple(rows))


def _wear(snapshot: SiteSnapshot) -> Table:
    rows = tuple(
        (
            f"{station.box_identity}/{one.connector}",
            str(one.today),
            "no bound" if one.a_day is None else str(one.a_day),
            str(one.total),
            f"{one.lease:g} s",
        )
        for station in snapshot.stations.values()
        for one in station.wear
    )
    heads = ("Connector", "Profiles in 24 h", "Allowed a day", "Ever", "Lease")
    return Table(heads, rows, "Wear of the stations' memory")


def _meters(snapshot: SiteSnapshot, told: Counter[str]) -> Section:
    rows = tuple(
        (
            f"{one.name} ({one.id})",
            one.role,
            one.model,
            one.connection,
            one.state,
            "" if one.amps is None else _phases(one.amps),
            "" if one.power is None else f"{one.power / 1000:.2f} kW",
            "" if one.energy is None else f"{one.energy / 1000:,.1f} kWh",
            moment(one.read_at),
            str(told[one.id]),
        )
        for one in snapshot.meters.values()
    )
    heads = (
        *("Meter", "Role", "Model", "Connection", "State", "Current", "Power", "Energy", "Read last"),
        "Event lines, 24 h",
    )
    return Section("Meters", tables=(Table(heads, rows),))


def _inputs(snapshot: SiteSnapshot) -> Section:
    rows = tuple(
        (
            one.name,
            "enabled" if one.enabled else "disabled",
            "board can't be read" if one.board_lost else "active" if one.active else "not active",
            f"{one.percent} %",
        )
        for one in snapshot.inputs
    )
    return Section("Digital inputs", tables=(Table(("Input", "Use", "State", "Limit"), rows),))


def _uplinks(snapshot: SiteSnapshot, document: SiteDocument) -> Section:
    rows = tuple(
        (one.station, one.state, str(one.waiting), str(one.given_up), one.failure)
        for one in snapshot.uplinks.values()
    )
    waiting = sum(one.waiting for one in snapshot.uplinks.values())
    remote = snapshot.remote
    facts = [
        ("Operator", document.cpo.url if document.cpo.enabled else "none"),
        ("Messages in the queue", str(waiting)),
        ("Messages given up", str(sum(one.given_up for one in snapshot.uplinks.values()))),
        ("Remote energy management", "off" if remote is None else remote.state),
    ]
    if remote is not None:
        facts.append(("Heard last", moment(remote.heard_at)))
        facts += [(f"Limit of {one.zone}", f"{one.amps:g} A") for one in remote.limits]
    heads = ("Station", "State", "In the queue", "Given up", "Why not connected")
    return Section("Uplink", tuple((name, str(value)) for name, value in facts), (Table(heads, rows),))


_ACTOR_HEADS: Final = (
    *("Actor", "Supervisor", "State", "Since", "Restarts", "Last failure"),
    *("Waits", "Oldest", "Handled", "Coalesced", "Shed", "Refused"),
)


def actor_rows(actors: Iterable[ActorFigures]) -> Iterator[tuple[str, ...]]:
    """A row for each actor, its mailbox in the last columns."""
    for one in actors:
        box = (one.handled, one.coalesced, one.shed, one.refused)
        yield (
            *(one.name, one.supervisor, one.state, moment(one.since), str(one.restarts), one.last_failure),
            "" if one.depth is None else str(one.depth),
            "" if one.oldest is None else f"{one.oldest:.2f} s",
            *("" if count is None else str(count) for count in box),
        )


def _database(inside: Inside) -> Section:
    host = inside.host
    facts = [(name, in_mb(size)) for name, size in inside.database.items()]
    if host.written is not None:
        facts.append(("Written to disk since the start", in_mb(host.written)))
        known = host.process_up >= RATE_KNOWN_AFTER
        a_day = f"{in_mb(host.written / host.process_up * _DAY)} at the rate since the start"
        facts.append(("Written a day", a_day if known else "known after the first hour"))
    return Section("Database and disk", tuple(facts))


def _counted(states: Counter[str]) -> str:
    kinds = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    return f"{states.total()}{f' ({kinds})' if kinds else ''}"


def _phases(amps: PhaseAmps) -> str:
    return " / ".join(_amps(one) for one in amps) + " A"


def _amps(amps: Amps) -> str:
    return f"{amps:.1f}"
