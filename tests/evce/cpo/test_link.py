"""When the connection is made and tried again."""

import pytest

from evce.cpo.link import back_off
from evce.cpo.settings import BACK_OFF_MOST
from tests.evce.cpo.bench import Bench


@pytest.mark.parametrize(("failures", "least", "most"), [(0, 0.5, 1.0), (3, 4.0, 8.0), (60, 60.0, 120.0)])
def test_the_wait_doubles_up_to_a_bound_with_jitter(failures: int, least: float, most: float) -> None:
    """CPO-1: 300 stations don't come back in one moment."""
    assert (back_off(failures, 0.0), back_off(failures, 1.0)) == (least, most)


def test_an_operator_that_is_away_is_tried_less_and_less() -> None:
    bench = Bench(reachable=False)
    bench.wait(3600.0)
    gaps = [later - earlier for earlier, later in zip(bench.dials, bench.dials[1:], strict=False)]
    assert gaps[:4] == [1.0, 2.0, 4.0, 8.0]
    assert max(gaps) == BACK_OFF_MOST
    assert bench.control.view().failure == "no route"


def test_a_short_outage_raises_no_alarm_a_long_one_does() -> None:
    """CPO-3: the outage is seen, and its end."""
    bench = Bench()
    bench.reachable = False
    bench.lose()
    bench.wait(59.0)
    assert bench.alarms == {}
    bench.wait(2.0)
    assert list(bench.alarms) == ["cpo_unreachable"]
    bench.reachable = True
    bench.wait(130.0)
    assert bench.alarms == {}


def test_an_operator_that_rejects_the_station_is_an_alarm() -> None:
    bench = Bench(replies={"BootNotification": {"status": "Rejected", "currentTime": "x", "interval": 60}})
    assert list(bench.alarms) == ["cpo_refused"]
    assert bench.control.view().failure == "the operator answered Rejected"
    bench.replies.clear()
    bench.wait(61.0)
    assert (bench.control.view().state, bench.alarms) == ("online", {})
