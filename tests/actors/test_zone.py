"""Tests of a zone below the root."""

from dataclasses import replace

from actors.messages import (
    AssignSetpoints,
    DemandReported,
    Foresee,
    GetLedger,
    MeterLost,
    MeterSampled,
    OrdersRefused,
    SetpointOrder,
    StationReported,
)
from actors.runtime import SimulatedRuntime
from actors.zone import SubZone, ZoneActor, zone_name
from evce.electrical import SiteModel
from evce.planning.decision import Decision
from evce.planning.foresight import Loss
from evce.planning.settings import PlanSettings
from evce.units import BoxIdentity, MeterId, ZoneId
from tests.actors.scripted import ListeningActor, ScriptedStation
from tests.evce.builders import charging, key, site, station, zone

MODEL = site(
    [zone("main", 200), zone("sub", 60, "main", meter="m")],
    [station("A", "sub"), station("B", "sub")],
)


def even(amps: float) -> tuple[float, float, float]:
    return (amps, amps, amps)


class House:
    """The zone "sub" with two stations, under a listening parent."""

    def __init__(self, model: SiteModel = MODEL) -> None:
        self.runtime = SimulatedRuntime()
        self.parent = self._spawn(zone_name(ZoneId("main")), lambda c: ListeningActor(c))
        self.stations = {
            name: self._spawn(
                f"station/{name}",
                lambda c, name=name: ScriptedStation(
                    c, "zone/sub", charging(name, 20.0, draw=even(20.0), draw_at=0.0)
                ),
            )
            for name in "AB"
        }
        self.zone = self._spawn(
            "zone/sub", lambda c: ZoneActor(c, SubZone(ZoneId("sub"), model, PlanSettings()))
        )
        self.runtime.settle()

    def _spawn(self, name: str, start):  # type: ignore[no-untyped-def]  # any actor class
        made = []

        def keep(context):  # type: ignore[no-untyped-def]
            made.append(start(context))
            return made[0]

        self.runtime.spawn(name, keep)
        return made[0]

    def heard(self, kind: type) -> list:  # type: ignore[type-arg]
        return [message for message in self.parent.heard if isinstance(message, kind)]


def test_a_zone_asks_its_stations_at_its_start_and_reports_upward() -> None:
    """AC-1: zones aggregate their children's demand upward."""
    house = House()
    known = {facts.key for report in house.heard(DemandReported) for facts in report.connectors}
    assert known == {key("A"), key("B")}


def test_an_overload_is_cut_by_the_zone_itself_without_waiting_for_the_root() -> None:
    """LM-8, AC-1: the meter reads 80 A in a zone of 60 A."""
    house = House()
    house.runtime.tell("zone/sub", MeterSampled(MeterId("m"), 0.0, even(80.0)))
    house.runtime.settle()
    assert [actor.facts.setpoint for actor in house.stations.values()] == [10.0, 10.0]
    conditions = [c for report in house.heard(DemandReported) for c in report.conditions]
    assert conditions[-1].cut_epoch == 1


def orders(amps: float, reduces: bool, plan: int = 7, epoch: int | None = None) -> AssignSetpoints:
    known = {} if epoch is None else {ZoneId("sub"): epoch}
    return AssignSetpoints(plan, (SetpointOrder(key("A"), amps, 120.0, reduces),), known)


def test_a_raise_that_does_not_know_the_last_cut_is_refused_and_a_reduction_never() -> None:
    """LM-1: DESIGN §4.3."""
    house = House()
    house.runtime.tell("zone/sub", MeterSampled(MeterId("m"), 0.0, even(80.0)))
    house.runtime.settle()
    house.runtime.tell("zone/sub", orders(16.0, reduces=False, epoch=0))
    house.runtime.settle()
    assert house.heard(OrdersRefused) == [OrdersRefused(ZoneId("sub"), 7, (key("A"),))]
    assert house.stations["A"].facts.setpoint == 10.0
    house.runtime.tell("zone/sub", orders(6.0, reduces=True, plan=8, epoch=0))
    house.runtime.settle()
    assert house.stations["A"].facts.setpoint == 6.0


def test_a_raise_above_the_zones_own_maximum_is_refused() -> None:
    """LM-1: defence in depth: 45 A beside 20 A in a zone of 60 A."""
    house = House()
    house.runtime.tell("zone/sub", orders(45.0, reduces=False, epoch=0))
    house.runtime.settle()
    assert len(house.heard(OrdersRefused)) == 1
    house.runtime.tell("zone/sub", orders(40.0, reduces=False, plan=8, epoch=0))
    house.runtime.settle()
    assert house.stations["A"].facts.setpoint == 40.0


