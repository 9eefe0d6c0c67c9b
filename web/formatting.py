"""How figures and times are written: A, kW, kWh, durations, and times in the site's zone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask

from evce.units import Amps, PhaseAmps, WattHours, Watts
from web.languages import gettext

__all__ = [
    "ago",
    "amps",
    "clock_time",
    "duration",
    "kw",
    "kwh",
    "local",
    "phases",
    "set_up",
    "setting",
    "zone_info",
]

NOTHING = "\u2013"


def amps(value: Amps | None) -> str:
    """A current with one decimal, none where it is whole: `9.5`, `32`."""
    return NOTHING if value is None else f"{value:.1f}".removesuffix(".0")


def phases(value: PhaseAmps | None) -> str:
    """Three phases: `12.1 / 0 / 0`."""
    return NOTHING if value is None else " / ".join(amps(one) for one in value)


def kwh(value: WattHours | None, decimals: int = 2) -> str:
    """An energy in kWh, thousands parted by a narrow space."""
    return NOTHING if value is None else f"{value / 1000:,.{decimals}f}".replace(",", "\u202f")


def kw(value: Watts | None, decimals: int = 1) -> str:
    """A power in kW."""
    return NOTHING if value is None else f"{value / 1000:.{decimals}f}"


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


def local(moment: datetime | None, time_zone: str) -> str:
    """Date and time in the site's zone: `2026-11-22 14:03:07`."""
    if moment is None:
        return NOTHING
    return _aware(moment).astimezone(zone_info(time_zone)).strftime("%Y-%m-%d %H:%M:%S")


def clock_time(moment: datetime | None, time_zone: str, reference: datetime | None = None) -> str:
    """Short: the time of day, with the date where it is another day than `reference`."""
    if moment is None:
        return NOTHING
    there = _aware(moment).astimezone(zone_info(time_zone))
    if reference is not None and _aware(reference).astimezone(zone_info(time_zone)).date() == there.date():
        return there.strftime("%H:%M")
    return there.strftime("%d %b %H:%M")


def ago(moment: datetime | None, now: datetime) -> str:
    """`5 min ago`; for a moment that never was, `never`."""
    if moment is None:
        return gettext("never")
    seconds = (_aware(now) - _aware(moment)).total_seconds()
    return gettext("just now") if seconds < 5 else gettext("%(time)s ago", time=duration(seconds))


def setting(value: object) -> str:
    """A value of the configuration as people read it; of a whole thing its plain settings."""
    match value:
        case None | "":
            return NOTHING
        case bool():
            return gettext("on") if value else gettext("off")
        case float() if value.is_integer():
            return str(int(value))
        case Mapping():
            plain = {key: item for key, item in value.items() if item not in (None, "", False)}
            return ", ".join(
                f"{key}: {setting(item)}" for key, item in plain.items() if not isinstance(item, Mapping)
            )
        case list() | tuple() if any(isinstance(item, Mapping) for item in value):
            return str(len(value))
        case list() | tuple():
            return ", ".join(setting(item) for item in value) or NOTHING
        case _:
            return str(value)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


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
        ago=ago,
        setting=setting,
    )
