"""The charging profiles that hold a station's current: what is sent, and composite schedules read back."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from evce.units import NOMINAL_VOLTAGE, Amps, Seconds, TransactionId, Volts, Watts

__all__ = [
    "LOWEST_VOLTAGE",
    "CompositeSchedule",
    "Limit",
    "RateUnit",
    "clear_profile",
    "composite_request",
    "fallback_profile",
    "floor_tenth",
    "leased_default",
    "least_in_watts",
    "parse_composite",
    "tx_profile",
    "worst_case_amps",
]

LOWEST_VOLTAGE: Final[Volts] = 207.0
"""EN 50160: 230 V less 10 %; a limit in W lets most amperes flow at the lowest voltage."""

_HIGHEST_VOLTAGE: Final[Volts] = 253.0

STARTED_BEFORE: Final = timedelta(seconds=5)
"""A lease begins a little before now, so that no small error of the clock estimate lets it begin later."""

_LONG_AGO: Final = "1970-01-02T00:00:00Z"
"""The fall-back is in force at whatever time a station's clock stands, a lost one at 1970 included."""

_FALLBACK_ID, _DEFAULT_ID, _TX_ID = 1, 2, 3


class RateUnit(StrEnum):
    """OCPP 1.6 §7.9 ChargingRateUnitType."""

    AMPS = "A"
    WATTS = "W"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a connector may draw: A per phase, and how a station must be told.

    `phases` is how many phases its car is known to load, 1 where that is unknown: a limit in W then
    stays safe if one phase carries all of it.
    """

    amps: Amps
    unit: RateUnit = RateUnit.AMPS
    phases: int = 1

    @property
    def value(self) -> float:
        """The number for `limit`, rounded down to the one decimal that OCPP allows."""
        if self.unit is RateUnit.AMPS:
            return floor_tenth(self.amps)
        return floor_tenth(floor_tenth(self.amps) * LOWEST_VOLTAGE * self.phases)


def floor_tenth(value: float) -> float:
    """Round down to 0.1, telling a binary rounding of an exact tenth from a smaller number."""
    return math.floor(value * 10.0 + 1e-6) / 10.0


def worst_case_amps(watts: Watts, rating: Amps) -> Amps:
    """The most that a limit in W lets flow on one phase, A."""
    return min(watts / LOWEST_VOLTAGE, rating)


def least_in_watts(amps: Amps, phases: int, reckoned_for: int, rating: Amps) -> Amps:
    """The setpoint with which a station that takes W offers a car on `phases` this many A on each.

    The limit is worked out with the lowest voltage for `reckoned_for` phases; the station divides it by the
    nominal one for those that the car is on.
    """
    least = amps * NOMINAL_VOLTAGE / LOWEST_VOLTAGE * max(phases / reckoned_for, 1.0)
    return min(math.ceil(least * 10.0 - 1e-6) / 10.0, rating)


def fallback_profile(connector: int, limit: Limit) -> dict[str, Any]:
    """SetChargingProfile that stays in the station: what a transaction gets without word from us."""
    schedule = {"startSchedule": _LONG_AGO, **_one_period(limit)}
    return _set(connector, _FALLBACK_ID, 0, "TxDefaultProfile", schedule)


def leased_default(connector: int, limit: Limit, start: datetime, duration: Seconds) -> dict[str, Any]:
    """SetChargingProfile over the fall-back: what a new transaction starts with, until it lapses."""
    return _set(connector, _DEFAULT_ID, 1, "TxDefaultProfile", _leased(limit, start, duration))


def tx_profile(
    connector: int, transaction: TransactionId, limit: Limit, start: datetime, duration: Seconds
) -> dict[str, Any]:
    """SetChargingProfile of a running transaction, until it lapses. `start` is now by the station's clock."""
    payload = _set(connector, _TX_ID, 0, "TxProfile", _leased(limit, start, duration))
    payload["csChargingProfiles"]["transactionId"] = transaction
    return payload


def clear_profile(connector: int, purpose: str, stack_level: int) -> dict[str, Any]:
    """ClearChargingProfile of one purpose and level at a connector."""
    return {"connectorId": connector, "chargingProfilePurpose": purpose, "stackLevel": stack_level}


def composite_request(connector: int, duration: Seconds, unit: RateUnit) -> dict[str, Any]:
    """GetCompositeSchedule in the unit that the station takes."""
    return {"connectorId": connector, "duration": math.ceil(duration), "chargingRateUnit": unit.value}


@dataclass(frozen=True, slots=True)
class CompositeSchedule:
    """What a station says it will allow. `periods` is (seconds from the start, limit), None if unlimited."""

    unit: RateUnit
    periods: tuple[tuple[Seconds, float], ...]

    @property
    def limit_now(self) -> float:
        """The limit of the first period, in `unit`."""
        return self.periods[0][1]

    def amps_within(self, seconds: Seconds, rating: Amps) -> Amps:
        """The least that it allows on each phase from now until `seconds` later, at most the rating.

        A limit in W counts as if one phase carried all of it: nobody knows yet how many the car loads.
        """
        least = min(limit for start, limit in self.periods if start <= seconds or start == self.periods[0][0])
        return least if self.unit is RateUnit.AMPS else worst_case_amps(least, rating)

    def exceeds(self, limit: Limit, tolerance: Amps = 0.5) -> bool:
        """Whether the station would now allow more than the limit that it was told."""
        if self.unit is limit.unit:
            slack = tolerance if self.unit is RateUnit.AMPS else tolerance * LOWEST_VOLTAGE
            return self.limit_now > limit.value + slack
        if self.unit is RateUnit.AMPS:
            return self.limit_now > limit.amps + tolerance
        return self.limit_now > (limit.amps + tolerance) * _HIGHEST_VOLTAGE * 3


def parse_composite(payload: Mapping[str, Any]) -> CompositeSchedule | None:
    """Read a GetCompositeSchedule answer; None where it says nothing (rejected, empty, unreadable)."""
    schedule = payload.get("chargingSchedule")
    if payload.get("status") != "Accepted" or not isinstance(schedule, Mapping):
        return None
    periods: list[tuple[Seconds, float]] = []
    for period in schedule.get("chargingSchedulePeriod", ()):
        try:
            limit = float(period["limit"])
        except (TypeError, ValueError):
            return None
        if not math.isfinite(limit):
            return None
        periods.append((float(period["startPeriod"]), limit))
    if not periods:
        return None
    unit = RateUnit.WATTS if schedule.get("chargingRateUnit") == "W" else RateUnit.AMPS
    return CompositeSchedule(unit, tuple(sorted(periods)))


def _leased(limit: Limit, start: datetime, duration: Seconds) -> dict[str, Any]:
    before = start - STARTED_BEFORE
    begins = before.replace(microsecond=0)
    lasts = duration + (start - begins).total_seconds()
    return {
        "startSchedule": begins.isoformat().replace("+00:00", "Z"),
        "duration": math.ceil(lasts),
        **_one_period(limit),
    }


def _one_period(limit: Limit) -> dict[str, Any]:
    """`numberPhases` is left out: it says how many phases may be used, and never scales amperes."""
    return {
        "chargingRateUnit": limit.unit.value,
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit.value}],
    }


def _set(connector: int, kind: int, level: int, purpose: str, schedule: dict[str, Any]) -> dict[str, Any]:
    return {
        "connectorId": connector,
        "csChargingProfiles": {
            "chargingProfileId": connector * 10 + kind,
            "stackLevel": level,
            "chargingProfilePurpose": purpose,
            "chargingProfileKind": "Absolute",
            "chargingSchedule": schedule,
        },
    }
