"""What the command line can have a running daemon do to its configuration, its cards and its users."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from actors.messages import CardRecord, ListCards, SaveCard, SaveUser, UserRecord
from actors.runtime import Runtime
from evce.configuration.revisions import next_revision, parse_json
from evce.units import ZoneId
from tools.control.audit import Audit
from tools.control.server import Deed
from tools.identity import unique_identifier
from web.accounts import Role, login_faults
from web.revisions import RunningRevisions

__all__ = ["deeds"]

PATIENCE = 5.0
"""Seconds for an actor to answer."""


def deeds(runtime: Runtime) -> dict[str, Deed]:
    """What the control socket of this runtime understands beside the debug shell's deeds, by name."""
    audit = Audit(runtime)
    revisions = RunningRevisions(runtime.ask, runtime.tell, runtime.clock.utc_now)

    def apply(request: Mapping[str, Any]) -> dict[str, Any]:
        record = next_revision(
            revisions.newest(),
            parse_json(str(request["document"])),
            author=str(request.get("author") or "command line"),
            comment=str(request.get("comment") or ""),
            now=revisions.now(),
            based_on=request.get("based_on"),
            accept_unproven=bool(request.get("accept_unproven")),
            identifier=unique_identifier(),
        )
        revisions.append(record)
        return {"revision": record.number}

    def save_user(request: Mapping[str, Any]) -> dict[str, Any]:
        user = _user(request)
        runtime.tell("recorder", SaveUser(user))
        audit.note(str(request.get("author") or ""), f"user {user.login} has a new password")
        return {"user": user.login}

    def save_card(request: Mapping[str, Any]) -> dict[str, Any]:
        card = _card(request, runtime.clock.utc_now())
        runtime.tell("recorder", SaveCard(card))
        audit.note(str(request.get("author") or ""), f"card {card.id_tag} saved")
        return {"card": card.id_tag}

    def cards(request: Mapping[str, Any]) -> dict[str, Any]:
        found = runtime.ask("recorder", ListCards(int(request.get("limit") or 100)), PATIENCE)
        return {
            "cards": [
                {"id_tag": c.id_tag, "authorised": c.authorised, "vip": c.vip, "comment": c.comment}
                for c in found
            ]
        }

    return {"apply": apply, "save_card": save_card, "cards": cards, "save_user": save_user}


def _card(request: Mapping[str, Any], now: datetime) -> CardRecord:
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
        registered_at=now,
    )


def _user(request: Mapping[str, Any]) -> UserRecord:
    login, role = str(request.get("login") or ""), str(request.get("role") or "")
    if faults := login_faults(login):
        raise ValueError(f"login={login!r}: {' '.join(faults)}")
    if role not in tuple(Role):
        raise ValueError(f"role={role!r}: one of {', '.join(Role)}")
    password_hash = str(request.get("password_hash") or "")
    if not password_hash.startswith("$argon2id$"):
        raise ValueError("password_hash: must be an Argon2id hash")
    return UserRecord(login, role, password_hash, datetime.fromisoformat(str(request["created_at"])))
