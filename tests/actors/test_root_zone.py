"""Tests of the root zone: the only one that releases raises."""

from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

import pytest
from pykka._envelope import Envelope

from actors.messages import (
    AlarmCleared,
    AlarmRaised,
    AssignSetpoints,
    CommitPledges,
    InputsChanged,
    MeterSampled,
    PledgeRecord,
    PledgesCommitted,
    RecordCourse,
    RecordLimits,
    RecordZoneSample,
    RemoteLimitsChanged,
    SiteChanged,
    StationReported,
    StorageState,
    ZoneShown,
)
from actors.root_zone import RootZoneActor
from actors.runtime import SimulatedRuntime
from actors.zone import SubZone, ZoneActor
from evce.electrical import SiteModel
from evce.facts import Acknowledged, ConnectorFacts, Link
from evce.planning.decision import Decision
from evce.planning.settings import PlanSettings
from evce.tariff import Period, Slot, Tariff
from evce.units import MeterId, ZoneId
from tests.actors.scripted import ListeningActor, ScriptedRecorder, ScriptedStation
from tests.evce.builders import charging, key, site, station, zone

STATIC = site([zone("main", 40)], [station("A", "main"), station("B", "main")])


def even(amps: float) -> tuple[float, float, float]:
    return (amps, amps, amps)


class House:
    """A root zone with its stations, sub-zones, a recorder and a listening view."""

    def __init__(
        self,
        model: SiteModel,
        facts: dict[str, ConnectorFacts],
        pledges: tuple[PledgeRecord, ...] = (),
        *,
        writable: bool = True,
        seed: int = 0,
        settings: PlanSettings | None = None,
    ) -> None:
        self.runtime = SimulatedRuntime(seed, in_transit=True)
        self.view = self._spawn("view", ListeningActor)
        self.recorder = self._spawn("recorder", lambda c: ScriptedRecorder(c, pledges, writable=writable))
        self.stations = {
            name: self._spawn(
                f"station/{name}",
                lambda c, name=name, known=known: ScriptedStation(
                    c, f"zone/{model.stations[key(name).station].zone}", known
                ),
            )
            for name, known in facts.items()
        }
        for sub in model.zones.values():
            kind = RootZoneActor if sub.parent is None else ZoneActor
            zone_actor = self._spawn(
                f"zone/{sub.id}",
                lambda c, kind=kind, sub=sub: kind(c, SubZone(sub.id, model, settings or PlanSettings())),
            )
            if sub.parent is None:
                self.root = zone_actor

    def _spawn(self, name: str, start):  # type: ignore[no-untyped-def]  # any actor class
        made = []

        def keep(context):  # type: ignore[no-untyped-def]
            made.append(start(context))
            return made[0]

        self.runtime.spawn(name, keep)
        return made[0]

    def setpoints(self) -> dict[str, float | None]:
        return {name: actor.facts.setpoint for name, actor in self.stations.items()}


@pytest.mark.parametrize("seed", range(5))
def test_two_cars_come_to_their_fair_share_and_the_limit_holds_on_the_way(seed: int) -> None:
    """LM-1, AC-1: whatever order the messages take; the sum of what may be drawn never passes 40 A."""
    house = House(STATIC, {"A": charging("A", 32.0), "B": charging("B", 0.0)}, seed=seed)
    for _ in range(40):
        house.runtime.run_for(0.5)
        in_force = [
            max(
                a.amps
                for a in s.facts.acknowledged
                if a.superseded_at is None or house.runtime.clock.monotonic() - a.superseded_at < 5.0
            )
            for s in house.stations.values()
        ]
        assert sum(in_force) <= 40.0
    assert house.setpoints() == {"A": 20.0, "B": 20.0}


def test_a_raise_is_on_disk_before_it_is_sent() -> None:
    """OC-6: RELIABILITY invariant 10."""
    house = House(STATIC, {"A": charging("A", 0.0)}, writable=False)
    house.runtime.run_for(3.0)
    assert house.setpoints() == {"A": 0.0}
    assert [m for m in house.recorder.heard if isinstance(m, CommitPledges)]


