"""A station's smart charging as the OCPP 1.6 text has it: profiles, stacking, lapses, composite schedules."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from evce.units import NOMINAL_VOLTAGE, Amps
from tools.simulation.quirks import WholeAmps

__all__ = [
    "MAX_PROFILE",
    "TX_DEFAULT",
    "TX_PROFILE",
    "Profile",
    "ProfileStore",
    "Running",
    "parse_time",
    "print_time",
]

MAX_PROFILE = "ChargePointMaxProfile"
TX_DEFAULT = "TxDefaultProfile"
TX_PROFILE = "TxProfile"

_LOOKS_AHEAD = 60.0
"""Seconds for which an answer is kept at most."""
_ABOUT = 1e-3

_RECURRENCE = {"Daily": 86_400.0, "Weekly": 7 * 86_400.0}


def parse_time(text: str) -> float:
    """Seconds since 1970 of an RFC 3339 time; one without a zone is taken as UTC."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def print_time(seconds: float) -> str:
    """RFC 3339 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass(frozen=True, slots=True)
class Running:
    """The transaction on a connector. `transaction` is None until the central system has given its id."""

    transaction: int | None
    began: float


@dataclass(frozen=True, slots=True)
class Profile:
    """One charging profile as it was installed. Times are seconds since 1970 of the station's own clock."""

    connector: int
    id: int
    stack_level: int
    purpose: str
    kind: str
    unit: str
    periods: tuple[tuple[float, float, int], ...]
    """(start in s, limit in `unit`, phases)"""
    installed: float
    transaction: int | None = None
    recurrency: str | None = None
    valid_from: float | None = None
    valid_to: float | None = None
    duration: float | None = None
    start: float | None = None

    @classmethod
    def read(cls, connector: int, payload: Mapping[str, Any], now: float) -> "Profile":
        """Take `csChargingProfiles` as received. Raises KeyError, TypeError or ValueError."""
        schedule = payload["chargingSchedule"]
        periods = tuple(
            (float(p["startPeriod"]), float(p["limit"]), int(p.get("numberPhases", 3)))
            for p in schedule["chargingSchedulePeriod"]
        )

        def moment(where: Mapping[str, Any], key: str) -> float | None:
            return parse_time(where[key]) if key in where else None

        duration = schedule.get("duration")
        return cls(
            connector=connector,
            id=int(payload["chargingProfileId"]),
            stack_level=int(payload["stackLevel"]),
            purpose=str(payload["chargingProfilePurpose"]),
            kind=str(payload["chargingProfileKind"]),
            unit=str(schedule["chargingRateUnit"]),
            periods=periods,
            installed=now,
            transaction=payload.get("transactionId"),
            recurrency=payload.get("recurrencyKind"),
            valid_from=moment(payload, "validFrom"),
            valid_to=moment(payload, "validTo"),
            duration=None if duration is None else float(duration),
            start=moment(schedule, "startSchedule"),
        )

    def origin(self, at: float, began: float | None) -> float | None:
        """When the schedule in force at `at` started, None while it hasn't.

        Relative counts from the start of the transaction; Absolute without startSchedule does, too
        (OCPP 1.6 part 2, 7.13 ChargingSchedule: "If absent the schedule will be relative to start of
        charging"). Outside a transaction such a schedule counts from its installation.
        """
        if self.kind == "Recurring" and self.start is not None:
            every = _RECURRENCE.get(self.recurrency or "Daily", _RECURRENCE["Daily"])
            return None if at < self.start else at - (at - self.start) % every
        if self.kind == "Absolute" and self.start is not None:
            return self.start if at >= self.start else None
        return began if began is not None else self.installed

    def period(self, at: float, began: float | None) -> tuple[float, int] | None:
        """(limit, phases) at that time; None where the profile says nothing, so that the next one leads."""
        if self.valid_from is not None and at < self.valid_from:
            return None
        if self.valid_to is not None and at >= self.valid_to:
            return None
        origin = self.origin(at, began)
        if origin is None or at < origin:
            return None
        elapsed = at - origin
        if self.duration is not None and elapsed >= self.duration:
            return None
        found: tuple[float, int] | None = None
        for start, limit, phases in self.periods:
            if start <= elapsed:
                found = (limit, phases)
        return found

    def edges(self, since: float, until: float, began: float | None) -> list[float]:
        """Every time in [since, until) at which this profile's word may change."""
        candidates = [t for t in (self.valid_from, self.valid_to, self.start) if t is not None]
        offsets = [start for start, _, _ in self.periods]
        if self.duration is not None:
            offsets.append(self.duration)
        at = since
        while at < until:
            origin = self.origin(at, began)
            if origin is not None:
                candidates += [origin + offset for offset in offsets]
            at += 86_400.0
        last = self.origin(until, began)
        if last is not None:
            candidates += [last + offset for offset in offsets]
        return [t for t in candidates if since <= t < until]


