"""Tests of the faults of the process: well told, of the catalogue, and what counts as a raise too early."""

import signal
from typing import cast

import pytest

from tests.tools.endurance.grounds import FakeGround
from tools.endurance.ground import CARS, Glance, Ground
from tools.endurance.process_trials import PROCESS_TRIALS
from tools.endurance.trial import Scene
from tools.faults.catalogue import TITLES
from tools.service import WATCHDOG, End

BY_NAME = {trial.name: trial for trial in PROCESS_TRIALS}


def scene(ground: FakeGround) -> Scene:
    return Scene(cast(Ground, ground), ground.now, ground.now, ground.now.at)


def test_each_is_a_fault_of_the_catalogue_with_something_to_be_seen() -> None:
    """AC-5: each has a name of its own, and what must be seen of it."""
    assert {trial.row for trial in PROCESS_TRIALS} <= set(TITLES)
    assert len(BY_NAME) == len(PROCESS_TRIALS)
    assert all(trial.looks and trial.lasts >= trial.least for trial in PROCESS_TRIALS)


@pytest.mark.parametrize(
    ("name", "watchdog", "strike", "mend"),
    [
        ("killed", None, [("send", signal.SIGKILL)], []),
        ("stopped", None, [("send", signal.SIGSTOP)], [("send", signal.SIGCONT)]),
        ("stopped-watched", WATCHDOG, [("send", signal.SIGSTOP)], [("send", signal.SIGCONT)]),
        ("out-of-memory", None, [("memory", 2 * 1024 * 1024)], []),
    ],
)
def test_a_fault_strikes_and_is_mended(
    name: str, watchdog: float | None, strike: list[object], mend: list[object]
) -> None:
    ground = FakeGround()
    BY_NAME[name].strike(scene(ground))
    assert (ground.service.watchdog, ground.done) == (watchdog, strike)
    BY_NAME[name].mend(scene(ground))
    assert ground.done == [*strike, *mend]


@pytest.mark.parametrize(
    ("offered", "verified_at", "good"),
    [
        (16.0, None, True),
        (6.6, None, True),
        (20.0, None, False),
        (20.0, 4.5, False),
        (20.0, 3.5, True),
        (20.0, 2.5, True),
    ],
    ids=["as before", "the fall-back", "never verified", "verified too late", "seen later", "seen before"],
)
def test_a_raise_must_wait_for_the_verification(
    offered: float, verified_at: float | None, good: bool
) -> None:
    """RELIABILITY, kill -9: no raise until verified; what the pages show may be a second older or newer."""
    (look,) = [look for look in BY_NAME["killed"].looks if "raised" in look.text]
    ground = FakeGround()
    before = dict.fromkeys(CARS, 0.0 if offered == 6.6 else 16.0)
    known = frozenset(CARS)
    ground.glances = [
        Glance(
            at,
            before | {"G1": offered} if at >= 3.0 else before,
            {},
            up=True,
            verified=known if verified_at is not None and at >= verified_at else frozenset(),
        )
        for at in (0.5, 1.0, 2.0, 2.5, 3.0, 3.5, 4.5, 6.0)
    ]
    watched = Scene(cast(Ground, ground), ground.glances[0], ground.glances[0], 0.0)
    held = []
    for glance in ground.glances:
        watched.now = glance
        held.append(look.so(watched))
    assert all(held) is good


def test_an_end_of_another_kind_is_not_what_was_to_be_seen() -> None:
    (look,) = [look for look in BY_NAME["stopped-watched"].looks if "ends" in look.text]
    ground = FakeGround()
    watched = scene(ground)
    assert not look.so(watched)
    ground.service.ends.append(End(watched.struck + 1.0, -signal.SIGKILL))
    assert not look.so(watched)
    ground.service.ends[:] = [End(watched.struck + 1.0, -signal.SIGABRT)]
    assert look.so(watched)