def test_a_lost_meter_is_told_upward() -> None:
    """DG-3: the root needs it for the limits of the whole tree."""
    house = House()
    house.runtime.tell("zone/sub", MeterSampled(MeterId("m"), 0.0, even(30.0)))
    house.runtime.tell("zone/sub", MeterLost(MeterId("m"), 0.0, "timeout", raises_only=True))
    house.runtime.settle()
    last = house.heard(DemandReported)[-1].conditions[-1]
    assert (last.raises_allowed, last.meter_lost) == (False, False)
    house.runtime.tell("zone/sub", MeterLost(MeterId("m"), 0.0, "timeout"))
    house.runtime.settle()
    assert house.heard(DemandReported)[-1].conditions[-1].meter_lost


def test_a_restarted_zone_has_its_state_again() -> None:
    """AC-2: it asks everybody below."""
    house = House()
    house.runtime.tell("station/A", StationReported(key("A").station, (charging("A", 12.0),)))
    house.runtime.settle()
    again = House()
    assert again.zone.planner.facts[key("A")].setpoint == 20.0
    assert house.zone.planner.facts[key("A")].setpoint == 12.0


def test_a_successor_keeps_its_cuts_and_its_plan_number() -> None:
    """AC-2, LM-1: its own cut carries a number that stations don't drop, and old raises stay refused."""
    house = House()
    house.runtime.tell("zone/sub", orders(16.0, reduces=True, plan=9, epoch=0))
    house.runtime.tell("zone/sub", MeterSampled(MeterId("m"), 0.0, even(80.0)))
    house.runtime.settle()
    house.runtime.kill("zone/sub")
    house.runtime.settle()
    heard = len(house.stations["B"].heard)
    sub = SubZone(ZoneId("sub"), MODEL, PlanSettings())
    house.zone = house._spawn("zone/sub", lambda c: ZoneActor(c, sub))
    house.runtime.tell("zone/sub", MeterSampled(MeterId("m"), 1.0, even(90.0)))
    house.runtime.settle()
    house.runtime.tell("zone/sub", orders(20.0, reduces=False, plan=10, epoch=0))
    house.runtime.settle()
    assert [refused.plan for refused in house.heard(OrdersRefused)] == [10]
    cuts = [m for m in house.stations["B"].heard[heard:] if isinstance(m, AssignSetpoints)]
    assert [cut.plan for cut in cuts] == [9]


def test_a_zone_tells_what_may_be_drawn_in_it() -> None:
    """AC-4: for the debug shell; asking changes nothing."""
    house = House()
    lines = house.runtime.ask("zone/sub", GetLedger(ZoneId("sub")), 1.0)
    assert [(line.connector, line.pledge) for line in lines] == [("A/1", even(20.0)), ("B/1", even(20.0))]
    assert house.runtime.ask("zone/sub", GetLedger(ZoneId("nowhere")), 1.0) == ()


def test_a_zone_foretells_a_loss_and_stays_as_it_is() -> None:
    """AC-4: for drills."""
    house = House()
    before = house.zone.planner.memory()
    found = house.runtime.ask("zone/sub", Foresee(Loss(stations=(BoxIdentity("A"),)), 30.0), 1.0)
    told = {str(each.key): each.controllable for each in found.connectors}
    assert told == {"A/1": False, "B/1": True}
    assert house.zone.planner.memory() == before


def test_a_zone_looks_again_at_a_reading_or_a_new_situation_only() -> None:
    """LM-8: the answers to a cut and measurements don't make an overload that no reading shows."""
    house = House()
    looks: list[float] = []
    decide = house.zone.planner.decide

    def noted(now: float, **how: bool) -> Decision:
        looks.append(now)
        return decide(now, **how)

    house.zone.planner.decide = noted
    actor = house.stations["A"]
    for change, expected in (
        ({"draw": even(19.0), "draw_at": 1.0}, 0),
        ({"outstanding": (12.0,)}, 0),
        ({"wants": False}, 1),
    ):
        actor.facts = replace(actor.facts, **change)  # type: ignore[arg-type]
        actor.report()
        house.runtime.settle()
        assert len(looks) == expected
        assert house.heard(DemandReported)[-1].connectors == (actor.facts,)
    house.runtime.tell("zone/sub", MeterSampled(MeterId("m"), 0.0, even(30.0)))
    house.runtime.settle()
    assert len(looks) == 2
