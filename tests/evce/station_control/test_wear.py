"""The wear of a station's memory: counted, bounded, and never in the way of a reduction."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evce.configuration.choices import Authentication
from evce.records import WearRecord
from evce.station_control.control import StationControl
from evce.station_control.settings import RENEW_AT, StationSettings
from evce.station_control.wear import Wear, longest_lease
from evce.units import ConnectorKey
from tests.evce.station_control.bench import BOX, Bench

DAY = 86_400.0
BASE = 120.0
KEY = ConnectorKey(BOX, 1)


@pytest.mark.parametrize(
    ("base", "budget", "longest"), [(120.0, None, 120.0), (120.0, 200, 3_840.0), (7_200.0, 200, 7_200.0)]
)
def test_with_the_longest_lease_renewals_use_what_flows_in(
    base: float, budget: int | None, longest: float
) -> None:
    assert longest_lease(base, budget) == longest


def test_while_there_is_plenty_nothing_is_spared() -> None:
    wear = Wear(budget=200)
    for second in range(34):
        assert (wear.lease(BASE, second), wear.saves(BASE, second, has=True)) == (BASE, False)
        wear.spend(second, setpoint=True)
    assert wear.lease(BASE, 34.0) == pytest.approx(BASE, rel=0.02)


def test_as_the_store_empties_leases_lengthen_and_raises_wait_for_one_another() -> None:
    wear = Wear(budget=200)
    for _ in range(60):
        wear.spend(0.0, setpoint=True)
    lease = wear.lease(BASE, 0.0)
    assert BASE < lease < 3_600.0
    assert wear.saves(BASE, 0.0, has=True)
    assert not wear.saves(BASE, 0.0, has=False), "a car that has nothing doesn't wait"
    due = wear.changes_at(BASE, 0.0, has=True)
    assert due == pytest.approx(0.9 * lease * RENEW_AT), "in the stead of a renewal"
    assert not wear.saves(BASE, due, has=True)


def test_with_an_empty_store_a_car_that_has_nothing_waits_for_the_next_write() -> None:
    wear = Wear(budget=200)
    for _ in range(78):
        wear.spend(0.0, setpoint=True)
    assert wear.lease(BASE, 0.0) == 3_840.0
    assert wear.changes_at(BASE, 0.0, has=False) == pytest.approx(720.0)
    wear.spend(0.0, setpoint=True)
    assert wear.changes_at(BASE, 0.0, has=False) == pytest.approx(0.9 * 3_840.0 * RENEW_AT), "no later"


def test_something_is_kept_for_cars_that_have_nothing() -> None:
    wear = Wear(budget=200)
    now, renew_at = 0.0, 0.0
    while now < 2 * DAY:
        now = max(renew_at, wear.changes_at(BASE, now, has=True) if wear.saves(BASE, now, has=True) else now)
        wear.spend(now, setpoint=True)
        renew_at = now + wear.lease(BASE, now) * RENEW_AT * 0.5
    assert not wear.saves(BASE, now, has=False)


def test_memory_that_does_not_wear_out_is_only_counted() -> None:
    wear = Wear()
    for second in range(5_000):
        wear.spend(float(second), setpoint=True)
    assert (wear.total, wear.of_a_day(5_000.0)) == (5_000, 5_000)
    assert (wear.lease(BASE, 5_000.0), wear.saves(BASE, 5_000.0, has=True)) == (BASE, False)
    assert wear.of_a_day(5_000.0 + 26 * 3_600.0) == 0


def test_a_successor_goes_on_where_its_predecessor_was() -> None:
    before = Wear(budget=200)
    for _ in range(50):
        before.spend(10.0, setpoint=True)
    record = before.record(KEY, 10.0)
    assert record == WearRecord(KEY, 50, pytest.approx(28.0), 50)
    after = Wear(budget=200)
    after.spend(1.0, setpoint=False)  # sent before the disk had answered
    after.resume(record, 1.0)
    assert (after.total, after.left(1.0)) == (51, pytest.approx(27.0))
    assert (after.of_a_day(1.0), after.of_a_day(26 * 3_600.0)) == (51, 0)
    assert Wear(budget=200).record(KEY, 0.0) is None


@settings(max_examples=40)
@given(
    budget=st.integers(50, 400),
    gaps=st.lists(st.floats(0.5, 3_000.0), min_size=1, max_size=60),
    cuts=st.lists(st.booleans(), min_size=1, max_size=20),
)
def test_whatever_is_wanted_a_day_has_no_more_writes_than_it_may(
    budget: int, gaps: list[float], cuts: list[bool]
) -> None:
    """DESIGN §4: in any 24 h; reductions are sent all the same, and count."""
    wear = Wear(budget=budget)
    now, turn = 0.0, 0
    sent: list[float] = []
    renew_tx = renew_default = 0.0
    has = False
    reductions = 0
    while now < 3 * DAY:
        now = min(now + gaps[turn % len(gaps)], renew_tx, renew_default) + 1e-3
        cut = has and cuts[turn % len(cuts)] and turn % 7 == 0
        turn += 1
        raises = not cut and not wear.saves(BASE, now, has=has)
        if now >= renew_default:
            wear.spend(now, setpoint=False)
            sent.append(now)
            renew_default = now + 1.5 * (longest_lease(BASE, budget) + 10.0) * RENEW_AT
        if cut or raises or now >= renew_tx:
            reductions += cut
            wear.spend(now, setpoint=True)
            sent.append(now)
            has = not cut
            renew_tx = now + wear.lease(BASE, now) * RENEW_AT
    first = 0
    for last, moment in enumerate(sent):
        while sent[first] < moment - DAY:
            first += 1
        assert last - first + 1 <= budget + reductions + 2


def flashed(budget: int | None) -> Bench:
    made = Bench(
        settings=StationSettings(
            fallback={1: 9.0},
            authentication=Authentication.ALL_CARDS,
            longest_lease=longest_lease(BASE, budget),
            writes_a_day=budget,
        )
    )
    made.connect()
    made.say("BootNotification", chargePointVendor="V", chargePointModel="M")
    made.wait(5.0)
    return made


def writes(bench: Bench, connector: int = 1) -> list[float]:
    return [
        at
        for at, _, action, payload in bench.calls
        if action == "SetChargingProfile" and payload["connectorId"] == connector
    ]


@pytest.mark.parametrize(("budget", "fewer", "more"), [(None, 100_000, 2_000), (200, 202, 100)])
def test_a_day_of_charging_at_one_setpoint(budget: int | None, fewer: int, more: int) -> None:
    """DESIGN §4: leases lengthen until the renewals fit; the car keeps its setpoint all the while."""
    bench = flashed(budget)
    bench.plug_and_start()
    bench.order(16.0, plan=1)
    for _ in range(24 * 6):
        bench.wait(600.0)
        assert bench.facts.setpoint == 16.0
        assert bench.facts.lease_ends_at is not None
        assert bench.facts.lease_ends_at > bench.now
    assert more < len(writes(bench)) <= fewer
    (worn,) = bench.control.view().wear[:1]
    assert (worn.total, worn.a_day) == (len(writes(bench)), budget)


def test_a_raise_that_would_cost_too_much_is_told_to_the_zone_and_so_is_its_end() -> None:
    bench = flashed(200)
    bench.plug_and_start()
    for plan in range(1, 80):
        bench.order(10.0 + plan % 2, plan=plan)
        bench.wait(0.5)
    assert bench.facts.spares
    bench.control.take_news()
    waits = 0
    while bench.facts.spares:
        bench.wait(60.0)
        waits += 1
        assert waits < 100
    assert bench.control.take_news()


def test_a_reduction_is_sent_at_once_with_an_empty_store() -> None:
    bench = flashed(50)
    bench.plug_and_start()
    for plan in range(1, 60):
        bench.order(10.0 + plan % 2, plan=plan)
        bench.wait(0.5)
    bench.order(6.0, plan=100)
    assert bench.facts.setpoint == 6.0


def test_what_was_sent_before_counts_once() -> None:
    bench = flashed(200)
    young = StationControl(bench.station, bench.settings, "young", bench.moment)
    for _ in range(2):  # asked twice, answered twice
        young.open_transactions((), {}, bench.moment, (WearRecord(KEY, 1_000, 12.0),))
    assert young.view().wear[0].total == 1_000
    assert young.wear(bench.now)[0] == WearRecord(KEY, 1_000, 12.0)
