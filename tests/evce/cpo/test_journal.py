"""The journal's rules: one after the other, the same again, and only what the operator answers counts."""

from typing import Any

import pytest

from evce.cpo.journal import Delivery, outgoing
from evce.cpo.numbering import PlugNumbers
from evce.records import JournalRecord
from evce.units import TransactionId
from tests.evce.cpo.bench import EPOCH, START, STOP
from tests.evce.station_control.bench import BOX, make_station

NUMBERS = PlugNumbers(make_station(), enabled=True)


def record(entry: int = 1, action: str = "StartTransaction", **changes: Any) -> JournalRecord:
    values = {"payload": START, "kept_at": EPOCH, **changes}
    return JournalRecord(entry, BOX, action, TransactionId(1), **values)


@pytest.mark.parametrize(
    ("kept", "sent"),
    [
        (record(), {**START, "connectorId": 11}),
        (record(action="StopTransaction", payload=STOP, cpo_transaction=77), {**STOP, "transactionId": 77}),
        (record(action="StopTransaction", payload=STOP), {**STOP, "transactionId": -1}),
        (
            record(action="MeterValues", payload={"connectorId": 1, "transactionId": 1}, cpo_transaction=0),
            {"connectorId": 11, "transactionId": 0},
        ),
        (record(action="MeterValues", payload={"connectorId": 1, "transactionId": 1}), {"connectorId": 11}),
    ],
)
def test_a_message_goes_with_the_operator_s_numbers(kept: JournalRecord, sent: dict[str, Any]) -> None:
    """CPO-3, CPO-5: ids mapped, all else as the station said it."""
    assert outgoing(kept, NUMBERS) == sent
    assert outgoing(kept, NUMBERS) == sent


def test_nothing_goes_before_the_disk_knows_of_the_last() -> None:
    delivery = Delivery()
    delivery.found([record(1), record(2)], 2, 0)
    assert delivery.take(0.0) == record(1)
    assert delivery.take(0.0) is None
    assert delivery.delivered(1)
    assert delivery.take(0.0) is None
    assert not delivery.found([record(1), record(2)], 2, 0)
    assert delivery.take(0.0) is None
    assert delivery.found([record(2)], 1, 0)
    assert delivery.take(0.0) == record(2)


def test_a_lost_link_repeats_and_doesn_t_count() -> None:
    """CPO-3: a dead link is no attempt."""
    delivery = Delivery()
    delivery.found([record(1, attempts=3)], 1, 0)
    delivery.take(0.0)
    delivery.interrupted()
    assert delivery.take(1.0) == record(1, attempts=3)


def test_the_wait_grows_with_the_attempts() -> None:
    """CPO-2: TransactionMessageRetryInterval times the attempts, an hour at most."""
    delivery = Delivery()
    waits = []
    for attempts in (0, 1, 2, 99):
        delivery.found([record(1, attempts=attempts)], 1, 0)
        assert delivery.take(1e6) is not None
        assert delivery.failed(1, 1e6, 500, 60.0) == (attempts + 1, False)
        delivery.found([record(1, attempts=attempts + 1)], 1, 0)
        assert delivery.take(1e6) is None
        waits.append(delivery.wake_at() - 1e6)
        delivery = Delivery()
    assert waits == [60.0, 120.0, 180.0, 3600.0]


def test_the_last_attempt_gives_way_to_the_next_message() -> None:
    """CPO-3: given up, kept, and out of the line."""
    delivery = Delivery()
    delivery.found([record(1, attempts=4), record(2)], 2, 0)
    delivery.take(0.0)
    assert delivery.failed(1, 0.0, 5, 60.0) == (5, True)
    delivery.found([record(2)], 1, 1)
    assert (delivery.take(0.0), delivery.given_up) == (record(2), 1)


def test_an_answer_to_something_else_settles_nothing() -> None:
    delivery = Delivery()
    delivery.found([record(1)], 1, 0)
    delivery.take(0.0)
    assert not delivery.delivered(2)
    assert delivery.failed(2, 0.0, 5, 60.0) is None
    assert delivery.delivered(1)
