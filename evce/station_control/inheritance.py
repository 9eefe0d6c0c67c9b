"""What a session goes on with after a restart of its actor or of the daemon: no more than its car has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from evce.facts import ConnectorFacts, Link
from evce.profiles import CompositeSchedule, floor_tenth
from evce.records import PledgeRecord
from evce.station_control.settings import LEASE_MARGIN
from evce.units import Amps, Monotonic, Seconds, TransactionId

__all__ = ["HOLDS_FOR", "Held", "held_by_pledges", "held_now", "inherited", "unanswered"]

HOLDS_FOR: Final[Seconds] = 2.0 * LEASE_MARGIN
"""What a station still allows in this many seconds it has until our word arrives, slow links included."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is remembered of one connector's setpoint.

    `most` is what the zones count for it, A per phase. `transaction` is whose it is, None where only the
    connector was written down. `exactly` is in force for certain until `until` (monotonic) as long as the
    station's connection is still that of `incarnation`; None where that is not certain.
    """

    most: Amps
    transaction: TransactionId | None = None
    exactly: Amps | None = None
    until: Monotonic = -inf
    incarnation: int = 0

    def of_session(self, transaction: TransactionId) -> bool:
        """Whether this may be what the car of that session has."""
        return self.transaction in (None, transaction)


def held_now(before: Mapping[int, Held], facts: Iterable[ConnectorFacts]) -> dict[int, Held]:
    """Return what a successor should know of each connector number with a session on a link.

    What isn't verified at this moment tells nothing new; a lost link ends it, because its lease lapses.
    """
    held = {}
    for known in facts:
        number = known.key.number
        if known.transaction is None or known.link is not Link.CONNECTED:
            continue
        if not known.verified or known.setpoint is None:
            if number in before:
                held[number] = before[number]
            continue
        ends_at = known.lease_ends_at
        certain = not known.outstanding and ends_at is not None and ends_at < inf
        held[number] = Held(
            most=max((*(past.amps for past in known.acknowledged), *known.outstanding)),
            transaction=known.transaction,
            exactly=known.setpoint if certain else None,
            until=ends_at - HOLDS_FOR if ends_at is not None and certain else -inf,
            incarnation=known.incarnation,
        )
    return held


def unanswered(held: Held, amps: Amps) -> Held:
    """Return what a successor should know while nobody has answered an order of so much, A per phase.

    The zones count what was in force beside an order that may be: the lower of the two is never too much.
    """
    return replace(held, most=min(held.most, amps))


def held_by_pledges(pledges: Iterable[PledgeRecord]) -> dict[int, Held]:
    """Return what the disk tells of each connector number of one station: the most that it may have."""
    return {record.connector.number: Held(record.amps) for record in pledges}


def inherited(
    held: Held, schedule: CompositeSchedule | None, rating: Amps, incarnation: int, now: Monotonic
) -> Amps:
    """Return the setpoint to go on with, A per phase: what the station says that it allows, if we count it.

    0 A where neither the station (`schedule` None) nor our memory knows for certain.
    """
    if schedule is not None:
        amps = schedule.amps_within(HOLDS_FOR, rating)
    elif held.exactly is not None and incarnation == held.incarnation and now < held.until:
        amps = held.exactly
    else:
        amps = 0.0
    return floor_tenth(max(min(amps, held.most, rating), 0.0))
