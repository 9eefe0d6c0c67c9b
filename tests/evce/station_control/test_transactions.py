"""Cards and transactions, with a recorder that works, is away or is full."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from evce.configuration.choices import Authentication, OfflineAuthentication
from evce.departures import Forecast
from evce.energy_split import Split
from evce.records import CardRecord, SessionRecord
from evce.station_control.effects import WriteProgress
from evce.station_control.settings import StationSettings
from evce.tariff import NO_PERIOD, Period, Slot, Tariff
from evce.units import ConnectorKey, TransactionId
from tests.evce.station_control.bench import BOX, EPOCH, Bench

KNOWN = StationSettings(fallback={1: 9.0})
CARDS = {"04A1": CardRecord("04A1", True), "04B2": CardRecord("04B2", False)}


def bench_with(**changes: Any) -> Bench:
    bench = Bench(**{"settings": KNOWN, "cards": CARDS} | changes)
    bench.connect()
    return bench


def start(bench: Bench, tag: str = "04a1", back: float = 0.0, **changes: Any) -> Any:
    payload = {"connectorId": 1, "idTag": tag, "meterStart": 1000, "timestamp": bench.time(back)}
    return bench.say("StartTransaction", **payload | changes)


@pytest.mark.parametrize(("tag", "status"), [("04a1", "Accepted"), ("04B2", "Invalid"), ("04C3", "Invalid")])
def test_a_card_is_answered_without_regard_to_case(tag: str, status: str) -> None:
    """AU-1, AU-7."""
    assert bench_with().say("Authorize", idTag=tag) == {"idTagInfo": {"status": status}}


def test_a_session_is_answered_with_its_number_after_the_commit() -> None:
    """OC-6."""
    bench = bench_with(recorder="away")
    assert start(bench) is None
    bench = bench_with()
    assert start(bench) == {"transactionId": 1, "idTagInfo": {"status": "Accepted"}}
    assert bench.facts.transaction == 1


def test_an_unauthorised_session_is_recorded_refused_and_given_nothing() -> None:
    """AU-1, AU-5."""
    bench = bench_with()
    assert start(bench, "04C3") == {"transactionId": 1, "idTagInfo": {"status": "Invalid"}}
    assert bench.starts[0].flags == ("unauthorised",)
    bench.order(16.0, 1)
    assert (bench.facts.setpoint, bench.facts.wants) == (0.0, False)


@pytest.mark.parametrize(
    ("offline", "status"),
    [(OfflineAuthentication.ACCEPT, "Accepted"), (OfflineAuthentication.REJECT, "Invalid")],
)
def test_a_session_begun_offline_follows_the_offline_rule(
    offline: OfflineAuthentication, status: str
) -> None:
    """AU-2."""
    bench = bench_with(settings=replace(KNOWN, offline=offline))
    assert start(bench, "04C3", back=600.0)["idTagInfo"]["status"] == status


@pytest.mark.parametrize("recorder", ["away", "full"])
def test_a_start_that_is_not_recorded_is_to_be_repeated(recorder: str) -> None:
    """OC-6: nothing is lost when the disk is full or the recorder is away."""
    bench = Bench(settings=KNOWN, cards=CARDS)
    bench.connect()
    bench.recorder = recorder
    timestamp = bench.time()
    start(bench, timestamp=timestamp)
    bench.wait(8.1)
    assert bench.replies[f"s{bench._serial}"][2] == "InternalError"
    assert bench.facts.transaction is None
    bench.recorder = "works"
    assert start(bench, timestamp=timestamp)["transactionId"] == 1


def test_a_repeated_start_is_the_same_session() -> None:
    """OC-6."""
    bench = bench_with()
    timestamp = bench.time()
    assert [start(bench, timestamp=timestamp)["transactionId"] for _ in range(3)] == [1, 1, 1]
    assert bench.stops == []
    assert bench.facts.transaction == 1


def test_a_new_session_ends_one_that_was_never_ended() -> None:
    """OC-6."""
    bench = bench_with()
    start(bench)
    bench.draw(10.0, energy=4000.0)
    bench.wait(60.0)
    assert start(bench)["transactionId"] == 2
    assert [(stop.transaction, stop.meter_stop, stop.flags) for stop in bench.stops] == [
        (1, 4000.0, ("superseded",))
    ]
    assert bench.facts.transaction == 2


def test_the_replay_of_a_session_that_has_ended_starts_nothing() -> None:
    """OC-6."""
    bench = bench_with()
    timestamp = bench.time()
    start(bench, timestamp=timestamp)
    bench.say("StopTransaction", transactionId=1, meterStop=2000, timestamp=bench.time())
    assert start(bench, timestamp=timestamp)["transactionId"] == 1
    assert bench.facts.transaction is None


@pytest.mark.parametrize("transaction", [-1, 0, 4711])
def test_the_end_of_an_unknown_session_is_kept(transaction: int) -> None:
    """OC-6."""
    bench = bench_with()
    stop = {"transactionId": transaction, "meterStop": 5, "timestamp": bench.time(), "idTag": "04a1"}
    assert bench.say("StopTransaction", **stop) == {"idTagInfo": {"status": "Accepted"}}
    assert bench.stops[0].transaction == transaction
    assert any("orphan" in log.message for log in bench.logs)


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({}, ()),
        ({"timestamp": "yesterday"}, ("bad_timestamp",)),
        ({"timestamp": "2031-01-01T00:00:00Z"}, ("future_timestamp",)),
        ({"meterStop": 999}, ("meter_stop_below_start",)),
    ],
)
def test_what_is_odd_is_flagged(changes: dict[str, Any], flags: tuple[str, ...]) -> None:
    """OC-6, CDR-1."""
    bench = bench_with()
    start(bench)
    stop = {"transactionId": 1, "meterStop": 2000, "timestamp": bench.time()} | changes
    assert bench.say("StopTransaction", **stop) == {}
    assert bench.stops[0].flags == flags
    assert bench.stops[0].reason == "Local"


def test_without_a_recorder_cards_are_accepted_only_where_all_are() -> None:
    """AU-1."""
    for mode, expected in [
        (Authentication.KNOWN_CARDS, "InternalError"),
        (Authentication.ALL_CARDS, {"idTagInfo": {"status": "Accepted"}}),
    ]:
        bench = bench_with(settings=replace(KNOWN, authentication=mode))
        bench.recorder = "away"
        bench.say("Authorize", idTag="04A1")
        bench.wait(8.1)
        assert bench.reply("s1") == expected


@pytest.mark.parametrize(("card", "station"), [(True, False), (False, True), (False, False)])
def test_a_vip_card_or_station_makes_a_vip_session(card: bool, station: bool) -> None:
    """LM-5."""
    bench = Bench(settings=KNOWN, cards={"04A1": CardRecord("04A1", True, vip=card)})
    bench.station = replace(bench.station, vip=station)
    bench.control.reconfigure(bench.station, KNOWN, bench.moment)
    bench.connect()
    start(bench)
    assert bench.facts.vip is (card or station)
    assert bench.starts[0].vip is (card or station)


def test_of_two_open_sessions_of_a_connector_the_younger_runs() -> None:
    """OC-6."""
    key = ConnectorKey(BOX, 1)
    old, young = (
        SessionRecord(TransactionId(n), key, "Garage 1", "04A1", False, EPOCH + timedelta(hours=n), 0.0)
        for n in (1, 2)
    )
    bench = Bench(open=(young, old))
    assert bench.facts.transaction == 2
    assert [stop.transaction for stop in bench.stops] == [1]


EXPECTED = Forecast((3_600.0, 7_200.0), (10_000.0,))


def test_where_departures_count_each_session_is_asked_for_once_and_told_upwards() -> None:
    """LM-4: at its start, and anew when its driver states something; nobody else's answer counts."""
    bench = bench_with(settings=replace(KNOWN, forecasts=True), forecast=EXPECTED)
    start(bench)
    (transaction,) = bench.sessions
    assert bench.forecasts_asked == [transaction]
    assert bench.facts.forecast == EXPECTED
    bench.control.forecast_found(TransactionId(4711), None, bench.moment)
    assert bench.facts.forecast == EXPECTED
    sooner = Forecast((600.0,), (10_000.0,))
    bench.control.take_news()
    bench.control.forecast_found(TransactionId(transaction), sooner, bench.moment)
    assert bench.facts.forecast == sooner
    assert bench.control.take_news()


