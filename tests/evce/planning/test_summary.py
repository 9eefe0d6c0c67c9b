"""Tests of what people see of a plan."""

import pytest

from evce.conditions import ZoneCondition
from evce.planning.planner import Planner
from evce.planning.reductions import NO_REDUCTION, Reduction
from evce.planning.settings import PlanSettings
from evce.planning.summary import zone_views
from evce.units import ZoneId
from tests.evce.builders import charging, key, site, station, zone


def test_each_zone_shows_its_sums_and_how_its_cars_fare() -> None:
    """UI-2: running charges counted as optimal, reduced, suspended; setpoint against limit per phase."""
    model = site(
        [zone("main", 80), zone("north", 60, "main"), zone("south", 40, "main")],
        [station("A", "north"), station("B", "north"), station("C", "south")],
    )
    planner = Planner(model, ZoneId("main"), PlanSettings())
    planner.learn(
        [
            charging("A", 32.0, draw=(30.0, 30.0, 30.0), draw_at=10.0),
            charging("B", 10.0),
            charging("C", 0.0),
        ]
    )
    views = {view.id: view for view in zone_views(planner, planner.decide(10.0), 10.0)}
    assert list(views) == ["main", "north", "south"]
    main = views[ZoneId("main")]
    assert (main.optimal, main.reduced, main.suspended) == (1, 1, 1)
    assert main.setpoints == (42.0, 42.0, 42.0)
    assert main.limit == (80.0, 80.0, 80.0)
    assert main.stations_measured == (30.0, 30.0, 30.0)
    assert views[ZoneId("north")].parent == "main"
    assert set(views[ZoneId("north")].reasons) == {key("A"), key("B")}


def test_what_is_shown_as_measured_is_what_the_feeder_carries() -> None:
    """UI-2, MT-5: 120 A used of which 30 A come from the roof: 90 A against a maximum of 100 A."""
    main = ZoneId("main")
    planner = Planner(site([zone("main", 100, meter="m", production=("sun",))], []), main, PlanSettings())
    planner.condition(ZoneCondition(main, (120.0,) * 3, 0.0, produced=(30.0,) * 3))
    (view,) = zone_views(planner, planner.decide(1.0), 1.0)
    assert view.measured == (90.0, 90.0, 90.0)
    assert view.bound_by == "meter, 30 A produced"


@pytest.mark.parametrize(
    ("condition", "reduction", "bound_by"),
    [
        ({"meter_lost": True}, NO_REDUCTION, "meter lost"),
        ({}, Reduction(30, "tariff Peak at 30 %"), "tariff Peak at 30 %"),
    ],
)
def test_what_is_produced_is_told_only_where_it_counts(
    condition: dict[str, bool], reduction: Reduction, bound_by: str
) -> None:
    """MT-5, DG-3, TOU-3: neither the degraded setpoint nor a tariff's share grows with the sun."""
    main = ZoneId("main")
    planner = Planner(site([zone("main", 100, meter="m", production=("sun",))], []), main, PlanSettings())
    planner.reductions = {main: reduction}
    planner.condition(ZoneCondition(main, (50.0,) * 3, 0.0, produced=(30.0,) * 3, **condition))
    (view,) = zone_views(planner, planner.decide(1.0), 1.0)
    assert view.bound_by == bound_by
