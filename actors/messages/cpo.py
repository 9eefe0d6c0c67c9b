"""Messages of the uplinks to a remote operator: with the station, the recorder and the socket."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from actors.messages.base import Lane, Message, Question, Sample
from evce.cpo.told import StationTold
from evce.ocppj import Frame
from evce.records import JournalRecord, UplinkMemory
from evce.units import Amps, BoxIdentity, TransactionId

__all__ = [
    "AskCpo",
    "AssignCeilings",
    "CallRelayed",
    "ClearGivenUp",
    "CpoAnswered",
    "CpoNoteKept",
    "FindJournal",
    "JournalFound",
    "JournalGrew",
    "KeepCpoMessage",
    "KeepCpoNote",
    "ListJournal",
    "OpenUplink",
    "RefuseTransaction",
    "RelayCall",
    "RelayFailed",
    "SettleJournal",
    "StationBegan",
    "StationSaid",
    "StationShownToCpo",
    "TellUplink",
    "UplinkConnected",
    "UplinkHeard",
    "UplinkLost",
    "UplinkOpened",
]


# The station and its uplink.


@dataclass(frozen=True, slots=True)
class TellUplink(Message):
    """An uplink (re)started: how is the station?"""

    reply_to: str


@dataclass(frozen=True, slots=True)
class StationBegan(Message):
    """A station actor (re)started and knows nothing of what the operator allows."""


@dataclass(frozen=True, slots=True)
class StationShownToCpo(Sample):
    """The whole station, each time that something changed."""

    told: StationTold

    @property
    def coalesce_key(self) -> Hashable:
        return "told"


@dataclass(frozen=True, slots=True)
class StationSaid(Message):
    """A notification of the station. Meter values are samples; all else keeps its order."""

    action: str
    payload: Mapping[str, Any]

    @property
    def lane(self) -> Lane:
        return Lane.SAMPLE if self.action == "MeterValues" else Lane.EVENT

    @property
    def coalesce_key(self) -> Hashable:
        if self.action != "MeterValues":
            return None
        contexts = frozenset(
            sample.get("context")
            for value in self.payload.get("meterValue", ())
            for sample in value.get("sampledValue", ())
        )
        return ("meter", self.payload.get("connectorId"), self.payload.get("transactionId"), contexts)


@dataclass(frozen=True, slots=True)
class AskCpo(Message):
    """A question of the station to the operator; StartTransaction asks what is known of its card."""

    reply_to: str
    request: str
    action: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CpoAnswered(Message):
    """The operator's answer, None when it gave none in time; `cached` is its older word on the card."""

    request: str
    payload: Mapping[str, Any] | None
    cached: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class AssignCeilings(Message):
    """What the operator allows each connector, A per phase, None without a limit."""

    ceilings: tuple[tuple[int, Amps | None], ...]


@dataclass(frozen=True, slots=True)
class RefuseTransaction(Message):
    """The operator doesn't accept the card of a transaction that runs already."""

    transaction: TransactionId
    status: str


@dataclass(frozen=True, slots=True)
class RelayCall(Message):
    """A command for the station whose answer goes back to `reply_to`; `author` stands in the log."""

    reply_to: str
    request: str
    action: str
    payload: Mapping[str, Any] = field(repr=False)
    author: str = "CPO"


@dataclass(frozen=True, slots=True)
class CallRelayed(Message):
    """What the station answered."""

    request: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RelayFailed(Message):
    """The station answered with an error, or not at all."""

    request: str
    code: str
    description: str


# The uplink and the recorder.


@dataclass(frozen=True, slots=True)
class OpenUplink(Message):
    """An uplink (re)started: what does the disk know, once all that happened meanwhile is in the journal?"""

    reply_to: str
    station: BoxIdentity


@dataclass(frozen=True, slots=True)
class UplinkOpened(Message):
    memory: UplinkMemory


@dataclass(frozen=True, slots=True)
class JournalGrew(Message):
    """A transaction message was committed to the journal."""


@dataclass(frozen=True, slots=True)
class FindJournal(Message):
    reply_to: str
    station: BoxIdentity


@dataclass(frozen=True, slots=True)
class JournalFound(Message):
    """The head of the journal, oldest first, and how many messages wait or were given up."""

    entries: tuple[JournalRecord, ...]
    waiting: int
    given_up: int


@dataclass(frozen=True, slots=True)
class SettleJournal(Message):
    """The operator took a message (`delivered`), or answered it with an error. Answer: `JournalFound`."""

    reply_to: str
    station: BoxIdentity
    entry: int
    delivered: bool
    cpo_transaction: int | None = None
    attempts: int = 0
    failure: str = ""
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class ClearGivenUp(Message):
    """Forget a station's messages that were given up. Answer: `JournalFound`."""

    reply_to: str
    station: BoxIdentity


@dataclass(frozen=True, slots=True)
class KeepCpoMessage(Message):
    """Add a message of a running session to the journal. Answer: `JournalFound`."""

    reply_to: str
    station: BoxIdentity
    action: str
    transaction: TransactionId
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeepCpoNote(Message):
    """Keep (or with None remove) a fact of an uplink; answered where there is a `request`."""

    reply_to: str
    station: BoxIdentity
    kind: str
    key: str
    value: Mapping[str, Any] | None
    request: str = ""


@dataclass(frozen=True, slots=True)
class CpoNoteKept(Message):
    request: str


@dataclass(frozen=True, slots=True)
class ListJournal(Question):
    """Answer: `list[JournalRecord]`, oldest first; `given_up` None for both kinds."""

    station: BoxIdentity | None = None
    given_up: bool | None = None
    limit: int = field(default=100)


# The uplink and its socket.


@dataclass(frozen=True, slots=True)
class UplinkConnected(Message):
    session: int


@dataclass(frozen=True, slots=True)
class UplinkHeard(Message):
    """A frame of the operator."""

    session: int
    frame: Frame


@dataclass(frozen=True, slots=True)
class UplinkLost(Message):
    """The socket is gone, or none came about; `unauthorised`: the password was refused."""

    session: int
    reason: str
    unauthorised: bool = False
