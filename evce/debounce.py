"""Contact bounce is filtered: a level counts once it has held; chatter in between counts as active."""

from dataclasses import dataclass

from evce.units import Monotonic, Seconds

__all__ = ["HOLD", "UNDECIDED", "Contact", "due", "note_level", "settle"]

HOLD: Seconds = 0.05
"""A level that has held so long counts; relays bounce for some milliseconds."""

UNDECIDED: Seconds = 0.1
"""A contact that has chattered so long without holding either level counts as active: a reduction wins."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One input. Times are monotonic seconds.

    `active` is what counts; `level` what the line last was, since `level_since`. `restless_since` is when
    the line left what counts, None while it agrees with it. Before the first level counts, `known` is False.
    """

    active: bool = False
    known: bool = False
    level: bool = False
    level_since: Monotonic = 0.0
    restless_since: Monotonic | None = None


def note_level(contact: Contact, level: bool, now: Monotonic) -> Contact:
    """Return the contact after its line was seen at this level; the same level again changes nothing."""
    settled = settle(contact, now)
    if settled.restless_since is None and settled.known and level == settled.active:
        return settled
    if settled.restless_since is not None and level == settled.level:
        return settled
    since = now if settled.restless_since is None else settled.restless_since
    return Contact(settled.active, settled.known, level, now, since)


def settle(contact: Contact, now: Monotonic) -> Contact:
    """Return the contact with what time alone has decided by now."""
    moment = due(contact)
    if moment is None or now < moment:
        return contact
    if now - contact.level_since >= HOLD:
        return Contact(contact.level, True, contact.level, contact.level_since)
    # Still chattering: it counts as active, and has to hold inactive to be released.
    return Contact(
        True, True, contact.level, contact.level_since, None if contact.level else contact.level_since
    )


def due(contact: Contact) -> Monotonic | None:
    """When time alone decides next; None while the line agrees with what counts."""
    if contact.restless_since is None:
        return None
    holds = contact.level_since + HOLD
    if contact.known and contact.active:
        return holds
    return min(holds, contact.restless_since + UNDECIDED)
