"""Tests of the room that is made for cars which begin and which the gate keeps out."""

from evce.planning.gate import RaiseWish
from evce.planning.kept_out import WAITS, Holder, KeptOut
from evce.planning.recovery import FOLLOWS_WITHIN
from evce.units import ZoneId
from tests.evce.builders import key

MAIN = ZoneId("main")
HERE = frozenset({(MAIN, 0)})
ELSEWHERE = frozenset({(MAIN, 1)})
WISH = RaiseWish(key("A"), 16.0, 0.0, 6.0)


def holder(
    name: str, amps: float, floor: float = 6.0, counts_in: frozenset[tuple[ZoneId, int]] = HERE
) -> Holder:
    return Holder(key(name), amps, floor, counts_in)


def test_a_car_has_to_wait_before_anybody_makes_room_for_it() -> None:
    """LM-4: others on their way down are over by then."""
    kept_out = KeptOut()
    assert kept_out.look([WISH], {}, 100.0) is None
    assert kept_out.look([WISH], {}, 100.0 + WAITS - 0.1) is None
    assert kept_out.look([WISH], {}, 100.0 + WAITS) == WISH


def test_a_car_that_was_let_in_or_that_charges_waits_for_nobody() -> None:
    """LM-4: nor does the wait of before count when it begins again."""
    kept_out = KeptOut()
    charging = RaiseWish(key("B"), 16.0, 8.0, 9.0)
    kept_out.look([WISH, charging], {}, 100.0)
    assert kept_out.look([WISH, charging], {WISH.key: 6.0}, 120.0) is None
    assert kept_out.look([WISH], {}, 121.0) is None


def test_the_longest_wait_comes_first() -> None:
    """LM-4."""
    kept_out, late = KeptOut(), RaiseWish(key("0"), 16.0, 0.0, 6.0)
    kept_out.look([WISH], {}, 100.0)
    kept_out.look([WISH, late], {}, 101.0)
    assert kept_out.look([late, WISH], {}, 120.0) == WISH


def test_whoever_holds_most_makes_room_for_what_is_missing() -> None:
    """LM-4: counted above the floor, and only where something is missing."""
    holders = [
        holder("B", 10.0),
        holder("C", 20.0),
        holder("D", 24.0, floor=16.0),
        holder("E", 32.0, counts_in=ELSEWHERE),
    ]
    assert KeptOut().cut(WISH, {(MAIN, 0): 4.0}, holders, 100.0) == {key("C"): 16.0}


def test_no_more_is_asked_than_the_floor_of_whom_it_is_made_for() -> None:
    """LM-4: step by step, each judged by what it has brought."""
    assert KeptOut().cut(WISH, {(MAIN, 0): 19.0}, [holder("B", 32.0)], 100.0) == {key("B"): 26.0}


def test_nobody_goes_below_his_floor_nor_below_that_of_the_other() -> None:
    """LM-2, LM-4: who holds no more than the one who begins is not asked."""
    kept_out, wish = KeptOut(), RaiseWish(key("A"), 16.0, 0.0, 8.0)
    assert kept_out.cut(wish, {(MAIN, 0): 4.0}, [holder("B", 10.0)], 100.0) == {key("B"): 8.0}
    assert KeptOut().cut(wish, {(MAIN, 0): 4.0}, [holder("B", 8.0), holder("C", 8.0, 8.0)], 100.0) == {}


def test_where_nothing_is_missing_or_the_way_is_closed_nobody_is_asked() -> None:
    """LM-4."""
    assert KeptOut().cut(WISH, {}, [holder("B", 32.0)], 100.0) == {}


def test_the_last_one_follows_before_the_next_is_asked() -> None:
    """LM-4: a cut that helps is followed by another where it was not enough."""
    kept_out = KeptOut()
    assert kept_out.cut(WISH, {(MAIN, 0): 6.0}, [holder("B", 20.0)], 100.0) == {key("B"): 14.0}
    again = [holder("B", 14.0)]
    assert kept_out.cut(WISH, {(MAIN, 0): 2.0}, again, 100.0 + FOLLOWS_WITHIN - 0.1) == {}
    assert kept_out.cut(WISH, {(MAIN, 0): 2.0}, again, 100.0 + FOLLOWS_WITHIN) == {key("B"): 12.0}


def test_room_made_in_vain_is_not_made_again_for_minutes() -> None:
    """LM-4: what the car waits for is something else; nobody is ground down to his floor for it."""
    kept_out = KeptOut()
    kept_out.look([WISH], {}, 100.0)
    assert kept_out.look([WISH], {}, 110.0) == WISH
    assert kept_out.cut(WISH, {(MAIN, 0): 6.0}, [holder("B", 32.0)], 110.0) == {key("B"): 26.0}
    later = 110.0 + FOLLOWS_WITHIN
    assert kept_out.cut(WISH, {(MAIN, 0): 6.0}, [holder("B", 26.0)], later) == {}
    assert kept_out.look([WISH], {}, later + 299.0) is None
    assert kept_out.look([WISH], {}, later + 300.0) == WISH
