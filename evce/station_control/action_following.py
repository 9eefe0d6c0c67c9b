"""What a station's answers and later messages mean for the actions that were asked of it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from evce.station_control.action_kinds import UPDATES
from evce.station_control.action_state import Action, ActionState
from evce.station_control.action_words import Saying, Words
from evce.station_control.actions import Actions
from evce.station_control.authorisation import normal_tag
from evce.station_control.card_sending import CardSending
from evce.station_control.state import State
from evce.units import Seconds

__all__ = ["ActionFollowing"]

_CONNECTION_TIME_OUT: Final[Seconds] = 60.0
"""ConnectionTimeOut of a station that doesn't tell it (OCPP 1.6 §9.1 has no default)."""

_BESIDES: Final[Seconds] = 30.0
"""What a station needs for a start beside its driver's time: authorising, locking, its first message."""

_ENDS_WITHIN: Final[Seconds] = 60.0
_GOES_DOWN_WITHIN: Final[Seconds] = 120.0
_BACK_WITHIN: Final[Seconds] = 300.0
_BOOTS_WITHIN: Final[Seconds] = 60.0
"""A station that was only away for a moment may never send a BootNotification."""
_MESSAGE_WITHIN: Final[Seconds] = 30.0
_NEWS_WITHIN: Final[Seconds] = 1_800.0
"""Between two words on an upload or a download: they go over slow modems."""
_SCHEDULED_FOR: Final[Seconds] = 86_400.0
_FILE_WITHIN: Final[Seconds] = 30.0
"""Between the file and the station's word on it, whichever comes first."""

_GOOD: Final = ("Accepted", "RebootRequired", "Scheduled", "Unlocked", "AcceptedCanceled")
_UNSUPPORTED: Final = ("NotSupported", "NotImplemented")
_UPLOAD_FAILED: Final = (
    "BadMessage",
    "NotSupportedOperation",
    "PermissionDenied",
    "UploadFailed",
    "UploadFailure",
)
_UPDATE_FAILED: Final = (
    "DownloadFailed",
    "InstallationFailed",
    "InstallVerificationFailed",
    "InvalidSignature",
)

_Handler = Callable[[Action, Mapping[str, Any]], None]


