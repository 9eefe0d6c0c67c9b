"""Tests of what is foretold of a drill."""

from dataclasses import replace

import pytest

from evce.drill.expectation import Sight
from evce.drill.kinds import Kind, Stage
from evce.drill.prediction import Prediction, degraded
from evce.drill.target import Target
from evce.facts import Link
from evce.units import BoxIdentity, MeterId
from evce.views import SiteSnapshot
from tests.evce.drill.yard import MAIN, document, foretell, snapshot

METER, STATION = Target(Kind.METER, "m"), Target(Kind.STATION, "A")


def rows(prediction: Prediction, stage: Stage = Stage.CUT) -> dict[tuple[str, str], float]:
    return {(row.what, row.predicted): row.within for row in prediction.expectations if row.stage is stage}


def test_a_lost_meter_is_foretold_to_the_ampere() -> None:
    """AC-4, DG-3: which zone goes degraded when, and what each outlet is cut to."""
    found = foretell(METER, document())
    expected = rows(found)
    assert expected["meter m", "not connected"] == 6.0
    assert expected["alarm meter_lost", "stands"] == 6.0
    assert expected["zone main", "limit 20 A, by meter lost"] == 6.0
    assert expected["outlet A/1", "20 A -> 10 A"] == expected["outlet B/1", "20 A -> 10 A"] == 8.0
    assert ("zone main", "no longer by meter lost") in rows(found, Stage.RESTORED)
    assert found.dangers == ()
    assert found.least == 8.0
    assert "zone main goes degraded after 5 s: 20 A per phase for its cars" in found.notes
    assert any("holds: 80 A of 100 A" in note for note in found.notes)


def test_what_is_due_after_the_drill_is_not_expected_of_it() -> None:
    """AC-4: settling takes six seconds more."""
    late = ("zone main", "all that may be drawn within its limit")
    assert late in rows(foretell(METER, document(), lasts=15.0))
    assert late not in rows(foretell(METER, document(), lasts=10.0))


def test_a_meter_that_only_reports_reduces_nobody() -> None:
    """MT-4."""
    found = foretell(Target(Kind.METER, "kitchen"), document())
    assert "no zone lives by this meter: nothing is reduced" in found.notes
    assert not any(row.what.startswith(("zone", "outlet")) for row in found.expectations)


def test_a_lost_station_is_foretold_with_its_lease_and_the_rise_of_the_feeder() -> None:
    """AC-4, DESIGN 4: what stays reserved, and how far a feeder may rise while leases run out."""
    found = foretell(STATION, document(building=70))
    assert rows(found)["outlet A/1", "20 A stay reserved"] == 1.0
    assert (
        "A/1 stays reserved with 20 A; if it stayed away, it would fall to 5 A by itself in 110 s"
        in found.notes
    )
    (course,) = [note for note in found.notes if "leases have run out" in note]
    assert course.startswith("zone main: up to 110 A of 100 A for 115 s at most")
    assert rows(found, Stage.RESTORED)["station A", "connected"] == 60.0


def test_a_drill_that_outlasts_the_lease_foretells_the_fallback() -> None:
    """DG-1."""
    assert ("outlet A/1", "5 A to 20 A reserved") in rows(foretell(STATION, document(), lasts=200.0))


@pytest.mark.parametrize(
    ("target", "changes", "danger"),
    [
        (
            METER,
            {"degraded": 50, "building": 70},
            "zone main does not hold on L1: 110 A on a fuse of 100 A, 10 A too much",
        ),
        (Target(Kind.INPUTS), {"safe": 100}, "zone garage: its limit would rise from 8 A to 40 A"),
    ],
)
def test_a_danger_is_named_with_what_would_be_overloaded_or_raised(
    target: Target, changes: dict[str, int], danger: str
) -> None:
    """AC-4: from the proof; and a cut must not take a reduction away that an input asks for."""
    found = foretell(target, document(**changes), share=20 if target.kind is Kind.INPUTS else 100)
    assert any(each.startswith(danger) for each in found.dangers), found.dangers
    assert foretell(target, document()).dangers == ()


