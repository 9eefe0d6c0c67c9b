"""The recording that the comparison of rules lives through."""

import pytest

from tools.benchmarks.quality_weeks import MOST_WEEKS, OUTLETS, POWER, recorded, weeks


def test_an_outlet_has_one_car_at_a_time_that_takes_what_its_outlet_can_give() -> None:
    """LM-6: 5,681 sessions of two seasons, as they were."""
    busy: dict[tuple[int, int], float] = {}
    assert len(recorded()) == 5_681
    for session in recorded():
        place = (session.season, session.outlet)
        assert busy.get(place, 0.0) <= session.arrives < session.leaves
        busy[place] = session.leaves
        assert 1 <= session.outlet <= OUTLETS
        assert 0.0 < session.need <= (session.leaves - session.arrives) / 3_600.0 * POWER


def test_some_drivers_stated_nothing_and_statements_are_not_the_truth() -> None:
    """LM-6: whoever compares rules by statements must have theirs, not what happened."""
    stated = [s for s in recorded() if s.stated_leaves is not None]
    assert 0 < len(recorded()) - len(stated) < 400
    assert sum(s.stated_leaves == s.leaves for s in stated) < 0.02 * len(stated)


@pytest.mark.parametrize("count", [1, 4, MOST_WEEKS])
def test_each_week_has_a_history_that_ends_where_it_begins(count: int) -> None:
    """LM-6: nothing of the week, or after it, is known beforehand; seasons come in turn."""
    found = weeks(count)
    assert len({week.name for week in found}) == count
    for number, week in enumerate(found):
        begins = min(session.arrives for session in week.sessions)
        assert max(session.arrives for session in week.history) < begins
        assert {session.season for session in (*week.sessions, *week.history)} == {number % 2}
        assert len(week.history) > 1_000
