"""What the control of an uplink wants done outside: frames, the journal, commands to the station, alarms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from evce.station_control.effects import AlarmCeased, AlarmStands, Log
from evce.units import Amps, Seconds, TransactionId

__all__ = [
    "Answer",
    "AskJournal",
    "AskStation",
    "Deauthorise",
    "Dial",
    "HangUp",
    "KeepMessage",
    "KeepNote",
    "OpenJournal",
    "Relay",
    "SetCeilings",
    "Settle",
    "TellTime",
    "TransmitUp",
    "UplinkEffect",
]


@dataclass(frozen=True, slots=True)
class Dial:
    """Connect to the operator; `session` names this attempt and all that comes of it."""

    session: int
    ping_interval: Seconds
    key: bytes | None = field(default=None, repr=False)
    """The password that the operator has set; None for the admin's."""


@dataclass(frozen=True, slots=True)
class HangUp:
    session: int
    reason: str


@dataclass(frozen=True, slots=True)
class TransmitUp:
    """Put one frame on the socket of this session."""

    session: int
    text: str


@dataclass(frozen=True, slots=True)
class OpenJournal:
    """What is on disk for this station? Answered by `opened`."""


@dataclass(frozen=True, slots=True)
class AskJournal:
    """The head of the journal; answered by `journal_found`."""


@dataclass(frozen=True, slots=True)
class Settle:
    """The operator took an entry (`delivered`), or answered it with an error; answered by `journal_found`."""

    entry: int
    delivered: bool
    cpo_transaction: int | None = None
    attempts: int = 0
    failure: str = ""
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class KeepMessage:
    """Add a message of a transaction to the journal."""

    action: str
    transaction: TransactionId
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeepNote:
    """Keep (or with None remove) a fact of this uplink; `request` is answered by `note_kept` if it is set."""

    kind: str
    key: str
    value: Mapping[str, Any] | None
    request: str = ""


@dataclass(frozen=True, slots=True)
class Relay:
    """A command for the station; answered by `relayed` or `relay_failed`."""

    request: str
    action: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AskStation:
    """Tell me everything about the station; answered by `station_told`."""


@dataclass(frozen=True, slots=True)
class SetCeilings:
    """What the operator allows each connector, A per phase, None without a limit."""

    ceilings: tuple[tuple[int, Amps | None], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The operator's answer to a question of the station, None where it gave none.

    `cached` is what it said about the card once, for an outage.
    """

    request: str
    payload: Mapping[str, Any] | None
    cached: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Deauthorise:
    """The operator doesn't accept the card of a transaction that runs already."""

    transaction: TransactionId
    status: str


@dataclass(frozen=True, slots=True)
class TellTime:
    """The operator has said what time it is (None: it can't be read), so many s after it was asked."""

    time: datetime | None
    round_trip: Seconds


UplinkEffect = (
    Dial
    | HangUp
    | TransmitUp
    | OpenJournal
    | AskJournal
    | Settle
    | KeepMessage
    | KeepNote
    | Relay
    | AskStation
    | SetCeilings
    | Answer
    | Deauthorise
    | TellTime
    | Log
    | AlarmStands
    | AlarmCeased
)
