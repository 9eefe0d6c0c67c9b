"""Tests of what a drill can cut off."""

import pytest

from evce.drill.kinds import Kind
from evce.drill.target import Target, target_of, targets
from evce.planning.foresight import Loss
from evce.units import BoxIdentity, MeterId
from tests.evce.drill.yard import MAIN, document


def test_everything_that_can_be_cut_off_is_listed() -> None:
    """AC-4: meters, stations, the operator and the inputs, as far as the site has them."""
    site = document()
    assert [str(target) for target in targets(site)] == [
        "meter m",
        "meter kitchen",
        "station A",
        "station B",
        "every uplink to the operator",
        "the digital inputs",
    ]
    bare = site.model_copy(update={"inputs": site.inputs.model_copy(update={"enabled": False})})
    bare = bare.model_copy(update={"cpo": site.cpo.model_copy(update={"enabled": False})})
    assert {target.kind for target in targets(bare)} == {Kind.METER, Kind.STATION}


@pytest.mark.parametrize(
    ("target", "loss", "zones"),
    [
        (Target(Kind.METER, "m"), Loss(meters=(MeterId("m"),)), ["main"]),
        (Target(Kind.METER, "kitchen"), Loss(meters=(MeterId("kitchen"),)), []),
        (Target(Kind.STATION, "A"), Loss(stations=(BoxIdentity("A"),)), ["garage"]),
        (Target(Kind.CPO, "A"), Loss(), []),
        (Target(Kind.INPUTS), Loss(inputs_percent=0), ["main"]),
    ],
)
def test_a_target_knows_what_the_control_loses_by_it(target: Target, loss: Loss, zones: list[str]) -> None:
    """AC-4."""
    site = document()
    assert target.loss(site) == loss
    assert target.zones(site.model()) == tuple(zones)
    assert target.roots(site.model()) == ((MAIN,) if zones else ())


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        ("meter", "x", "meter='x': not at this site, which has m, kitchen"),
        ("station", "", "station='': not at this site, which has A, B"),
        ("cpo", "x", "cpo='x': not at this site, which has A, B"),
        ("zone", "main", "kind='zone': one of meter, station, cpo, inputs"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(kind: str, name: str, text: str) -> None:
    """AC-4."""
    with pytest.raises(LookupError, match=kind) as refusal:
        target_of(kind, name, document())
    assert refusal.value.args == (text,)


def test_what_is_there_is_found() -> None:
    """AC-4: an uplink by its station, or all of them."""
    assert target_of("cpo", "", document()) == Target(Kind.CPO)
    assert target_of("cpo", "B", document()) == Target(Kind.CPO, "B")
    assert target_of("inputs", "", document()) == Target(Kind.INPUTS)
    without = document().model_copy(
        update={"inputs": document().inputs.model_copy(update={"enabled": False})}
    )
    with pytest.raises(LookupError, match="no digital input is enabled"):
        target_of("inputs", "", without)
