"""One place for a charging profile in a station: what was sent there, what was accepted, until when."""

from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from evce.facts import Acknowledged
from evce.station_control.settings import BACK_OFF, BACK_OFF_MOST, KEEP_SETTLED, LEASE_MARGIN, RENEW_AT
from evce.units import Amps, Monotonic, Seconds

__all__ = ["Attempt", "ProfileSlot"]

_SAME: Final[Amps] = 0.05
_REDUCE_AGAIN: Final[Seconds] = 2.0
"""A refused reduction is urgent; one that timed out has waited for long enough already."""
_REDUCE_AGAIN_MOST: Final[Seconds] = 30.0


@dataclass(slots=True)
class Attempt:
    """One SetChargingProfile that was put on the wire. `amps` is the worst case of what it allows.

    `ends_at` is when it has lapsed for certain, `lapses_at` when it may have, both without end for a
    permanent profile; `answered` when the station said anything but Accepted.
    """

    serial: int
    incarnation: int
    amps: Amps
    sent_at: Monotonic
    lapses_at: Monotonic = inf
    ends_at: Monotonic = inf
    renew_at: Monotonic = inf
    answered: bool = False
    given_up: bool = False


@dataclass(slots=True)
class ProfileSlot:
    """History and state of one profile. Every time is monotonic.

    What was ever put on the wire stays in `unresolved` until an accepted later one replaces it: a
    time-out, a refusal or an error never lowers what the station may be doing.
    """

    wanted: Amps = 0.0
    in_force: Attempt | None = None
    history: list[Acknowledged] = field(default_factory=list)
    unresolved: list[Attempt] = field(default_factory=list)
    asserted_in: int | None = None
    """The incarnation of the connection on which this slot was last accepted."""
    again: bool = False
    """An older raise was answered late: what is wanted must be sent once more."""
    failures: int = 0
    retry_at: Monotonic = -inf
    unsupported: bool = False
    _serial: int = 0

    @property
    def accepted(self) -> Amps | None:
        """What the station accepted last, A."""
        return self.history[-1].amps if self.history else None

    def most(self) -> Amps | None:
        """The most that may be in force here: the newest accepted and everything unresolved."""
        candidates = [attempt.amps for attempt in self.unresolved]
        if self.history:
            candidates.append(self.history[-1].amps)
        return max(candidates, default=None)

    def reduces(self) -> bool:
        """Whether what is wanted is below what may be in force."""
        most = self.most()
        return most is not None and self.wanted < most - _SAME

    def due(self, incarnation: int, now: Monotonic) -> bool:
        """Whether something should be sent: never asserted here, another value, a renewal, once more."""
        if self.unsupported:
            return False
        if now < self.retry_at and not self._reduces_anew():
            return False
        return self._differs(incarnation) or self._renewal_due(now)

    def renewal(self, incarnation: int) -> bool:
        """Whether sending now would change nothing but the end of the lease."""
        return not self._differs(incarnation)

    def due_at(self, incarnation: int) -> Monotonic:
        """When `due` may become true by itself."""
        if self.unsupported:
            return inf
        if self._differs(incarnation):
            return self.retry_at
        renew_at = self.in_force.renew_at if self.in_force is not None else inf
        return max(renew_at, self.retry_at) if self.failures else renew_at

    def sent(
        self, amps: Amps, incarnation: int, now: Monotonic, lease: Seconds | None, endless: bool = False
    ) -> int:
        """Note that a profile was put on the wire; returns its serial number.

        `endless`: the station's clock can't be relied upon, so nobody knows when the lease lapses.
        """
        self._serial += 1
        self.again = False
        attempt = Attempt(self._serial, incarnation, amps, now)
        if lease is not None:
            attempt.renew_at = now + lease * RENEW_AT
            attempt.lapses_at = now + max(lease - LEASE_MARGIN, 0.0)
            attempt.ends_at = inf if endless else now + lease + LEASE_MARGIN
        self.unresolved = [other for other in self.unresolved if not _covers(attempt, other)]
        self.unresolved.append(attempt)
        return self._serial

    def accept(self, serial: int, now: Monotonic) -> None:
        """The station accepted this attempt."""
        attempt = self._unresolved(serial)
        if attempt is None:
            return
        if self.in_force is not None and serial < self.in_force.serial:
            self._answered_late(attempt)
            return
        self.unresolved = [
            other
            for other in self.unresolved
            if other.serial > serial or self._may_still_apply(other, attempt)
        ]
        self.in_force = attempt
        self.asserted_in = attempt.incarnation
        self.failures = 0
        self.retry_at = now
        self.force(attempt.amps, now)

    def refuse(self, serial: int, now: Monotonic, *, answered: bool = True) -> None:
        """The station refused it, or didn't answer in time: it may be in force all the same."""
        attempt = self._unresolved(serial)
        if attempt is None:
            return
        attempt.answered = answered
        attempt.given_up = True
        if self.in_force is not None and serial < self.in_force.serial:
            if answered:
                self._answered_late(attempt)
            return
        self.failures += 1
        first, most = BACK_OFF, BACK_OFF_MOST
        if self.reduces():
            first, most = (_REDUCE_AGAIN, _REDUCE_AGAIN_MOST) if answered else (0.0, 0.0)
        self.retry_at = now + min(first * 2.0 ** min(self.failures - 1, 10), most)

    def answers_again(self) -> None:
        """The station has answered for another profile: its silence needs no more patience."""
        if self.failures and self.unresolved and not self.unresolved[-1].answered:
            self.retry_at = -inf

    @staticmethod
    def _may_still_apply(older: Attempt, accepted: Attempt) -> bool:
        """An older raise without an answer: while its socket lives, the station may apply it last."""
        return (
            older.serial < accepted.serial
            and not older.answered
            and older.incarnation == accepted.incarnation
            and older.amps > accepted.amps + _SAME
        )

    def _answered_late(self, attempt: Attempt) -> None:
        """An older one was answered after a newer one: the station may have applied it last."""
        attempt.answered = True
        accepted = self.accepted
        if accepted is None or attempt.amps <= accepted + _SAME:
            self.unresolved.remove(attempt)
        else:
            self.again = True

    def force(self, amps: Amps, now: Monotonic) -> None:
        """From now on this is in force; what it supersedes is kept for as long as a car takes to settle."""
        if self.history and abs(self.history[-1].amps - amps) < _SAME:
            return
        if self.history:
            self.history[-1] = replace(self.history[-1], superseded_at=now)
        self.history.append(Acknowledged(amps, now))
        self.prune(now)

    def prune(self, now: Monotonic) -> None:
        """Forget superseded setpoints that every car has settled away from."""
        if len(self.history) > 1:
            self.history = [
                past
                for past in self.history
                if past.superseded_at is None or now - past.superseded_at < KEEP_SETTLED
            ]

    def lapse(self, fallback: Amps, now: Monotonic) -> None:
        """Follow a lease that runs out while nobody renews it: up as soon as it may, down once it must."""
        if self.in_force is None or self.accepted is None:
            return
        up, down = now >= self.in_force.lapses_at, now >= self.in_force.ends_at
        if (up and fallback > self.accepted) or (down and fallback < self.accepted):
            self.force(fallback, now)

    def lapses_next(self, now: Monotonic) -> Monotonic:
        """When `lapse` may change something next."""
        if self.in_force is None:
            return inf
        return min((at for at in (self.in_force.lapses_at, self.in_force.ends_at) if at > now), default=inf)

    def ends_at(self) -> Monotonic | None:
        """When the last of what may be in force has lapsed by itself; None if nothing ever was."""
        attempts = [*self.unresolved, *([self.in_force] if self.in_force is not None else [])]
        return max((attempt.ends_at for attempt in attempts), default=None)

    def bound(self) -> None:
        """The station's clock is known to be right: leases that counted as endless have an end."""
        for attempt in (*self.unresolved, *([self.in_force] if self.in_force is not None else [])):
            attempt.ends_at = min(attempt.ends_at, attempt.lapses_at + 2.0 * LEASE_MARGIN)

    def unanswered_raise(self) -> Monotonic | None:
        """When the oldest unanswered raise above what is in force was sent, with a newer one accepted."""
        if self.in_force is None or self.accepted is None:
            return None
        return min(
            (
                attempt.sent_at
                for attempt in self.unresolved
                if not attempt.answered
                and attempt.serial < self.in_force.serial
                and attempt.amps > self.accepted + _SAME
            ),
            default=None,
        )

    def forget(self) -> None:
        """The profile is gone from the station with its transaction."""
        self.in_force = None
        self.history.clear()
        self.unresolved.clear()
        self.asserted_in = None
        self.again = False
        self.failures = 0
        self.retry_at = -inf

    def forget_before(self, incarnation: int) -> None:
        """The station restarted: what it accepted on connections before this one may be gone."""
        if self.asserted_in is None or self.asserted_in < incarnation:
            self.in_force = None
            self.history.clear()
            self.asserted_in = None
        self.unresolved = [attempt for attempt in self.unresolved if attempt.incarnation >= incarnation]

    def _differs(self, incarnation: int) -> bool:
        accepted = self.accepted
        return (
            self.again
            or self.asserted_in != incarnation
            or accepted is None
            or abs(accepted - self.wanted) >= _SAME
        )

    def _renewal_due(self, now: Monotonic) -> bool:
        return self.in_force is not None and now >= self.in_force.renew_at

    def _reduces_anew(self) -> bool:
        """A reduction doesn't wait for the end of a back-off that another value has earned."""
        last = self.unresolved[-1] if self.unresolved else None
        return self.reduces() and (last is None or abs(last.amps - self.wanted) >= _SAME)

    def _unresolved(self, serial: int) -> Attempt | None:
        return next((attempt for attempt in self.unresolved if attempt.serial == serial), None)


def _covers(newer: Attempt, older: Attempt) -> bool:
    """Whether an attempt that was given up allows nothing that a newer one doesn't allow as well."""
    return older.given_up and older.amps <= newer.amps and older.ends_at <= newer.ends_at
