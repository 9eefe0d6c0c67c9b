"""One CALL at a time, the most urgent first."""

from evce.station_control.calls import CallDesk, Order


def desk() -> CallDesk[str]:
    opened: CallDesk[str] = CallDesk("t", timeout=10.0)
    opened.open(1)
    return opened


def submit(calls: CallDesk[str], name: str, order: Order, now: float = 0.0, key: object = None) -> str:
    return calls.submit(name, {}, order, name, now, key).id


def next_name(calls: CallDesk[str], now: float) -> str | None:
    outgoing = calls.next(now)
    return None if outgoing is None else outgoing.action


def test_one_call_is_on_the_wire_until_it_is_answered() -> None:
    """OC-1."""
    calls = desk()
    first = submit(calls, "first", Order.LEARNING)
    submit(calls, "second", Order.LEARNING)
    assert next_name(calls, 0.0) == "first"
    assert next_name(calls, 5.0) is None
    answered, late = calls.answered(first)
    assert (answered is not None, late) == (True, False)
    assert next_name(calls, 5.0) == "second"


def test_the_most_urgent_goes_first_and_equals_in_their_order() -> None:
    """LM-1."""
    calls = desk()
    for name, order in [
        ("a", Order.LATER),
        ("b", Order.RENEWAL),
        ("c", Order.REDUCTION),
        ("d", Order.COMMAND),
        ("e", Order.REDUCTION),
    ]:
        submit(calls, name, order)
    taken = []
    while (outgoing := calls.next(0.0)) is not None:
        taken.append(outgoing.action)
        calls.answered(outgoing.id)
    assert taken == ["c", "e", "d", "b", "a"]


def test_a_reduction_waits_two_seconds_at_most() -> None:
    """LM-1."""
    calls = desk()
    submit(calls, "slow", Order.LEARNING)
    assert next_name(calls, 0.0) == "slow"
    submit(calls, "cut", Order.REDUCTION, now=1.0)
    submit(calls, "raise", Order.SETPOINT, now=1.0)
    assert calls.wake_at() == 2.0
    assert next_name(calls, 1.9) is None
    assert next_name(calls, 2.0) == "cut"
    assert next_name(calls, 9.0) is None


def test_two_reductions_don_t_wait_for_each_other_for_longer() -> None:
    """LM-1."""
    calls = desk()
    for name in ("a", "b"):
        submit(calls, name, Order.REDUCTION)
    assert next_name(calls, 0.0) == "a"
    assert next_name(calls, 1.0) is None
    assert next_name(calls, 2.0) == "b"


def test_of_one_key_only_the_newest_waits_and_keeps_its_turn() -> None:
    """LM-1: a superseding order replaces a queued one."""
    calls = desk()
    submit(calls, "slow", Order.LEARNING)
    calls.next(0.0)
    submit(calls, "old", Order.REDUCTION, now=0.5, key="k")
    submit(calls, "new", Order.REDUCTION, now=1.9, key="k")
    assert next_name(calls, 2.0) == "new"
    assert calls.waiting("k") is None
    assert calls.flying("k")


def test_a_call_without_an_answer_is_given_up_and_known_when_it_comes_late() -> None:
    """LM-1."""
    calls = desk()
    message_id = submit(calls, "slow", Order.LEARNING)
    calls.next(0.0)
    assert calls.overdue(9.9) == []
    assert [outgoing.action for outgoing in calls.overdue(10.0)] == ["slow"]
    outgoing, late = calls.answered(message_id)
    assert outgoing is not None
    assert late
    assert calls.answered(message_id) == (None, True)


def test_ids_differ_over_connections() -> None:
    """OC-1."""
    calls = desk()
    first = submit(calls, "a", Order.LEARNING)
    calls.open(2)
    assert calls.next(0.0) is None
    assert submit(calls, "a", Order.LEARNING) != first


def test_what_was_on_its_way_is_told_when_the_socket_goes() -> None:
    calls = desk()
    submit(calls, "a", Order.COMMAND)
    submit(calls, "b", Order.COMMAND)
    calls.next(0.0)
    assert [outgoing.action for outgoing in calls.close()] == ["a", "b"]
    assert calls.wake_at() is None


def test_what_waits_can_be_taken_back() -> None:
    calls = desk()
    submit(calls, "a", Order.SETPOINT, key="k")
    calls.withdraw("k")
    assert calls.next(0.0) is None
