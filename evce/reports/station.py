"""The report of one station: who it is, how it stands, its keys, sessions, messages and errors."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from evce.configuration.document import SiteDocument
from evce.plain import plain
from evce.records import SessionRecord, StationMemory
from evce.reports.inside import LogLine
from evce.reports.page import Section, Table, moment, rows_of, span
from evce.reports.site import alarms_of, station_states
from evce.station_control.action_state import Action
from evce.station_control.capabilities import Capabilities
from evce.station_control.traffic import Dossier
from evce.units import BoxIdentity
from evce.views import SiteSnapshot, StationView

__all__ = ["StationRecords", "station_sections"]


@dataclass(frozen=True, slots=True)
class StationRecords:
    """What was found of a station beside its view, each newest first; None: nobody could tell.

    `files` are name, size in bytes and arrival of what the station itself has sent.
    """

    document: SiteDocument
    dossier: Dossier | None = None
    actions: tuple[Action, ...] | None = None
    sessions: tuple[SessionRecord, ...] | None = None
    events: tuple[LogLine, ...] | None = None
    files: tuple[tuple[str, int, datetime], ...] = ()


def station_sections(
    version: str, snapshot: SiteSnapshot, station: BoxIdentity, records: StationRecords
) -> Iterator[Section]:
    """Every part of the report. Raises KeyError for a station that isn't shown."""
    view = snapshot.stations[station]
    dossier = records.dossier
    yield _identity(version, snapshot, view, dossier)
    yield alarms_of(snapshot, (station,))
    yield _connectors(view)
    yield _settings(records.document, station)
    yield _capability(None if dossier is None else dossier.memory, dossier)
    yield _messages(dossier)
    yield _errors(dossier)
    yield _sessions(records.sessions)
    yield _actions(records.actions or ())
    files = tuple((name, f"{size:,} bytes", moment(at)) for name, size, at in records.files)
    yield Section("Files that it has sent", tables=(Table(("File", "Size", "Received"), files),))
    yield _events(records.events)


def _identity(version: str, snapshot: SiteSnapshot, view: StationView, dossier: Dossier | None) -> Section:
    zone = None if view.zone is None else snapshot.zones.get(view.zone)
    actor = snapshot.actors.get(f"station/{view.box_identity}")
    facts = [
        ("Site", snapshot.site_name),
        ("EVCE", version),
        ("Box identity", view.box_identity),
        ("Name", view.name),
        ("Zone", "none: it gets 0 A" if zone is None else f"{zone.name} ({zone.id})"),
        ("Family", view.family),
        ("Vendor and model", f"{view.vendor} {view.model}".strip()),
        ("Serial number", view.serial_number),
        ("Firmware", view.firmware),
        ("VIP", "yes" if view.vip else "no"),
        ("Link", f"{view.link.value}{', verified' if view.verified else ''}"),
        ("Heard last", moment(view.last_seen_at)),
    ]
    if dossier is not None:
        known = dossier.connected_for
        facts += [
            ("Called from", dossier.peer),
            ("Connected for", "not connected" if known is None else span(known)),
            ("Connections since its actor began", str(dossier.links)),
        ]
    if actor is not None:
        failure = actor.last_failure or "no failure"
        facts.append(("Its actor", f"{actor.state}, {actor.restarts} restarts; {failure}"))
    if (seen := view.obedience) is not None:
        delay = "" if seen.delay is None else f", follows after {seen.delay:.1f} s"
        facts.append(("Obedience", f"{seen.score} of 100 in {seen.commands} reductions{delay}"))
    return Section("Station", tuple((name, str(value)) for name, value in facts))


