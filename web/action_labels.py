"""What actions on stations, their parameters, states and outcomes are called on the pages."""

from collections.abc import Mapping
from typing import Any

from evce.station_control.action_kinds import KINDS, ActionKind
from evce.station_control.action_state import Action, ActionState
from evce.station_control.action_words import Words
from evce.views import StationView
from web.languages import gettext, mark
from web.security import reader
from web.sentences import told

__all__ = ["PARAMETERS", "STATES", "TITLES", "choice_of", "form_values", "said", "tone"]

TITLES = {
    "start": mark("Start"),
    "stop": mark("Stop"),
    "reset": mark("Restart"),
    "unlock": mark("Unlock"),
    "availability": mark("Availability"),
    "reserve": mark("Reserve"),
    "cancel-reservation": mark("Cancel a reservation"),
    "diagnostics": mark("Diagnostics"),
    "log": mark("Log"),
    "firmware": mark("Firmware"),
    "signed-firmware": mark("Signed firmware"),
    "trigger": mark("Have it send"),
    "clear-cache": mark("Clear the card cache"),
    "get-keys": mark("Read keys"),
    "set-key": mark("Set a key"),
    "data-transfer": mark("Data transfer"),
    "card-list": mark("Card list"),
    "call": mark("Message console"),
}

_ICONS = {
    "start": "player-play",
    "stop": "player-stop",
    "reset": "refresh",
    "unlock": "lock",
    "reserve": "clock",
    "diagnostics": "download",
    "log": "list-details",
    "firmware": "upload",
    "signed-firmware": "lock",
    "call": "pencil",
}

PARAMETERS = {
    "connector": mark("Connector"),
    "card": mark("Badge"),
    "forced": mark("Close it in the books even if the station does not answer"),
    "type": mark("Type"),
    "minutes": mark("Minutes"),
    "parent": mark("Group of the badge"),
    "reservation": mark("Number of the reservation"),
    "location": mark("Address for the file"),
    "certificate": mark("Certificate of who signed it (PEM)"),
    "signature": mark("Signature over the file (base64)"),
    "message": mark("Message"),
    "keys": mark("Names of keys"),
    "key": mark("Name of the key"),
    "value": mark("Value"),
    "vendor": mark("Vendor"),
    "content": mark("Content"),
    "call": mark("Message of OCPP 1.6"),
    "payload": mark("Content (JSON)"),
    "full": mark("Send the whole list anew"),
}

STATES = {
    ActionState.ASKED: mark("asked"),
    ActionState.SENT: mark("sent"),
    ActionState.IN_PROGRESS: mark("in progress"),
    ActionState.DONE: mark("done"),
    ActionState.REFUSED: mark("refused"),
    ActionState.NOT_SUPPORTED: mark("not supported"),
    ActionState.TIMED_OUT: mark("timed out"),
    ActionState.FAILED: mark("failed"),
}

_CHOICES = {
    "Soft": mark("Soft: sessions end in good order"),
    "Hard": mark("Hard: like power off and on"),
    "Operative": mark("In service"),
    "Inoperative": mark("Out of service"),
    "DiagnosticsLog": mark("Diagnostics log"),
    "SecurityLog": mark("Security log"),
}

