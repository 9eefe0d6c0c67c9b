"""Who may charge: what a card says under the station's authentication mode."""

from typing import Final

from evce.configuration.choices import Authentication
from evce.records import CardRecord
from evce.units import ZoneId

__all__ = ["ACCEPTED", "INVALID", "normal_tag", "status_of"]

ACCEPTED: Final = "Accepted"
INVALID: Final = "Invalid"


def normal_tag(id_tag: str) -> str:
    """AU-7: IdTags compare case-insensitively (CiString20Type)."""
    return id_tag.strip().upper()


def status_of(card: CardRecord | None, mode: Authentication, zone: ZoneId | None) -> str:
    """The `idTagInfo.status` for a card; None is a card that nobody has accepted yet (AU-1, AU-5)."""
    if mode is not Authentication.KNOWN_CARDS:
        return ACCEPTED
    if card is None or not card.authorised:
        return INVALID
    if card.zones is not None and zone not in card.zones:
        return INVALID
    return ACCEPTED
