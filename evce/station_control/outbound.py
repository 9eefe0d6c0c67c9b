"""Our CALLs to a station: put on the wire, and their answers brought to whoever asked."""

from collections.abc import Mapping
from typing import Any, Final

from evce.ocppj import ErrorCode
from evce.ocppj import call as call_frame
from evce.station_control.action_following import ActionFollowing
from evce.station_control.actions import Actions
from evce.station_control.calls import Outgoing
from evce.station_control.effects import NotRelayed, RelayAnswered, Transmit
from evce.station_control.learning import Learning
from evce.station_control.sampling import SAMPLE, Sampling
from evce.station_control.setpoints import Setpoints
from evce.station_control.state import (
    ChangeKey,
    Command,
    Learn,
    Purpose,
    ReadComposite,
    Relayed,
    SetProfile,
    State,
    WishProfile,
)
from evce.validation import check_result

__all__ = ["Outbound"]

_TOUCHES_PROFILES: Final = frozenset({"ClearChargingProfile", "Reset", "SetChargingProfile"})
"""After one of these from a person, the station must be told everything again."""


class Outbound:
    """What a CALL was for decides what its answer means."""

    def __init__(
        self,
        state: State,
        setpoints: Setpoints,
        learning: Learning,
        sampling: Sampling,
        actions: Actions,
        following: ActionFollowing,
    ) -> None:
        self._state = state
        self._setpoints = setpoints
        self._learning = learning
        self._sampling = sampling
        self._actions = actions
        self._following = following

    def pump(self) -> None:
        """Put on the wire what may go now."""
        state = self._state
        while (outgoing := state.desk.next(state.now)) is not None:
            wish = outgoing.purpose
            if isinstance(wish, WishProfile) and not self._setpoints.work_out(outgoing, wish):
                state.desk.answered(outgoing.id)
                continue
            self._learning.sent(outgoing.payload)
            if isinstance(wish, Command) and wish.action is not None:
                self._actions.sent(wish.action)
            state.traffic.sent[outgoing.action] += 1
            state.do(Transmit(state.incarnation, call_frame(outgoing.id, outgoing.action, outgoing.payload)))

    def answered(self, incarnation: int, message_id: str, payload: Mapping[str, Any]) -> None:
        """A CALLRESULT; one that doesn't fit its schema is no answer to rely on."""
        outgoing = self._asked(incarnation, message_id)
        if outgoing is None:
            return
        violation = check_result(outgoing.action, payload)
        if violation is None:
            took = None if outgoing.sent_at is None else self._state.now - outgoing.sent_at
            self._state.traffic.was_answered(outgoing.action, took)
            self._succeeded(outgoing, payload)
            return
        why = f"an answer that breaks the schema: {violation.description}"
        self._state.traffic.was_refused(outgoing.action, "", why, self._state.moment.utc)
        self._state.log(f"{outgoing.action}: {why}")
        self._failed(outgoing.purpose, why, answered=True)

    def refused(self, incarnation: int, message_id: str, code: str, description: str) -> None:
        """A CALLERROR."""
        outgoing = self._asked(incarnation, message_id)
        if outgoing is not None:
            self._state.traffic.was_refused(outgoing.action, code, description, self._state.moment.utc)
            self._state.log(f"{outgoing.action} was answered with {code} {description}".rstrip())
            self._failed(outgoing.purpose, code, answered=True)

    def overdue(self) -> None:
        """Give up on what was not answered in time; its setpoint stays among the unresolved."""
        state = self._state
        for outgoing in state.desk.overdue(state.now):
            state.traffic.went_unanswered(outgoing.action, state.desk.timeout, state.moment.utc)
            state.log(f"{outgoing.action} was not answered within {state.desk.timeout:g} s")
            self._failed(outgoing.purpose, "no answer", answered=False)

    def abandon(self) -> None:
        """The socket is gone. What a person asked for is told to have failed; the rest is asked anew."""
        for outgoing in self._state.desk.close():
            match outgoing.purpose:
                case Command(_, action) if action is not None:
                    self._actions.abandoned(action)
                case Command() | Relayed():
                    self._failed(outgoing.purpose, "the connection was lost", answered=False)

    def _asked(self, incarnation: int, message_id: str) -> Outgoing[Purpose] | None:
        """The CALL that this answers; late answers matter only where they tell what is in force."""
        state = self._state
        if incarnation != state.incarnation or not state.connected:
            return None
        state.last_seen = state.moment.utc
        outgoing, late = state.desk.answered(message_id)
        if outgoing is None:
            state.log("an answer to nothing was discarded")
        elif late:
            state.log(f"the answer to {outgoing.action} came too late")
            return outgoing if isinstance(outgoing.purpose, SetProfile) else None
        return outgoing

    def _succeeded(self, outgoing: Outgoing[Purpose], payload: Mapping[str, Any]) -> None:
        match outgoing.purpose:
            case SetProfile() as sent:
                self._setpoints.answered(sent, payload)
            case ReadComposite() as read:
                self._setpoints.composite(read, payload)
            case Learn(step) if step == SAMPLE:
                self._sampling.answered(payload)
            case Learn() as learn:
                self._learning.answered(learn, payload)
            case ChangeKey() as change:
                self._learning.changed(change, payload["status"])
            case Command() as command:
                self._commanded(outgoing.action, command, payload)
            case Relayed(request, author):
                self._state.do(RelayAnswered(request, payload))
                self._noted(outgoing.action, str(payload.get("status", "answered")), author)
            case WishProfile():
                pass

    def _failed(self, purpose: Purpose, why: str, *, answered: bool) -> None:
        match purpose:
            case SetProfile() as sent:
                self._setpoints.failed(sent, why, answered=answered)
            case ReadComposite() as read:
                self._setpoints.composite(read, None, why if answered else "")
            case Learn(step) if step == SAMPLE:
                self._sampling.failed()
            case Learn() as learn:
                self._learning.failed(learn)
            case ChangeKey() as change:
                self._learning.changed(change, why)
            case Command(requested_by, None):
                self._state.log(f"not done: {why}", "audit", requested_by)
            case Command(_, action) if action is not None:
                self._actions.unanswered(action, why, answered=answered)
            case Relayed(request):
                code = why if answered else ErrorCode.GENERIC_ERROR
                self._state.do(NotRelayed(request, code, f"the station: {why}"))
            case WishProfile():
                pass

    def _commanded(self, action: str, command: Command, payload: Mapping[str, Any]) -> None:
        self._noted(action, str(payload.get("status", "answered")), command.requested_by)
        if command.action is not None:
            self._following.answered(command.action, payload)

    def _noted(self, action: str, status: str, requested_by: str) -> None:
        """What somebody had the station do, and what must be said anew after it."""
        state = self._state
        state.log(f"{action}: {status}", "audit", requested_by)
        if action in _TOUCHES_PROFILES and status == "Accepted":
            for connector in state.connectors.values():
                connector.forget_before(state.incarnation + 1)
            state.news = True
