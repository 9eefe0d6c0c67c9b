"""What the web interface can be told from outside: limits, time-outs, the secret and the clock."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from evce.units import Seconds
from web.login_rules import LoginRules

__all__ = ["WebSettings"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Settings of the web interface; the defaults are the factory values of US-3.

    `secret_key` signs the form tokens; keep it over restarts so that open pages go on working.
    """

    version: str = ""
    secret_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    login: LoginRules = field(default_factory=LoginRules)
    """When a session ends, and when a login is locked."""
    absolute_timeout: Seconds = 12 * 3600.0
    ask_timeout: Seconds = 2.0
    """How long a page waits for an actor before it says so (503)."""
    poll_interval: Seconds = 0.5
    """How often the view is asked for something newer (UI-4: 2 s from station to screen)."""
    max_request_bytes: int = 1 << 20
    setup_code: str = field(default="", repr=False)
    """What the first visitor must know to make the first login; without one nobody can."""
    setup_open_until: datetime | None = None
    """Until then the first visitor needn't know it: somebody has just set EVCE back to factory settings."""
    ocpp_port: int = 0
    """Where stations are awaited without TLS, and with it; 0: not at all."""
    ocpps_port: int = 0
    identifier: str = ""
    """By which a licence names this EVCE: the MAC address of its network interface."""
    max_streams: int = 100
    """Browsers that may listen for changes at the same time."""
    now: Callable[[], datetime] = _utc_now
    """The site's time, for what is written down."""
    steady_now: Callable[[], datetime] | None = None
    """For what runs out, such as sessions and locks: a clock that nobody sets; without it, `now`."""
