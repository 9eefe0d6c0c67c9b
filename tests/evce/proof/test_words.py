"""The proof in words: each sentence names zone, phase, combination and amperes, and leads to a cure."""

from dataclasses import replace

import pytest

from evce.electrical import Family, SiteModel, Zone
from evce.floors import FloorStandard
from evce.proof.words import advice, course_sentence, overload_sentence, zone_sentence
from evce.proof.worst_case import prove
from tests.evce.builders import connector, site, station, zone
from tests.evce.proof.sites import dynamic

IEC = FloorStandard.IEC61851


def with_car(*zones: Zone) -> SiteModel:
    return site(list(zones), [station("CP", str(zones[-1].id))])


def with_chargers(made: Zone, count: int) -> SiteModel:
    names = [f"DC{number}" for number in range(1, count + 1)]
    family = Family.DC_24
    return site(
        [made],
        [station(name, "z", connector(name, rating=10.0, family=family), family=family) for name in names],
    )


@pytest.mark.parametrize(
    ("model", "told", "cure"),
    [
        (
            with_car(dynamic("z", 100.0, building=85.5, degraded=20.0)),
            "does not hold on L1: 105.5 A on a fuse of 100 A, 5.5 A too much, when meter z-meter is lost: "
            "20 A for the cars beside 85.5 A of the building",
            "lower degraded_setpoint_a of z to 14.5 A or less",
        ),
        (
            with_chargers(dynamic("z", 100.0, building=55.0), 5),
            "does not hold on L1: 105 A on a fuse of 100 A, 5 A too much, when DC1, DC2, DC3, DC4 and 1 more "
            "are lost, or the controller: they keep 50 A beside 55 A of the building",
            "leave DC stations below z ratings of 45 A or less together (they keep their last setpoint), or "
            "put them on a feeder without a building",
        ),
        (
            with_car(zone("root", 40.0), dynamic("a", 40.0, "root", building=20.0), zone("z", 30.0, "root")),
            "does not hold on L1: 50 A on a fuse of 40 A, 10 A too much, with nothing lost: 30 A of cars "
            "beside 20 A of the building that no meter of this zone reads",
            "make root dynamic, with a meter that reads the buildings below it as well",
        ),
        (
            with_car(dynamic("z", 100.0, building=101.0)),
            "does not hold on L1: 101 A on a fuse of 100 A, 1 A too much, with nothing lost: 0 A of cars "
            "beside 101 A of the building",
            "the building alone is above the fuse: correct building_maximum_a, or move part of its load",
        ),
    ],
)
def test_a_fuse_that_does_not_hold_is_told_with_its_cure(model: SiteModel, told: str, cure: str) -> None:
    """UI-9, DG-6."""
    proof = prove(model, IEC)
    assert overload_sentence(proof.failures[0]) == told
    assert zone_sentence(proof.zones[0]) == told
    assert advice(proof.failures[0], model) == cure


def test_the_advice_on_the_degraded_setpoint_is_enough() -> None:
    """DG-3: who follows it has a fuse that holds."""
    made = dynamic("z", 100.0, building=85.5, degraded=20.0)
    assert prove(with_car(replace(made, degraded_setpoint=14.5)), IEC).holds


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (
            with_car(zone("z", 40.0)),
            "holds: 32 A of 40 A on L1 at worst, when every station below is lost, or the controller: they "
            "keep 32 A",
        ),
        (
            with_car(dynamic("z", 100.0, building=60.0, degraded=20.0)),
            "holds: 80 A of 100 A on L1 at worst, when meter z-meter is lost: 20 A for the cars beside 60 A "
            "of the building",
        ),
        (
            with_car(dynamic("z", 100.0, building=None)),
            "not shown: building_maximum_a of z is not declared",
        ),
    ],
)
def test_what_is_shown_of_a_zone_is_told(model: SiteModel, told: str) -> None:
    """UI-9, DG-1, DG-3."""
    assert zone_sentence(prove(model, IEC).zones[0]) == told


def test_what_leases_leave_open_is_told_with_its_time() -> None:
    """DG-6: cars that can't be told hold what they had while the building rises."""
    proof = prove(with_car(dynamic("z", 70.0, building=60.0)), IEC).zones[0]
    assert proof.exposed
    assert course_sentence(proof, 125.0) == (
        "up to 92 A of 70 A for 125 s at most, if cars can no longer be told and the building then rises "
        "from nothing to its maximum before their leases have run out"
    )
