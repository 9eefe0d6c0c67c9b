"""What the configuration says about a station's uplink, and its timings with their reasons."""

from dataclasses import dataclass, field
from typing import Final

from evce.units import Seconds

__all__ = [
    "ANSWER_WITHIN",
    "AUTHORISE_WITHIN",
    "BACK_OFF",
    "BACK_OFF_MOST",
    "BOOT_AGAIN_LEAST",
    "CACHED_CARDS",
    "COMMANDS_A_MINUTE",
    "COMMANDS_WAITING",
    "FRESH_FOR",
    "JOURNAL_AGAIN",
    "KEEP_SAMPLE_EVERY",
    "NOTICES_WAITING",
    "RETRY_MOST",
    "STATION_AWAY_FOR",
    "UNREACHABLE_AFTER",
    "UplinkSettings",
]

BACK_OFF: Final[Seconds] = 1.0
"""Wait before the second attempt to connect; doubled with each further one, half of it drawn by lot."""

BACK_OFF_MOST: Final[Seconds] = 120.0
"""An operator that comes back after a day finds every station within two minutes, and not all at once."""

ANSWER_WITHIN: Final[Seconds] = 30.0
"""An operator that is silent for longer is taken for gone: the connection is made anew."""

AUTHORISE_WITHIN: Final[Seconds] = 4.0
"""How long a driver at the reader waits for the operator; stations themselves give up after 10 s or later."""

UNREACHABLE_AFTER: Final[Seconds] = 60.0
"""An outage shorter than this raises no alarm: operators restart their systems too."""

STATION_AWAY_FOR: Final[Seconds] = 60.0
"""A station that is lost for longer is hung up toward the operator too, who then sees it as it is."""

BOOT_AGAIN_LEAST: Final[Seconds] = 10.0
"""Shortest wait before another BootNotification, whatever interval the operator names."""

RETRY_MOST: Final[Seconds] = 3600.0
"""The wait grows with each attempt (OCPP 1.6 §9.1); more than an hour helps nobody."""

JOURNAL_AGAIN: Final[Seconds] = 15.0
"""The recorder's answer may have been lost with a restart: then the journal is asked for again."""

KEEP_SAMPLE_EVERY: Final[Seconds] = 900.0
"""Meter values of a session that are kept on disk while the operator is away: one in a quarter of an hour."""

FRESH_FOR: Final[Seconds] = 300.0
"""How long an operator's word on a card counts for the StartTransaction that follows."""

CACHED_CARDS: Final = 500
"""Cards remembered for each station while the operator is away (AU-2, cache)."""

COMMANDS_WAITING: Final = 10
"""Commands of the operator that may wait for the station; one more is refused."""

COMMANDS_A_MINUTE: Final = 60
"""More commands than this are refused: a station has its current to be told in between."""

NOTICES_WAITING: Final = 50
"""Notifications that may wait for a slow operator; what is more is dropped and counted."""


@dataclass(frozen=True, slots=True)
class UplinkSettings:
    """One station's uplink. The numbers are the admin's; the operator may override them (CPO-2).

    `url` is the operator's base address, without the box identity. The files hold secrets and are read when
    dialling. `key` is what the operator has set itself, in place of the credentials file's password.
    """

    url: str
    attempts: int = 500
    retry_interval: Seconds = 60.0
    ping_interval: Seconds = 120.0
    meter_interval: Seconds = 60.0
    heartbeat_interval: Seconds = 300.0
    plug_numbering: bool = False
    proxy: str | None = None
    credentials_file: str | None = None
    key: bytes | None = field(default=None, repr=False)
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
