"""The heap of timers against a plain list."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from actors.timers import Owner, TimerHeap

A: Owner = ("a", 1)


def test_equal_times_ring_in_the_order_of_arming() -> None:
    """Repeatable under the simulated runtime."""
    heap, rung = TimerHeap(), list[int]()
    for number in range(5):
        heap.arm(1.0, A, number, lambda number=number: rung.append(number))  # type: ignore[misc]
    assert heap.pop_due(0.9) is None
    while (ring := heap.pop_due(1.0)) is not None:
        ring()
    assert rung == [0, 1, 2, 3, 4]


def test_re_arming_for_ever_takes_no_memory() -> None:
    """A lease timer is replaced with every report, hours before it would ring."""
    heap = TimerHeap()
    for number in range(10_000):
        heap.arm(3600.0 + number, A, "lease", lambda: None)
    assert len(heap) == 1
    assert len(heap._heap) < 200


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("arm"), st.integers(0, 9), st.integers(0, 2), st.integers(0, 3)),
        st.tuples(st.just("disarm"), st.just(0), st.integers(0, 2), st.integers(0, 3)),
        st.tuples(st.just("disarm all"), st.just(0), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("pass"), st.integers(0, 4), st.just(0), st.just(0)),
    ),
    max_size=80,
)


@given(STEPS)
def test_any_use_agrees_with_a_plain_list(steps: list[tuple[str, int, int, int]]) -> None:
    """Due ones ring earliest first; replaced and disarmed ones never."""
    heap, now, serial = TimerHeap(), 0, 0
    model: list[tuple[int, int, Owner, int]] = []  # at, serial, owner, key
    rung: list[int] = []

    def ringer(number: int) -> Callable[[], None]:
        return lambda: rung.append(number)

    for what, number, incarnation, key in steps:
        owner: Owner = ("a", incarnation)
        if what == "pass":
            now += number
            expected = [entry[1] for entry in sorted(model) if entry[0] <= now]
            model = [entry for entry in model if entry[0] > now]
            rung.clear()
            while (ring := heap.pop_due(now)) is not None:
                ring()
            assert rung == expected
            continue
        if what == "disarm all":
            heap.disarm_all(owner)
            model = [entry for entry in model if entry[2] != owner]
            continue
        model = [entry for entry in model if entry[2:] != (owner, key)]
        if what == "arm":
            serial += 1
            heap.arm(now + number, owner, key, ringer(serial))
            model.append((now + number, serial, owner, key))
        else:
            heap.disarm(owner, key)
        assert len(heap) == len(model)
        assert heap.next_at() == min((entry[0] for entry in model), default=None)
