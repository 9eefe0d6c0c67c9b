"""Column types that take whatever a station may send and give it back unchanged or made harmless."""

import math
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, Double, String
from sqlalchemy.types import TypeDecorator

__all__ = ["FiniteFloat", "SafeText", "UtcTime", "finite", "readable", "storable"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A day inside what datetime can hold, so that any time zone can show it.
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
_LATEST = datetime(9999, 12, 30, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def finite(value: float) -> float:
    """`value` as a finite number: 0 for NaN, the infinities and integers beyond a float's range."""
    try:
        number = float(value)
    except OverflowError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def readable(text: str) -> str:
    """`text` as any database takes it: lone surrogates and NUL, which JSON allows, become U+FFFD."""
    kept = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return kept.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def storable(moment: datetime) -> datetime:
    """`moment` in UTC, within what a column holds. Raises ValueError for one without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; storage takes aware times only")
    return min(max(moment, _EARLIEST), _LATEST).astimezone(UTC)


class UtcTime(TypeDecorator[datetime]):
    """An aware time as microseconds since 1970 UTC: exact, sorted, the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        if value is None:
            return None
        return (storable(value) - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else _EPOCH + value * _MICROSECOND


class SafeText(TypeDecorator[str]):
    """Text that any database takes; see `readable`."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else readable(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return value


class FiniteFloat(TypeDecorator[float]):
    """A finite number; NaN and the infinities, which SQLite would turn into NULL or keep, become 0."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:  # noqa: ARG002
        return None if value is None else finite(value)

    def process_result_value(self, value: float | None, dialect: Dialect) -> float | None:  # noqa: ARG002
        return value
