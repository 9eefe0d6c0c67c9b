"""Messages between the OCPP gateway and the station actors."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from actors.messages.base import Lane, Message
from evce.units import BoxIdentity, ConnectorKey

__all__ = [
    "CallAnswered",
    "CallReceived",
    "CallRefused",
    "LinkClosed",
    "LinkOpened",
    "RequestRemoteStart",
    "RequestRemoteStop",
    "SendCall",
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
    """A station that is not registered knocked (OC-2)."""

    station: BoxIdentity
    peer: str


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
class RequestRemoteStart(Message):
    connector: ConnectorKey
    id_tag: str
    requested_by: str


@dataclass(frozen=True, slots=True)
class RequestRemoteStop(Message):
    """Stop the running transaction; `forced` closes it in the database when the station is gone (OC-3)."""

    connector: ConnectorKey
    requested_by: str
    forced: bool = False


@dataclass(frozen=True, slots=True)
class SendCall(Message):
    """An engineer's CALL to a station: any central-system-initiated action, sent as it is."""

    station: BoxIdentity
    action: str
    payload: Mapping[str, Any]
    requested_by: str