def test_the_inputs_leave_what_is_configured_as_safe() -> None:
    """DI-4."""
    found = foretell(Target(Kind.INPUTS), document(safe=30))
    expected = rows(found)
    assert expected["digital inputs", "can't be read"] == 2.0
    assert expected["zone garage", "limit 12 A at most"] == 3.0
    assert ("outlet A/1", "20 A -> 6 A") in expected


def test_the_operator_is_missed_by_nobody_who_charges() -> None:
    """CPO-3: what waits is delivered afterwards; the wait grows with the time without it."""
    short = foretell(Target(Kind.CPO), document(), lasts=3.0)
    long = foretell(Target(Kind.CPO), document(), lasts=100.0)
    assert ("what limits each zone", "unchanged") in rows(short)
    assert ("every uplink to the operator", "0 online") in rows(short)
    back = ("every uplink to the operator", "2 online")
    assert rows(short, Stage.RESTORED)[back] < rows(long, Stage.RESTORED)[back]
    one = foretell(Target(Kind.CPO, "A"), document())
    assert ("the uplink of A", "1 online") in rows(one, Stage.RESTORED)


def test_every_expectation_tells_what_it_sees() -> None:
    """AC-4: also of a site in which nothing has changed yet; what must come isn't there already."""
    seen = Sight(snapshot(document()))
    for target in (METER, STATION, Target(Kind.CPO), Target(Kind.INPUTS)):
        for row in foretell(target, document()).expectations:
            observed, so = row.look(seen)
            assert observed
            if row.stage is Stage.CUT and not row.holds:
                assert not so, (row.what, row.predicted)


def _changed(shown: SiteSnapshot, what: str) -> SiteSnapshot:
    a = BoxIdentity("A")
    match what:
        case "away":
            station = replace(shown.stations[a], link=Link.LOST)
            return replace(shown, stations={**shown.stations, a: station})
        case "unverified":
            station = replace(shown.stations[a], verified=False)
            return replace(shown, stations={**shown.stations, a: station})
        case "meter":
            meter = replace(shown.meters[MeterId("m")], state="not connected")
            return replace(shown, meters={**shown.meters, MeterId("m"): meter})
        case "zone":
            zone = replace(shown.zones[MAIN], bound_by="meter lost")
            return replace(shown, zones={**shown.zones, MAIN: zone})
        case "board":
            return replace(shown, inputs=(replace(shown.inputs[0], board_lost=True),))
        case _:
            uplink = replace(shown.uplinks[a], state="waiting")
            return replace(shown, uplinks={**shown.uplinks, a: uplink})


@pytest.mark.parametrize(
    ("target", "what", "text"),
    [
        (METER, "away", "station A is not connected"),
        (METER, "unverified", "station A is not verified yet"),
        (STATION, "meter", "meter m is not connected"),
        (STATION, "zone", "zone main is degraded: its meter is lost"),
        (METER, "board", "the digital inputs can't be read"),
        (Target(Kind.CPO), "uplink", "the uplink of A is waiting"),
    ],
)
def test_a_site_that_is_degraded_already_is_told(target: Target, what: str, text: str) -> None:
    """AC-4: a second loss would prove nothing."""
    shown = snapshot(document())
    assert degraded(target, document(), shown) == ()
    assert degraded(target, document(), _changed(shown, what)) == (text,)


def test_what_is_amiss_elsewhere_is_nobodys_business() -> None:
    """AC-4: a station that is away has nothing to do with the operator's uplink of another."""
    shown = _changed(snapshot(document()), "away")
    assert degraded(Target(Kind.CPO, "B"), document(), shown) == ()
    assert degraded(Target(Kind.METER, "kitchen"), document(), shown) == ()
