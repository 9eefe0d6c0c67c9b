"""What the control of a station wants done outside: frames, records, alarms and lines of the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evce.energy_split import Split
from evce.units import ConnectorKey, TransactionId, WattHours

__all__ = [
    "AlarmCeased",
    "AlarmStands",
    "AskCard",
    "AskCards",
    "AskForecast",
    "AskOpenTransactions",
    "AskOperator",
    "AskSignature",
    "Close",
    "Effect",
    "Inform",
    "Log",
    "NotRelayed",
    "RelayAnswered",
    "Transmit",
    "WriteProgress",
    "WriteStart",
    "WriteStop",
]


@dataclass(frozen=True, slots=True)
class Transmit:
    """Put one OCPP-J frame on the socket of this incarnation."""

    incarnation: int
    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket of this incarnation."""

    incarnation: int
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class AskCard:
    """Look a card up and note that it was seen; answered by `card_checked`."""

    request: str
    id_tag: str


@dataclass(frozen=True, slots=True)
class AskCards:
    """Which cards are there? Answered by `cards_found`."""

    request: str


@dataclass(frozen=True, slots=True)
class AskOpenTransactions:
    """Which sessions of this station run? Answered by `open_transactions`."""


@dataclass(frozen=True, slots=True)
class AskForecast:
    """What is to be expected of this session? Answered by `forecast_found`."""

    transaction: TransactionId


@dataclass(frozen=True, slots=True)
class WriteStart:
    """Commit a new session, with what the operator is told of it; answered by `start_recorded` or
    `recording_failed`.
    """

    request: str
    connector: ConnectorKey
    id_tag: str
    vip: bool
    started_at: datetime
    meter_start: WattHours
    flags: tuple[str, ...]
    upstream: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class WriteStop:
    """Commit the end of a session; answered by `stop_recorded` or `recording_failed`."""

    request: str
    transaction: int
    stopped_at: datetime
    meter_stop: WattHours
    id_tag: str | None
    reason: str | None
    flags: tuple[str, ...]
    upstream: Mapping[str, Any] | None = None
    split: Split | None = None


@dataclass(frozen=True, slots=True)
class WriteProgress:
    """The energy of a running session so far, and when it was taken."""

    transaction: TransactionId
    energy: WattHours
    split: Split


@dataclass(frozen=True, slots=True)
class AskOperator:
    """A question of the station to the operator; answered by `operator_answered`."""

    request: str
    action: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AskSignature:
    """Have a certificate made for the station; answered by `certificate_signed`."""

    request: str
    csr: str


@dataclass(frozen=True, slots=True)
class Inform:
    """Tell the operator what the station said."""

    action: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RelayAnswered:
    """What the station answered to a command of the operator."""

    request: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NotRelayed:
    """The station answered a command of the operator with an error, or not at all."""

    request: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class Log:
    """A line of the event log (LG-1)."""

    type: str
    message: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class AlarmStands:
    """An alarm; `source` is the station or, with its number, a connector."""

    code: str
    source: str
    message: str
    advice: str
    severity: str = "warning"


@dataclass(frozen=True, slots=True)
class AlarmCeased:
    code: str
    source: str


Effect = (
    Transmit
    | Close
    | AskCard
    | AskCards
    | AskOpenTransactions
    | AskForecast
    | WriteStart
    | WriteStop
    | WriteProgress
    | AskOperator
    | AskSignature
    | Inform
    | RelayAnswered
    | NotRelayed
    | Log
    | AlarmStands
    | AlarmCeased
)
