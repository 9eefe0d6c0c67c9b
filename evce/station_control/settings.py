"""What the configuration says about one station, and the timings of its control with their reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from evce.configuration.choices import Authentication, OfflineAuthentication
from evce.tariff import Tariff
from evce.units import Amps, Seconds

__all__ = [
    "ANSWER_WITHIN",
    "ASK_AGAIN_AFTER",
    "BACK_OFF",
    "BACK_OFF_MOST",
    "GIVE_UP_SOCKET_AFTER",
    "KEEP_SETTLED",
    "KEEP_WEAR_EVERY",
    "LEASE_MARGIN",
    "OPERATOR_WITHIN",
    "OVERTAKE_AFTER",
    "PROGRESS_EVERY",
    "QUIET_LINK_FOR",
    "RENEW_AT",
    "SAMPLES_SHOWN_EVERY",
    "SHOW_WEAR_WITHIN",
    "SKEW_TOLERATED",
    "StationSettings",
]

OVERTAKE_AFTER: Final[Seconds] = 2.0
"""OCPP-J asks for one CALL at a time, as a SHOULD: a reduction waits no longer than this for an answer."""

ANSWER_WITHIN: Final[Seconds] = 8.0
"""The recorder's time to commit; stations give up on us after 10 s or later and then retry anyway."""

OPERATOR_WITHIN: Final[Seconds] = 5.0
"""A remote operator's time to decide; its uplink gives up a second sooner, unless it fails itself."""

ASK_AGAIN_AFTER: Final[Seconds] = 3.0
"""The recorder may just be restarting: it is asked again for the open transactions."""

BACK_OFF: Final[Seconds] = 10.0
"""Wait after the first refusal of a profile; doubled with each further one."""

BACK_OFF_MOST: Final[Seconds] = 300.0
"""A station that refuses for hours is still tried, at no noticeable load."""

LEASE_MARGIN: Final[Seconds] = 5.0
"""Error of the estimate of a station's clock: whole seconds, a slow answer, its own timer."""

RENEW_AT: Final = 1.0 / 3.0
"""A lease is renewed at a third of its life: two attempts may fail before it lapses."""

KEEP_SETTLED: Final[Seconds] = 6.0
"""A car's settling time: superseded setpoints are told this long (DESIGN §4.5)."""

GIVE_UP_SOCKET_AFTER: Final[Seconds] = 90.0
"""An unanswered raise blocks its share while its socket lives; after this the socket is closed."""

SKEW_TOLERATED: Final[Seconds] = 30.0
"""A station's clock further off is reported, and its leases count as endless until it is right."""

PROGRESS_EVERY: Final[Seconds] = 10.0
"""Between two notes of a session's energy for the disk: what a power cut may lose."""

SAMPLES_SHOWN_EVERY: Final[Seconds] = 0.5
"""Meter values alone are reported no more often; the dashboard has 2 s (UI-4), samples come each 5 s."""

KEEP_WEAR_EVERY: Final[Seconds] = 900.0
"""Between two notes for the disk of how many profiles a station was sent: what a power cut may forget."""

SHOW_WEAR_WITHIN: Final[Seconds] = 60.0
"""A renewed lease alone changes nothing that people wait for."""

QUIET_LINK_FOR: Final[Seconds] = 30.0
"""A link that flaps raises one alarm, cleared once the station has stayed for this long."""


@dataclass(frozen=True, slots=True)
class StationSettings:
    """One station's part of the configuration.

    `lease` is how long a setpoint above the fall-back holds without renewal (T of DESIGN §4),
    `longest_lease` the longest T of the site's tree: whoever may rise by itself waits for it.
    `fallback` is A per phase by connector number (DG-1); a missing one counts as 0 A. `accepted` is
    False for a station that must send a BootNotification before anything else is handled. With an `uplink`
    a remote operator is told of everything and decides about cards. `forecasts` is
    True where departures count: then each session's is asked for. `writes_a_day` is how many profiles each
    connector may be sent in a day, None where the station's memory doesn't wear out. `tariff` says in which
    period energy is counted.
    """

    lease: Seconds = 120.0
    longest_lease: Seconds | None = None
    fallback: Mapping[int, Amps] = field(default_factory=dict)
    authentication: Authentication = Authentication.KNOWN_CARDS
    offline: OfflineAuthentication = OfflineAuthentication.REJECT
    heartbeat_interval: Seconds = 60.0
    meter_interval: Seconds = 5.0
    call_timeout: Seconds = 10.0
    accepted: bool = True
    uplink: bool = False
    forecasts: bool = False
    writes_a_day: int | None = None
    tariff: Tariff | None = None

    def rising_lease(self, lease: Seconds) -> Seconds:
        """Who may rise rises later: two thirds of this must outlast the longest lease and the clocks' errors.

        A lease is renewed at a third of its life, so that no more than the other two thirds are certain to
        be left when renewals end.
        """
        return 3.0 / 2.0 * (max(lease, self.longest_lease or self.lease) + 2.0 * LEASE_MARGIN)
