"""The actions that people ask of one station: sent, followed until they end, and kept for a while."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import inf
from typing import Any, Final

from evce.ocppj import ErrorCode
from evce.plain import one_line, plain
from evce.station_control.action_kinds import KINDS, UPDATES, ActionKind, Given, read_parameters
from evce.station_control.action_state import Action, ActionState
from evce.station_control.action_words import Saying, Words
from evce.station_control.calls import Order
from evce.station_control.capabilities import kept_keys
from evce.station_control.state import Command, State
from evce.station_control.transactions import Transactions
from evce.units import Monotonic, Seconds
from evce.validation import check_order

__all__ = ["ENDED_KEPT", "OPEN_MOST", "Actions"]

ENDED_KEPT: Final = 50
"""Ended actions that are shown; the event log has them all."""

OPEN_MOST: Final = 20
"""At the same time: a queue that is longer holds up what people ask next."""

STEPS_KEPT: Final = 20

PAYLOAD_LOGGED: Final = 200
"""Characters of what an engineer sends from the message console."""

_UNSUPPORTED: Final = (ErrorCode.NOT_IMPLEMENTED, ErrorCode.NOT_SUPPORTED)


class Actions:
    """Pure; a part of `StationControl`. What an answer or a message means is `ActionFollowing`'s to say."""

    def __init__(self, state: State, transactions: Transactions) -> None:
        self._state = state
        self._transactions = transactions
        self._open: dict[str, Action] = {}
        self._ended: deque[Action] = deque(maxlen=ENDED_KEPT)
        self._numbered = 0
        self.changed = False
        """Something is new since somebody has looked."""

    # What is known.

    def __bool__(self) -> bool:
        """Whether any action is open."""
        return bool(self._open)

    @property
    def open(self) -> tuple[Action, ...]:
        """Those that have not ended, oldest first."""
        return tuple(self._open.values())

    def listed(self) -> tuple[Action, ...]:
        """All that are known, newest first."""
        return (*reversed(self._open.values()), *self._ended)

    def of(self, action_id: str) -> Action | None:
        """The open action of this id."""
        return self._open.get(action_id)

    def wake_at(self) -> Monotonic | None:
        """When the next deadline is over."""
        earliest = min((action.deadline for action in self._open.values()), default=inf)
        return None if earliest == inf else earliest

    def resume(self, actions: Iterable[Action]) -> None:
        """What a predecessor knew: an answer on its way to it won't be heard any more."""
        for action in reversed(tuple(actions)):
            if action.state.ended:
                self._ended.appendleft(action)
            else:
                self._open[action.id] = action
                if action.state is not ActionState.IN_PROGRESS:
                    self.end(action, ActionState.FAILED, Saying.FORGOTTEN)

    # What is asked.

    def ask(
        self, action_id: str, name: str, given: Given, requested_by: str, *, awaits_file: bool = False
    ) -> None:
        """Begin an action; one that can't be sent ends at once, with the reason.

        `awaits_file`: the location leads to EVCE itself, and `file_received` will tell when it has come.
        """
        state = self._state
        kind = KINDS.get(name)
        action = Action(
            action_id,
            name,
            dict(given),
            requested_by,
            state.moment.utc,
            ActionState.ASKED,
            Words(Saying.WAITS),
            awaits_file=awaits_file,
            firmware=state.identity.firmware,
            since=state.now,
        )
        if action_id in self._open:
            return
        self._put(action)
        faults: Mapping[str, str] = {"action": "unknown"}
        if kind is not None:
            values, faults = read_parameters(kind, given)
        if kind is None or faults:
            self._not_sent(action, "; ".join(f"{field}: {why}" for field, why in faults.items()))
        elif len(self._open) > OPEN_MOST:
            self._not_sent(action, f"{OPEN_MOST} others have not ended yet")
        else:
            self._begin(kind, replace(action, given=values))

    def _begin(self, kind: ActionKind, action: Action) -> None:
        state, given = self._state, action.given
        if kind.name == "set-key" and given["key"].lower() in kept_keys(state.settings):
            self._not_sent(action, f"EVCE keeps {given['key']} itself")
            return
        if kind.name == "stop":
            self._stop(kind, action)
            return
        charging = [number for number, one in state.connectors.items() if one.session is not None]
        updates = kind.name in UPDATES or given.get("call") in ("SignedUpdateFirmware", "UpdateFirmware")
        if updates and charging:
            self._not_sent(action, f"a car charges at connector {charging[0]}")
            return
        number = self._next_number()
        payload = kind.payload(given, number, state.moment.utc)
        before = self._transaction_on(action.connector)
        subject = number if kind.name in ("reserve", "log", "signed-firmware") else before
        self._submit(kind, replace(action, subject=subject), payload)

    def _stop(self, kind: ActionKind, action: Action) -> None:
        """A forced stop books the end itself where the station won't, or can't be told (OC-3)."""
        transaction = self._transaction_on(action.connector)
        if transaction is None:
            words = Words(Saying.NO_TRANSACTION, {"connector": action.connector})
            self.end(action, ActionState.REFUSED, words)
            return
        action = replace(action, subject=transaction)
        self._put(action)
        if not self._state.connected and action.given["forced"]:
            self.close_here(action)
        else:
            self._submit(kind, action, kind.payload(action.given, transaction, self._state.moment.utc))

    def _submit(self, kind: ActionKind, action: Action, payload: Mapping[str, Any]) -> None:
        state = self._state
        call = kind.call or action.given["call"]
        violation = check_order(call, payload)
        self._put(action)
        if violation is not None:
            self._not_sent(action, violation.description)
        elif not state.connected:
            self.end(action, ActionState.FAILED, Saying.NOT_CONNECTED)
        else:
            state.call(call, payload, Order.COMMAND, Command(action.requested_by, action.id))

    # What becomes of it.

    def sent(self, action_id: str) -> None:
        """Its CALL is on the wire."""
        action = self._open.get(action_id)
        if action is not None and action.state is ActionState.ASKED:
            self._put(replace(action, state=ActionState.SENT, said=Words(Saying.WITH_STATION)))

    def unanswered(self, action_id: str, why: str, *, answered: bool) -> None:
        """A CALLERROR (`answered`, its code is `why`), or silence."""
        action = self._open.get(action_id)
        if action is None:
            return
        if action.kind == "stop" and action.given.get("forced"):
            self.close_here(action)
        elif answered:
            ended = ActionState.NOT_SUPPORTED if why in _UNSUPPORTED else ActionState.FAILED
            self.end(action, ended, Words(Saying.ERROR, {"code": why}))
        else:
            seconds = f"{self._state.desk.timeout:g}"
            self.end(action, ActionState.TIMED_OUT, Words(Saying.NO_ANSWER, {"seconds": seconds}))

    def abandoned(self, action_id: str) -> None:
        """The connection was lost with its CALL waiting, or on its way."""
        action = self._open.get(action_id)
        if action is None:
            return
        if action.kind == "stop" and action.given.get("forced"):
            self.close_here(action)
        elif action.state is ActionState.ASKED:
            self.end(action, ActionState.FAILED, Saying.LOST_UNSENT)
        elif action.kind != "reset":  # who restarts at once has no time for an answer
            self.end(action, ActionState.FAILED, Saying.LOST)

    def call_next(self, action: Action, call: str, payload: Mapping[str, Any]) -> None:
        """Send the next CALL of an action that takes several; they let everything more urgent pass."""
        self._state.call(call, payload, Order.LATER, Command(action.requested_by, action.id))

    def close_here(self, action: Action) -> None:
        """Book the end of the transaction with the energy last known."""
        if action.subject is None:
            return
        self.step(action, Words(Saying.CLOSING, {"transaction": action.subject}), within=30.0)
        self._state.log(f"transaction {action.subject} closed by force", "transaction", action.requested_by)
        self._transactions.close_here(action.subject, "Forced")

    def step(
        self,
        action: Action,
        said: Words | Saying,
        *,
        within: Seconds | None = None,
        **changes: Any,
    ) -> Action:
        """It goes on; `within` seconds from now the next must have been heard."""
        words = said if isinstance(said, Words) else Words(said)
        deadline = action.deadline if within is None else self._state.now + within
        known = action.steps if action.steps and action.steps[-1][1] == words else self._steps(action, words)
        action = replace(
            action, state=ActionState.IN_PROGRESS, said=words, steps=known, deadline=deadline, **changes
        )
        self._put(action)
        return action

    def end(self, action: Action, state: ActionState, said: Words | Saying, **changes: Any) -> None:
        """Its outcome; the event log keeps it."""
        words = said if isinstance(said, Words) else Words(said)
        self._open.pop(action.id, None)
        ended = replace(
            action,
            state=state,
            said=words,
            steps=self._steps(action, words),
            ended_at=self._state.moment.utc,
            deadline=inf,
            **changes,
        )
        self._ended.appendleft(ended)
        self.changed = True
        about = "".join(f" {name} {value}" for name, value in _plain(action.given))
        self._state.log(f"{action.kind}{about}: {state.value}. {words}", "audit", action.requested_by)

    # Inside.

    def _put(self, action: Action) -> None:
        self._open[action.id] = action
        self.changed = True

    def _steps(self, action: Action, words: Words) -> tuple[tuple[Any, Words], ...]:
        return (*action.steps, (self._state.moment.utc, words))[-STEPS_KEPT:]

    def _not_sent(self, action: Action, why: str) -> None:
        self.end(action, ActionState.REFUSED, Words(Saying.NOT_SENT, {"why": why}))

    def _transaction_on(self, number: int | None) -> int | None:
        connector = None if number is None else self._state.connectors.get(number)
        return None if connector is None or connector.session is None else connector.session.transaction

    def _next_number(self) -> int:
        """Unique at this station, also over restarts: reservations are known to it by number."""
        self._numbered = max(self._numbered + 1, int(self._state.moment.utc.timestamp()) % 2**31)
        return self._numbered


def _plain(given: Given) -> list[tuple[str, object]]:
    """What is worth a line of the log: an address holds a token that opens a door."""
    told = [(name, value) for name, value in given.items() if name not in ("location", "content", "payload")]
    if given.get("payload"):
        told.append(("with", one_line(plain(given["payload"]))[:PAYLOAD_LOGGED]))
    return told
