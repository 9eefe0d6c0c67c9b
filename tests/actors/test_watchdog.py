"""Who is hung, who is only busy, who starves, and when the machine itself stood still."""

from collections.abc import Callable, Iterable, Sequence
from itertools import count

import pytest

from actors.watchdog import FORGIVEN_S, PERIOD_S, Effort, Handler, Watchdog

BUDGET = 2.0
AT_ONCE = BUDGET + PERIOD_S
"""Seconds after which a hang is found on a machine that has time for everybody."""

LATEST = BUDGET + FORGIVEN_S + PERIOD_S

NEVER = float("inf")


class Thread:
    """What the kernel would say of a thread that spends each second in these parts."""

    def __init__(
        self, *, ran: float = 0.0, queued: float = 0.0, woken: float = 0.0, runnable: bool = False
    ) -> None:
        self.parts = (ran, queued, woken)
        self.runnable = runnable

    def at(self, seconds: float) -> Effort:
        ran, queued, woken = (part * seconds for part in self.parts)
        return Effort(ran, queued, 1 + round(woken), self.runnable)


SLEEPS = Thread()
SPINS = Thread(ran=1.0, woken=4.0, runnable=True)
SHARES = Thread(ran=0.5, queued=0.5, woken=100.0, runnable=True)
STARVES = Thread(ran=0.02, queued=0.98, woken=50.0)
IN_THE_QUEUE = Thread(runnable=True)
WAITS_FOR_THE_INTERPRETER = Thread(ran=0.05, queued=0.05, woken=800.0)
NAPS = Thread(ran=0.01, woken=100.0)
UNTOLD = None


def found_after(
    threads: Sequence[Thread | None], *, process: float, period: float = PERIOD_S, lasts: float = 12.0
) -> list[float]:
    """When each of these handlers, all begun at 0, is found hung. `process`: share of a core it uses."""
    dog = Watchdog()
    found = dict.fromkeys(range(len(threads)), NEVER)
    for step in count(1):
        now = step * period
        if now > lasts:
            break
        handlers = [
            Handler((f"a{number}", 1), 0.0, BUDGET, None if thread is None else thread.at(now))
            for number, thread in enumerate(threads)
            if found[number] == NEVER
        ]
        for verdict in dog.look(now, process * now, handlers):
            assert verdict.seconds == now
            found[int(verdict.handler.owner[0][1:])] = now
    return list(found.values())


def seconds(low: float, high: float) -> Callable[[Iterable[float]], bool]:
    return lambda found: all(low <= at <= high for at in found)


@pytest.mark.parametrize(
    ("threads", "process", "expected"),
    [
        pytest.param([SLEEPS], 0.0, seconds(BUDGET, AT_ONCE), id="sleeps on an idle machine"),
        pytest.param([SLEEPS], 1.0, seconds(BUDGET, AT_ONCE), id="sleeps while others compute"),
        pytest.param([SPINS], 1.0, seconds(BUDGET, AT_ONCE), id="computes without end"),
        pytest.param([NAPS], 0.1, seconds(BUDGET, AT_ONCE), id="polls without end"),
        pytest.param([SHARES], 0.5, seconds(3.5, 4.5), id="computes on half of a processor"),
        pytest.param([SHARES] * 2, 1.0, seconds(3.5, 4.5), id="two of these"),
        pytest.param([STARVES], 0.02, seconds(10.0, LATEST), id="gets no processor"),
        pytest.param([IN_THE_QUEUE], 0.0, seconds(10.0, LATEST), id="stands in the queue all the time"),
        pytest.param([WAITS_FOR_THE_INTERPRETER], 1.0, seconds(10.0, LATEST), id="waits for its turn"),
        pytest.param([SLEEPS] * 4, 1.0, seconds(10.0, NEVER), id="all wait for one that starves"),
        pytest.param([SLEEPS] * 4, 0.1, seconds(BUDGET, AT_ONCE), id="all hang on an idle machine"),
        pytest.param([UNTOLD], 0.0, seconds(BUDGET, AT_ONCE), id="the system doesn't tell"),
    ],
)
def test_only_time_in_which_a_handler_could_have_come_to_its_end_counts(
    threads: list[Thread | None], process: float, expected: Callable[[Iterable[float]], bool]
) -> None:
    """RELIABILITY: a hang is found within 3 s, within 10 s where the processor is contended."""
    found = found_after(threads, process=process)
    assert expected(found), found


def test_a_hung_one_is_found_among_three_hundred_that_starve() -> None:
    """It sleeps while they queue; whom their common cause might excuse is found at the latest in 10 s."""
    found = found_after([SLEEPS, *[STARVES] * 300], process=1.0)
    assert found[0] <= LATEST
    assert sum(at < NEVER for at in found[1:]) <= 2, "the starving aren't given up by the dozen"


@pytest.mark.parametrize("period", [0.25, 0.4, 1.0, 3.0])
def test_nobody_answers_for_a_look_that_came_late(period: float) -> None:
    """Whoever kept the watchdog from its turn may have kept them as well; each look counts one period."""
    looks = found_after([SLEEPS], process=0.0, period=period, lasts=60.0)[0] / period
    patience = (BUDGET + FORGIVEN_S) / min(period, 2.0)
    assert looks == pytest.approx(min(BUDGET / PERIOD_S, patience), abs=1.01)


def test_a_machine_that_stood_still_excuses_everybody() -> None:
    """A stopped virtual machine makes every handler look hung for a minute; the next looks judge."""
    dog = Watchdog()
    handler = Handler(("a", 1), 9.9, BUDGET)
    for now in (10.0, 70.0, 70.25, 70.5, 70.75):
        assert dog.look(now, 0.0, [handler]) == []
    verdicts = [dog.look(71.0 + step * PERIOD_S, 0.0, [handler]) for step in range(8)]
    assert sum(map(len, verdicts)) == 1


def test_each_handler_has_a_budget_of_its_own_and_each_message_begins_anew() -> None:
    """A patient one, and an actor that handles one message after the other."""
    dog = Watchdog()
    for step in range(1, 100):
        now = step * PERIOD_S
        patient = Handler(("patient", 1), 0.0, 60.0)
        busy = Handler(("busy", 1), now - 0.1, BUDGET)
        assert dog.look(now, 0.0, [patient, busy]) == []


def test_the_successor_of_a_hung_one_is_judged_anew() -> None:
    """Under the same name: another incarnation, with a budget of its own."""
    dog = Watchdog()
    found = []
    hangs = Handler(("a", 1), 0.0, BUDGET)
    for step in range(1, 40):
        now = step * PERIOD_S
        if dog.look(now, 0.0, [hangs]):
            found.append((hangs.owner, now - hangs.since))
            hangs = Handler(("a", len(found) + 1), now, BUDGET)
    assert [owner for owner, _ in found] == [("a", number + 1) for number in range(len(found))]
    assert all(BUDGET <= took <= AT_ONCE for _, took in found)
    assert len(found) == 4
