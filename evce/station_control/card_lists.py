"""The local authorization list that a station keeps: which cards go into it, and by which messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from evce.records import CardRecord
from evce.station_control.authorisation import ACCEPTED, normal_tag
from evce.station_control.capabilities import Capabilities
from evce.units import ZoneId

__all__ = ["CardList", "chosen_cards", "list_messages"]

_CHUNK: Final = 100
"""Cards in a message to a station that doesn't tell SendLocalListMaxLength: some 8 kB."""

_CHUNK_MOST: Final = 1_000
"""Longer messages than this would keep a reduction waiting on a slow link."""


@dataclass(frozen=True, slots=True)
class CardList:
    """What a station was last told to keep: the version, and the IdTags that may charge."""

    version: int = 0
    tags: frozenset[str] = field(default_factory=frozenset)


def chosen_cards(
    cards: Iterable[CardRecord], zone: ZoneId | None, capabilities: Capabilities
) -> tuple[list[str], int]:
    """The IdTags for a station of that zone, and how many there were to choose from.

    Where the station has no room for all (LocalAuthListMaxLength), VIPs come first, then who was seen last.
    """
    fitting = [card for card in cards if card.authorised and (card.zones is None or zone in card.zones)]

    def rank(card: CardRecord) -> tuple[bool, float, str]:
        seen = 0.0 if card.last_seen_at is None else card.last_seen_at.timestamp()
        return not card.vip, -seen, card.id_tag

    most = _told(capabilities, "LocalAuthListMaxLength")
    ranked = [normal_tag(card.id_tag) for card in sorted(fitting, key=rank)]
    unique = list(dict.fromkeys(tag for tag in ranked if 1 <= len(tag) <= 20))
    return (unique if most is None else unique[:most]), len(unique)


def list_messages(
    wanted: Iterable[str], known: CardList | None, version: int, capabilities: Capabilities
) -> list[Mapping[str, Any]]:
    """SendLocalList payloads that bring a station to `wanted`; none when it has it already.

    `version` is what the station says it holds. When that is what `known` was sent as, only the differences
    go; anything else begins with a full list. The version rises with each message (OCPP 1.6 §5.15), so that
    one that got lost in between shows.
    """
    listed = list(wanted)
    if known is not None and known.version == version and version > 0:
        update = "Differential"
        entries = [_entry(tag) for tag in listed if tag not in known.tags]
        entries += [{"idTag": tag} for tag in sorted(known.tags - set(listed))]
        if not entries:
            return []
    else:
        update, entries = "Full", [_entry(tag) for tag in listed]
    size = min(_told(capabilities, "SendLocalListMaxLength") or _CHUNK, _CHUNK_MOST)
    chunks = [entries[begin : begin + size] for begin in range(0, len(entries), size)] or [[]]
    return [
        {
            "listVersion": max(version, 0) + number,
            "updateType": update if number == 1 else "Differential",
            "localAuthorizationList": chunk,
        }
        for number, chunk in enumerate(chunks, 1)
    ]


def _entry(tag: str) -> dict[str, Any]:
    return {"idTag": tag, "idTagInfo": {"status": ACCEPTED}}


def _told(capabilities: Capabilities, key: str) -> int | None:
    text = capabilities.keys.get(key.lower(), ("", True))[0].strip()
    return int(text) if text.isdecimal() and int(text) > 0 else None
