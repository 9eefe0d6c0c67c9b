"""What the operator said about cards."""

from datetime import timedelta

from evce.cpo.cards import CardMemory
from evce.cpo.settings import CACHED_CARDS, FRESH_FOR
from tests.evce.cpo.bench import EPOCH

YES, NO = {"status": "Accepted"}, {"status": "Blocked"}


def test_a_word_is_fresh_for_a_while() -> None:
    memory = CardMemory()
    memory.learn("A", NO, 0.0)
    fresh = memory.fresh("A", FRESH_FOR)
    assert fresh is not None
    assert not fresh.accepted
    assert memory.fresh("A", FRESH_FOR + 1.0) is None
    assert memory.fresh("B", 0.0) is None


def test_only_accepted_cards_are_kept_for_an_outage() -> None:
    """AU-2: use cache."""
    memory = CardMemory()
    assert memory.learn("A", YES, 0.0) == [("A", YES)]
    assert memory.learn("A", YES, 1.0) == []
    assert memory.cached("A", EPOCH) == YES
    assert memory.learn("A", NO, 2.0) == [("A", None)]
    assert memory.learn("A", NO, 3.0) == []
    assert memory.cached("A", EPOCH) is None


def test_a_card_that_has_run_out_is_not_accepted() -> None:
    memory = CardMemory()
    memory.restore("A", {**YES, "expiryDate": EPOCH.isoformat()})
    assert memory.cached("A", EPOCH - timedelta(seconds=1)) is not None
    assert memory.cached("A", EPOCH) is None


def test_the_cache_is_bounded() -> None:
    memory = CardMemory()
    for number in range(CACHED_CARDS):
        memory.learn(f"C{number}", YES, 0.0)
    assert memory.learn("one more", YES, 0.0) == [("one more", YES), ("C0", None)]


def test_a_card_of_a_remote_start_is_expected() -> None:
    memory = CardMemory()
    memory.expect("APP", 5.0)
    fresh = memory.fresh("APP", 6.0)
    assert fresh is not None
    assert fresh.accepted
