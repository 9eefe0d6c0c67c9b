"""The site's time, looked at and set: for the pages, for programs and for the command line alike."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from actors.messages import (
    SITE_TIME,
    FollowHostTime,
    GetSiteTime,
    GetTimeAnswer,
    SetSiteTime,
    SiteTimeView,
    TimeAnswer,
)
from evce.site_time import TimeSource
from evce.units import Seconds
from web.site import Ask, NoAnswerError, Tell

__all__ = ["as_plain_time", "follow_host", "moment_of", "set_time", "time_view"]

PATIENCE: Seconds = 5.0
"""For the actor to answer."""


def time_view(ask: Ask) -> SiteTimeView:
    """What time it is, and who says so. Raises `NoAnswerError`, or what `ask` raises."""
    view = ask(SITE_TIME, GetSiteTime(), PATIENCE)
    if not isinstance(view, SiteTimeView):
        raise NoAnswerError(SITE_TIME)
    return view


def set_time(ask: Ask, tell: Tell, time: datetime, source: TimeSource, by: str) -> TimeAnswer:
    """Set the site's time; the answer says why it wasn't. Raises `NoAnswerError`, or what `ask` raises."""
    request = uuid4().hex
    return _answered(ask, tell, SetSiteTime(request, time, source, by))


def follow_host(ask: Ask, tell: Tell, by: str) -> TimeAnswer:
    """Take the host's clock again; as `set_time`."""
    return _answered(ask, tell, FollowHostTime(uuid4().hex, by))


def moment_of(text: str, zone: ZoneInfo | None = None) -> datetime:
    """Read a time such as 2026-11-22T18:00:00+01:00; one without an offset by the clock of `zone`.

    Raises ValueError with what is allowed.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            if zone is None:
                raise ValueError("no offset")
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        rest = "" if zone is None else f"; without an offset it is by the clock of {zone.key}"
        raise ValueError(f"time={text[:100]!r}: a time such as 2026-11-22T18:00:00+01:00{rest}") from None


def as_plain_time(view: SiteTimeView, time_zone: str) -> dict[str, Any]:
    """As programs and the command line get it: times in ISO 8601 UTC, differences in s."""
    return {
        "time": view.site.isoformat(timespec="milliseconds"),
        "time_zone": time_zone,
        "source": view.source.value,
        "by": view.by,
        "heard_at": None if view.heard_at is None else view.heard_at.isoformat(timespec="milliseconds"),
        "host_time": view.host.isoformat(timespec="milliseconds"),
        "ahead_of_host_s": round(view.offset, 3),
        "still_moving_s": round(view.slewing, 3),
        "stations_behind_s": round((view.site - view.told).total_seconds(), 3),
        "operator_not_followed": view.refused,
        "guessed": view.guessed,
    }


def _answered(ask: Ask, tell: Tell, order: SetSiteTime | FollowHostTime) -> TimeAnswer:
    if not tell(SITE_TIME, order):
        raise NoAnswerError(SITE_TIME)
    answer = ask(SITE_TIME, GetTimeAnswer(order.request), PATIENCE)
    if not isinstance(answer, TimeAnswer):
        raise NoAnswerError(SITE_TIME)
    return answer
