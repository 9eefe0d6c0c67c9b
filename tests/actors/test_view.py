"""Tests of the view actor."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from actors.messages import (
    AcknowledgeAlarm,
    ActorShown,
    AlarmCleared,
    AlarmRaised,
    DrillShown,
    GetSnapshot,
    GetZoneTrail,
    InputsShown,
    MeterShown,
    RecordEvent,
    RemoteShown,
    SiteShown,
    StationDetected,
    StationShown,
    UplinkShown,
    ZoneShown,
)
from actors.runtime import SimulatedRuntime
from actors.view import DETECTED_BOUND, ViewActor
from evce.facts import Link
from evce.units import BoxIdentity, MeterId, ZoneId
from evce.views import (
    ActorView,
    AlarmView,
    DrillView,
    InputView,
    MeterView,
    ObedienceView,
    RemoteView,
    SiteSnapshot,
    StationView,
    UplinkView,
    ZoneView,
)
from tests.actors.scripted import ListeningActor

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def even(amps: float) -> tuple[float, float, float]:
    return (amps, amps, amps)


def zone_view(name: str = "main", measured: float = 10.0) -> ZoneView:
    return ZoneView(
        ZoneId(name), name, None, 100.0, True, None, even(100), even(20), even(20), measured=even(measured)
    )


def station_view(name: str) -> StationView:
    return StationView(BoxIdentity(name), name, "parking", ZoneId("main"), False, Link.CONNECTED, True)


class House:
    def __init__(self) -> None:
        self.runtime = SimulatedRuntime()
        self.recorder: list[ListeningActor] = []
        self.runtime.spawn("recorder", self._listen)
        self.spawn()

    def spawn(self) -> None:
        self.runtime.spawn("view", lambda c: ViewActor(c, "Site", "Europe/Paris", 1))
        self.runtime.settle()

    def _listen(self, context) -> ListeningActor:  # type: ignore[no-untyped-def]
        self.recorder.append(ListeningActor(context))
        return self.recorder[-1]

    def tell(self, *messages) -> None:  # type: ignore[no-untyped-def]
        for message in messages:
            self.runtime.tell("view", message)
        self.runtime.settle()

    def snapshot(self, newer_than: int = -1) -> SiteSnapshot | None:
        found = self.runtime.ask("view", GetSnapshot(newer_than), 1.0)
        assert found is None or isinstance(found, SiteSnapshot)
        return found

    def shown(self) -> SiteSnapshot:
        found = self.snapshot()
        assert found is not None
        return found


def test_the_snapshot_holds_what_everybody_showed() -> None:
    """UI-1: zones, stations, meters and inputs of the whole site."""
    house = House()
    house.tell(
        ZoneShown(zone_view()),
        StationShown(BoxIdentity("A"), station_view("A")),
        MeterShown(MeterId("m"), MeterView(MeterId("m"), "m", "zone", "pm5320", "TCP", None, "connected")),
        InputsShown((InputView("Input1", True, False, 50),)),
        UplinkShown(BoxIdentity("A"), UplinkView(BoxIdentity("A"), "online")),
        RemoteShown(RemoteView("active", "service", None, 60.0, 600.0)),
    )
    shown = house.shown()
    assert shown.remote is not None
    assert shown.remote.state == "active"
    assert shown.uplinks[BoxIdentity("A")].state == "online"
    house.tell(UplinkShown(BoxIdentity("A"), None))
    assert house.shown().uplinks == {}
    assert (list(shown.zones), list(shown.stations), list(shown.meters)) == (["main"], ["A"], ["m"])
    assert shown.inputs[0].name == "Input1"


def test_nothing_is_answered_where_nothing_is_newer() -> None:
    """UI-4: pages ask for what is newer than they have."""
    house = House()
    house.tell(ZoneShown(zone_view()))
    version = house.shown().version
    assert house.snapshot(newer_than=version) is None
    house.tell(ZoneShown(zone_view(measured=11.0)))
    newer = house.snapshot(newer_than=version)
    assert newer is not None
    assert newer.version > version


@pytest.mark.parametrize("gone", [StationShown(BoxIdentity("A"), None)])
def test_what_is_removed_is_shown_no_more(gone: StationShown) -> None:
    """OC-3: a removed station disappears."""
    house = House()
    house.tell(StationShown(BoxIdentity("A"), station_view("A")), gone)
    assert not house.shown().stations


def test_an_unregistered_station_is_shown_as_detected_up_to_a_bound() -> None:
    """OC-2: a flood of invented identities fills nothing."""
    house = House()
    house.tell(*(StationDetected(BoxIdentity(f"X{n}"), "10.0.0.1") for n in range(DETECTED_BOUND + 50)))
    stations = house.shown().stations
    assert len(stations) == DETECTED_BOUND
    assert not any(view.registered for view in stations.values())


def test_what_a_stranger_said_of_itself_stands_until_it_is_registered_and_says_it_again() -> None:
    """OC-2: a later visit without a word takes nothing away."""
    house = House()
    said = StationDetected(BoxIdentity("X"), "10.0.0.1", "Maker", "One", "S-1", "1.0")
    house.tell(said, StationDetected(BoxIdentity("X"), "10.0.0.2"))
    shown = house.shown().stations[BoxIdentity("X")]
    assert (shown.address, shown.vendor, shown.model, shown.serial_number, shown.firmware) == (
        "10.0.0.2",
        "Maker",
        "One",
        "S-1",
        "1.0",
    )
    silent = replace(station_view("X"), vendor="", model="", firmware="")
    house.tell(StationShown(BoxIdentity("X"), silent), StationShown(BoxIdentity("X"), silent))
    shown = house.shown().stations[BoxIdentity("X")]
    assert (shown.registered, shown.model, shown.firmware) == (True, "One", "1.0")
    house.tell(StationShown(BoxIdentity("X"), replace(silent, vendor="Maker", model="Two")))
    assert house.shown().stations[BoxIdentity("X")].model == "Two"


def test_an_alarm_stands_once_until_it_is_cleared_and_both_are_logged() -> None:
    """LG-1: RELIABILITY invariant 20."""
    house = House()
    alarm = AlarmView("meter_lost", "m", "Meter lost", "Check its cable", "major", NOW)
    house.tell(AlarmRaised(alarm), AlarmRaised(alarm))
    assert house.shown().alarms == (alarm,)
    house.tell(AlarmCleared("meter_lost", "m", NOW))
    assert house.shown().alarms == ()
    lines = [m.message for m in house.recorder[0].heard if isinstance(m, RecordEvent)]
    assert lines == ["Meter lost. Check its cable", "Over: Meter lost"]


def test_an_alarm_is_acknowledged_once_stays_until_its_cause_is_gone_and_rings_anew() -> None:
    """LG-1: who has seen it outlives the view, and not the alarm."""
    house = House()
    alarm = AlarmView("meter_lost", "m", "Meter lost", "Check its cable", "major", NOW)
    house.tell(AlarmRaised(alarm), AcknowledgeAlarm("meter_lost", "m", "erika"))
    house.tell(AcknowledgeAlarm("meter_lost", "m", "later"), AcknowledgeAlarm("flood", "m", "erika"))
    house.runtime.kill("view")
    house.runtime.settle()
    house.spawn()
    house.tell(AlarmRaised(alarm))
    (seen,) = house.shown().alarms
    assert (seen.acknowledged_by, seen.acknowledged_at is not None) == ("erika", True)
    audit = [m for m in house.recorder[0].heard if isinstance(m, RecordEvent) and m.type == "audit"]
    assert [(line.device, line.author) for line in audit] == [("m", "erika")]
    house.tell(AlarmCleared("meter_lost", "m", NOW), AlarmRaised(alarm))
    assert house.shown().alarms == (alarm,)


def test_alarms_actors_and_versions_outlive_the_view() -> None:
    """AC-2: a restarted actor has its state again, and no page takes the new snapshots for old ones."""
    house = House()
    alarm = AlarmView("meter_lost", "m", "Meter lost", "Check its cable", "major", NOW)
    house.tell(AlarmRaised(alarm), ActorShown(ActorView("zone/main", "supervisor/zones", "running")))
    before = house.shown().version
    house.runtime.kill("view")
    house.runtime.settle()
    house.spawn()
    house.tell(ZoneShown(zone_view()))
    after = house.shown()
    assert after.alarms == (alarm,)
    assert "zone/main" in after.actors
    assert after.version > before


def test_a_zones_trail_has_a_point_every_two_seconds() -> None:
    """UI-8: current per phase against the limit over time."""
    house = House()
    for _ in range(21):
        house.tell(ZoneShown(zone_view()))
        house.runtime.run_for(0.5)
    trail = house.runtime.ask("view", GetZoneTrail(ZoneId("main")), 1.0)
    assert len(trail) == 6
    assert house.runtime.ask("view", GetZoneTrail(ZoneId("main"), trail[-2].at), 1.0) == trail[-1:]
    assert trail[1].at - trail[0].at == timedelta(seconds=2)


def test_a_new_revision_drops_zones_that_are_gone() -> None:
    """CF-1: applied live."""
    house = House()
    house.tell(ZoneShown(zone_view("main")), ZoneShown(zone_view("old")))
    house.tell(SiteShown("New name", "Europe/Berlin", 2, (ZoneId("main"),)))
    shown = house.shown()
    assert (shown.site_name, shown.revision, list(shown.zones)) == ("New name", 2, ["main"])


def test_how_well_a_station_follows_comes_from_its_zone_and_outlasts_its_reports() -> None:
    """LM-10: shown with the station."""
    house, box, plain = House(), BoxIdentity("A"), station_view("A")
    follows = ObedienceView(90, 10, 4.0, 0.1, 3, 0)
    known = replace(zone_view(), obedience={box: follows, BoxIdentity("gone"): follows})
    house.tell(StationShown(box, plain), ZoneShown(known))
    house.tell(StationShown(box, replace(plain, firmware="2")))
    assert house.shown().stations == {box: replace(plain, firmware="2", obedience=follows)}


def test_a_drill_is_shown_with_an_alarm_until_it_is_over() -> None:
    """AC-4: who cut off what; a restarted view still knows."""
    house = House()
    drill = DrillView("meter m", "erika", NOW)
    house.tell(DrillShown(drill))
    assert house.shown().drill == drill
    (alarm,) = house.shown().alarms
    assert (alarm.code, "erika" in alarm.message) == ("drill_running", True)
    house.runtime.kill("view", "exception")
    house.spawn()
    assert house.shown().drill == drill
    house.tell(DrillShown(None))
    assert (house.shown().drill, house.shown().alarms) == (None, ())
