"""The ground itself: the real daemon behind proxies, its links cut and half-open for a moment."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.endurance.ground import CARS, METER, OPERATOR, STATIONS, Glance, Ground
from tools.faults.lane import Trouble


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def all_charge(glance: Glance) -> bool:
    return (
        glance.verified == set(CARS)
        and len(glance.running) == len(CARS)
        and None not in glance.running.values()
    )


@pytest.mark.scenario
def test_links_are_disturbed_and_every_session_is_booked_once(
    ground: Ground, patience: Callable[[float], float]
) -> None:
    """AC-5: RELIABILITY §2, RST and duplicates, at each of the three links of the real daemon."""
    assert ground.wait(all_charge, patience(30))
    assert ground.wait(lambda glance: glance.online == len(CARS), patience(30))
    sessions = dict(ground.now.running)

    twice = Trouble(duplicate=1.0)
    ground.proxies.disturb(METER, onward=twice, back=twice)
    ground.proxies.disturb(OPERATOR, onward=twice, back=twice)
    ground.proxies.refuse(STATIONS, "O1")
    ground.proxies.reset(STATIONS, "O1")
    # As soon as the alarm stands: who can't come back must be told of at once.
    assert ground.wait(lambda glance: ("disconnected", "O1") in glance.alarms, patience(2))
    assert "O1" not in ground.now.connected
    ground.unplug("O1")
    ground.unplug("S1")
    ground.proxies.calm(STATIONS)
    assert ground.wait(lambda glance: glance.verified == set(CARS), patience(20))
    assert ground.wait(lambda glance: ground.all_told() and glance.waiting == 0, patience(20))

    assert {ground.proxies.seen(name)["duplicate"] > 0 for name in (METER, OPERATOR)} == {True}
    assert {name: sessions[name] for name in ("G1", "G2", "S2")}.items() <= ground.now.running.items()
    assert len(ground.site.book()) == 2
    ground.calm()
    assert ground.disagreements() == []
    assert ground.referee.violations == []
    assert 0.0 < ground.fallback("O1") < ground.fallback("S1")
