"""What a station's actor tells its uplink: the link, who the station is, and each connector."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evce.units import Amps, TransactionId

__all__ = ["ConnectorTold", "StationTold"]


@dataclass(frozen=True, slots=True)
class ConnectorTold:
    """One connector. `setpoint` is what the station accepted last, A per phase, None before that."""

    number: int
    status: str
    error_code: str = "NoError"
    transaction: TransactionId | None = None
    id_tag: str = ""
    started_at: datetime | None = None
    setpoint: Amps | None = None


@dataclass(frozen=True, slots=True)
class StationTold:
    """The whole station; each replaces the one before.

    `boot` is its last BootNotification, None while it sent none. `limits_current` says whether its current
    can be limited at all, None while that is not known.
    """

    connected: bool
    boot: Mapping[str, Any] | None = None
    limits_current: bool | None = None
    connectors: tuple[ConnectorTold, ...] = ()

    def connector_of(self, transaction: int) -> ConnectorTold | None:
        """The connector on which a transaction runs."""
        return next((c for c in self.connectors if c.transaction == transaction), None)

    def connector(self, number: int) -> ConnectorTold | None:
        """The connector of this number."""
        return next((c for c in self.connectors if c.number == number), None)
