"""What the command line can have a running daemon tell and be told about charging sessions."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from actors.messages import (
    FindSession,
    GetRevision,
    ListSessions,
    RecordStatement,
    RevisionRecord,
    SessionRecord,
    StorageState,
)
from actors.runtime import Runtime
from actors.station import station_name
from evce.configuration.revisions import parse_json
from evce.departures import Statement, departure_of
from tools.control.audit import Audit
from tools.control.server import Deed

__all__ = ["session_deeds"]

PATIENCE = 5.0
"""Seconds for an actor to answer, and for a statement to be on disk."""

MOST = 10_000
"""Sessions that run at the same time, more than any site has."""


def session_deeds(runtime: Runtime) -> dict[str, Deed]:
    """What the control socket of this runtime understands about sessions, by name."""
    audit = Audit(runtime)

    def sessions(_: Mapping[str, Any]) -> dict[str, Any]:
        return {"sessions": [_told(session) for session in _running(runtime)]}

    def plan_session(request: Mapping[str, Any]) -> dict[str, Any]:
        connector = str(request.get("connector") or "")
        session = next((s for s in _running(runtime) if str(s.connector) == connector), None)
        if session is None:
            raise LookupError(
                f"connector={connector!r}: no session runs there; `evce session list` shows them"
            )
        now = datetime.now(UTC)
        statement = _statement(request, session.statement, now.astimezone(_time_zone(runtime)))
        refusal = statement.refusal(now)
        if refusal is not None:
            raise ValueError(refusal)
        station = station_name(session.connector.station)
        runtime.tell("recorder", RecordStatement(station, session.transaction, statement))
        kept = _kept(runtime, session, statement)
        author = str(request.get("author") or "")
        audit.note(author, f"session {session.transaction} on {connector}: {_in_words(statement)}")
        return {"session": _told(kept)}

    return {"sessions": sessions, "plan_session": plan_session}


def _running(runtime: Runtime) -> list[SessionRecord]:
    found = runtime.ask("recorder", ListSessions(running_only=True, limit=MOST), PATIENCE)
    if isinstance(found, StorageState):
        raise OSError(f"the database can't be read: {found.reason}")
    return list(found)


def _time_zone(runtime: Runtime) -> ZoneInfo:
    in_force: RevisionRecord = runtime.ask("site", GetRevision(), PATIENCE)
    return ZoneInfo(parse_json(in_force.document).site.time_zone)


def _statement(request: Mapping[str, Any], before: Statement, now: datetime) -> Statement:
    """What isn't stated anew stays as it was, unless all of it is taken back."""
    if request.get("forget"):
        return Statement()
    departure, energy = request.get("departure"), request.get("energy_kwh")
    if departure is None and energy is None:
        raise ValueError("departure or energy_kwh must be given, or forget")
    if energy is not None and not (isinstance(energy, int | float) and isfinite(energy)):
        raise ValueError(f"energy_kwh={energy!r}: a number of kWh")
    leaves_at = before.departure
    if departure is not None:
        leaves_at = departure_of(str(departure), now).astimezone(UTC)
    return Statement(leaves_at, before.energy if energy is None else float(energy) * 1_000.0)


def _kept(runtime: Runtime, session: SessionRecord, statement: Statement) -> SessionRecord:
    """The session once the disk has what was stated."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = runtime.ask("recorder", FindSession(session.transaction), PATIENCE)
        if isinstance(found, SessionRecord):
            if found.statement == statement:
                return found
            if found.stopped_at is not None:
                raise LookupError(f"session {session.transaction} has just ended")
        time.sleep(0.01)
    raise TimeoutError("the statement is not on disk; the log says why")


def _in_words(statement: Statement) -> str:
    said = []
    if statement.departure is not None:
        said.append(f"leaves at {statement.departure.isoformat(timespec='minutes')}")
    if statement.energy is not None:
        said.append(f"needs {statement.energy / 1_000.0:g} kWh")
    return ", ".join(said) or "nothing is stated any more"


def _told(session: SessionRecord) -> dict[str, Any]:
    departure, energy = session.statement.departure, session.statement.energy
    return {
        "transaction": session.transaction,
        "connector": str(session.connector),
        "id_tag": session.id_tag,
        "vip": session.vip,
        "started_at": session.started_at.isoformat(),
        "energy_kwh": round(session.energy / 1_000.0, 3),
        "departure": None if departure is None else departure.isoformat(),
        "energy_stated_kwh": None if energy is None else energy / 1_000.0,
    }
