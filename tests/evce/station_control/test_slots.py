"""One charging profile in a station: what may be in force, whatever was answered."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.station_control.slots import ProfileSlot


def slot(*accepted: float) -> ProfileSlot:
    """A slot with these accepted one after another, 100 s apart, the last at time 0."""
    made = ProfileSlot()
    for n, amps in enumerate(accepted):
        at = (n + 1 - len(accepted)) * 100.0
        made.accept(made.sent(amps, 1, at, 120.0), at)
    if accepted:
        made.wanted = accepted[-1]
    return made


def test_nothing_is_in_force_before_the_first_acceptance() -> None:
    fresh = ProfileSlot()
    assert (fresh.accepted, fresh.most(), fresh.ends_at()) == (None, None, None)
    assert fresh.due(1, 0.0)


def test_an_accepted_profile_is_in_force_until_renewed() -> None:
    """DG-6."""
    held = slot(16.0)
    assert held.accepted == 16.0
    assert not held.due(1, 39.0)
    assert held.due_at(1) == 40.0
    assert held.due(1, 40.0)
    assert held.renewal(1)
    assert held.ends_at() == 125.0


def test_another_value_or_another_connection_is_due_at_once() -> None:
    held = slot(16.0)
    held.wanted = 6.0
    assert held.due(1, 1.0)
    assert held.reduces()
    held.wanted = 16.0
    assert held.due(2, 1.0)


@pytest.mark.parametrize("answered", [True, False])
def test_what_was_refused_may_be_in_force_all_the_same(answered: bool) -> None:
    """LM-1."""
    held = slot(10.0)
    held.refuse(held.sent(16.0, 1, 1.0, 120.0), 2.0, answered=answered)
    assert (held.accepted, held.most()) == (10.0, 16.0)
    held.accept(held.sent(12.0, 1, 3.0, 120.0), 4.0)
    assert held.most() == (12.0 if answered else 16.0)


def test_a_socket_that_is_gone_answers_nothing_any_more() -> None:
    """LM-1."""
    held = slot(10.0)
    held.refuse(held.sent(16.0, 1, 1.0, 120.0), 2.0, answered=False)
    held.accept(held.sent(10.0, 2, 3.0, 120.0), 4.0)
    assert held.most() == 10.0


def test_a_refusal_is_followed_by_a_growing_wait_that_reductions_hardly_share() -> None:
    """LM-1."""
    held = slot(10.0)
    held.wanted = 16.0
    waits = []
    for n in range(8):
        held.refuse(held.sent(16.0, 1, float(n), 120.0), 0.0)
        waits.append(held.retry_at)
    assert waits == [10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0]
    held.wanted = 6.0
    assert held.due(1, 1.0)
    held.refuse(held.sent(6.0, 1, 1.0, 120.0), 1.0)
    assert held.retry_at <= 31.0


@pytest.mark.parametrize(("answered", "at_once"), [(False, True), (True, False)])
def test_a_station_that_answers_again_is_not_left_alone_any_longer(answered: bool, at_once: bool) -> None:
    """LM-7: a refusal is waited out all the same."""
    held = slot(10.0)
    held.wanted = 16.0
    for _ in range(4):
        held.refuse(held.sent(16.0, 1, 1.0, 120.0), 2.0, answered=answered)
    assert not held.due(1, 3.0)
    held.answers_again()
    assert held.due(1, 3.0) is at_once
    assert held.most() == 16.0, "what it may have taken counts until it is known"


def test_a_lapsed_lease_below_the_fall_back_counts_as_risen_before_it_may_have() -> None:
    """DG-6."""
    held = slot(0.0)
    held.lapse(9.0, 100.0)
    assert held.accepted == 0.0
    held.lapse(9.0, 115.0)
    assert held.accepted == 9.0


def test_a_lapsed_lease_above_the_fall_back_counts_until_it_must_have_ended() -> None:
    """DG-6."""
    held = slot(16.0)
    held.lapse(9.0, 124.0)
    assert held.accepted == 16.0
    held.lapse(9.0, 125.0)
    assert held.accepted == 9.0
    assert [past.amps for past in held.history] == [16.0, 9.0]


def test_a_wrong_clock_makes_a_lease_endless_until_it_is_right() -> None:
    """DG-6."""
    held = ProfileSlot()
    held.accept(held.sent(16.0, 1, 0.0, 120.0, endless=True), 0.0)
    assert held.ends_at() == inf
    held.bound()
    assert held.ends_at() == 125.0


def test_a_restart_forgets_what_came_before_it() -> None:
    """OC-6."""
    held = slot(16.0)
    held.forget_before(1)
    assert held.accepted == 16.0
    held.forget_before(2)
    assert (held.accepted, held.asserted_in) == (None, None)


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["send", "accept", "refuse", "time-out", "reconnect"]),
        st.integers(0, 5),
        st.sampled_from([0.0, 6.0, 10.0, 16.0, 32.0]),
    ),
    max_size=25,
)


@given(_STEPS)
def test_what_a_station_may_be_doing_is_never_underestimated(
    steps: list[tuple[str, int, float]],
) -> None:
    """LM-1: an honest station that applies CALLs in their order, answered or not, is always covered."""
    held = ProfileSlot()
    truth: float | None = None
    incarnation = 1
    open_calls: list[tuple[int, float, int]] = []
    for n, (step, index, amps) in enumerate(steps):
        now = float(n)
        if step == "send":
            open_calls.append((held.sent(amps, incarnation, now, None), amps, incarnation))
            truth = amps
        elif step == "reconnect":
            incarnation += 1
            open_calls.clear()
        elif open_calls:
            serial, _, _ = open_calls.pop(index % len(open_calls))
            if step == "accept":
                held.accept(serial, now)
            else:
                held.refuse(serial, now, answered=step == "refuse")
        most = held.most()
        assert truth is None or (most is not None and most >= truth)


@given(st.integers(1, 200))
def test_what_is_kept_is_bounded(times: int) -> None:
    """LM-1: a station that answers nothing for days fills no memory."""
    held = slot(10.0)
    for n in range(times):
        held.refuse(held.sent(16.0, 1, float(n), 120.0), float(n), answered=False)
    assert len(held.unresolved) == 1