def test_a_raise_that_fits_no_more_once_it_is_on_disk_is_not_sent() -> None:
    """LM-1: RELIABILITY invariant 2, the limit falls to 10 A while the disk writes down 32 A."""
    model = site([zone("main", 40)], [station("A", "main")])
    house = House(model, {"A": charging("A", 0.0)}, writable=False)

    def asked() -> list[CommitPledges]:
        asked = [m for m in house.recorder.heard if isinstance(m, CommitPledges)]
        return [m for m in asked if [record.amps for record in m.pledges] == [32.0]]

    house.runtime.run_until(lambda: bool(asked()), 5.0)
    house.runtime.tell("zone/main", InputsChanged(25, ("Input1",)))
    house.runtime.run_for(0.1)
    house.runtime.tell("zone/main", PledgesCommitted(asked()[0].plan))
    house.runtime.run_for(0.5)
    ordered = [m for m in house.stations["A"].heard if isinstance(m, AssignSetpoints)]
    assert [order.amps for m in ordered for order in m.orders if order.amps > 10.0] == []
    assert house.setpoints() == {"A": 0.0}


def test_without_a_writable_disk_reductions_go_on() -> None:
    """OC-6: RELIABILITY invariant 18."""
    house = House(STATIC, {"A": charging("A", 32.0), "B": charging("B", 0.0)})
    house.runtime.run_until(lambda: house.setpoints()["A"] == 20.0, 2.0)
    house.runtime.tell("zone/main", StorageState(writable=False, reason="disk full"))
    house.runtime.run_for(0.5)
    soon = house.setpoints()
    assert soon["B"] == 8.0, "what A has left free by then; the rest of its 20 A must wait"
    house.runtime.run_for(20.0)
    before = house.setpoints()
    assert before == soon
    house.runtime.tell("zone/main", InputsChanged(50, ("Input1",)))
    house.runtime.run_for(20.0)
    after = house.setpoints()
    assert all((after[name] or 0.0) <= (before[name] or 0.0) for name in after)
    assert sum(amps or 0.0 for amps in after.values()) <= 20.0


def test_after_a_restart_a_station_not_seen_counts_with_what_was_on_disk() -> None:
    """OC-6: B may draw 25 A until its lease has lapsed, then its fall-back of 6 A."""
    written = PledgeRecord(key("B"), 25.0, 600.0, 6.0)
    house = House(STATIC, {"A": charging("A", 0.0)}, (written,))
    house.runtime.run_for(60.0)
    assert house.setpoints() == {"A": 15.0}
    house.runtime.run_for(800.0)
    assert house.setpoints() == {"A": 32.0}


def test_a_new_root_zone_never_numbers_below_its_predecessor() -> None:
    """AC-2: plan numbers rise for the life of the site."""
    house = House(STATIC, {"A": charging("A", 0.0), "B": charging("B", 0.0)})
    house.runtime.run_for(20.0)
    plans = [m.plan for m in house.stations["A"].heard if isinstance(m, AssignSetpoints)]
    assert plans
    assert min(plans) > 100


def test_a_building_step_is_answered_with_a_cut_in_the_same_moment() -> None:
    """LM-8: in a tree of two levels the root's own meter counts for everybody below."""
    model = site(
        [zone("main", 100, meter="m"), zone("north", 80, "main")],
        [station("A", "north"), station("B", "north")],
    )
    facts = {name: charging(name, 30.0, draw=even(30.0), draw_at=0.0) for name in "AB"}
    house = House(model, facts)
    house.runtime.tell("zone/main", MeterSampled(MeterId("m"), 0.0, even(90.0)))
    house.runtime.settle()
    house.runtime.tell("zone/main", MeterSampled(MeterId("m"), 0.0, even(120.0)))
    house.runtime.settle()
    assert sum(amps or 0.0 for amps in house.setpoints().values()) <= 40.1


class Plans:
    """Notes each look that a root takes: when, and how many messages waited for it meanwhile."""

    def __init__(self, root: RootZoneActor) -> None:
        self.at: list[float] = []
        self.waiting: list[int] = []
        decide = root.planner.decide

        def noted(now: float, **how: bool) -> Decision:
            self.at.append(now)
            self.waiting.append(root.inbox.stats().depth)
            return decide(now, **how)

        root.planner.decide = noted  # type: ignore[method-assign]


CROWD = 40


def crowded(seed: int = 0) -> House:
    """A dynamic zone for 40 stations at 20 A each that don't answer by themselves."""
    names = [f"S{number:02}" for number in range(CROWD)]
    model = site([zone("main", 1000, meter="m")], [station(name, "main") for name in names])
    house = House(
        model, {name: charging(name, 20.0, draw=even(20.0), draw_at=0.0) for name in names}, seed=seed
    )
    for actor in house.stations.values():
        actor.deaf = True
    house.runtime.run_for(1.0)
    house.runtime.tell("zone/main", MeterSampled(MeterId("m"), 1.0, even(1000.0)))
    house.runtime.settle()
    return house


