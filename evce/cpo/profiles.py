"""The operator's charging profiles: kept, stacked, merged as an upper limit, and told truthfully."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from evce.cpo.keys import MAX_PERIODS, MAX_PROFILES, MAX_STACK_LEVEL
from evce.cpo.schedules import KeptProfile
from evce.cpo.told import ConnectorTold, StationTold
from evce.electrical import Station
from evce.meter_values import parse_time
from evce.profiles import floor_tenth
from evce.station_control.inbound import format_time
from evce.units import NOMINAL_VOLTAGE, Amps, Seconds, TransactionId

__all__ = ["OperatorProfiles"]

ACCEPTED: Final = "Accepted"
REJECTED: Final = "Rejected"
NOT_SUPPORTED: Final = "NotSupported"

_WHOLE: Final = "ChargePointMaxProfile"
_DEFAULT: Final = "TxDefaultProfile"
_TX: Final = "TxProfile"

_HUGE: Final = 1e9
"""Seconds, W or A: thirty years, a power station."""

_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Far from the ends of what a calendar can count, so that no sum leaves it."""

_COMPOSITE_PERIODS: Final = 200
_LONGEST: Final[Seconds] = 7 * 86_400.0


class OperatorProfiles:
    """Answers only what is so: Accepted means kept and obeyed, as far as EVCE's own limits leave room."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self._kept: dict[int, KeptProfile] = {}

    @property
    def kept(self) -> tuple[KeptProfile, ...]:
        """Every profile, in the order of arrival."""
        return tuple(self._kept.values())

    # Keeping.

    def judge(
        self,
        connector: int,
        profile: Mapping[str, Any],
        transaction: TransactionId | None,
        told: StationTold,
        utc: datetime,
    ) -> str:
        """The status that SetChargingProfile deserves; `transaction` is EVCE's id of the one it names."""
        if told.limits_current is False:
            return NOT_SUPPORTED
        known = connector == 0 or told.connector(connector) is not None
        purpose, kind = profile["chargingProfilePurpose"], profile["chargingProfileKind"]
        if not known or profile["stackLevel"] > MAX_STACK_LEVEL or profile["stackLevel"] < 0:
            return REJECTED
        if len(self._kept) >= MAX_PROFILES and not self._replaced(KeptProfile(connector, profile)):
            return REJECTED
        if purpose == _WHOLE and (connector != 0 or kind == "Relative"):
            return REJECTED
        if purpose == _TX and not self._fits_transaction(connector, profile, transaction, told):
            return REJECTED
        return ACCEPTED if _sound(profile, utc) else REJECTED

    def put(self, kept: KeptProfile) -> list[int]:
        """Keep a profile; returns the ids of those whose place it takes (OCPP 1.6 §5.16.2)."""
        gone = [profile_id for profile_id in self._replaced(kept) if profile_id != kept.id]
        for profile_id in (*gone, kept.id):
            self._kept.pop(profile_id, None)
        self._kept[kept.id] = kept
        return gone

    def clear(
        self,
        *,
        profile_id: int | None = None,
        connector: int | None = None,
        purpose: str | None = None,
        level: int | None = None,
    ) -> list[int]:
        """ClearChargingProfile: the ids of those that fit all that is named, now gone."""
        if profile_id is not None:
            gone = [profile_id] if profile_id in self._kept else []
        else:
            gone = [
                kept.id
                for kept in self._kept.values()
                if (connector is None or kept.connector == connector)
                and (purpose is None or kept.purpose == purpose)
                and (level is None or kept.level == level)
            ]
        for each in gone:
            del self._kept[each]
        return gone

    def ended(self, running: Iterable[TransactionId]) -> list[int]:
        """Forget the profiles of transactions that run no more; returns their ids."""
        alive = frozenset(running)
        gone = [k.id for k in self._kept.values() if k.transaction is not None and k.transaction not in alive]
        for each in gone:
            del self._kept[each]
        return gone

    # What they allow.

    def ceilings(self, told: StationTold, utc: datetime) -> dict[int, Amps | None]:
        """A per phase that the operator allows each connector now; None where it sets no limit."""
        return {connector.number: self.ceiling(connector, told, utc) for connector in told.connectors}

    def ceiling(self, connector: ConnectorTold, told: StationTold, utc: datetime) -> Amps | None:
        """The lower of the station's share and what the session may have."""
        phases = self._phases(connector.number)
        session = connector.started_at if connector.transaction is not None else None
        own = [k for k in self._kept.values() if k.purpose == _TX and k.transaction == connector.transaction]
        limit = self._top(own, utc, session, phases) if session is not None else None
        if limit is None:
            limit = self._top(self._defaults(connector.number), utc, session, phases)
        limits = [limit]
        whole = self._top([k for k in self._kept.values() if k.purpose == _WHOLE], utc, session, phases)
        if whole is not None:
            # What one connector leaves isn't known to the other: equal shares are never too much together.
            charging = sum(1 for other in told.connectors if other.transaction is not None)
            alone = connector.transaction is not None and charging == 1
            limits.append(floor_tenth(whole / (1 if alone else max(1, len(told.connectors)))))
        return min((amps for amps in limits if amps is not None), default=None)

    def next_change(self, told: StationTold, utc: datetime) -> datetime | None:
        """When the ceilings may become others by themselves."""
        sessions = [c.started_at for c in told.connectors if c.transaction is not None]
        return min(
            (
                moment
                for kept in self._kept.values()
                for session in (*sessions, None)
                for moment in kept.changes(utc, session)
            ),
            default=None,
        )

    # What is told.

    def composite(
        self, connector: int, duration: Seconds, unit: str | None, told: StationTold, utc: datetime
    ) -> dict[str, Any]:
        """GetCompositeSchedule: the operator's profiles under what EVCE gives now, for connector 0 the sum.

        What EVCE will give later depends on the site; what it gives now is told for the whole schedule.
        """
        members = [c for c in told.connectors if connector in (0, c.number)]
        if not members or not told.connected or duration <= 0:
            return {"status": REJECTED}
        unit = unit or "A"
        lasts = min(duration, _LONGEST)
        periods: list[dict[str, Any]] = []
        moment, end = utc, utc + timedelta(seconds=lasts)
        while moment < end and len(periods) < _COMPOSITE_PERIODS:
            limit = floor_tenth(sum(self._allowed(member, told, moment, unit) for member in members))
            if not periods or periods[-1]["limit"] != limit:
                start = round((moment - utc).total_seconds())
                periods.append({"startPeriod": start, "limit": limit})
            following = self.next_change(told, moment)
            if following is None:
                break
            moment = following
        return {
            "status": ACCEPTED,
            "connectorId": connector,
            "scheduleStart": format_time(utc),
            "chargingSchedule": {
                "duration": int(lasts),
                "startSchedule": format_time(utc),
                "chargingRateUnit": unit,
                "chargingSchedulePeriod": periods,
            },
        }

    def _allowed(self, connector: ConnectorTold, told: StationTold, at: datetime, unit: str) -> float:
        rating = next(c.rating for c in self.station.connectors if c.key.number == connector.number)
        ours = rating
        if connector.transaction is not None:
            ours = min(rating, connector.setpoint or 0.0)
        ceiling = self.ceiling(connector, told, at)
        amps = ours if ceiling is None else min(ours, ceiling)
        return amps if unit == "A" else amps * NOMINAL_VOLTAGE * self._phases(connector.number)

    # Inside.

    def _top(
        self, profiles: Iterable[KeptProfile], utc: datetime, session: datetime | None, phases: int
    ) -> Amps | None:
        """The limit of the highest level that says something now."""
        for kept in sorted(profiles, key=lambda kept: -kept.level):
            limit = kept.limit(utc, session, phases)
            if limit is not None:
                return limit
        return None

    def _defaults(self, connector: int) -> list[KeptProfile]:
        """At the same level a connector's own default comes before that of the whole station."""
        found = [k for k in self._kept.values() if k.purpose == _DEFAULT and k.connector in (0, connector)]
        return sorted(found, key=lambda kept: kept.connector == 0)

    def _replaced(self, kept: KeptProfile) -> list[int]:
        return [
            other.id
            for other in self._kept.values()
            if other.id == kept.id
            or (
                (other.connector, other.purpose, other.level) == (kept.connector, kept.purpose, kept.level)
                and (kept.transaction is None or other.transaction == kept.transaction)
            )
        ]

    def _fits_transaction(
        self,
        connector: int,
        profile: Mapping[str, Any],
        transaction: TransactionId | None,
        told: StationTold,
    ) -> bool:
        """OCPP 1.6 §3.13.1: a TxProfile is for a transaction that runs on that very connector."""
        there = told.connector(connector)
        if connector == 0 or there is None or there.transaction is None:
            return False
        return "transactionId" not in profile or there.transaction == transaction

    def _phases(self, number: int) -> int:
        connector = next((c for c in self.station.connectors if c.key.number == number), None)
        return 3 if connector is None or connector.wiring.three_phase else 1


