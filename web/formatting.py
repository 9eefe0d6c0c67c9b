"""How figures and times are written for the reader: A, kW, kWh, durations, and times in the site's zone."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_datetime, format_skeleton
from babel.numbers import get_decimal_symbol, get_group_symbol
from flask import Flask

from evce.units import Amps, PhaseAmps, WattHours, Watts
from web.labels import CHOICES, choice_word, label_of, path_words
from web.languages import gettext, language

__all__ = [
    "ago",
    "amps",
    "clock_time",
    "duration",
    "exact_time",
    "in_locale",
    "kw",
    "kwh",
    "local",
    "midnight",
    "phases",
    "set_up",
    "setting",
    "short_day",
    "zone_info",
]

NOTHING = "\u2013"
_NAMED = re.compile(r"\[[^\]]*\]")


@lru_cache(maxsize=16)
def _symbols(locale: str) -> tuple[str, str]:
    """The signs of the decimal and of the thousands; English keeps the narrow space of the SI."""
    return (".", "\u202f") if locale == "en" else (get_decimal_symbol(locale), get_group_symbol(locale))


def in_locale(figure: str, locale: str | None = None) -> str:
    """A figure such as `1,234.5` as the reader writes it."""
    decimal, group = _symbols(locale or language())
    return figure.translate({ord("."): decimal, ord(","): group})


def amps(value: Amps | None) -> str:
    """A current with one decimal, none where it is whole: `9.5`, `32`."""
    return NOTHING if value is None else in_locale(f"{value:.1f}".removesuffix(".0"))


def phases(value: PhaseAmps | None) -> str:
    """Three phases: `12.1 / 0 / 0`."""
    return NOTHING if value is None else " / ".join(amps(one) for one in value)


def kwh(value: WattHours | None, decimals: int = 2) -> str:
    """An energy in kWh, thousands parted."""
    return NOTHING if value is None else in_locale(f"{value / 1000:,.{decimals}f}")


def kw(value: Watts | None, decimals: int = 1) -> str:
    """A power in kW."""
    return NOTHING if value is None else in_locale(f"{value / 1000:.{decimals}f}")


def duration(seconds: float) -> str:
    """`42 s`, `7 min`, `1 h 05 min`, `2 d 3 h`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02d} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def zone_info(name: str) -> ZoneInfo:
    """The IANA time zone of that name, UTC where this machine doesn't know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When that day begins in the zone, UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def local(moment: datetime | None, time_zone: str) -> str:
    """Date and time in the site's zone: `2026-11-22 14:03:07`, in German `22.11.2026, 14:03:07`."""
    if moment is None:
        return NOTHING
    there = _aware(moment).astimezone(zone_info(time_zone))
    locale = language()
    return (
        there.strftime("%Y-%m-%d %H:%M:%S")
        if locale == "en"
        else format_datetime(there.replace(tzinfo=None), "medium", locale=_locale(locale))
    )


def clock_time(moment: datetime | None, time_zone: str, reference: datetime | None = None) -> str:
    """Short: the time of day, with the date where it is another day than `reference`."""
    if moment is None:
        return NOTHING
    there = _aware(moment).astimezone(zone_info(time_zone))
    if reference is not None and _aware(reference).astimezone(zone_info(time_zone)).date() == there.date():
        return there.strftime("%H:%M")
    locale = language()
    if locale == "en":
        return there.strftime("%d %b %H:%M")
    return f"{format_skeleton('MMMd', there, locale=_locale(locale))} {there:%H:%M}"


def short_day(day: date) -> str:
    """Day and month: `22 Nov`."""
    locale = language()
    return f"{day:%d %b}" if locale == "en" else format_skeleton("MMMd", day, locale=_locale(locale))


def ago(moment: datetime | None, now: datetime) -> str:
    """`5 min ago`; for a moment that never was, `never`."""
    if moment is None:
        return gettext("never")
    seconds = (_aware(now) - _aware(moment)).total_seconds()
    return gettext("just now") if seconds < 5 else gettext("%(time)s ago", time=duration(seconds))


def setting(value: object, path: str = "") -> str:
    """A value of the configuration as people read it; of a whole thing its plain settings by their labels."""
    match value:
        case None | "":
            return NOTHING
        case bool():
            return gettext("on") if value else gettext("off")
        case float():
            return in_locale(str(int(value) if value.is_integer() else value))
        case Mapping():
            plain = {key: item for key, item in value.items() if item not in (None, "", False)}
            return ", ".join(
                f"{label_of(where := f'{_kind_of(path)}.{key}')}: {setting(item, where)}"
                for key, item in plain.items()
                if not isinstance(item, Mapping)
            )
        case list() | tuple() if any(isinstance(item, Mapping) for item in value):
            return str(len(value))
        case list() | tuple():
            return ", ".join(setting(item, path) for item in value) or NOTHING
        case str() if path.rpartition(".")[2] in CHOICES:
            return choice_word(value)
        case _:
            return str(value)


def _kind_of(path: str) -> str:
    """The path as labels have it: `stations[]` for `stations[CP-01]`."""
    return _NAMED.sub("[]", path)


@lru_cache(maxsize=16)
def _locale(name: str) -> Locale:
    return Locale.parse(name)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def exact_time(moment: datetime | str, time_zone: str) -> str:
    """The time of day with its milliseconds, for engineers: `14:03:07.042`, the same in every language."""
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else _aware(moment)
    return when.astimezone(zone_info(time_zone)).time().isoformat("milliseconds")


def set_up(app: Flask) -> None:
    """Make them filters of the templates."""
    app.jinja_env.filters.update(
        amps=amps,
        phases=phases,
        kwh=kwh,
        kw=kw,
        duration=duration,
        local=local,
        clock_time=clock_time,
        exact_time=exact_time,
        ago=ago,
        short_day=short_day,
        in_locale=in_locale,
        setting=setting,
        path_words=path_words,
    )
