"""The site's time behind the pages: the real rules on a clock that tests move, and no actor."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from actors.messages import FollowHostTime, SetSiteTime, SiteTimeView, TimeAnswer
from evce.site_time import TimeSource

__all__ = ["FakeTime"]


class FakeTime:
    """Answers as the actor does. `ruled`: the operator has told the time."""

    def __init__(self, host: Callable[[], datetime]) -> None:
        self.host = host
        self.ahead = 0.0
        self.shown = SiteTimeView(
            host(), host(), host(), TimeSource.HOST, operator_rules=False, programs_may=False
        )
        self.answers: dict[str, TimeAnswer] = {}

    @property
    def ruled(self) -> bool:
        return self.shown.source is TimeSource.OPERATOR

    def view(self) -> SiteTimeView:
        host = self.host()
        return replace(self.shown, site=host + timedelta(seconds=self.ahead), host=host, told=host)

    def take(self, order: SetSiteTime | FollowHostTime) -> None:
        if self.ruled:
            self.answers[order.request] = TimeAnswer(
                0.0, "the time comes from the operator (cpo.time_from_operator)"
            )
            return
        before = self.ahead
        if isinstance(order, FollowHostTime):
            self.ahead = 0.0
            self.shown = replace(self.shown, source=TimeSource.HOST, by=order.by, heard_at=None)
        else:
            self.ahead = (order.time - self.host()).total_seconds()
            self.shown = replace(self.shown, source=order.source, by=order.by, heard_at=order.time)
        self.answers[order.request] = TimeAnswer(self.ahead - before)
