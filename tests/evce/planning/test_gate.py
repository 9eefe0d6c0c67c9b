"""Tests of the gate for raises."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.electrical import SiteModel, Wiring
from evce.planning.gate import Gate, RaiseWish, sum_by_zone
from evce.units import ConnectorKey, ZoneId
from tests.evce.builders import connector, key, site, station, zone

MAIN, NORTH, SOUTH = ZoneId("main"), ZoneId("north"), ZoneId("south")


def tree() -> SiteModel:
    return site(
        [zone("main", 60), zone("north", 40, "main"), zone("south", 40, "main")],
        [
            station("A", "north"),
            station("B", "north", connector("B", wiring=Wiring.MONO2)),
            station("C", "south"),
            station("D", None),
        ],
    )


def even(amps: float) -> tuple[float, float, float]:
    return (amps, amps, amps)


MAXIMA = {MAIN: even(60.0), NORTH: even(40.0), SOUTH: even(40.0)}


def test_currents_add_up_in_their_zone_and_every_ancestor() -> None:
    """EL-3: per grid phase; a station without a zone counts nowhere (EL-8)."""
    sums = sum_by_zone(
        tree(), {key("A"): even(10), key("B"): (0, 6, 0), key("C"): even(5), key("D"): even(9)}
    )
    assert sums == {MAIN: (15, 21, 15), NORTH: (10, 16, 10), SOUTH: even(5)}


@pytest.mark.parametrize(
    ("pledges", "wishes", "expected", "why"),
    [
        ({"A": 0, "C": 0}, [("A", 32.0, 6.0)], {"A": 32.0}, "there is room"),
        ({"A": 0, "C": 32}, [("A", 32.0, 6.0)], {"A": 28.0}, "the root leaves 28 A"),
        ({"A": 0, "C": 56}, [("A", 32.0, 6.0)], {}, "4 A is less than the floor"),
        ({"A": 0, "B": 20, "C": 0}, [("A", 32.0, 6.0)], {"A": 20.0}, "the own zone leaves 20 A on L2"),
        ({"A": 32, "B": 10, "C": 0}, [("A", 32.0, 6.0)], {}, "over its limit already: nothing is raised"),
        (
            {"A": 0, "C": 0},
            [("A", 32.0, 6.0), ("C", 32.0, 6.0)],
            {"A": 32.0, "C": 28.0},
            "one after the other",
        ),
        ({"A": 32, "C": 0}, [("A", 16.0, 6.0)], {"A": 16.0}, "still settling from more: costs nothing"),
    ],
)
def test_a_raise_passes_as_far_as_every_zone_of_its_path_has_room(
    pledges: dict[str, float], wishes: list[tuple[str, float, float]], expected: dict[str, float], why: str
) -> None:
    """LM-1: the sum of pledges stays within each limit."""
    known = {key(name): amps for name, amps in pledges.items()}
    gate = Gate(tree(), {key("B"): 0.0, key("D"): 0.0} | known, MAXIMA)
    admitted = gate.admit([RaiseWish(key(name), target, 0.0, least) for name, target, least in wishes])
    assert admitted == {key(name): amps for name, amps in expected.items()}, why


def test_vips_come_first_then_those_who_have_least() -> None:
    """LM-5: before all others."""
    gate = Gate(tree(), {key("A"): 0.0, key("B"): 0.0, key("C"): 0.0}, {**MAXIMA, MAIN: even(32.0)})
    admitted = gate.admit(
        [RaiseWish(key("A"), 32.0, 0.0, 6.0), RaiseWish(key("C"), 32.0, 0.0, 6.0, vip=True)]
    )
    assert admitted == {key("C"): 32.0}


def test_nothing_rises_through_a_closed_zone() -> None:
    """LM-8: after missed polls of its meter."""
    gate = Gate(tree(), {key("A"): 0.0, key("C"): 0.0}, MAXIMA, closed=[NORTH])
    assert gate.admit([RaiseWish(key("A"), 32.0, 0.0, 6.0), RaiseWish(key("C"), 32.0, 0.0, 6.0)]) == {
        key("C"): 32.0
    }


AMPS = st.integers(0, 400).map(lambda tenths: tenths / 10)


@given(
    st.fixed_dictionaries(dict.fromkeys("ABC", AMPS)),
    st.lists(st.tuples(st.sampled_from("ABC"), AMPS, AMPS), max_size=3, unique_by=lambda wish: wish[0]),
    st.fixed_dictionaries(dict.fromkeys((MAIN, NORTH, SOUTH), AMPS)),
)
def test_whatever_passes_the_sum_of_pledges_stays_within_every_limit_it_touches(
    pledges: dict[str, float], wishes: list[tuple[str, float, float]], limits: dict[ZoneId, float]
) -> None:
    """LM-1: RELIABILITY invariant 1."""
    model = tree()
    known: dict[ConnectorKey, float] = {key(name): amps for name, amps in pledges.items()}
    admitted = Gate(model, known, {name: even(amps) for name, amps in limits.items()}).admit(
        [RaiseWish(key(name), target, current, 0.1) for name, target, current in wishes]
    )
    after = known | {name: max(amps, known[name]) for name, amps in admitted.items()}
    masks = {name: model.connectors[name].wiring.mask for name in after}
    sums = sum_by_zone(
        model, {n: (a * masks[n][0], a * masks[n][1], a * masks[n][2]) for n, a in after.items()}
    )
    for name in admitted:
        owner = model.stations[name.station].zone
        assert owner is not None
        for member in model.path(owner):
            for phase in model.connectors[name].wiring.grid_phases:
                assert sums[member][phase] <= limits[member] + 1e-6


def test_a_station_that_knows_no_tenths_gets_whole_amperes() -> None:
    """LM-6: what is left over is for others."""
    gate = Gate(tree(), {key("A"): 6.0, key("B"): 0.0, key("C"): 0.0}, MAXIMA | {NORTH: even(13.7)})
    wish = RaiseWish(key("A"), 20.0, 6.0, 6.5)
    assert gate.admit([replace(wish, whole_amps=True)]) == {key("A"): 13.0}


def test_what_keeps_a_wish_out_is_told_by_zone_and_phase() -> None:
    """LM-4: in the own zone and every ancestor, on its own phases, for the least that is worth sending."""
    gate = Gate(tree(), {key("A"): 0.0, key("B"): 38.0, key("C"): 21.0}, MAXIMA)
    wish = RaiseWish(key("A"), 32.0, 0.0, 6.0)
    assert gate.shortage(wish) == {(MAIN, 1): 5.0, (NORTH, 1): 4.0}
    assert gate.shortage(RaiseWish(key("C"), 32.0, 21.0, 22.0)) == {}


def test_a_closed_way_is_no_shortage() -> None:
    """LM-4: no cut of anybody would open it."""
    gate = Gate(tree(), {key("A"): 0.0, key("B"): 38.0}, MAXIMA, closed=[MAIN])
    assert gate.shortage(RaiseWish(key("A"), 32.0, 0.0, 6.0)) == {}
