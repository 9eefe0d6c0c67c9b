"""When a charging profile of the operator applies and what it allows then (OCPP 1.6 §5.16, §7.8)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from evce.meter_values import parse_time
from evce.profiles import floor_tenth
from evce.units import NOMINAL_VOLTAGE, Amps, TransactionId

__all__ = ["KeptProfile"]

_RECURS: Final = {"Daily": timedelta(days=1), "Weekly": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class KeptProfile:
    """One profile of the operator. `connector` 0 is the station as a whole.

    `transaction` is EVCE's own id for a TxProfile. `profile` is the csChargingProfiles object as it came.
    """

    connector: int
    profile: Mapping[str, Any]
    transaction: TransactionId | None = None

    @property
    def id(self) -> int:
        return int(self.profile["chargingProfileId"])

    @property
    def level(self) -> int:
        return int(self.profile["stackLevel"])

    @property
    def purpose(self) -> str:
        return str(self.profile["chargingProfilePurpose"])

    @property
    def _schedule(self) -> Mapping[str, Any]:
        schedule: Mapping[str, Any] = self.profile["chargingSchedule"]
        return schedule

    def limit(self, at: datetime, session_start: datetime | None, phases: int) -> Amps | None:
        """A per phase that it allows at `at`, None where it says nothing then.

        A limit in W is for all phases together, at the nominal voltage, on every phase that is wired.
        """
        if not self._valid(at):
            return None
        start = self._start(at, session_start)
        if start is None or at < start:
            return None
        elapsed = (at - start).total_seconds()
        duration = self._schedule.get("duration")
        if duration is not None and elapsed >= duration:
            return None
        limit: float | None = None
        for period in sorted(self._schedule["chargingSchedulePeriod"], key=lambda p: int(p["startPeriod"])):
            if period["startPeriod"] <= elapsed:
                limit = max(0.0, float(period["limit"]))
        if limit is None:
            return None
        if self._schedule["chargingRateUnit"] == "W":
            limit /= NOMINAL_VOLTAGE * phases
        return floor_tenth(limit)

    def changes(self, after: datetime, session_start: datetime | None) -> Iterator[datetime]:
        """The moments after `after` at which its limit may change, of this recurrence and the next."""
        found = [self._time("validFrom"), self._time("validTo")]
        start = self._start(after, session_start)
        if start is not None:
            recurs = self._recurs()
            for begin in (start,) if recurs is None else (start, start + recurs):
                found.append(begin)
                found += [
                    begin + timedelta(seconds=int(period["startPeriod"]))
                    for period in self._schedule["chargingSchedulePeriod"]
                ]
                if self._schedule.get("duration") is not None:
                    found.append(begin + timedelta(seconds=int(self._schedule["duration"])))
        return (moment for moment in found if moment is not None and moment > after)

    def _valid(self, at: datetime) -> bool:
        begin, end = self._time("validFrom"), self._time("validTo")
        return (begin is None or at >= begin) and (end is None or at < end)

    def _start(self, at: datetime, session_start: datetime | None) -> datetime | None:
        """When the schedule that counts at `at` began; without a start of its own, with the session."""
        named = self._schedule.get("startSchedule")
        start = None if named is None else parse_time(str(named))
        if self.profile["chargingProfileKind"] == "Relative" or start is None:
            return session_start
        recurs = self._recurs()
        if recurs is not None and at >= start:
            return start + ((at - start) // recurs) * recurs
        return start

    def _recurs(self) -> timedelta | None:
        if self.profile["chargingProfileKind"] != "Recurring":
            return None
        return _RECURS.get(str(self.profile.get("recurrencyKind")))

    def _time(self, key: str) -> datetime | None:
        text = self.profile.get(key)
        return None if text is None else parse_time(str(text))