def _connectors(view: StationView) -> Section:
    wear = {one.connector: one for one in view.wear}
    rows = []
    for one in view.connectors:
        worn = wear.get(one.key.number)
        session = one.transaction
        rows.append(
            (
                str(one.key.number),
                one.wiring,
                f"{one.rating:g} A",
                one.status.value,
                "none" if one.setpoint is None else f"{one.setpoint:.1f} A",
                "" if one.measured is None else " / ".join(f"{amps:.1f}" for amps in one.measured) + " A",
                "" if session is None else f"{session.id}, {session.energy / 1000:.2f} kWh",
                "" if worn is None else f"{worn.today} in 24 h, {worn.total} ever, lease {worn.lease:g} s",
            )
        )
    heads = ("No.", "Wiring", "Rating", "Status", "Setpoint", "Measured", "Session", "Profiles written")
    return Section("Connectors", (("Status", station_states(view)),), (Table(heads, tuple(rows)),))


def _settings(document: SiteDocument, station: BoxIdentity) -> Section:
    found = next((one for one in document.plain()["stations"] if one["box_identity"] == station), None)
    if found is None:
        return Section("Settings in EVCE", note="The station is not registered.")
    rows = tuple(rows_of(plain(found, depth=8, items=500)))
    return Section("Settings in EVCE", tables=(Table(("Setting", "Value"), rows),))


def _capability(memory: StationMemory | None, dossier: Dossier | None) -> Section:
    title = "Capability and configuration keys"
    if memory is None or memory.keys is None or dossier is None:
        return Section(title, note="The station has not told its configuration keys.")
    known = Capabilities(dict(memory.keys))
    facts = (
        ("Takes limits in", dossier.unit),
        ("Whole amperes only", _yes(memory.whole_amps)),
        ("A second stack level", _yes(known.second_level)),
        ("Limits the current", _yes(known.limits_current)),
        ("Answers TriggerMessage", _yes(known.triggers)),
        ("Switches between one and three phases", _yes(known.switches_phases)),
    )
    rows = tuple(
        (name, str(plain({name: value})[name]), "read-only" if fixed else "")
        for name, (value, fixed) in sorted(memory.keys.items())
    )
    note = "Keys in lower case; those that hold secrets are left out."
    return Section(title, facts, (Table(("Key", "Value", ""), rows),), note=note)


def _messages(dossier: Dossier | None) -> Section:
    if dossier is None:
        return Section("Messages", note="Its actor did not answer.")
    facts = (
        ("Calls that wait for their turn", str(dossier.waiting)),
        ("Slowest answer", f"{dossier.slowest:.2f} s"),
    )
    rows = tuple((action, *(str(count) for count in counts)) for action, *counts in dossier.counted)
    heads = ("Action", "From the station", "To the station", "Answered", "Refused", "Unanswered")
    return Section("Messages", facts, (Table(heads, rows),), note="Counted since the station's actor began.")


def _errors(dossier: Dossier | None) -> Section:
    newest = () if dossier is None else tuple(reversed(dossier.errors))
    rows = tuple((moment(at), text) for at, text in newest)
    return Section("Last errors", tables=(Table(("At", "What"), rows),))


def _sessions(sessions: Iterable[SessionRecord] | None) -> Section:
    if sessions is None:
        return Section("Last sessions", note="The database did not answer.")
    rows = tuple(
        (
            str(one.transaction),
            str(one.connector.number),
            moment(one.started_at),
            "running" if one.stopped_at is None else moment(one.stopped_at),
            f"{one.energy / 1000:.2f} kWh",
            one.stop_reason or "",
            ", ".join(one.flags),
        )
        for one in sessions
    )
    heads = ("Number", "Connector", "Start", "Stop", "Energy", "Reason", "Flags")
    return Section("Last sessions", tables=(Table(heads, rows),))


def _actions(actions: Iterable[Action]) -> Section:
    rows = tuple(
        (
            moment(one.asked_at),
            one.kind,
            one.requested_by,
            one.state.value,
            "" if one.ended_at is None else moment(one.ended_at),
        )
        for one in actions
    )
    return Section("Actions", tables=(Table(("Asked", "Action", "By", "State", "Ended"), rows),))


def _events(events: Iterable[LogLine] | None) -> Section:
    if events is None:
        return Section("Last event lines", note="The database did not answer.")
    return Section(
        "Last event lines", lines=tuple(f"{moment(one.at)} {one.logger}: {one.message}" for one in events)
    )


def _yes(value: bool) -> str:
    return "yes" if value else "no"
