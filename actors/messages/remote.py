"""Messages of remote energy management: what is set from elsewhere, what holds, what the disk keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from actors.messages.base import Message, Question
from evce.units import Amps, ZoneId
from evce.views import RemoteView

__all__ = [
    "REMOTE",
    "FindRemoteLimits",
    "GetRemote",
    "GetRemoteAnswer",
    "HearRemote",
    "KeepRemoteLimits",
    "RemoteLimitsChanged",
    "RemoteLimitsFound",
    "RemoteShown",
    "SetRemoteLimit",
]

REMOTE = "remote"
"""Name of the actor that holds the limits that are set from elsewhere."""


@dataclass(frozen=True, slots=True)
class SetRemoteLimit(Message):
    """Limit a zone to so many A per phase, or with None no longer; `request` names it for `GetRemoteAnswer`.

    `by` is who asks. With `expected` it is only done while one of these is the zone's limit (None: it has
    none).
    """

    request: str
    zone: ZoneId
    amps: Amps | None
    by: str
    expected: tuple[Amps | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class HearRemote(Message):
    """Whoever manages the energy is alive."""

    by: str


@dataclass(frozen=True, slots=True)
class GetRemoteAnswer(Question):
    """To `REMOTE`. Answer: the `RemoteAnswer`; None for a request that isn't known, or no longer."""

    request: str


@dataclass(frozen=True, slots=True)
class GetRemote(Question):
    """To `REMOTE`. Answer: the `RemoteView` of this moment."""


@dataclass(frozen=True, slots=True)
class RemoteLimitsChanged(Message):
    """To root zones: every limit that holds for a zone, A per phase. Told again and again."""

    limits: Mapping[ZoneId, Amps]


@dataclass(frozen=True, slots=True)
class RemoteShown(Message):
    view: RemoteView


@dataclass(frozen=True, slots=True)
class KeepRemoteLimits(Message):
    """To the recorder: write these over those before."""

    limits: Mapping[ZoneId, Amps]


@dataclass(frozen=True, slots=True)
class FindRemoteLimits(Message):
    """To the recorder. Answer: `RemoteLimitsFound`."""

    reply_to: str


@dataclass(frozen=True, slots=True)
class RemoteLimitsFound(Message):
    """What an earlier process wrote last."""

    limits: Mapping[ZoneId, Amps] = field(default_factory=dict)
