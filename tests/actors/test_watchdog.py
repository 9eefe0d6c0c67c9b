"""Who is hung, who is only busy, and when the machine itself stood still."""

from actors.runtime import SimulatedRuntime
from actors.supervised import Supervised
from actors.watchdog import PERIOD_S, Watchdog
from tests.actors.runtimes import Probe


def make(busy_since: float | None, budget: float = 2.0) -> Supervised:
    runtime = SimulatedRuntime()
    runtime.spawn("probe", Probe, hang_budget_s=budget)
    (actor,) = runtime.living()
    actor.busy_since = busy_since
    return actor


def test_only_a_handler_over_its_own_budget_is_hung() -> None:
    """Idle, busy and patient actors are left alone; a muted one was found before."""
    hung, muted = make(0.0), make(0.0)
    muted.muted = True
    actors = [make(None), make(1.0), make(0.0, budget=60.0), muted, hung]
    assert Watchdog().look(2.1, actors) == [(hung, 2.1)]


def test_a_hang_is_found_within_three_seconds_at_the_default_budget() -> None:
    """Whenever in the period it begins."""
    for tenth in range(10):
        began = tenth * PERIOD_S / 10
        actor, dog, now = make(began), Watchdog(), 0.0
        while not dog.look(now, [actor]):
            now += PERIOD_S
        assert now - began <= 2.0 + PERIOD_S + 1e-9


def test_nobody_is_accused_when_the_machine_stood_still() -> None:
    """A suspended machine makes every handler look hung; the next look judges."""
    actor, dog = make(9.9), Watchdog()
    assert dog.look(10.0, [actor]) == []
    assert dog.look(20.0, [actor]) == []
    assert dog.look(30.0, [actor]) == [(actor, 30.0 - 9.9)]
