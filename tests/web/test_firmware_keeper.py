"""Tests of how stations are brought to the newest firmware that is kept for them."""

import io
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actors.messages import AlarmCleared, AlarmRaised, RecordEvent, RequestAction
from evce.configuration.choices import FileTransfer
from evce.facts import ConnectorStatus, Link
from evce.firmware.library import FirmwareRefusedError, KeptFirmware, Standing
from evce.firmware.updates import AT_ONCE, MOST_ATTEMPTS, SETTLES_WITHIN
from evce.station_control.action_state import Action, ActionState
from evce.station_control.action_words import Saying, Words
from evce.units import BoxIdentity
from tests.web.fake_site import FakeSite
from web import firmware_keeper
from web.file_exchange import FileExchange
from web.firmware_keeper import FirmwareKeeper
from web.firmware_shelf import FirmwareShelf
from web.revisions import RunningRevisions
from web.site import Site
from web.station_actions import ActionRefusedError, NamedFile

BOX = BoxIdentity("CP-08")
FAILED = Words(Saying.FIRMWARE_FAILED, {"status": "DownloadFailed"})


class Rig:
    """A keeper over the invented site, whose free Pro AC station runs 1.0.0."""

    def __init__(self, folder: Path) -> None:
        self.moment = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
        self.folder = folder
        self.site = FakeSite(now=self.now)
        self.set(firmware="1.0.0")
        self.files = FileExchange(folder / "files", self.site.tell, lambda: 0.0)
        self.files.published(FileTransfer.HTTP, 8888)
        self.restart()

    def restart(self) -> None:
        door = Site(self.site.ask, self.site.tell, 1.0)
        shelf = FirmwareShelf(self.folder / "firmware", self.now)
        revisions = RunningRevisions(self.site.ask, self.site.tell, self.now)
        self.keeper = FirmwareKeeper(door, self.files, shelf, revisions, self.now)

    def now(self) -> datetime:
        return self.moment

    def set(self, station: BoxIdentity = BOX, **changes: Any) -> None:
        known = self.site.snapshot.stations
        changed = {**known, station: replace(known[station], **changes)}
        self.site.snapshot = replace(
            self.site.snapshot, stations=changed, version=self.site.snapshot.version + 1
        )

    def status(self, status: ConnectorStatus) -> None:
        known = self.site.snapshot.stations[BOX].connectors
        self.set(connectors=tuple(replace(one, status=status, transaction=None) for one in known))

    def hold(self, version: str = "1.1.0", family: str = "pro_ac", model: str = "") -> KeptFirmware:
        named = NamedFile(f"pro-{version}.bin", io.BytesIO(b"image " + version.encode()))
        return self.keeper.add(family, version, model, named, "ada")

    def look(self, after: timedelta = timedelta(0)) -> None:
        self.moment += after
        self.keeper.look()

    def asked(self) -> list[RequestAction]:
        return [message for _, message in self.site.told if isinstance(message, RequestAction)]

    def became(self, state: ActionState, said: Words | None = None) -> None:
        """What has become of the action that was asked for last."""
        order = self.asked()[-1]
        ended = self.now() if state.ended else None
        words = said or Words(Saying.WAITS)
        self.site.actions = [
            Action(order.request, order.action, order.given, "evce", self.now(), state, words, ended_at=ended)
        ]

    def told(self, kind: type[Any]) -> list[Any]:
        return [message for _, message in self.site.told if isinstance(message, kind)]

    def course(self) -> Any:
        return self.keeper.shelf.courses().get(BOX)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_a_station_that_is_older_is_updated_by_itself_once(rig: Rig) -> None:
    """SR-5: with the file that is held, through an action like any other; done is what it says it runs."""
    rig.look()
    assert rig.asked() == []
    rig.hold()
    rig.look()
    (order,) = rig.asked()
    assert (order.station, order.action, order.requested_by) == (BOX, "firmware", "evce")
    ticket = rig.files.ticket(order.given["location"].split("/")[-2], to_serve=True)
    assert ticket is not None
    assert ticket.source is not None
    assert (ticket.source.read_bytes(), ticket.name) == (b"image 1.1.0", "pro-1.1.0.bin")
    assert ticket.source.stat().st_nlink == 2  # no copy
    for state in (ActionState.ASKED, ActionState.IN_PROGRESS, ActionState.DONE):
        rig.became(state)
        rig.look(timedelta(minutes=1))
    rig.set(firmware="01.01.00")
    rig.look()
    assert (len(rig.asked()), rig.course()) == (1, None)
    assert [line.message for line in rig.told(RecordEvent) if line.type == "station"] == [
        "runs firmware 01.01.00"
    ]
    assert rig.told(AlarmRaised) == []


