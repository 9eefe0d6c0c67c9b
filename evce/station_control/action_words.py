"""What is said about an action on a station: sentences with places for values, for pages to translate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Saying", "Words"]


class Saying(StrEnum):
    """Every sentence; `%(name)s` is replaced by a value."""

    WAITS = "Waits for its turn."
    WITH_STATION = "Sent; the station has not answered yet."
    ANSWERED = "The station answered %(status)s."
    ACCEPTED = "Accepted."
    NOT_CONNECTED = "Not sent: the station is not connected."
    NOT_SENT = "Not sent: %(why)s."
    LOST_UNSENT = "Not sent: the connection was lost."
    LOST = "The connection was lost before the station answered."
    NO_ANSWER = "The station did not answer within %(seconds)s s."
    ERROR = "The station answered with the error %(code)s."
    FORGOTTEN = "EVCE's control of the station was restarted before the answer came."
    WAITS_FOR_CAR = "Accepted; the station waits for the car."
    STARTED = "Transaction %(transaction)s started."
    STARTED_UNAUTHORISED = "Transaction %(transaction)s started, but the card may not charge: no current."
    NOT_STARTED = "Accepted, but no transaction started within %(seconds)s s."
    NO_TRANSACTION = "No transaction runs on connector %(connector)s."
    STOPPING = "Accepted; transaction %(transaction)s is ending."
    ENDED = "Transaction %(transaction)s ended."
    NOT_ENDED = "Accepted, but transaction %(transaction)s still runs after %(seconds)s s."
    CLOSING = "EVCE closes transaction %(transaction)s itself: the station would not, or could not."
    CLOSED = "Transaction %(transaction)s was closed by EVCE with the energy last known."
    NOT_CLOSED = "Transaction %(transaction)s could not be closed: nothing was recorded within %(seconds)s s."
    RESTARTING = "Accepted; the station is about to restart."
    DOWN = "The station went down to restart."
    RESTARTED = "Restarted after %(seconds)s s; firmware %(firmware)s."
    BACK = "Back after %(seconds)s s, without a BootNotification."
    NOT_BACK = "Not back after %(seconds)s s."
    NOT_RESTARTED = "Accepted, but the station did not restart within %(seconds)s s."
    UNLOCKED = "Unlocked."
    UNLOCK_FAILED = "The lock did not open."
    SCHEDULED = "Scheduled: it takes effect once the running transaction has ended."
    TOOK_EFFECT = "In effect."
    RESERVED = "Reserved as number %(reservation)s for %(card)s until %(until)s."
    RESERVATION_USED = "Used: a transaction began with the reservation."
    RESERVATION_EXPIRED = "Expired unused."
    RESERVATION_CANCELLED = "Cancelled by %(who)s."
    NOT_RESERVED = "Not reserved: the connector is %(status)s."
    CANCELLED = "Reservation %(reservation)s was cancelled."
    AWAITS_MESSAGE = "Accepted; %(message)s is awaited."
    MESSAGE_CAME = "%(message)s came."
    MESSAGE_MISSING = "Accepted, but no %(message)s came within %(seconds)s s."
    KEYS_READ = "%(count)s keys read; %(unknown)s not known to the station."
    KEY_SET = "%(key)s is set."
    KEY_AFTER_RESTART = "%(key)s is set, and takes effect after a restart."
    NOTHING_TO_SEND = "The station has nothing to send."
    UPLOADING = "The station sends %(file)s."
    RECEIVED = "Received %(file)s, %(size)s bytes."
    UPLOADED = "The station says that it has sent %(file)s."
    NOT_RECEIVED = "The station says that it has sent the file, but nothing arrived here."
    UPLOAD_FAILED = "The upload failed: %(status)s."
    FIRMWARE_TOLD = "The station knows where the file is."
    FIRMWARE_STEP = "The station says %(status)s."
    FIRMWARE_FETCHED = "The station fetched the file."
    FIRMWARE_INSTALLED = "Installed."
    FIRMWARE_RUNS = "The station runs firmware %(firmware)s."
    FIRMWARE_FAILED = "The update failed: %(status)s."
    NO_NEWS = "No news for %(seconds)s s: given up."
    LIST_ASKED = "The station keeps a list; the cards for it are being looked up."
    LIST_SENDING = "Part %(part)s of %(parts)s of the list is on its way."
    LIST_KEPT = "The station keeps %(count)s of %(of)s cards as version %(version)s."
    LIST_NOT_NEEDED = "The station has all cards already, as version %(version)s."
    LIST_FAILED = "The station took no list: %(status)s."


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence and its values."""

    saying: Saying
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """In English, as the event log and the command line have it."""
        return self.saying.value % self.values
