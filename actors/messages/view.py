"""Messages to the view actor, and the questions that pages ask it."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from actors.messages.base import Message, Question, Sample
from evce.units import BoxIdentity, MeterId, ZoneId
from evce.views import (
    ActorView,
    AlarmView,
    DrillView,
    InputView,
    MeterView,
    StationView,
    UplinkView,
    ZoneView,
)

__all__ = [
    "AcknowledgeAlarm",
    "ActorShown",
    "AlarmCleared",
    "AlarmRaised",
    "DrillShown",
    "GetSnapshot",
    "GetZoneTrail",
    "InputsShown",
    "MeterShown",
    "SiteShown",
    "StationShown",
    "UplinkShown",
    "ZoneShown",
]


@dataclass(frozen=True, slots=True)
class ZoneShown(Sample):
    view: ZoneView

    @property
    def coalesce_key(self) -> Hashable:
        return ("zone", self.view.id)


@dataclass(frozen=True, slots=True)
class SiteShown(Message):
    """A revision of the configuration is in force; only `zones` exist now."""

    site_name: str
    time_zone: str
    revision: int
    zones: tuple[ZoneId, ...]


@dataclass(frozen=True, slots=True)
class StationShown(Sample):
    """`view` None: the station is gone."""

    station: BoxIdentity
    view: StationView | None

    @property
    def coalesce_key(self) -> Hashable:
        return ("station", self.station)


@dataclass(frozen=True, slots=True)
class UplinkShown(Sample):
    """`view` None: the station has no uplink any more."""

    station: BoxIdentity
    view: UplinkView | None

    @property
    def coalesce_key(self) -> Hashable:
        return ("uplink", self.station)


@dataclass(frozen=True, slots=True)
class MeterShown(Sample):
    meter: MeterId
    view: MeterView | None

    @property
    def coalesce_key(self) -> Hashable:
        return ("meter", self.meter)


@dataclass(frozen=True, slots=True)
class InputsShown(Sample):
    inputs: tuple[InputView, ...]

    @property
    def coalesce_key(self) -> Hashable:
        return "inputs"


@dataclass(frozen=True, slots=True)
class DrillShown(Message):
    """Something is cut off for a drill; None: no longer."""

    view: DrillView | None


@dataclass(frozen=True, slots=True)
class ActorShown(Message):
    """A supervisor tells what became of a child; `gone` once it was removed on purpose."""

    view: ActorView
    gone: bool = False


@dataclass(frozen=True, slots=True)
class AlarmRaised(Message):
    """Raising an alarm that stands changes nothing; (code, source) names it."""

    alarm: AlarmView


@dataclass(frozen=True, slots=True)
class AlarmCleared(Message):
    code: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AcknowledgeAlarm(Message):
    """Somebody, by login, has seen an alarm that stands; the first who has counts."""

    code: str
    source: str
    login: str


@dataclass(frozen=True, slots=True)
class GetSnapshot(Question):
    """Answer: `SiteSnapshot`, or None when its version is not above `newer_than`."""

    newer_than: int = -1


@dataclass(frozen=True, slots=True)
class GetZoneTrail(Question):
    """The last hour of a zone in memory, about 2 s apart. Answer: `list[ZoneHistoryPoint]`, oldest first."""

    zone: ZoneId
    since: datetime | None = None
