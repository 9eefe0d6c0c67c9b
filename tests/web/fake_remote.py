"""Whoever holds the limits from elsewhere, with the real rules and no actor."""

from datetime import datetime, timedelta

from actors.messages import HearRemote, SetRemoteLimit
from evce.remote_limits import RemoteAnswer, RemoteLimits, RemoteSettings
from evce.views import RemoteLimitView, RemoteView

__all__ = ["FakeRemote"]


class FakeRemote:
    """Answers as the remote actor does, by the clock of its site."""

    def __init__(self, settings: RemoteSettings) -> None:
        self.limits = RemoteLimits(settings)
        self.limits.restore({}, 0.0)
        self.answers: dict[str, RemoteAnswer] = {}

    def take(self, message: SetRemoteLimit | HearRemote, now: datetime) -> None:
        moment = now.timestamp()
        self.limits.look(moment)
        if isinstance(message, HearRemote):
            self.limits.hear(moment)
        else:
            self.answers[message.request] = self.limits.wish(
                message.zone, message.amps, moment, message.expected
            )

    def view(self, now: datetime) -> RemoteView:
        moment, settings, limits = now.timestamp(), self.limits.settings, self.limits
        limits.look(moment)
        heard = None if limits.heard_at is None else datetime.fromtimestamp(limits.heard_at, now.tzinfo)
        standing = tuple(
            RemoteLimitView(
                zone,
                amps,
                now + timedelta(seconds=left) if (left := limits.raises_in(zone, moment)) > 0.0 else None,
                limits.is_dropped(zone),
            )
            for zone, amps in limits.in_force(moment).items()
        )
        return RemoteView(
            limits.state.value,
            settings.login,
            heard,
            settings.minimum_period,
            settings.heartbeat_period,
            standing,
        )
