"""What the parts of an uplink's control share: the link, the station, the journal, and what is to be done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Any

from evce.cpo.cards import CardMemory
from evce.cpo.effects import KeepNote, UplinkEffect
from evce.cpo.journal import Delivery
from evce.cpo.keys import OwnKeys
from evce.cpo.numbering import PlugNumbers
from evce.cpo.profiles import OperatorProfiles
from evce.cpo.secrets import UplinkSecrets
from evce.cpo.settings import ANSWER_WITHIN, UplinkSettings
from evce.cpo.told import StationTold
from evce.electrical import Station
from evce.station_control.calls import CallDesk, Order
from evce.station_control.effects import AlarmCeased, AlarmStands, Log
from evce.station_control.state import Moment
from evce.units import Monotonic, TransactionId

__all__ = ["Asked", "Boot", "Deliver", "Heartbeat", "Notice", "Phase", "Purpose", "UplinkState"]


class Phase(StrEnum):
    """The link to the operator."""

    AWAY = "away"
    """Nothing to connect for: the station itself is not there."""
    WAITING = "waiting"
    """Between two attempts."""
    DIALLING = "dialling"
    BOOTING = "booting"
    """Connected; the operator hasn't accepted the station yet."""
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class Boot:
    """A BootNotification."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A sign of life."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the station, whose answer somebody waits for."""

    request: str
    action: str
    id_tag: str = ""


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message of the journal."""

    entry: int


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification: its answer says nothing."""


Purpose = Boot | Heartbeat | Asked | Deliver | Notice


@dataclass(slots=True)
class UplinkState:
    """One uplink. Only the parts of `UplinkControl` change it, on one thread.

    `chance` gives a random number from 0 to 1. `sessions` are EVCE's transaction ids with the operator's.
    """

    station: Station
    settings: UplinkSettings
    prefix: str
    chance: Callable[[], float]
    moment: Moment
    numbers: PlugNumbers = field(init=False)
    keys: OwnKeys = field(init=False)
    profiles: OperatorProfiles = field(init=False)
    secrets: UplinkSecrets = field(init=False)
    desk: CallDesk[Purpose] = field(init=False)
    cards: CardMemory = field(default_factory=CardMemory)
    delivery: Delivery = field(default_factory=Delivery)
    phase: Phase = Phase.AWAY
    session: int = 0
    opened: bool = False
    told: StationTold = StationTold(connected=False)  # noqa: RUF009  # frozen
    boot: Mapping[str, Any] | None = None
    sessions: dict[TransactionId, int] = field(default_factory=dict)
    station_seen_at: Monotonic = -inf
    refused: str = ""
    failure: str = ""
    effects: list[UplinkEffect] = field(default_factory=list)
    alarms: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk = CallDesk(self.prefix, ANSWER_WITHIN)
        self.numbers = PlugNumbers(self.station, enabled=self.settings.plug_numbering)
        self.keys = OwnKeys(self.settings, self.numbers.count)
        self.profiles = OperatorProfiles(self.station)
        self.secrets = UplinkSecrets(file=self.settings.credentials_file is not None)

    @property
    def now(self) -> Monotonic:
        return self.moment.now

    @property
    def name(self) -> str:
        return self.station.box_identity

    @property
    def online(self) -> bool:
        return self.phase is Phase.ONLINE

    def local(self, cpo_transaction: int) -> TransactionId | None:
        """EVCE's id of a running transaction; the newest, should the operator have given an id twice."""
        found = [local for local, cpo in self.sessions.items() if cpo == cpo_transaction]
        return max(found, default=None)

    def do(self, effect: UplinkEffect) -> None:
        self.effects.append(effect)

    def call(
        self, action: str, payload: Mapping[str, Any], order: Order, purpose: Purpose, key: object = None
    ) -> None:
        """Queue a CALL to the operator."""
        self.desk.submit(action, payload, order, purpose, self.now, key)

    def note(self, kind: str, key: str, value: Mapping[str, Any] | None) -> None:
        """Keep a fact on disk; nobody waits for it."""
        self.do(KeepNote(kind, key, value))

    def log(self, message: str, kind: str = "system", author: str = "") -> None:
        self.do(Log(kind, message, author))

    def alarm(self, code: str, message: str, advice: str, severity: str = "warning") -> None:
        """Raise an alarm unless it stands with the same words."""
        if self.alarms.get((code, self.name)) == message:
            return
        self.alarms[code, self.name] = message
        self.do(AlarmStands(code, self.name, message, advice, severity))

    def cease(self, code: str) -> None:
        """Take an alarm back that stands."""
        if self.alarms.pop((code, self.name), None) is not None:
            self.do(AlarmCeased(code, self.name))
