"""What the operator commands: passed on to the station, answered by EVCE, or refused."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Final

from evce.cpo.effects import KeepNote, Relay, SetCeilings, TransmitUp
from evce.cpo.keys import may_change, merged
from evce.cpo.relay import Handling, handling_of
from evce.cpo.schedules import KeptProfile
from evce.cpo.settings import COMMANDS_A_MINUTE, COMMANDS_WAITING
from evce.cpo.state import UplinkState
from evce.cpo.told import ConnectorTold, StationTold
from evce.cpo.upward import Upward
from evce.ocppj import Call, ErrorCode, call_error, call_result
from evce.security.keys import read_key
from evce.station_control.authorisation import normal_tag
from evce.units import Amps, Monotonic, Seconds, TransactionId
from evce.validation import check_order

__all__ = ["Downward"]

_MINUTE: Final[Seconds] = 60.0

_START_WITHIN: Final[Seconds] = 300.0
"""A profile that came with a remote start waits for its transaction, longer than any ConnectionTimeOut."""

_BY_EVCE: Final = frozenset({"BootNotification", "Heartbeat", "StatusNotification"})


@dataclass(frozen=True, slots=True)
class _Command:
    """One command of the operator that waits for somebody. `session` is the socket that it came by."""

    session: int
    message_id: str
    action: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Expected:
    """A profile for the transaction that a remote start is about to begin."""

    connector: int | None
    id_tag: str
    profile: Mapping[str, Any]
    until: Monotonic


class Downward:
    """At most one command is with the station at a time; the others wait in order, and not too many."""

    def __init__(self, state: UplinkState, upward: Upward, new_request: Callable[[], str]) -> None:
        self._state = state
        self._upward = upward
        self._new_request = new_request
        self._waiting: deque[tuple[_Command, Mapping[str, Any]]] = deque()
        self._with_station: _Command | None = None
        self._relayed_as = ""
        self._commits: dict[str, tuple[_Command, KeptProfile | bytes]] = {}
        self._expected: list[_Expected] = []
        self._times: deque[Monotonic] = deque(maxlen=COMMANDS_A_MINUTE)
        self._ceilings: dict[int, Amps | None] | None = None
        self._own: dict[str, Callable[[_Command], None]] = {
            "ChangeConfiguration": self._change_key,
            "ClearChargingProfile": self._clear_profile,
            "ExtendedTriggerMessage": self._trigger,
            "GetCompositeSchedule": self._composite,
            "GetConfiguration": self._get_keys,
            "RemoteStartTransaction": self._remote_start,
            "RemoteStopTransaction": self._remote_stop,
            "SetChargingProfile": self._set_profile,
            "TriggerMessage": self._trigger,
        }

    # The operator speaks.

    def received(self, call: Call) -> None:
        """A CALL of the operator: each is answered once."""
        state = self._state
        violation = check_order(call.action, call.payload)
        if violation is not None:
            self._send(state.session, call_error(call.id, violation.code, violation.description))
            return
        handling = handling_of(call.action)
        if handling is Handling.REFUSED:
            text = "the station's certificates are not the operator's to change"
            self._send(state.session, call_error(call.id, ErrorCode.NOT_SUPPORTED, text))
            return
        if not self._in_time():
            self._send(state.session, call_error(call.id, ErrorCode.GENERIC_ERROR, "too many commands"))
            return
        command = _Command(state.session, call.id, call.action, call.payload)
        if handling is Handling.OWN:
            self._own[call.action](command)
        else:
            self._pass_on(command, call.payload)

    def relayed(self, request: str, payload: Mapping[str, Any]) -> None:
        """The station answered."""
        command = self._taken_back(request)
        if command is None:
            return
        if command.action == "GetConfiguration":
            self._tell_keys(command, payload)
        else:
            self._expect(command, payload)
            self._reply(command, payload)
        self._next()

    def relay_failed(self, request: str, code: str, description: str) -> None:
        """The station gave no answer, or an error."""
        command = self._taken_back(request)
        if command is None:
            return
        self._cannot(command, code, description)
        self._next()

    def note_kept(self, request: str, *, kept: bool) -> bool:
        """The disk has a profile or a key (or can't): now, and not before, it is accepted.

        True where the operator has to be called anew, with its new key.
        """
        waiting = self._commits.pop(request, None)
        if waiting is None:
            return False
        command, what = waiting
        if not kept:
            self._send(
                command.session, call_error(command.message_id, ErrorCode.INTERNAL_ERROR, "not recorded")
            )
            return False
        self._reply(command, {"status": "Accepted"})
        if isinstance(what, bytes):
            self._state.secrets.give(what)
            self._state.log("the operator set another AuthorizationKey", "audit", "CPO")
            return True
        for gone in self._state.profiles.put(what):
            self._state.note("profile", str(gone), None)
        return False

    def link_lost(self) -> None:
        """Nobody waits for these answers any more; what is with the station runs its course."""
        self._waiting.clear()
        self._commits.clear()

    # The station.

    def told(self, told: StationTold) -> None:
        """A transaction that a remote start announced has begun: its profile comes into force."""
        state = self._state
        for connector in told.connectors:
            if connector.transaction is None:
                continue
            for expected in self._expected:
                if _begins(expected, connector):
                    self._expected.remove(expected)
                    self._keep(KeptProfile(connector.number, expected.profile, connector.transaction), "")
                    break
        self._expected = [expected for expected in self._expected if expected.until > state.now]

    def settle(self) -> None:
        """Tell the station what the operator allows now, when it differs."""
        state = self._state
        if not state.opened:
            return
        ceilings = state.profiles.ceilings(state.told, state.moment.utc)
        if ceilings != self._ceilings:
            self._ceilings = ceilings
            state.do(SetCeilings(tuple(sorted(ceilings.items()))))

    def repeat_ceilings(self) -> None:
        """The station's actor is a new one: it must be told again."""
        self._ceilings = None

    def wake_at(self) -> Monotonic:
        """When a schedule changes what is allowed."""
        state = self._state
        change = state.profiles.next_change(state.told, state.moment.utc)
        if change is None:
            return inf
        return state.now + max(0.0, (change - state.moment.utc).total_seconds())

    # Answered here.

    def _set_profile(self, command: _Command) -> None:
        state = self._state
        profile = command.payload["csChargingProfiles"]
        connector = state.numbers.inward(command.payload["connectorId"])
        named = profile.get("transactionId")
        local = None if named is None else state.local(named)
        if profile["chargingProfilePurpose"] == "TxProfile" and local is None and connector is not None:
            there = state.told.connector(connector)
            local = there.transaction if there is not None and named is None else None
        if connector is None:
            self._reply(command, {"status": "Rejected"})
            return
        status = state.profiles.judge(connector, profile, local, state.told, state.moment.utc)
        if status != "Accepted":
            self._reply(command, {"status": status})
            return
        request = self._new_request()
        kept = KeptProfile(connector, profile, local)
        self._commits[request] = (command, kept)
        self._keep(kept, request)

    def _keep(self, kept: KeptProfile, request: str) -> None:
        state = self._state
        note = {"connector": kept.connector, "transaction": kept.transaction, "profile": dict(kept.profile)}
        if not request:
            for gone in state.profiles.put(kept):
                state.note("profile", str(gone), None)
        state.do(KeepNote("profile", str(kept.id), note, request))

    def _clear_profile(self, command: _Command) -> None:
        state, payload = self._state, command.payload
        named = payload.get("connectorId")
        gone: list[int] = []
        connector = None if named is None else state.numbers.inward(named)
        if named is None or connector is not None:
            gone = state.profiles.clear(
                profile_id=payload.get("id"),
                connector=connector,
                purpose=payload.get("chargingProfilePurpose"),
                level=payload.get("stackLevel"),
            )
        for profile_id in gone:
            state.note("profile", str(profile_id), None)
        self._reply(command, {"status": "Accepted" if gone else "Unknown"})

    def _composite(self, command: _Command) -> None:
        state, payload = self._state, command.payload
        connector = state.numbers.inward(payload["connectorId"])
        if connector is None:
            self._reply(command, {"status": "Rejected"})
            return
        answer = state.profiles.composite(
            connector, payload["duration"], payload.get("chargingRateUnit"), state.told, state.moment.utc
        )
        if "connectorId" in answer:
            answer["connectorId"] = payload["connectorId"]
        self._reply(command, answer)

    def _change_key(self, command: _Command) -> None:
        state = self._state
        key, value = str(command.payload["key"]), str(command.payload["value"])
        if key.lower() == "authorizationkey":
            self._change_secret(command, value)
        elif state.keys.owns(key):
            status, name, note = state.keys.write(key, value)
            if note is not None:
                state.note("key", name, note)
                state.log(f"the operator set {name} to {value.strip()}", "audit", "CPO")
            self._reply(command, {"status": status})
        elif not may_change(key):
            self._reply(command, {"status": "Rejected"})
        else:
            self._pass_on(command, command.payload)

    def _change_secret(self, command: _Command, value: str) -> None:
        """The operator's password for this station; the station's own for EVCE is none of its business."""
        try:
            key = read_key(value)
        except ValueError:
            self._reply(command, {"status": "Rejected"})
            return
        request = self._new_request()
        self._commits[request] = (command, key)
        self._state.do(KeepNote("secret", "", self._state.secrets.noted(key), request))

    def _get_keys(self, command: _Command) -> None:
        keys = self._state.keys
        asked = [str(key) for key in command.payload.get("key", ())]
        theirs = [key for key in asked if not keys.owns(key)]
        if not self._state.told.connected or (asked and not theirs):
            self._tell_keys(command, None)
        else:
            self._pass_on(command, {"key": theirs} if theirs else {})

    def _tell_keys(self, command: _Command, station: Mapping[str, Any] | None) -> None:
        asked = [str(key) for key in command.payload.get("key", ())]
        self._reply(command, merged(self._state.keys, asked, station))

    def _remote_start(self, command: _Command) -> None:
        state = self._state
        payload = dict(command.payload)
        profile = payload.pop("chargingProfile", None)
        connector = None
        if "connectorId" in payload:
            connector = state.numbers.inward(payload["connectorId"])
            if connector is None or connector == 0:
                self._reply(command, {"status": "Rejected"})
                return
            payload["connectorId"] = connector
        if profile is not None and not self._usable(profile):
            self._reply(command, {"status": "Rejected"})
            return
        self._pass_on(command, payload)

    def _usable(self, profile: Mapping[str, Any]) -> bool:
        """Judged as for a transaction that begins now; only a TxProfile may come with a remote start."""
        state = self._state
        first = state.told.connectors[0] if state.told.connectors else None
        if profile["chargingProfilePurpose"] != "TxProfile" or first is None:
            return False
        number = first.number
        then = StationTold(
            state.told.connected,
            state.told.boot,
            state.told.limits_current,
            (ConnectorTold(number, "Charging", transaction=TransactionId(1)),),
        )
        plain = {key: value for key, value in profile.items() if key != "transactionId"}
        return state.profiles.judge(number, plain, None, then, state.moment.utc) == "Accepted"

    def _expect(self, command: _Command, answer: Mapping[str, Any]) -> None:
        state = self._state
        if command.action != "RemoteStartTransaction" or answer.get("status") != "Accepted":
            return
        id_tag = normal_tag(str(command.payload["idTag"]))
        state.cards.expect(id_tag, state.now)
        profile = command.payload.get("chargingProfile")
        if profile is not None:
            named = command.payload.get("connectorId")
            connector = None if named is None else state.numbers.inward(named)
            until = state.now + _START_WITHIN
            self._expected = [*self._expected[-9:], _Expected(connector, id_tag, profile, until)]

    def _remote_stop(self, command: _Command) -> None:
        local = self._state.local(command.payload["transactionId"])
        if local is None:
            self._reply(command, {"status": "Rejected"})
            return
        self._pass_on(command, {"transactionId": local})

    def _trigger(self, command: _Command) -> None:
        """What EVCE knows itself it says itself: a station asked to boot would count as restarted."""
        state = self._state
        message = command.payload["requestedMessage"]
        named = command.payload.get("connectorId")
        connector = None if named is None else state.numbers.inward(named)
        if named is not None and connector is None:
            self._reply(command, {"status": "Rejected"})
        elif message in _BY_EVCE:
            self._reply(command, {"status": "Accepted"})
            match message:
                case "BootNotification":
                    self._upward.introduce()
                case "Heartbeat":
                    self._upward.beat()
                case _:
                    self._upward.show_all()
        elif message == "SignChargePointCertificate":
            self._reply(command, {"status": "NotImplemented"})
        else:
            if message == "MeterValues":
                self._upward.sample_next(connector or 0)
            payload = {"requestedMessage": message}
            if connector is not None:
                payload["connectorId"] = connector
            self._pass_on(command, payload)

    # Passed on.

    def _pass_on(self, command: _Command, payload: Mapping[str, Any]) -> None:
        state = self._state
        own = command.action in self._own
        if not own and "connectorId" in payload:
            connector = state.numbers.inward(payload["connectorId"])
            if connector is None:
                self._cannot(command, ErrorCode.PROPERTY_CONSTRAINT, "no such connector")
                return
            payload = {**payload, "connectorId": connector}
        if not state.told.connected:
            self._cannot(command, ErrorCode.INTERNAL_ERROR, "the station is not connected")
        elif len(self._waiting) >= COMMANDS_WAITING:
            self._cannot(command, ErrorCode.GENERIC_ERROR, "too many commands wait for the station")
        else:
            self._waiting.append((command, payload))
            self._next()

    def _next(self) -> None:
        if self._with_station is not None or not self._waiting:
            return
        command, payload = self._waiting.popleft()
        self._with_station, self._relayed_as = command, self._new_request()
        self._state.do(Relay(self._relayed_as, command.action, payload))

    def _taken_back(self, request: str) -> _Command | None:
        if request != self._relayed_as or self._with_station is None:
            return None
        command, self._with_station = self._with_station, None
        return command

    def _cannot(self, command: _Command, code: str, description: str) -> None:
        """No answer of the station: told as it is, in the command's own words where it has them."""
        if command.action == "GetConfiguration":
            self._tell_keys(command, None)
        elif command.action in ("RemoteStartTransaction", "RemoteStopTransaction"):
            self._reply(command, {"status": "Rejected"})
        else:
            self._send(command.session, call_error(command.message_id, code, description))

    def _in_time(self) -> bool:
        """Whether one more command in this minute may be taken."""
        now = self._state.now
        if len(self._times) == COMMANDS_A_MINUTE and now - self._times[0] < _MINUTE:
            return False
        self._times.append(now)
        return True

    def _reply(self, command: _Command, payload: Mapping[str, Any]) -> None:
        self._send(command.session, call_result(command.message_id, payload))

    def _send(self, session: int, text: str) -> None:
        """An answer belongs to the socket on which it was asked for."""
        if session == self._state.session:
            self._state.do(TransmitUp(session, text))


def _begins(expected: _Expected, connector: ConnectorTold) -> bool:
    """Whether this transaction is the one that a remote start announced."""
    return expected.connector in (None, connector.number) and expected.id_tag == connector.id_tag