@pytest.mark.parametrize("seed", range(3))
def test_a_burst_of_answers_to_a_cut_leads_to_a_few_plans(seed: int) -> None:
    """LM-8: each echo of our own orders used to be planned for, while the cut was still on its way."""
    house = crowded(seed)
    plans = Plans(house.root)
    begin = house.runtime.clock.monotonic()
    house.runtime.tell("zone/main", MeterSampled(MeterId("m"), begin, even(1100.0)))
    for number, actor in enumerate(house.stations.values()):

        def answer(actor: ScriptedStation = actor) -> None:
            actor.accept(actor.facts.outstanding[-1])
            actor.facts = replace(actor.facts, outstanding=())
            actor.report()

        house.runtime.call_after(0.01 + 0.3 * number / CROWD, answer)
    house.runtime.run_for(0.45)
    assert all((amps or 0.0) < 20.0 for amps in house.setpoints().values())
    assert plans.at[0] == begin
    assert len(plans.at) <= 2


def test_an_answer_that_frees_room_is_planned_for_within_a_moment() -> None:
    """LM-1: the refusal of a raise gives its room to the others without waiting for the next look."""
    house = crowded()
    house.runtime.tell("zone/main", MeterSampled(MeterId("m"), 1.0, even(960.0)))
    house.runtime.settle()
    plans = Plans(house.root)
    refusing = house.stations["S00"]
    begin = house.runtime.clock.monotonic()
    refusing.facts = replace(refusing.facts, outstanding=(25.0,))
    refusing.report()
    house.runtime.run_for(0.05)
    assert plans.at == []
    refusing.facts = replace(refusing.facts, outstanding=())
    refusing.report()
    house.runtime.run_for(0.06)
    assert plans.at == [pytest.approx(begin + 0.1)]


def test_above_the_limit_nobody_looks_for_room() -> None:
    """LM-8: the next reading does; a look before it would set newer reports beside an older reading."""
    house = crowded()
    house.runtime.tell("zone/main", MeterSampled(MeterId("m"), 1.0, even(1100.0)))
    house.runtime.settle()
    plans = Plans(house.root)
    actor = house.stations["S00"]
    actor.facts = replace(actor.facts, acknowledged=(Acknowledged(6.0, 1.0),), outstanding=())
    actor.report()
    house.runtime.run_for(0.4)
    assert plans.at == []
    house.runtime.run_for(0.2)
    assert plans.at != []


def test_a_new_situation_is_planned_for_at_once() -> None:
    """LM-1: a lost link, a car that comes or goes, another wish: nothing of it waits for a timer."""
    house = crowded()
    plans = Plans(house.root)
    actor = house.stations["S00"]
    for change in ({"wants": False}, {"transaction": None}, {"link": Link.LOST, "verified": False}):
        actor.facts = replace(actor.facts, **change)  # type: ignore[arg-type]
        actor.report()
        house.runtime.settle()
    assert plans.at == [house.runtime.clock.monotonic()] * 3


def test_a_reading_is_planned_for_before_the_reports_that_wait() -> None:
    """LM-8: a burst of station reports must not hold up a cut."""
    house = crowded()
    plans = Plans(house.root)
    facts = house.stations["S00"].facts
    for number in range(200):
        report = replace(facts, energy=float(number))
        house.root.inbox.put(Envelope(StationReported(key("S00").station, (report,))))
    begin = house.runtime.clock.monotonic()
    house.root.inbox.put(Envelope(MeterSampled(MeterId("m"), begin, even(1100.0))))
    house.runtime.settle()
    assert plans.at == [begin]
    assert plans.waiting == [200]
    assert all((actor.facts.outstanding or (20.0,))[-1] < 20.0 for actor in house.stations.values())


def test_readings_that_waited_together_are_planned_for_once() -> None:
    """LM-8: the newest counts."""
    house = crowded()
    plans = Plans(house.root)
    for amps in (1200.0, 1100.0, 950.0):
        house.root.inbox.put(Envelope(MeterSampled(MeterId("m"), 1.0, even(amps))))
    house.runtime.settle()
    assert len(plans.at) == 1
    assert house.root.planner.conditions[ZoneId("main")].measured == even(950.0)


