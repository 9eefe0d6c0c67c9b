"""What the command line can have a running daemon do."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from actors.messages import (
    AppendRevision,
    ApplyRevision,
    AskFailed,
    CardRecord,
    GetRevision,
    ListCards,
    NewestRevision,
    RecordEvent,
    RevisionRecord,
    SaveCard,
)
from actors.runtime import Runtime
from evce.configuration.revisions import next_revision, parse_json
from evce.units import ZoneId
from tools.control.server import Deed

__all__ = ["deeds"]

PATIENCE = 5.0
"""Seconds for an actor to answer, and for a revision to come into force."""

TELL_AGAIN = 1.0
"""Seconds after which the disk should have taken a revision; a slow card commits in two tenths."""


def deeds(runtime: Runtime) -> dict[str, Deed]:
    """Everything that the control socket of this runtime understands, by name."""

    def apply(request: Mapping[str, Any]) -> dict[str, Any]:
        newest: RevisionRecord = runtime.ask("site", GetRevision(), PATIENCE)
        record = next_revision(
            newest,
            parse_json(str(request["document"])),
            author=str(request.get("author") or "command line"),
            comment=str(request.get("comment") or ""),
            now=datetime.now(UTC),
            based_on=request.get("based_on"),
        )
        runtime.tell("site", ApplyRevision(record))
        _wait_for(runtime, record)
        _wait_until_kept(runtime, record)
        _audit(runtime, record.author, f"configuration revision {record.number}: {record.comment}")
        return {"revision": record.number}

    def actors(_: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "actors": [
                {
                    "name": stats.view.name,
                    "supervisor": stats.view.supervisor,
                    "state": stats.view.state,
                    "restarts": stats.view.restarts,
                    "last_failure": stats.view.last_failure,
                    "inbox": None if stats.inbox is None else asdict(stats.inbox),
                }
                for stats in runtime.tree()
            ]
        }

    def kill(request: Mapping[str, Any]) -> dict[str, Any]:
        name, how = str(request["name"]), str(request.get("how") or "exception")
        if not runtime.kill(name, how):
            raise LookupError(f"name={name!r}: no living actor has that name; `evce actors list` shows them")
        _audit(runtime, str(request.get("author") or ""), f"{name} was killed for a drill ({how})")
        return {"killed": name}

    def save_card(request: Mapping[str, Any]) -> dict[str, Any]:
        card = _card(request)
        runtime.tell("recorder", SaveCard(card))
        _audit(runtime, str(request.get("author") or ""), f"card {card.id_tag} saved")
        return {"card": card.id_tag}

    def cards(request: Mapping[str, Any]) -> dict[str, Any]:
        found = runtime.ask("recorder", ListCards(int(request.get("limit") or 100)), PATIENCE)
        return {
            "cards": [
                {"id_tag": c.id_tag, "authorised": c.authorised, "vip": c.vip, "comment": c.comment}
                for c in found
            ]
        }

    return {"apply": apply, "actors": actors, "kill": kill, "save_card": save_card, "cards": cards}


def _wait_for(runtime: Runtime, record: RevisionRecord) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            in_force: RevisionRecord = runtime.ask("site", GetRevision(), PATIENCE)
        except AskFailed:
            continue
        if in_force.number > record.number or (in_force.number == record.number and in_force != record):
            raise ValueError(
                f"revision {in_force.number} by {in_force.author} came first; compare and try again"
            )
        if in_force == record:
            return
        time.sleep(0.01)
    raise TimeoutError(f"revision {record.number} is not in force after {PATIENCE:g} s; the log says why")


def _wait_until_kept(runtime: Runtime, record: RevisionRecord) -> None:
    """The disk has it too: whoever asks for the history next sees it, also after a restart.

    A recorder that died meanwhile lost what waited for it, so it is told again; it keeps a number only once.
    """
    deadline = time.monotonic() + PATIENCE
    told = 0.0
    while time.monotonic() < deadline:
        try:
            newest = runtime.ask("recorder", NewestRevision(), PATIENCE)
        except AskFailed:
            newest = None
        if isinstance(newest, RevisionRecord) and newest.number >= record.number:
            return
        if time.monotonic() - told > TELL_AGAIN:
            told = time.monotonic()
            runtime.tell("recorder", AppendRevision(record))
        time.sleep(0.01)
    raise TimeoutError(f"revision {record.number} is in force but not on disk; the log says why")


def _card(request: Mapping[str, Any]) -> CardRecord:
    id_tag = str(request.get("id_tag") or "").strip()
    if not 1 <= len(id_tag) <= 20:
        raise ValueError(f"id_tag={id_tag!r}: 1 to 20 characters (OCPP 1.6 CiString20)")
    comment = str(request.get("comment") or "")
    if len(comment) > 50:
        raise ValueError(f"comment={comment!r}: at most 50 characters")
    zones = request.get("zones")
    return CardRecord(
        id_tag=id_tag,
        authorised=bool(request.get("authorised", True)),
        vip=bool(request.get("vip", False)),
        comment=comment,
        zones=None if zones is None else tuple(ZoneId(str(zone)) for zone in zones),
        registered_at=datetime.now(UTC),
    )


def _audit(runtime: Runtime, author: str, message: str) -> None:
    runtime.tell("recorder", RecordEvent(datetime.now(UTC), "EVCE", "audit", message, author))
