"""The order in which a station's calls go out."""

from tools.simulation.outbox import ANSWER_TIMEOUT, Call, Outbox


def call(action: str, *, lasting: bool = False, failures: list[float] | None = None) -> Call:
    told = failures if failures is not None else []
    return Call(action, dict, lasting=lasting, on_failure=told.append)


def sent(outbox: Outbox, now: float = 0.0) -> str | None:
    taken = outbox.next(now)
    return None if taken is None else taken[0].action


def test_one_call_is_on_the_wire_at_a_time() -> None:
    """OC-1: OCPP-J 4.1.1."""
    outbox = Outbox()
    for name in ("A", "B"):
        outbox.put(call(name))
    assert (sent(outbox), sent(outbox)) == ("A", None)
    assert outbox.outstanding is not None
    assert outbox.take("stranger") is None
    assert outbox.take(outbox.outstanding.message_id) is not None
    assert sent(outbox) == "B"


def test_transaction_messages_wait_for_the_others_and_keep_their_order() -> None:
    outbox = Outbox()
    outbox.put(call("Start", lasting=True))
    outbox.put(call("Stop", lasting=True))
    outbox.put(call("Status"))
    seen = []
    while (name := sent(outbox)) is not None:
        seen.append(name)
        assert outbox.outstanding is not None
        outbox.take(outbox.outstanding.message_id)
    assert seen == ["Status", "Start", "Stop"]


def test_a_lost_link_forgets_all_but_transactions() -> None:
    """OC-6: the message that was on the wire comes again, before the next."""
    failures: list[float] = []
    outbox = Outbox()
    outbox.put(call("Start", lasting=True))
    outbox.put(call("Stop", lasting=True))
    assert sent(outbox) == "Start"
    outbox.put(call("Status", failures=failures))
    outbox.link_lost(3.0)
    assert failures == [3.0]
    assert sent(outbox) == "Start"


def test_a_refused_transaction_message_comes_again_later_each_time_until_given_up() -> None:
    """CPO-2: attempts times the retry interval."""
    outbox = Outbox()
    outbox.put(call("Stop", lasting=True))
    assert sent(outbox, 0.0) == "Stop"
    outbox.refused(0.0, retry_after=10.0, attempts=3)
    assert [sent(outbox, 9.9), sent(outbox, 10.0)] == [None, "Stop"]
    outbox.refused(10.0, retry_after=10.0, attempts=3)
    assert [sent(outbox, 29.9), sent(outbox, 30.0)] == [None, "Stop"]
    outbox.refused(30.0, retry_after=10.0, attempts=3)
    assert sent(outbox, 1000.0) is None
    assert [lost.action for lost in outbox.given_up] == ["Stop"]


def test_an_answer_that_never_comes_frees_the_wire() -> None:
    failures: list[float] = []
    outbox = Outbox()
    outbox.put(call("Status", failures=failures))
    outbox.put(call("Next"))
    assert sent(outbox, 0.0) == "Status"
    assert sent(outbox, ANSWER_TIMEOUT) is None
    assert sent(outbox, ANSWER_TIMEOUT + 0.1) == "Next"
    assert failures == [ANSWER_TIMEOUT + 0.1]


def test_before_the_boot_is_accepted_only_the_boot_goes_out() -> None:
    outbox = Outbox()
    outbox.put(call("Start", lasting=True))
    assert outbox.next(0.0, only="BootNotification") is None
    outbox.put(call("BootNotification"))
    taken = outbox.next(0.0, only="BootNotification")
    assert taken is not None
    assert taken[0].action == "BootNotification"


def test_a_call_that_became_pointless_is_left_out() -> None:
    outbox = Outbox()
    outbox.put(Call("Gone", lambda: None))
    outbox.put(call("Next"))
    assert sent(outbox) == "Next"
