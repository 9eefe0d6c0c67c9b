"""What the command line can have a running daemon do about the uplinks to the operator."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from actors.cpo import uplink_name
from actors.messages import ClearGivenUp, GetSnapshot, ListJournal
from actors.runtime import Runtime
from evce.records import JournalRecord
from evce.units import BoxIdentity
from tools.control.audit import Audit
from tools.control.server import Deed

__all__ = ["uplink_deeds"]

PATIENCE = 5.0
"""Seconds for an actor to answer."""


def uplink_deeds(runtime: Runtime) -> dict[str, Deed]:
    """The uplinks' part of what the control socket understands, by name."""
    audit = Audit(runtime)

    def uplinks(_: Mapping[str, Any]) -> dict[str, Any]:
        snapshot = runtime.ask("view", GetSnapshot(), PATIENCE)
        return {"uplinks": [asdict(view) for _, view in sorted(snapshot.uplinks.items())]}

    def journal(request: Mapping[str, Any]) -> dict[str, Any]:
        station = request.get("station")
        found = runtime.ask(
            "recorder",
            ListJournal(
                None if station is None else BoxIdentity(str(station)),
                request.get("given_up"),
                int(request.get("limit") or 100),
            ),
            PATIENCE,
        )
        if not isinstance(found, list):
            raise OSError(f"the database can't be read now: {getattr(found, 'reason', '')}")
        return {"journal": [_plain(entry) for entry in found]}

    def forget_given_up(request: Mapping[str, Any]) -> dict[str, Any]:
        station = BoxIdentity(str(request["station"]))
        given_up = runtime.ask("recorder", ListJournal(station, True, 100_000), PATIENCE)
        count = len(given_up) if isinstance(given_up, list) else 0
        runtime.tell("recorder", ClearGivenUp(uplink_name(station), station))
        author = str(request.get("author") or "")
        audit.note(author, f"{count} messages of {station} that the operator never took were forgotten")
        return {"forgotten": count}

    return {"uplinks": uplinks, "journal": journal, "forget_given_up": forget_given_up}


def _plain(entry: JournalRecord) -> dict[str, Any]:
    return {
        "entry": entry.entry,
        "station": entry.station,
        "action": entry.action,
        "transaction": entry.transaction,
        "cpo_transaction": entry.cpo_transaction,
        "kept_at": entry.kept_at.isoformat(timespec="seconds"),
        "attempts": entry.attempts,
        "failure": entry.failure,
        "given_up": entry.given_up,
    }
