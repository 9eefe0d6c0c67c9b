"""The time jumps, from outside or by the operator: nobody's setpoint moves but by the times of use."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.messages import SITE_TIME, GetSiteTime, SetSiteTime, SiteTimeView
from evce.configuration.document import SiteDocument
from evce.site_time import EARLIEST, LATEST, TimeSource
from evce.units import Amps
from tools.rehearsal.house import START, House
from tools.rehearsal.operator import VirtualOperator
from tools.rehearsal.sites import small_site

CARS = ("G1", "O1", "S1", "S2")
PARIS = ZoneInfo("Europe/Paris")
NIGHT = "17:00"
"""On the site's clock."""

AHEAD = 6900.0
"""The host's clock is behind by so much: five minutes before the night it shows 15:00."""

BEFORE, AFTER = 40.0, 16.0
"""What the street may take by day and by night, A."""


def timed_site(*, operator: bool) -> SiteDocument:
    """The small site with a night that leaves 40 %; with an operator, or without."""
    plain = small_site().plain()
    plain["tariff"] = {
        "enabled": True,
        "periods": [{"name": "Night", "percent": 40, "slots": [f"{NIGHT}-06:00"]}],
    }
    if operator:
        plain["cpo"] = {"enabled": True, "url": "ws://127.0.0.1:1/ocpp"}
    return SiteDocument.parse(plain)


@pytest.fixture
def operated(tmp_path: Path) -> Iterator[House]:
    """Two cars in the street; the operator is right, and the host's clock isn't."""
    operator = VirtualOperator(tmp_path)
    operator.system.habits.interval = 20
    operator.system.habits.ahead = AHEAD
    made = House(tmp_path, document=timed_site(operator=True), operator=operator)
    made.settle_in()
    for where in ("S1", "S2"):
        made.plug(where)
    made.run(60.0)
    yield made
    assert made.deaths() == []
    assert made.referee.clean
    made.close()


def pilots(house: House) -> tuple[Amps, ...]:
    return tuple(house.outlet(where).pilot for where in ("S1", "S2"))


def true_time(house: House) -> datetime:
    return START + timedelta(seconds=house.now + AHEAD)


def shown(house: House) -> SiteTimeView:
    view = house.runtime.ask(SITE_TIME, GetSiteTime(), 5.0)
    assert isinstance(view, SiteTimeView)
    return view


def until(house: House, local: str) -> None:
    """Run to this moment of the true time in Paris, on the first day."""
    hour, minute, second = (int(part) for part in local.split(":"))
    there = true_time(house).astimezone(PARIS).replace(hour=hour, minute=minute, second=second, microsecond=0)
    house.run((there - true_time(house)).total_seconds())


def test_the_operators_time_is_taken_over_and_moves_no_setpoint(operated: House) -> None:
    """CPO-4, RELIABILITY invariant 16: the site knows the true time, although its host doesn't."""
    view = shown(operated)
    assert view.source is TimeSource.OPERATOR
    assert view.offset == pytest.approx(AHEAD, abs=1.0)
    assert abs((view.site - true_time(operated)).total_seconds()) < 1.0
    # Stations are led there slowly: a lease in their clock must neither end sooner nor later.
    assert abs((view.told - view.host).total_seconds()) < 2.0
    assert sum(pilots(operated)) == pytest.approx(BEFORE, abs=0.1)


def test_the_times_of_use_change_exactly_at_the_corrected_time(operated: House) -> None:
    """CPO-4, TOU-6: not two hours late, whatever is done to the host's clock before."""
    operated.shift_wall(86_400.0)
    until(operated, "16:59:58")
    assert sum(pilots(operated)) == pytest.approx(BEFORE, abs=0.1)
    until(operated, "17:00:02")
    assert sum(pilots(operated)) <= AFTER + 0.1


def test_an_operator_whose_time_jumps_moves_neither_the_time_nor_the_tariff(operated: House) -> None:
    """CPO-4: refused and told; nobody falls to the night's share hours too early."""
    assert operated.operator is not None
    before = pilots(operated)
    for ahead in (AHEAD + 4 * 3600.0, -1.7e9, 400 * 86_400.0):
        operated.operator.system.habits.ahead = ahead
        operated.run(25.0)
        assert abs((shown(operated).site - true_time(operated)).total_seconds()) < 1.0
        assert ("operator_time", SITE_TIME) in operated.standing()
        assert pilots(operated) == pytest.approx(before, abs=0.1)
    operated.operator.system.habits.ahead = AHEAD
    operated.run(25.0)
    assert ("operator_time", SITE_TIME) not in operated.standing()
    operated.operator.down = True
    operated.shift_wall(-3 * 86_400.0)
    operated.run(20.0)
    assert abs((shown(operated).site - true_time(operated)).total_seconds()) < 1.0
    assert pilots(operated) == pytest.approx(before, abs=0.1)


@pytest.fixture(scope="module")
def free(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """No operator, no tariff that could bind: cars in every zone."""
    made = House(tmp_path_factory.mktemp("free"), document=small_site())
    made.settle_in()
    for where in CARS:
        made.plug(where)
    made.run(60.0)
    yield made
    assert made.deaths() == []
    assert made.referee.clean
    made.close()


_JUMPS = st.lists(
    st.tuples(
        st.sampled_from(["host", "person"]),
        st.one_of(st.floats(-90_000.0, 90_000.0), st.sampled_from([-1.7e9, 3600.0, -3600.0, 2e9])),
        st.floats(0.5, 8.0),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=12, deadline=None)
@given(_JUMPS)
def test_whatever_jumps_no_lease_no_pledge_and_no_setpoint_does(
    free: House, jumps: list[tuple[str, float, float]]
) -> None:
    """RELIABILITY invariant 16, CPO-4: leases and time-outs go by the monotonic clock, always."""

    def held() -> list[Amps]:
        return [free.outlet(where).pilot for where in CARS]

    before, moved = held(), 0.0
    for who, seconds, pause in jumps:
        if who == "host":
            free.shift_wall(seconds)
            moved += seconds
        else:
            wanted = min(max(START + timedelta(seconds=seconds), EARLIEST), LATEST)
            free.runtime.tell(SITE_TIME, SetSiteTime("one", wanted, TimeSource.PERSON, "anna"))
        free.run(pause)
        assert held() == pytest.approx(before, abs=1.0)
    free.shift_wall(-moved)
    free.run(2.0)
    assert "disconnected" not in {code for code, _ in free.standing()}