def _sound(profile: Mapping[str, Any], utc: datetime) -> bool:
    """What the schemas can't say: times that can be read, periods in order from 0, not over already."""
    schedule = profile["chargingSchedule"]
    starts = [period["startPeriod"] for period in schedule["chargingSchedulePeriod"]]
    texts = [profile.get("validFrom"), profile.get("validTo"), schedule.get("startSchedule")]
    times = [None if text is None else parse_time(str(text)) for text in texts]
    if any(text is not None and time is None for text, time in zip(texts, times, strict=True)):
        return False
    if profile["chargingProfileKind"] == "Recurring" and (
        profile.get("recurrencyKind") not in ("Daily", "Weekly") or times[2] is None
    ):
        return False
    numbers = [
        *starts,
        schedule.get("duration", 0),
        *(p["limit"] for p in schedule["chargingSchedulePeriod"]),
    ]
    if not all(math.isfinite(number) and 0 <= number <= _HUGE for number in numbers):
        return False
    if any(time is not None and not _EARLIEST <= time <= _LATEST for time in times):
        return False
    in_order = all(earlier < later for earlier, later in pairwise(starts))
    over = times[1] is not None and times[1] <= utc
    return bool(starts) and starts[0] == 0 and in_order and len(starts) <= MAX_PERIODS and not over
