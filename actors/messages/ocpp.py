"""Messages between the OCPP gateway and the station actors."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from actors.messages.base import Lane, Message, Question
from evce.units import BoxIdentity

__all__ = [
    "CallAnswered",
    "CallReceived",
    "CallRefused",
    "FileMoved",
    "GetActions",
    "GetDossier",
    "GetPeer",
    "LinkClosed",
    "LinkOpened",
    "RequestAction",
    "StationDetected",
]


@dataclass(frozen=True, slots=True)
class LinkOpened(Message):
    """A station's socket was accepted. `incarnation` rises with every connection of that station."""

    station: BoxIdentity
    incarnation: int
    peer: str


@dataclass(frozen=True, slots=True)
class LinkClosed(Message):
    station: BoxIdentity
    incarnation: int
    reason: str


@dataclass(frozen=True, slots=True)
class StationDetected(Message):
    """A station that is not registered knocked (OC-2); the rest as its BootNotification said, if it came."""

    station: BoxIdentity
    peer: str
    vendor: str = ""
    model: str = ""
    serial_number: str = ""
    firmware: str = ""


@dataclass(frozen=True, slots=True)
class CallReceived(Message):
    """A valid OCPP CALL from the station. MeterValues that the gateway already answered are samples."""

    station: BoxIdentity
    incarnation: int
    message_id: str
    action: str
    payload: Mapping[str, Any]
    answered: bool = False

    @property
    def lane(self) -> Lane:
        return Lane.SAMPLE if self.answered and self.action == "MeterValues" else Lane.EVENT

    @property
    def coalesce_key(self) -> Hashable:
        if self.lane is not Lane.SAMPLE:
            return None
        measurands = frozenset(
            {
                (sample.get("measurand"), sample.get("phase"))
                for value in self.payload.get("meterValue", ())
                for sample in value.get("sampledValue", ())
            }
        )
        return (self.payload.get("connectorId"), self.payload.get("transactionId"), measurands)


@dataclass(frozen=True, slots=True)
class CallAnswered(Message):
    """CALLRESULT to one of our CALLs."""

    station: BoxIdentity
    incarnation: int
    message_id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CallRefused(Message):
    """CALLERROR to one of our CALLs, or a CALLRESULT that didn't fit its schema."""

    station: BoxIdentity
    incarnation: int
    message_id: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class RequestAction(Message):
    """An action on a station (OC-3), with kind and parameters of `evce.station_control.action_kinds`.

    `request` is the id by which `GetActions` tells what becomes of it; empty, the actor chooses one.
    `awaits_file`: the location in `given` leads to EVCE itself, which tells by `FileMoved`.
    """

    station: BoxIdentity
    action: str
    given: Mapping[str, Any]
    requested_by: str
    request: str = ""
    awaits_file: bool = False


@dataclass(frozen=True, slots=True)
class FileMoved(Message):
    """The station has sent the file of an action, or fetched it: `size` in bytes, `name` as it is kept."""

    station: BoxIdentity
    request: str
    name: str
    size: int
    received: bool


@dataclass(frozen=True, slots=True)
class GetActions(Question):
    """To a station. Answer: `tuple[Action, ...]`, newest first; with a `request` that one alone."""

    request: str = ""


@dataclass(frozen=True, slots=True)
class GetDossier(Question):
    """To a station, for a report. Answer: `evce.station_control.traffic.Dossier`."""


@dataclass(frozen=True, slots=True)
class GetPeer(Question):
    """To a station. Answer: the address that its newest connection came from, empty before the first."""