def test_departures_are_asked_for_when_they_begin_to_count() -> None:
    """LM-4: with a session that ran before, too; not where they don't count."""
    bench = bench_with(forecast=EXPECTED)
    start(bench)
    assert (bench.forecasts_asked, bench.facts.forecast) == ([], None)
    counting = replace(KNOWN, forecasts=True)
    bench.control.reconfigure(bench.station, counting, bench.moment)
    bench.carry_out()
    assert bench.facts.forecast == EXPECTED
    assert len(bench.forecasts_asked) == 1
    record = next(iter(bench.sessions.values()))
    again = Bench(settings=counting, open=(record,), forecast=EXPECTED)
    assert again.facts.forecast == EXPECTED


@pytest.mark.parametrize(
    ("named", "changes", "ended"),
    [
        (False, {}, True),
        (True, {}, False),
        (False, {"idTag": "OTHER"}, False),
        (False, {"meterStop": 0}, False),
        (False, {"timestamp": "2020-01-01T00:00:00Z"}, False),
    ],
)
def test_a_stop_without_an_id_ends_the_session_that_the_station_never_named(
    named: bool, changes: dict[str, Any], ended: bool
) -> None:
    """OC-6, errata 3.18: also of one whose energy was told, as long as it was told without the id."""
    bench = Bench()
    bench.connect()
    transaction = bench.plug_and_start()
    about = {"transactionId": transaction} if named else {}
    value = {"timestamp": bench.time(), "sampledValue": [{"value": "1500"}]}
    bench.say("MeterValues", connectorId=1, meterValue=[value], **about)
    bench.wait(5.0)
    stop = {"transactionId": -1, "meterStop": 2000, "timestamp": bench.time(), **changes}
    bench.say("StopTransaction", **stop)
    told = bench.stops[-1]
    assert (told.transaction, "matched_by_station" in told.flags) == (
        (transaction, True) if ended else (-1, False)
    )
    assert (bench.control.facts(bench.now)[0].transaction is None) is ended