def test_a_station_that_is_not_known_to_be_older_is_left_alone(rig: Rig) -> None:
    """SR-5."""
    rig.hold()
    for changes, standing in (
        ({"firmware": "1.1.0"}, Standing.CURRENT),
        ({"firmware": "2.0"}, Standing.CURRENT),
        ({"firmware": ""}, Standing.UNKNOWN),
        ({"firmware": "V001"}, Standing.NOT_COMPARABLE),
        ({"firmware": "1.0.0", "family": "parking"}, Standing.NOTHING_HELD),
    ):
        rig.set(**changes)
        rig.look()
        (one,) = (one for one in rig.keeper.stations(rig.site.snapshot) if one.station.box_identity == BOX)
        assert (rig.asked(), one.comparison.standing) == ([], standing)


def test_it_waits_while_the_station_is_in_use(rig: Rig) -> None:
    """SR-5: never while a car charges."""
    rig.hold()
    for status in set(ConnectorStatus) - {ConnectorStatus.AVAILABLE, ConnectorStatus.UNAVAILABLE}:
        rig.status(status)
        rig.look()
        assert rig.asked() == [], status
    rig.status(ConnectorStatus.AVAILABLE)
    rig.look()
    assert len(rig.asked()) == 1


def test_it_waits_for_the_link_for_a_person_s_update_and_for_other_stations(rig: Rig) -> None:
    """SR-5."""
    rig.hold()
    rig.set(link=Link.LOST)
    rig.look()
    rig.set(link=Link.CONNECTED)
    rig.site.actions = [
        Action("p", "signed-firmware", {}, "ada", rig.now(), ActionState.IN_PROGRESS, Words(Saying.WAITS))
    ]
    rig.look()
    assert rig.asked() == []
    rig.site.actions = []
    known = rig.site.snapshot.stations[BOX]
    for number in range(AT_ONCE + 2):
        other = BoxIdentity(f"CP-X{number}")
        stations = {**rig.site.snapshot.stations, other: replace(known, box_identity=other)}
        rig.site.snapshot = replace(
            rig.site.snapshot, stations=stations, version=rig.site.snapshot.version + 1
        )
    rig.look()
    rig.look()
    assert len(rig.asked()) == AT_ONCE


def test_the_switch_ends_it(rig: Rig) -> None:
    """SR-5: switchable; what was given up rings no longer."""
    rig.hold()
    record = rig.site.revisions[0]
    on, off = '"update_firmware":true', '"update_firmware":false'
    assert on in record.document
    rig.site.revisions[0] = replace(record, document=record.document.replace(on, off))
    rig.look()
    assert rig.asked() == []
    rig.site.revisions[0] = record
    rig.look()
    rig.became(ActionState.FAILED, FAILED)
    rig.look()
    assert rig.course() is not None
    rig.site.revisions[0] = replace(record, document=record.document.replace(on, off))
    rig.look(timedelta(days=1))
    assert (len(rig.asked()), rig.course()) == (1, None)


def test_a_failure_is_tried_again_later_and_given_up_with_an_alarm(rig: Rig) -> None:
    """SR-5: bounded, over restarts too, until somebody says so or another file comes."""
    rig.hold()
    rig.look()
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert len(rig.asked()) == attempt
        rig.became(ActionState.FAILED, FAILED)
        rig.look()
        rig.restart()
        rig.look(timedelta(seconds=1))
        assert len(rig.asked()) == attempt
        rig.look(timedelta(hours=5))
    assert len(rig.asked()) == MOST_ATTEMPTS
    alarm = rig.told(AlarmRaised)[-1].alarm
    assert (alarm.code, alarm.source) == ("firmware_not_updated", BOX)
    assert "1.1.0 in 5 attempts" in alarm.message
    assert str(FAILED) in alarm.message
    rig.restart()
    rig.look(timedelta(days=30))
    assert len(rig.asked()) == MOST_ATTEMPTS

    assert rig.keeper.try_again(BOX, "ada")
    assert [(m.code, m.source) for m in rig.told(AlarmCleared)] == [("firmware_not_updated", BOX)]
    rig.look()
    assert len(rig.asked()) == MOST_ATTEMPTS + 1
    assert not rig.keeper.try_again(BOX, "ada")  # one is on its way

    rig.became(ActionState.FAILED, FAILED)
    rig.look()
    rig.hold("1.2.0")
    rig.look()
    assert (len(rig.asked()), rig.course().version, rig.course().attempts) == (MOST_ATTEMPTS + 2, "1.2.0", 1)