def test_a_lost_station_keeps_its_share_and_the_others_get_the_rest() -> None:
    """DG-2: 9 A are set aside once its lease has lapsed."""
    house = House(STATIC, {"A": charging("A", 9.0, fallback=9.0), "B": charging("B", 0.0)})
    house.runtime.run_for(30.0)
    lost = replace(
        house.stations["A"].facts, link=Link.LOST, verified=False, fallback=9.0, lease_ends_at=31.0
    )
    house.runtime.tell("station/A", StationReported(key("A").station, (lost,)))
    house.runtime.run_for(30.0)
    assert house.setpoints()["B"] == 31.0


def test_an_overcommitted_zone_is_an_alarm_after_the_recovery_window() -> None:
    """DG-6: RELIABILITY invariant 1: infeasible → alarm."""
    dead = replace(charging("A", 32.0), link=Link.LOST, verified=False, fallback=None)
    house = House(site([zone("main", 20)], [station("A", "main")]), {"A": dead})
    house.runtime.run_for(9.0)
    assert not [m for m in house.view.heard if isinstance(m, AlarmRaised)]
    house.runtime.run_for(3.0)
    raised = [m.alarm.code for m in house.view.heard if isinstance(m, AlarmRaised)]
    assert raised == ["zone_overcommitted"]
    bigger = site([zone("main", 63)], [station("A", "main")])
    house.runtime.tell("zone/main", SiteChanged(2, bigger, PlanSettings()))
    house.runtime.run_for(1.0)
    assert [m.code for m in house.view.heard if isinstance(m, AlarmCleared)] == ["zone_overcommitted"]


def test_a_car_that_draws_on_at_zero_has_its_session_stopped() -> None:
    """LM-10: suspended, then stopped."""
    rebel = charging("A", 10.0, draw=even(20.0), draw_at=0.0)
    house = House(STATIC, {"A": rebel})
    for second in range(1, 40):
        house.runtime.call_at(
            float(second),
            lambda at=second: house.runtime.tell(
                "station/A",
                StationReported(
                    key("A").station,
                    (replace(house.stations["A"].facts, draw=even(20.0), draw_at=float(at)),),
                ),
            ),
        )
    house.runtime.run_for(40.0)
    assert house.setpoints() == {"A": 0.0}
    assert house.stations["A"].stops >= 1


def test_people_and_history_hear_of_every_zone() -> None:
    """UI-2, UI-8: shown within a second, sampled every 10 s."""
    model = site([zone("main", 100), zone("north", 80, "main")], [station("A", "north")])
    house = House(model, {"A": charging("A", 0.0)})
    house.runtime.run_for(25.0)
    shown = {m.view.id for m in house.view.heard if isinstance(m, ZoneShown)}
    assert shown == {ZoneId("main"), ZoneId("north")}
    samples = [m for m in house.recorder.heard if isinstance(m, RecordZoneSample) and m.zone == "main"]
    assert len(samples) == 3


def test_the_limit_ledger_hears_of_every_peak_once_a_minute() -> None:
    """UI-9: also of one that lasts for a single reading, with the limit that it met."""
    model = site([zone("main", 100, meter="m")], [station("A", "main")])
    house = House(model, {"A": charging("A", 0.0)})
    for moment in range(130):
        amps = 91.0 if moment == 70 else 40.0
        now = house.runtime.clock.monotonic()
        house.runtime.tell("zone/main", MeterSampled(MeterId("m"), now, even(amps)))
        house.runtime.run_for(1.0)
    told = [m.records for m in house.recorder.heard if isinstance(m, RecordLimits)]
    assert [record.phase for records in told for record in records] == [0, 1, 2] * len(told)
    assert len(told) <= 3
    assert [(record.peak, record.metered, record.maximum) for record in told[-1]] == [(91.0, True, 100.0)] * 3
    assert [record.peak for record in told[0]] < [90.0] * 3


def test_the_course_of_a_session_says_what_it_was_allowed_and_why() -> None:
    """UI-8, UI-9: told with the samples, every change of the setpoint with its reason."""
    house = House(STATIC, {"A": charging("A", 0.0)})
    house.runtime.run_for(25.0)
    points = [p for m in house.recorder.heard if isinstance(m, RecordCourse) for p in m.points]
    assert {point.transaction for point in points} == {house.stations["A"].facts.transaction}
    assert [point.allowed for point in points][-1] == house.setpoints()["A"] > 0.0
    assert points[-1].state == "Charging"
    reasons = [point.reason for point in points if point.reason]
    assert reasons
    assert all("A" in reason for reason in reasons)


