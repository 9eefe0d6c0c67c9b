"""Tests of the wiring checks of a tree: one at a time, and what is kept of them."""

from dataclasses import replace

import pytest

from evce.conditions import ZoneCondition
from evce.electrical import SiteModel, Wiring
from evce.planning.planner import Planner
from evce.planning.settings import PlanSettings
from evce.planning.wiring_checks import KEPT, WiringChecks
from evce.planning.wiring_course import WiringReport
from evce.units import ZoneId
from evce.wiring_check import Finding, WiringVerdict
from tests.evce.builders import charging, connector, key, site, station, zone

MAIN = ZoneId("main")


def model(wiring: Wiring = Wiring.TRI123) -> SiteModel:
    stations = [station("A", "main", connector("A", wiring=wiring)), station("B", "main")]
    return site([zone("main", 100, meter="m")], stations)


WRONG = WiringReport(key("A"), Wiring.TRI123, 1.0, Finding(WiringVerdict.WRONG, "", Wiring.TRI231))


@pytest.fixture
def planner() -> Planner:
    made = Planner(model(), MAIN, PlanSettings())
    made.learn([charging(name, 20.0, draw=(20.0, 0.0, 0.0)) for name in "AB"])
    made.condition(ZoneCondition(MAIN, measured=(60.0, 20.0, 20.0), measured_at=0.0))
    return made


def test_a_check_lowers_its_car_and_raises_nobody(planner: Planner) -> None:
    """LM-1, UI-9: all that a check does to a plan is in its caps, and the sentence says so."""
    checks = WiringChecks(planner)
    checks.begin("r", key("A"), "ann", 0.0)
    decision = planner.decide(0.0)
    assert decision.lowered == {key("A"): 16.0}
    assert decision.raised == {}
    assert decision.reasons[key("A")] == "Gets 16 A: a check of its wiring allows no more."
    assert decision.targets[key("B")] == 20.0
    assert checks.look(1.0) is None
    assert checks.report("r") is not None
    assert checks.report("another") is None


@pytest.mark.parametrize(("name", "why"), [("B", "A/1 is being checked"), ("C", "no connector of zone main")])
def test_another_check_meanwhile_is_refused(planner: Planner, name: str, why: str) -> None:
    checks = WiringChecks(planner)
    checks.begin("r", key("A"), "ann", 0.0)
    checks.begin("s", key(name), "bob", 0.0)
    refused = checks.report("s")
    assert refused is not None
    assert why in refused.text
    assert planner.cars.trial is not None
    assert planner.cars.trial.key == key("A")


def test_its_end_is_told_once_and_frees_the_plan(planner: Planner) -> None:
    """AC-2: the car has gone."""
    checks = WiringChecks(planner)
    checks.begin("r", key("A"), "ann", 0.0)
    planner.learn([replace(charging("A", 0.0), transaction=None)])
    news = checks.look(1.0)
    assert news is not None
    assert news.requested_by == "ann"
    assert checks.look(2.0) is None
    assert planner.cars.trial is None
    assert checks.report("r") == news.report


def test_a_new_revision_ends_a_check_and_forgives_what_it_corrects(planner: Planner) -> None:
    """CF-1, EL-3."""
    checks = WiringChecks(planner)
    checks.restore({key("A"): WRONG})
    checks.begin("r", key("A"), "ann", 0.0)
    checks.reconfigured(model())
    assert (planner.cars.trial, checks.miswired) == (None, {key("A"): WRONG})
    ended = checks.report("r")
    assert ended is not None
    assert "configuration has changed" in ended.text
    checks.reconfigured(model(Wiring.TRI231))
    assert checks.miswired == {}


def test_only_the_last_reports_are_kept(planner: Planner) -> None:
    """RELIABILITY: nothing grows without bound."""
    checks = WiringChecks(planner)
    for number in range(KEPT + 1):
        checks.begin(str(number), key("C"), "ann", 0.0)
    assert checks.report("0") is None
    assert checks.report("1") is not None