class ActionFollowing:
    """Pure; a part of `StationControl`, fed with everything that the station says."""

    def __init__(self, state: State, actions: Actions, cards: CardSending) -> None:
        self._state = state
        self._actions = actions
        self._cards = cards
        self._answers: dict[str, _Handler] = {
            "start": self._start_answered,
            "stop": self._stop_answered,
            "reset": self._reset_answered,
            "availability": self._availability_answered,
            "reserve": self._reserve_answered,
            "cancel-reservation": self._cancel_answered,
            "trigger": self._trigger_answered,
            "get-keys": self._keys_answered,
            "set-key": self._key_answered,
            "diagnostics": self._upload_answered,
            "log": self._upload_answered,
            "firmware": self._firmware_answered,
            "signed-firmware": self._firmware_answered,
        }
        self._heard: dict[str, _Handler] = {
            "DiagnosticsStatusNotification": self._diagnostics_heard,
            "FirmwareStatusNotification": self._firmware_heard,
            "LogStatusNotification": self._log_heard,
            "SignedFirmwareStatusNotification": self._firmware_heard,
            "StartTransaction": self._start_heard,
            "StatusNotification": self._status_heard,
        }

    @property
    def awaits(self) -> bool:
        """Whether anything that the station says may matter."""
        return bool(self._actions)

    # Answers.

    def answered(self, action_id: str, payload: Mapping[str, Any]) -> None:
        """The CALLRESULT of the action's CALL."""
        action = self._actions.of(action_id)
        if action is None:
            return
        if action.kind == "card-list":
            self._cards.answered(action, payload)
            return
        status = str(payload.get("status", ""))
        if status and status not in _GOOD:
            self._refused(action, status, payload)
            return
        handle = self._answers.get(action.kind)
        if handle is not None:
            handle(action, payload)
            return
        said = Words(Saying.ANSWERED, {"status": status}) if status else Words(Saying.ACCEPTED)
        if action.kind == "unlock":
            said = Words(Saying.UNLOCKED)
        result = payload if action.kind in ("call", "data-transfer") else {}
        self._actions.end(action, ActionState.DONE, said, result=result)

    def _refused(self, action: Action, status: str, payload: Mapping[str, Any]) -> None:
        if action.kind == "stop" and action.given.get("forced"):
            self._actions.close_here(action)
            return
        state = ActionState.NOT_SUPPORTED if status in _UNSUPPORTED else ActionState.REFUSED
        said = Words(Saying.ANSWERED, {"status": status})
        if action.kind == "reserve" and status != "Rejected":
            said = Words(Saying.NOT_RESERVED, {"status": status})
        elif status == "UnlockFailed":
            state, said = ActionState.FAILED, Words(Saying.UNLOCK_FAILED)
        self._actions.end(action, state, said, result=payload if action.kind == "call" else {})

    def _start_answered(self, action: Action, _: Mapping[str, Any]) -> None:
        self._actions.step(action, Saying.WAITS_FOR_CAR, within=self._time_to_connect())

    def _stop_answered(self, action: Action, _: Mapping[str, Any]) -> None:
        words = Words(Saying.STOPPING, {"transaction": action.subject})
        self._actions.step(action, words, within=_ENDS_WITHIN)

    def _reset_answered(self, action: Action, _: Mapping[str, Any]) -> None:
        self._actions.step(action, Saying.RESTARTING, within=_GOES_DOWN_WITHIN)

    def _availability_answered(self, action: Action, payload: Mapping[str, Any]) -> None:
        if payload["status"] == "Scheduled":
            self._actions.step(action, Saying.SCHEDULED, within=_SCHEDULED_FOR)
        else:
            self._actions.end(action, ActionState.DONE, Saying.TOOK_EFFECT)

    def _reserve_answered(self, action: Action, _: Mapping[str, Any]) -> None:
        minutes = float(action.given["minutes"])
        until = self._state.moment.utc + timedelta(minutes=minutes)
        words = Words(
            Saying.RESERVED,
            {
                "reservation": action.subject,
                "card": action.given["card"],
                "until": until.isoformat(timespec="minutes").replace("+00:00", "Z"),
            },
        )
        self._actions.step(action, words, within=minutes * 60.0)

    def _cancel_answered(self, action: Action, _: Mapping[str, Any]) -> None:
        number = action.given["reservation"]
        for other in self._actions.open:
            if other.kind == "reserve" and other.subject == number and other.state is ActionState.IN_PROGRESS:
                words = Words(Saying.RESERVATION_CANCELLED, {"who": action.requested_by})
                self._actions.end(other, ActionState.DONE, words)
        self._actions.end(action, ActionState.DONE, Words(Saying.CANCELLED, {"reservation": number}))

    def _trigger_answered(self, action: Action, _: Mapping[str, Any]) -> None:
        words = Words(Saying.AWAITS_MESSAGE, {"message": action.given["message"]})
        self._actions.step(action, words, within=_MESSAGE_WITHIN)

    def _keys_answered(self, action: Action, payload: Mapping[str, Any]) -> None:
        count, unknown = len(payload.get("configurationKey", ())), len(payload.get("unknownKey", ()))
        words = Words(Saying.KEYS_READ, {"count": count, "unknown": unknown})
        self._actions.end(action, ActionState.DONE, words, result=payload)

    def _key_answered(self, action: Action, payload: Mapping[str, Any]) -> None:
        restart = payload["status"] == "RebootRequired"
        saying = Saying.KEY_AFTER_RESTART if restart else Saying.KEY_SET
        self._actions.end(action, ActionState.DONE, Words(saying, {"key": action.given["key"]}))

    def _upload_answered(self, action: Action, payload: Mapping[str, Any]) -> None:
        """OCPP 1.6 §5.9: no file name, no diagnostics. A log's name may be left out."""
        name = payload.get("fileName", payload.get("filename", ""))
        if action.kind == "diagnostics" and not name:
            self._actions.end(action, ActionState.FAILED, Saying.NOTHING_TO_SEND)
            return
        words = Words(Saying.UPLOADING, {"file": name or action.given["type"]})
        self._actions.step(action, words, within=_NEWS_WITHIN)

    def _firmware_answered(self, action: Action, _: Mapping[str, Any]) -> None:
        self._actions.step(action, Saying.FIRMWARE_TOLD, within=_NEWS_WITHIN)

    # Messages of the station.

    def heard(self, message: str, payload: Mapping[str, Any]) -> None:
        """A CALL of the station."""
        for action in self._going("trigger"):
            given = action.given
            if message == given["message"] and payload.get("connectorId") in (
                None,
                given.get("connector", payload.get("connectorId")),
            ):
                words = Words(Saying.MESSAGE_CAME, {"message": message})
                self._actions.end(action, ActionState.DONE, words, result=payload)
        handle = self._heard.get(message)
        if handle is not None:
            for action in self._going():
                handle(action, payload)

    def booted(self, *, restarted: bool) -> None:
        """A BootNotification; `restarted` unless it only answers a TriggerMessage of ours."""
        firmware = self._state.identity.firmware
        for action in self._going("reset", *UPDATES):
            if action.kind == "reset" and (restarted or action.went_down):
                values = {"seconds": self._since(action), "firmware": firmware or "?"}
                self._actions.end(action, ActionState.DONE, Words(Saying.RESTARTED, values))
            elif action.kind in UPDATES and firmware and firmware != action.firmware:
                words = Words(Saying.FIRMWARE_RUNS, {"firmware": firmware})
                self._actions.step(action, words, within=_BOOTS_WITHIN, went_down=True)

    def _diagnostics_heard(self, action: Action, payload: Mapping[str, Any]) -> None:
        if action.kind == "diagnostics":
            self._upload(action, str(payload["status"]))

    def _log_heard(self, action: Action, payload: Mapping[str, Any]) -> None:
        if action.kind == "log" and payload.get("requestId", action.subject) == action.subject:
            self._upload(action, str(payload["status"]))

    def _upload(self, action: Action, status: str) -> None:
        if status in _UPLOAD_FAILED:
            self._actions.end(action, ActionState.FAILED, Words(Saying.UPLOAD_FAILED, {"status": status}))
        elif status == "Uploading":
            self._actions.step(action, action.said, within=_NEWS_WITHIN)
        elif status == "Uploaded":
            words = Words(Saying.UPLOADED, {"file": action.said.values.get("file", "")})
            if action.awaits_file and not action.file:
                self._actions.step(action, words, within=_FILE_WITHIN)
            else:
                self._actions.end(action, ActionState.DONE, action.said if action.file else words)

    def file_received(self, action_id: str, name: str, size: int) -> None:
        """The file of a diagnostics or log action has arrived whole."""
        action = self._actions.of(action_id)
        if action is None:
            return
        said_so = action.said.saying is Saying.UPLOADED
        words = Words(Saying.RECEIVED, {"file": name, "size": size})
        if said_so:
            self._actions.end(action, ActionState.DONE, words, file=name)
        else:
            self._actions.step(action, words, within=_FILE_WITHIN, file=name)

    def file_fetched(self, action_id: str) -> None:
        """The station has fetched the whole file of a firmware action."""
        action = self._actions.of(action_id)
        if action is not None and action.state is ActionState.IN_PROGRESS:
            self._actions.step(action, Saying.FIRMWARE_FETCHED, within=_NEWS_WITHIN)

    def _firmware_heard(self, action: Action, payload: Mapping[str, Any]) -> None:
        status = str(payload["status"])
        if action.kind not in UPDATES or status == "Idle":
            return
        if action.kind == "signed-firmware" and payload.get("requestId", action.subject) != action.subject:
            return
        if status in _UPDATE_FAILED:
            words = Words(Saying.FIRMWARE_FAILED, {"status": status})
            self._actions.end(action, ActionState.FAILED, words)
        elif status == "Installed":
            self._actions.end(action, ActionState.DONE, Saying.FIRMWARE_INSTALLED)
        else:
            words = Words(Saying.FIRMWARE_STEP, {"status": status})
            self._actions.step(action, words, within=_NEWS_WITHIN)

    def _start_heard(self, action: Action, payload: Mapping[str, Any]) -> None:
        if action.kind != "reserve" or payload.get("reservationId") != action.subject:
            return
        self._actions.end(action, ActionState.DONE, Saying.RESERVATION_USED)

    def _status_heard(self, action: Action, payload: Mapping[str, Any]) -> None:
        """A scheduled change of availability shows in the status of its outlet."""
        if action.kind != "availability":
            return
        wanted = action.given["connector"]
        if wanted not in (0, payload["connectorId"]):
            return
        if (payload["status"] == "Unavailable") == (action.given["type"] == "Inoperative"):
            self._actions.end(action, ActionState.DONE, Saying.TOOK_EFFECT)

    # The link and time.

    def link_opened(self) -> None:
        """A connection is there: a station that went down has come back."""
        for action in self._going("reset"):
            if action.went_down:
                self._actions.step(action, action.said, within=_BOOTS_WITHIN)

    def link_closed(self) -> None:
        """The connection is gone: whoever was told to restart does."""
        for action in self._actions.open:
            if action.kind == "reset" and action.state is not ActionState.ASKED:
                self._actions.step(action, Saying.DOWN, within=_BACK_WITHIN, went_down=True)
            elif action.kind == "trigger" and action.state is ActionState.IN_PROGRESS:
                self._actions.end(action, ActionState.FAILED, Saying.LOST)

    def review(self) -> None:
        """Look at the sessions: has one begun or ended that somebody waits for?"""
        for action in self._going("start", "stop", "reserve"):
            connector = self._state.connectors.get(action.connector or 0)
            session = None if connector is None else connector.session
            running = None if session is None else session.transaction
            if action.kind == "stop" and running != action.subject:
                closed = any(words.saying is Saying.CLOSING for _, words in action.steps)
                saying = Saying.CLOSED if closed else Saying.ENDED
                words = Words(saying, {"transaction": action.subject})
                self._actions.end(action, ActionState.DONE, words)
            elif (
                action.kind == "start"
                and session is not None
                and running != action.subject
                and session.id_tag == normal_tag(action.given["card"])
            ):
                words = Words(Saying.STARTED, {"transaction": running})
                if session.refused:
                    words = Words(Saying.STARTED_UNAUTHORISED, {"transaction": running})
                ended = ActionState.FAILED if session.refused else ActionState.DONE
                self._actions.end(action, ended, words)

    def expire(self) -> None:
        """End what has waited for too long."""
        for action in self._actions.open:
            if self._state.now >= action.deadline:
                self._expired(action)

    def _expired(self, action: Action) -> None:
        seconds = {"seconds": self._since(action)}
        match action.kind:
            case "start":
                self._time_out(action, Words(Saying.NOT_STARTED, seconds))
            case "stop" if action.said.saying is Saying.CLOSING:
                words = Words(Saying.NOT_CLOSED, {"transaction": action.subject, **seconds})
                self._actions.end(action, ActionState.FAILED, words)
            case "stop" if action.given["forced"]:
                self._actions.close_here(action)
            case "stop":
                self._time_out(action, Words(Saying.NOT_ENDED, {"transaction": action.subject, **seconds}))
            case "reset" if not action.went_down:
                self._time_out(action, Words(Saying.NOT_RESTARTED, seconds))
            case "reset" if self._state.connected:
                self._actions.end(action, ActionState.DONE, Words(Saying.BACK, seconds))
            case "reset":
                self._time_out(action, Words(Saying.NOT_BACK, seconds))
            case "trigger":
                message = action.given["message"]
                self._time_out(action, Words(Saying.MESSAGE_MISSING, {"message": message, **seconds}))
            case "reserve":
                self._actions.end(action, ActionState.DONE, Saying.RESERVATION_EXPIRED)
            case "diagnostics" | "log" if action.file:
                self._actions.end(action, ActionState.DONE, action.said)
            case "diagnostics" | "log" if action.said.saying is Saying.UPLOADED:
                self._actions.end(action, ActionState.FAILED, Saying.NOT_RECEIVED)
            case "firmware" | "signed-firmware" if action.went_down:
                self._actions.end(action, ActionState.DONE, action.said)
            case _:
                self._time_out(action, Words(Saying.NO_NEWS, seconds))

    # Inside.

    def _going(self, *kinds: str) -> list[Action]:
        """The actions that the station has accepted and works on."""
        return [
            action
            for action in self._actions.open
            if action.state is ActionState.IN_PROGRESS and (not kinds or action.kind in kinds)
        ]

    def _time_out(self, action: Action, words: Words) -> None:
        self._actions.end(action, ActionState.TIMED_OUT, words)

    def _since(self, action: Action) -> str:
        return f"{self._state.now - action.since:.0f}"

    def _time_to_connect(self) -> Seconds:
        capabilities = self._state.capabilities
        told = None if capabilities is None else capabilities.keys.get("connectiontimeout")
        seconds = _CONNECTION_TIME_OUT
        if told is not None and told[0].isdecimal() and 0 < int(told[0]) <= 3_600:
            seconds = float(told[0])
        return seconds + _BESIDES
