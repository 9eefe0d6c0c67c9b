"""What can't be exceeded."""

import pytest

from tools.benchmarks.quality_course import live
from tools.benchmarks.quality_optimum import optimum
from tools.benchmarks.quality_rivals import EqualShare, FirstCome
from tools.benchmarks.quality_site import TightSite
from tools.benchmarks.quality_weeks import POWER, RecordedSession, recorded

HOUR = 3_600.0
SITE = TightSite(300.0)
FIRST, SECOND = [outlet for outlet in SITE.loads if SITE.loads[outlet] == SITE.loads[1]][:2]


def session(number: int, outlet: int, hours: float, need: float) -> RecordedSession:
    return RecordedSession(number, 0, 0.0, hours * HOUR, outlet, need, None, None)


@pytest.mark.parametrize(
    ("sessions", "hours"),
    [
        ([session(0, FIRST, 2.0, 9 * POWER)], 2.0),
        ([session(0, FIRST, 2.0, POWER)], 1.0),
        ([session(0, FIRST, 1.0, POWER), session(1, SECOND, 2.0, POWER)], 2.0),
        ([session(0, FIRST, 1.0, POWER), session(1, SECOND, 1.0, POWER)], 45.0 / 32.0),
    ],
)
def test_small_sites_are_reckoned_by_hand(sessions: list[RecordedSession], hours: float) -> None:
    """LM-6: in hours at full power; two on one phase of a row share 45 A, and who leaves late waits."""
    assert optimum(sessions, SITE) == pytest.approx(hours * POWER)


def test_no_rule_delivers_more() -> None:
    """LM-6: on a day of the recording."""
    day = [s for s in recorded() if s.season == 0 and 28 <= s.arrives / 86_400.0 < 29]
    for capacity in (150.0, 300.0):
        site = TightSite(capacity)
        best = optimum(day, site)
        for rule in (EqualShare(site), FirstCome(site)):
            assert 0.8 * best < live(day, site, rule).energy <= 1.0001 * best