PEAK = Tariff(
    ZoneInfo("Europe/Paris"), (Period("Peak", (Slot(time(7, 30), time(9)),), frozenset(range(7)), 50),)
)
"""The bench's clock begins at 07:00 there."""

WITH_PEAK = StationSettings(fallback={1: 9.0}, authentication=Authentication.ALL_CARDS, tariff=PEAK)


def test_energy_counts_in_the_time_of_use_in_which_it_was_taken() -> None:
    """CDR-2, TOU-3: as it happens, to the stop; the car's pause is no charging time."""
    bench = Bench(settings=WITH_PEAK, now=20 * 60.0)
    bench.connect()
    bench.plug_and_start()
    for minute, (amps, register) in enumerate(
        [(16.0, 1100.0), (16.0, 1200.0), (0.0, 1200.0), (16.0, 1400.0), (16.0, 1600.0)], 1
    ):
        bench.now = (20 + 4 * minute) * 60.0
        bench.draw(amps, amps, amps, energy=register)
    bench.now = 44 * 60.0
    bench.say("StopTransaction", transactionId=1, meterStop=1700, timestamp=bench.time())
    split = bench.stops[-1].split
    assert split is not None
    assert split.periods == pytest.approx({NO_PERIOD: 200.0, "Peak": 500.0})
    assert split.charged == pytest.approx(20 * 60.0)


def test_a_restart_goes_on_where_the_record_ends() -> None:
    """CDR-2, OC-6: what was taken meanwhile counts evenly over the time in between."""
    record = SessionRecord(
        TransactionId(1),
        ConnectorKey(BOX, 1),
        "Garage 1",
        "04A1",
        False,
        EPOCH + timedelta(minutes=10),
        1000.0,
        energy=300.0,
        split=Split(600.0, {NO_PERIOD: 300.0}),
        progress_at=EPOCH + timedelta(minutes=20),
    )
    bench = Bench(settings=WITH_PEAK, open=(record,), now=40 * 60.0)
    bench.connect()
    bench.draw(16.0, 16.0, 16.0, energy=1900.0)
    written = [effect for effect in bench.effects if isinstance(effect, WriteProgress)][-1]
    assert written.split.periods == pytest.approx({NO_PERIOD: 600.0, "Peak": 300.0})
    assert written.split.charged == pytest.approx(1800.0)


def test_a_station_whose_clock_is_ahead_ends_no_session_in_the_future() -> None:
    """CDR-2: its word on the time isn't taken for the length of the last stretch."""
    bench = Bench(skew=3600.0)
    bench.connect()
    bench.plug_and_start()
    bench.wait(60.0)
    bench.draw(16.0, 16.0, 16.0, energy=1100.0)
    bench.wait(60.0)
    bench.say("StopTransaction", transactionId=1, meterStop=1200, timestamp=bench.time())
    split = bench.stops[-1].split
    assert split is not None
    assert split.periods == {NO_PERIOD: 200.0}
    assert split.charged <= 120.0