def respawn_root(house: House, model: SiteModel) -> None:
    house.runtime.kill("zone/main")
    house.runtime.run_for(0.1)
    house._spawn("zone/main", lambda c: RootZoneActor(c, SubZone(ZoneId("main"), model, PlanSettings())))


def test_a_restarted_root_disturbs_nobody() -> None:
    """AC-2: RELIABILITY invariant 17: no setpoint moves, inputs hold before they are told again."""
    house = House(STATIC, {"A": charging("A", 32.0), "B": charging("B", 0.0)})
    house.runtime.tell("zone/main", InputsChanged(50, ("Half",)))
    house.runtime.run_for(30.0)
    assert house.setpoints() == {"A": 10.0, "B": 10.0}
    told = [len(s.heard) for s in house.stations.values()]
    respawn_root(house, STATIC)
    house.runtime.run_for(30.0)
    since = [m for s, n in zip(house.stations.values(), told, strict=True) for m in s.heard[n:]]
    assert [m for m in since if isinstance(m, AssignSetpoints)] == []
    assert house.setpoints() == {"A": 10.0, "B": 10.0}


def test_a_tariff_lowers_the_zone_in_its_slots_unless_an_input_is_active() -> None:
    """TOU-3, TOU-5: 40 A at 50 % from 06:00:10 on; an input at 75 % takes its place."""
    period = Period("Peak", (Slot(time(6, 0, 10), time(9)),), frozenset(range(7)), 50)
    settings = PlanSettings(tariff=Tariff(ZoneInfo("UTC"), (period,)))
    alone = site([zone("main", 40)], [station("A", "main")])
    house = House(alone, {"A": charging("A", 0.0)}, settings=settings)
    house.runtime.run_for(9.0)
    assert house.setpoints() == {"A": 32.0}
    house.runtime.run_for(2.0)
    assert house.setpoints() == {"A": 20.0}
    house.runtime.tell("zone/main", InputsChanged(75, ("Input1",)))
    house.runtime.run_for(10.0)
    assert house.setpoints() == {"A": 30.0}


def test_a_remote_limit_holds_beside_input_and_maximum_and_is_named() -> None:
    """LM-7, API-3: the lowest counts, at once; why tells its amount; a successor goes on with it."""
    alone = site([zone("main", 40)], [station("A", "main")])
    house = House(alone, {"A": charging("A", 0.0)}, settings=PlanSettings(remote=True))
    house.runtime.run_for(4.0)
    assert house.setpoints() == {"A": 0.0}, "nothing is raised before it is known what holds"
    house.runtime.tell("zone/main", RemoteLimitsChanged({ZoneId("main"): 16.0}))
    house.runtime.run_for(8.0)
    assert house.setpoints() == {"A": 16.0}
    shown = [message.view for message in house.view.heard if isinstance(message, ZoneShown)][-1]
    assert shown.bound_by == "remote at 16.0 A"
    assert "remote at 16.0 A" in shown.reasons[key("A")]
    house.runtime.tell("zone/main", InputsChanged(25, ("Input1",)))
    house.runtime.run_for(1.0)
    assert house.setpoints() == {"A": 10.0}
    house.runtime.tell("zone/main", RemoteLimitsChanged({ZoneId("main"): 8.0}))
    house.runtime.run_for(0.1)
    assert house.setpoints() == {"A": 8.0}
    house.runtime.kill("zone/main", "exception")
    house.runtime.run_for(0.1)
    house.runtime.spawn(
        "zone/main", lambda c: RootZoneActor(c, SubZone(ZoneId("main"), alone, PlanSettings(remote=True)))
    )
    house.runtime.tell("zone/main", InputsChanged(100, ()))
    house.runtime.run_for(20.0)
    assert house.setpoints() == {"A": 8.0}


def test_who_sets_remote_limits_and_never_tells_holds_nobody_back_for_long() -> None:
    """API-3: a limit that saves money may be missed."""
    alone = site([zone("main", 40)], [station("A", "main")])
    house = House(alone, {"A": charging("A", 0.0)}, settings=PlanSettings(remote=True))
    house.runtime.run_for(15.0)
    assert house.setpoints() == {"A": 32.0}