@dataclass
class ProfileStore:
    """All profiles of a station, and what they add up to (OCPP 1.6 part 2, 3.13 and 5.16)."""

    max_stack_level: int = 8
    max_periods: int = 24
    max_installed: int = 32
    units: frozenset[str] = frozenset({"A", "W"})
    whole_amps: WholeAmps = WholeAmps.TENTHS
    profiles: list[Profile] = field(default_factory=list)
    """Never changed in place: whatever changes it puts another list there."""
    _stacks: dict[tuple[str, int], list[Profile]] = field(default_factory=dict, repr=False)
    _stacks_of: list[Profile] | None = field(default=None, repr=False)

    def install(self, connector: int, payload: Mapping[str, Any], running: Running | None, now: float) -> str:
        """Status of SetChargingProfile.conf. A profile of the same id, or of the same connector,
        purpose and stack level, is replaced."""
        try:
            new = Profile.read(connector, payload, now)
        except (KeyError, TypeError, ValueError):
            return "Rejected"
        if not self._acceptable(new, running):
            return "Rejected"
        kept = [
            old
            for old in self.profiles
            if old.id != new.id
            and (old.connector, old.purpose, old.stack_level) != (new.connector, new.purpose, new.stack_level)
        ]
        if len(kept) >= self.max_installed:
            return "Rejected"
        self.profiles = [*kept, new]
        return "Accepted"

    def _acceptable(self, new: Profile, running: Running | None) -> bool:
        starts = [start for start, _, _ in new.periods]
        if not starts or starts[0] != 0 or starts != sorted(starts) or len(starts) > self.max_periods:
            return False
        if not 0 <= new.stack_level <= self.max_stack_level or new.unit not in self.units:
            return False
        if any(limit < 0 for _, limit, _ in new.periods):
            return False
        if (
            self.whole_amps is WholeAmps.REJECTED
            and new.unit == "A"
            and any(limit % 1.0 for _, limit, _ in new.periods)
        ):
            return False
        if new.kind == "Recurring" and (new.start is None or new.recurrency not in _RECURRENCE):
            return False
        if new.purpose == MAX_PROFILE:
            return new.connector == 0
        if new.purpose == TX_PROFILE:
            if new.connector == 0 or running is None:
                return False
            return new.transaction is None or new.transaction == running.transaction
        return new.purpose == TX_DEFAULT

    def clear(
        self,
        profile: int | None = None,
        connector: int | None = None,
        purpose: str | None = None,
        stack_level: int | None = None,
    ) -> bool:
        """Status of ClearChargingProfile.conf: whether any profile met all the criteria given."""

        def matches(old: Profile) -> bool:
            if profile is not None:
                return old.id == profile
            return (
                (connector is None or old.connector == connector)
                and (purpose is None or old.purpose == purpose)
                and (stack_level is None or old.stack_level == stack_level)
            )

        kept = [old for old in self.profiles if not matches(old)]
        cleared = len(kept) != len(self.profiles)
        self.profiles = kept
        return cleared

    def transaction_ended(self, connector: int) -> None:
        """A TxProfile never outlives its transaction (3.13.1)."""
        self.profiles = [p for p in self.profiles if (p.purpose, p.connector) != (TX_PROFILE, connector)]

    def rebooted(self, survivors: Sequence[str]) -> None:
        """Power was gone: only profiles of these purposes are left."""
        self.profiles = [p for p in self.profiles if p.purpose in survivors]

    def transaction_limit(
        self, connector: int, at: float, running: Running | None, phases: int
    ) -> Amps | None:
        """A per phase that TxProfile, else TxDefaultProfile allow on a connector; None is no limit.

        The connector's own TxDefaultProfile goes before that of connector 0. Within a purpose the
        highest stack level that has something to say at that time leads (3.13.2).
        """
        began = None if running is None else running.began
        for purpose, where in ((TX_PROFILE, connector), (TX_DEFAULT, connector), (TX_DEFAULT, 0)):
            if purpose == TX_PROFILE and running is None:
                continue
            limit = self._leading(purpose, where, at, began, phases)
            if limit is not None:
                return limit
        return None

    def station_limit(self, at: float, phases: int) -> Amps | None:
        """A per phase that ChargePointMaxProfile leaves to all connectors together; None is no limit."""
        return self._leading(MAX_PROFILE, 0, at, None, phases)

    def _leading(
        self, purpose: str, connector: int, at: float, began: float | None, phases: int
    ) -> Amps | None:
        for profile in self._stack(purpose, connector):
            period = profile.period(at, began)
            if period is not None:
                limit, allowed_phases = period
                if profile.unit == "A":
                    return self._grain(limit)
                return limit / (NOMINAL_VOLTAGE * max(1, min(phases, allowed_phases)))
        return None

    def _stack(self, purpose: str, connector: int) -> list[Profile]:
        """The profiles of a purpose on a connector, the one that leads first."""
        if self._stacks_of is not self.profiles:
            self._stacks_of, self._stacks = self.profiles, {}
            for profile in sorted(self.profiles, key=lambda p: -p.stack_level):
                self._stacks.setdefault((profile.purpose, profile.connector), []).append(profile)
        return self._stacks.get((purpose, connector), [])

    def _grain(self, amps: Amps) -> Amps:
        match self.whole_amps:
            case WholeAmps.DOWN:
                return float(math.floor(amps))
            case WholeAmps.NEAREST:
                return float(math.floor(amps + 0.5))
            case _:
                return amps

    def unchanged_until(self, at: float, running: Running | None) -> float:
        """Until when nothing that a profile says changes by itself, looked for within the next minute.

        A change that is about now, as far as a float can tell, makes it a moment before `at`.
        """
        began = None if running is None else running.began
        ahead = at + _LOOKS_AHEAD
        edges = [profile.edges(at - _ABOUT, ahead, began) for profile in self.profiles]
        return min(chain.from_iterable(edges), default=ahead) - _ABOUT

    def composite(
        self,
        connector: int,
        since: float,
        duration: float,
        running: Running | None,
        phases: int,
        rating: Amps,
    ) -> list[tuple[float, Amps]]:
        """(offset in s, A per phase) of what the connector (0: the station) is held to from `since` on."""
        until = since + duration
        began = None if running is None else running.began
        edges = {since}
        for profile in self.profiles:
            edges.update(profile.edges(since, until, began))
        schedule: list[tuple[float, Amps]] = []
        for edge in sorted(edges):
            limits = [rating]
            station = self.station_limit(edge, phases)
            own = self.transaction_limit(connector, edge, running, phases) if connector else None
            limits += [limit for limit in (station, own) if limit is not None]
            amps = min(limits)
            if not schedule or schedule[-1][1] != amps:
                schedule.append((edge - since, amps))
        return schedule
