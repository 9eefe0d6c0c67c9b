"""What drivers state of running sessions: taken over for programs and the command line alike."""

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
    RecordEvent,
    RecordStatement,
    RevisionRecord,
    SessionRecord,
    StorageState,
)
from evce.configuration.revisions import time_zone_of
from evce.departures import Statement, departure_of
from evce.units import Seconds
from web.site import Ask, Tell

__all__ = ["as_plain_session", "plan_session", "running_sessions"]

PATIENCE: Seconds = 5.0
"""For an actor to answer, and for a statement to be on disk."""

MOST = 10_000
"""Sessions that run at the same time, more than any site has."""


def running_sessions(ask: Ask) -> list[SessionRecord]:
    """Every session that runs. Raises OSError where the database can't be read."""
    found = ask("recorder", ListSessions(running_only=True, limit=MOST), PATIENCE)
    if isinstance(found, StorageState) or not isinstance(found, list | tuple):
        reason = found.reason if isinstance(found, StorageState) else "no answer"
        raise OSError(f"the database can't be read: {reason}")
    return [session for session in found if isinstance(session, SessionRecord)]


def plan_session(
    ask: Ask, tell: Tell, connector: str, wish: Mapping[str, Any], author: str, now: datetime
) -> SessionRecord:
    """State when the car at a connector leaves and what it needs; returns its session once that is on disk.

    `wish` has `departure` (text), `energy_kwh`, or `forget`. What isn't stated anew stays as it was. Raises
    LookupError where no session runs, ValueError that names the field, TimeoutError where the disk doesn't
    take it. Whoever said it is in the log.
    """
    session = next((s for s in running_sessions(ask) if str(s.connector) == connector), None)
    if session is None:
        raise LookupError(f"connector={connector!r}: no session runs there; `evce session list` shows them")
    statement = _statement(wish, session.statement, now.astimezone(_time_zone(ask)))
    refusal = statement.refusal(now)
    if refusal is not None:
        raise ValueError(refusal)
    # The station learns what is to be expected from now on.
    station = f"station/{session.connector.station}"
    tell("recorder", RecordStatement(station, session.transaction, statement))
    kept = _kept(ask, session, statement)
    text = f"session {session.transaction} on {connector}: {_in_words(statement)}"
    tell("recorder", RecordEvent(now, "EVCE", "audit", text, author))
    return kept


def as_plain_session(session: SessionRecord) -> dict[str, Any]:
    """A running session as JSON: times in UTC, energies in kWh."""
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


def _time_zone(ask: Ask) -> ZoneInfo:
    in_force = ask("site", GetRevision(), PATIENCE)
    if not isinstance(in_force, RevisionRecord):
        raise OSError("the site's configuration can't be read")
    return time_zone_of(in_force)


def _statement(wish: Mapping[str, Any], before: Statement, now: datetime) -> Statement:
    """What isn't stated anew stays as it was, unless all of it is taken back."""
    if wish.get("forget"):
        return Statement()
    departure, energy = wish.get("departure"), wish.get("energy_kwh")
    if departure is None and energy is None:
        raise ValueError("departure or energy_kwh must be given, or forget")
    is_number = isinstance(energy, int | float) and not isinstance(energy, bool) and isfinite(energy)
    if energy is not None and not is_number:
        raise ValueError(f"energy_kwh={energy!r}: a number of kWh")
    leaves_at = before.departure
    if departure is not None:
        leaves_at = departure_of(str(departure), now).astimezone(UTC)
    return Statement(leaves_at, before.energy if energy is None else float(energy) * 1_000.0)


def _kept(ask: Ask, session: SessionRecord, statement: Statement) -> SessionRecord:
    """The session once the disk has what was stated."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = ask("recorder", FindSession(session.transaction), PATIENCE)
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