_SAID = (
    mark("Waits for its turn."),
    mark("Sent; the station has not answered yet."),
    mark("The station answered %(status)s."),
    mark("Accepted."),
    mark("Not sent: the station is not connected."),
    mark("Not sent: %(why)s."),
    mark("Not sent: the connection was lost."),
    mark("The connection was lost before the station answered."),
    mark("The station did not answer within %(seconds)s s."),
    mark("The station answered with the error %(code)s."),
    mark("EVCE's control of the station was restarted before the answer came."),
    mark("Accepted; the station waits for the car."),
    mark("Transaction %(transaction)s started."),
    mark("Transaction %(transaction)s started, but the card may not charge: no current."),
    mark("Accepted, but no transaction started within %(seconds)s s."),
    mark("No transaction runs on connector %(connector)s."),
    mark("Accepted; transaction %(transaction)s is ending."),
    mark("Transaction %(transaction)s ended."),
    mark("Accepted, but transaction %(transaction)s still runs after %(seconds)s s."),
    mark("EVCE closes transaction %(transaction)s itself: the station would not, or could not."),
    mark("Transaction %(transaction)s was closed by EVCE with the energy last known."),
    mark("Transaction %(transaction)s could not be closed: nothing was recorded within %(seconds)s s."),
    mark("Accepted; the station is about to restart."),
    mark("The station went down to restart."),
    mark("Restarted after %(seconds)s s; firmware %(firmware)s."),
    mark("Back after %(seconds)s s, without a BootNotification."),
    mark("Not back after %(seconds)s s."),
    mark("Accepted, but the station did not restart within %(seconds)s s."),
    mark("Unlocked."),
    mark("The lock did not open."),
    mark("Scheduled: it takes effect once the running transaction has ended."),
    mark("In effect."),
    mark("Reserved as number %(reservation)s for %(card)s until %(until)s."),
    mark("Used: a transaction began with the reservation."),
    mark("Expired unused."),
    mark("Cancelled by %(who)s."),
    mark("Not reserved: the connector is %(status)s."),
    mark("Reservation %(reservation)s was cancelled."),
    mark("Accepted; %(message)s is awaited."),
    mark("%(message)s came."),
    mark("Accepted, but no %(message)s came within %(seconds)s s."),
    mark("%(count)s keys read; %(unknown)s not known to the station."),
    mark("%(key)s is set."),
    mark("%(key)s is set, and takes effect after a restart."),
    mark("The station has nothing to send."),
    mark("The station sends %(file)s."),
    mark("Received %(file)s, %(size)s bytes."),
    mark("The station says that it has sent %(file)s."),
    mark("The station says that it has sent the file, but nothing arrived here."),
    mark("The upload failed: %(status)s."),
    mark("The station knows where the file is."),
    mark("The station says %(status)s."),
    mark("The station fetched the file."),
    mark("Installed."),
    mark("The station runs firmware %(firmware)s."),
    mark("The update failed: %(status)s."),
    mark("No news for %(seconds)s s: given up."),
    mark("The station keeps a list; the cards for it are being looked up."),
    mark("Part %(part)s of %(parts)s of the list is on its way."),
    mark("The station keeps %(count)s of %(of)s cards as version %(version)s."),
    mark("The station has all cards already, as version %(version)s."),
    mark("The station took no list: %(status)s."),
)
"""Every sentence that actions say, for the catalogues."""


def said(words: Words) -> str:
    """A sentence in the reader's language."""
    return gettext(words.saying.value, **{name: str(value) for name, value in words.values.items()})


def choice_of(value: str) -> str:
    """A choice in words; names of OCPP stay as they are."""
    return gettext(_CHOICES[value]) if value in _CHOICES else value


def tone(action: Action) -> str:
    """How the state is coloured: good, warning, bad, or plain while it goes on."""
    match action.state:
        case ActionState.DONE:
            return "good"
        case ActionState.REFUSED | ActionState.NOT_SUPPORTED | ActionState.TIMED_OUT:
            return "warning"
        case ActionState.FAILED:
            return "bad"
        case _:
            return "plain"


def form_values(
    station: StationView,
    kind: ActionKind,
    form: Mapping[str, str],
    faults: Mapping[str, str],
    asked: bool = False,
) -> dict[str, Any]:
    """What the template of the form needs."""
    kinds = [k for k in KINDS.values() if reader().is_admin or not k.expert]
    return {
        "station": station,
        "kind": kind,
        "kinds": kinds,
        "form": form,
        "faults": {name: told(fault) for name, fault in faults.items()},
        "asked": asked,
        "titles": {name: gettext(title) for name, title in TITLES.items()},
        "labels": {name: gettext(label) for name, label in PARAMETERS.items()},
        "icons": _ICONS,
        "choice_of": choice_of,
    }
