"""When the connection to the operator is made, given up and tried again."""

from math import inf
from typing import Final

from evce.cpo.effects import Dial, HangUp
from evce.cpo.settings import BACK_OFF, BACK_OFF_MOST, STATION_AWAY_FOR, UNREACHABLE_AFTER
from evce.cpo.state import Phase, UplinkState
from evce.units import Monotonic, Seconds

__all__ = ["REFUSED", "UNREACHABLE", "UplinkLink", "back_off"]

UNREACHABLE: Final = "cpo_unreachable"
REFUSED: Final = "cpo_refused"


def back_off(failures: int, chance: float) -> Seconds:
    """The wait before the next attempt: doubled each time, between half of it and all of it by lot."""
    most = min(BACK_OFF * 2.0 ** min(failures, 30), BACK_OFF_MOST)
    return most * (0.5 + 0.5 * chance)


class UplinkLink:
    """Connects while there is a station to speak for, or something to deliver for it."""

    def __init__(self, state: UplinkState) -> None:
        self._state = state
        self._failures = 0
        self._dial_at: Monotonic = -inf
        self._missing_since: Monotonic | None = None

    def opened(self) -> None:
        """The socket is there; the station introduces itself next."""
        state = self._state
        state.phase = Phase.BOOTING
        state.failure = ""
        state.desk.open(state.session)
        note = state.secrets.worked()
        if note is not None:
            state.note("secret", "", note)

    def accepted(self) -> None:
        """The operator took the station in: from now on all goes its way."""
        state = self._state
        state.phase = Phase.ONLINE
        state.refused = ""
        self._failures = 0
        self._missing_since = None
        state.cease(UNREACHABLE)
        state.cease(REFUSED)
        state.log("the operator's system is connected")

    def closed(self, reason: str, *, unauthorised: bool = False) -> None:
        """The socket is gone, or none came about; `unauthorised`: the password was refused."""
        state = self._state
        if unauthorised:
            state.secrets.refused()
        if state.phase is Phase.ONLINE:
            state.log(f"the operator's system is out of reach: {reason}")
        state.phase = Phase.WAITING
        state.failure = reason
        self._dial_at = state.now + back_off(self._failures, state.chance())
        self._failures += 1

    def break_off(self, reason: str) -> None:
        """Close from this side; the next attempt waits as after any other failure."""
        self._state.do(HangUp(self._state.session, reason))
        self.closed(reason)

    def restart(self) -> None:
        """Another address or other settings: begin anew at once."""
        self._state.secrets.reconfigured(file=self._state.settings.credentials_file is not None)
        self.renew("the configuration has changed")

    def renew(self, reason: str) -> None:
        """Another connection takes the place of this one, without a wait."""
        state = self._state
        if state.phase not in (Phase.AWAY, Phase.WAITING):
            state.do(HangUp(state.session, reason))
            state.phase = Phase.WAITING
        self._failures = 0
        self._dial_at = -inf

    def settle(self) -> None:
        """Dial or hang up, whatever is due."""
        state = self._state
        wanted = self._wanted()
        if not wanted and state.phase is not Phase.AWAY:
            if state.phase is not Phase.WAITING:
                state.do(HangUp(state.session, "the station is not connected"))
            state.phase = Phase.AWAY
            self._missing_since = None
            state.cease(UNREACHABLE)
        elif wanted and state.phase in (Phase.AWAY, Phase.WAITING):
            if state.phase is Phase.AWAY:
                state.phase, self._dial_at = Phase.WAITING, -inf
            if state.now >= self._dial_at:
                state.session += 1
                state.phase = Phase.DIALLING
                ping = float(state.keys.value("WebSocketPingInterval"))
                state.do(Dial(state.session, ping, state.secrets.current))
        self._watch(wanted)

    def wake_at(self) -> Monotonic:
        """When something is due by itself."""
        state = self._state
        due = inf
        if state.phase is Phase.WAITING:
            due = self._dial_at
        if state.phase is not Phase.AWAY and not state.told.connected and state.delivery.empty:
            due = min(due, state.station_seen_at + STATION_AWAY_FOR)
        if self._missing_since is not None and (UNREACHABLE, state.name) not in state.alarms:
            due = min(due, self._missing_since + UNREACHABLE_AFTER)
        return due

    def _wanted(self) -> bool:
        state = self._state
        if not state.opened:
            return False
        there = state.told.connected or state.now < state.station_seen_at + STATION_AWAY_FOR
        return there or not state.delivery.empty

    def _watch(self, wanted: bool) -> None:
        state = self._state
        if not wanted or state.phase is Phase.ONLINE:
            self._missing_since = None
            return
        if self._missing_since is None:
            self._missing_since = state.now
        if state.now >= self._missing_since + UNREACHABLE_AFTER:
            state.alarm(
                UNREACHABLE,
                "the operator's system is out of reach for this station",
                "Charging goes on and sessions are kept; check the network, the address and the credentials.",
            )