def test_an_update_after_which_the_old_version_runs_has_failed(rig: Rig) -> None:
    """SR-5: a station that says Installed and goes on as before."""
    rig.hold()
    rig.look()
    rig.became(ActionState.DONE)
    rig.look(SETTLES_WITHIN - timedelta(seconds=1))
    assert rig.course().action
    rig.look(timedelta(seconds=1))
    assert (rig.course().action, rig.course().said) == ("", "the station still runs 1.0.0")


def test_an_update_that_nobody_remembers_counts_as_an_attempt_in_time(rig: Rig) -> None:
    """SR-5: EVCE was restarted in the middle."""
    rig.hold()
    rig.look()
    rig.site.actions = []
    rig.look(SETTLES_WITHIN - timedelta(seconds=1))
    assert rig.course().action
    rig.look(timedelta(seconds=1))
    assert rig.course().said == "nothing is known of the update any more"


def test_what_evce_can_t_serve_is_an_attempt_that_failed(rig: Rig) -> None:
    """SR-5, RELIABILITY 3."""
    file = rig.hold()
    rig.files.closed(FileTransfer.HTTP, "Address already in use")
    rig.look()
    assert "EVCE serves no files over HTTP: Address already in use" in rig.course().said
    rig.files.published(FileTransfer.HTTP, 8888)
    (rig.folder / "firmware" / file.id).write_bytes(b"other")
    rig.look(timedelta(hours=1))
    assert (rig.course().attempts, "was changed on the disk" in rig.course().said) == (2, True)
    assert rig.asked() == []


def test_what_is_removed_is_tried_no_longer(rig: Rig) -> None:
    """SR-5: a file, or a station."""
    file = rig.hold()
    rig.look()
    assert rig.keeper.remove(file.id, "ada") == file
    rig.look()
    assert rig.course() is None
    rig.hold()
    rig.became(ActionState.FAILED, FAILED)
    rig.look()
    assert rig.course() is not None
    rig.set(registered=False)
    rig.look()
    assert rig.course() is None
    lines = [line.message for line in rig.told(RecordEvent) if line.type == "audit"]
    assert [line.split(" (")[0] for line in lines] == [
        "firmware 1.1.0 for pro_ac was added",
        "firmware 1.1.0 for pro_ac was removed",
        "firmware 1.1.0 for pro_ac was added",
    ]


def test_a_person_sends_any_file_of_the_family_while_nobody_charges(rig: Rig) -> None:
    """SR-5, guide 3.3.4: an older one too; never another family's or model's."""
    old, other, model = rig.hold("0.9"), rig.hold("3.4.0.0.1", "parking"), rig.hold("1.3", "pro_ac", "Other")
    assert rig.keeper.send(BOX, old.id, "ada") == rig.asked()[-1].request
    assert rig.asked()[-1].requested_by == "ada"
    for wrong in (other, model):
        with pytest.raises(FirmwareRefusedError, match="is for stations of"):
            rig.keeper.send(BOX, wrong.id, "ada")
    with pytest.raises(LookupError, match="no such firmware"):
        rig.keeper.send(BOX, "x", "ada")
    rig.status(ConnectorStatus.CHARGING)
    with pytest.raises(ActionRefusedError, match="connector 1 is in use"):
        rig.keeper.send(BOX, old.id, "ada")


def test_its_thread_outlives_a_failure_and_ends(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY 3."""
    monkeypatch.setattr(firmware_keeper, "_LOOKS_EVERY", 0.001)
    looks, done = [0], threading.Event()

    def look() -> None:
        looks[0] += 1
        if looks[0] == 1:
            raise OSError("disk full")
        done.set()

    monkeypatch.setattr(rig.keeper, "look", look)
    rig.keeper.start()
    assert done.wait(10)
    rig.keeper.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "firmware-keeper"]
