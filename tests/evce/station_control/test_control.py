"""The control of a station as a whole, against a scripted one."""

from dataclasses import replace
from math import inf

import pytest

from evce.configuration.choices import Authentication
from evce.electrical import Connector, Wiring
from evce.facts import ConnectorStatus, Link
from evce.pledges import pledge
from evce.records import SessionRecord
from evce.station_control.effects import WriteProgress
from evce.station_control.settings import StationSettings
from evce.units import ConnectorKey, TransactionId
from tests.evce.station_control.bench import BOX, EPOCH, SILENCE, Bench, Refusal, make_station


def connector_of(bench: Bench) -> Connector:
    return bench.station.connectors[0]


def pledged(bench: Bench) -> float:
    return pledge(bench.facts, connector_of(bench), bench.now)


def charging(amps: float = 16.0, **changes: object) -> Bench:
    """A verified station whose car charges at a setpoint."""
    bench = Bench(**changes)  # type: ignore[arg-type]
    bench.connect()
    bench.plug_and_start()
    bench.order(amps, 1)
    bench.wait(7.0)
    bench.draw(amps, amps, amps)
    return bench


def test_a_station_is_verified_once_its_fall_back_and_its_lease_are_accepted() -> None:
    """DG-6: it never has to send a BootNotification for that."""
    bench = Bench()
    assert (bench.facts.link, bench.facts.verified, bench.facts.fallback) == (Link.NEVER_SEEN, False, None)
    bench.connect()
    assert (bench.facts.link, bench.facts.verified) == (Link.CONNECTED, True)
    assert (bench.facts.fallback, bench.facts.starts_at) == (9.0, 0.0)
    assert bench.profiles("TxDefaultProfile", 0) == [9.0]
    assert bench.profiles("TxDefaultProfile", 1) == [0.0]


def test_nothing_is_believed_before_the_acknowledgements() -> None:
    """DG-6."""
    bench = Bench(answers={"SetChargingProfile": SILENCE})
    bench.connect()
    assert (bench.facts.verified, bench.facts.fallback, bench.facts.starts_at) == (False, None, None)
    assert pledged(bench) == 32.0
    bench.answer_held()
    assert not bench.facts.verified
    bench.answer_held()
    assert (bench.facts.verified, bench.facts.fallback) == (True, 9.0)


def test_a_transaction_starts_at_what_the_outlet_gives_and_is_raised_by_an_order() -> None:
    """LM-1."""
    bench = Bench()
    bench.connect()
    bench.plug_and_start()
    assert bench.facts.setpoint == 0.0
    assert bench.facts.wants
    bench.order(16.0, 1)
    assert (bench.facts.setpoint, bench.facts.plan) == (16.0, 1)
    assert bench.profiles("TxProfile") == [0.0, 16.0]


def test_superseded_setpoints_are_told_until_the_car_has_settled() -> None:
    """DESIGN 4.5 by LM-1: the pledge stays with the higher setpoint for 6 s."""
    bench = charging(16.0)
    bench.draw(6.0, 6.0, 6.0)
    bench.order(6.0, 2)
    assert [past.amps for past in bench.facts.acknowledged] == [16.0, 6.0]
    assert pledged(bench) == 16.0
    bench.wait(6.1)
    assert [past.amps for past in bench.facts.acknowledged] == [6.0]
    assert pledged(bench) == 6.0


@pytest.mark.parametrize(
    "reply", [{"status": "Rejected"}, {"status": "NotSupported"}, Refusal("InternalError"), {"odd": 1}]
)
def test_a_refused_raise_lowers_nothing_and_is_flagged(reply: object) -> None:
    """LM-1: timeouts, rejections and errors never lower a pledge."""
    bench = charging(10.0)
    bench.answers["SetChargingProfile"] = reply  # type: ignore[assignment]
    bench.order(16.0, 2)
    assert bench.facts.setpoint == 10.0
    assert bench.facts.outstanding == (16.0,)
    assert pledged(bench) == 16.0
    assert ("profile_rejected", "CP-01/1") in bench.alarms
    del bench.answers["SetChargingProfile"]
    bench.wait(11.0)
    assert (bench.facts.setpoint, bench.facts.outstanding) == (16.0, ())
    assert bench.alarms == {}


def test_a_refused_profile_is_tried_again_less_and_less_often() -> None:
    """LM-1."""
    bench = charging(10.0)
    bench.answers["SetChargingProfile"] = {"status": "Rejected"}
    before = len(bench.profiles("TxProfile"))
    bench.order(16.0, 2)
    bench.wait(300.0)
    assert 4 <= len([amps for amps in bench.profiles("TxProfile")[before:] if amps == 16.0]) <= 7


def test_a_call_without_an_answer_keeps_its_setpoint_outstanding() -> None:
    """LM-1."""
    bench = charging(10.0)
    bench.answers["SetChargingProfile"] = SILENCE
    bench.order(16.0, 2)
    bench.wait(10.5)
    assert bench.facts.setpoint == 10.0
    assert 16.0 in bench.facts.outstanding
    assert pledged(bench) == 16.0


def test_a_late_answer_to_a_raise_has_the_reduction_said_again() -> None:
    """LM-1: the station may have applied the raise last."""
    bench = charging(10.0)
    bench.answers["SetChargingProfile"] = SILENCE
    bench.order(16.0, 2)
    bench.order(6.0, 3)
    bench.wait(2.1)  # the reduction overtakes
    assert [payload["connectorId"] for _, _, payload in bench.held] == [1, 1]
    bench.answer_held(1)
    assert bench.facts.setpoint == 6.0
    assert 16.0 in bench.facts.outstanding
    del bench.answers["SetChargingProfile"]
    bench.answer_held(0)
    assert bench.profiles("TxProfile")[-1] == 6.0
    assert (bench.facts.setpoint, bench.facts.outstanding) == (6.0, ())


def test_a_raise_that_is_never_answered_costs_the_socket() -> None:
    """LM-1: its share would stay blocked for as long as the socket lives."""
    bench = charging(10.0)
    bench.answers["SetChargingProfile"] = SILENCE
    bench.order(16.0, 2)
    bench.order(6.0, 3)
    bench.wait(2.1)
    del bench.answers["SetChargingProfile"]
    bench.answer_held(1)
    bench.wait(100.0)
    assert len(bench.closed) == 1


def test_a_pending_call_delays_a_reduction_by_two_seconds_at_most() -> None:
    """LM-1."""
    bench = charging(16.0)
    bench.answers["GetDiagnostics"] = SILENCE
    bench.act("diagnostics", location="ftp://192.0.2.1/")
    bench.wait(0.5)
    ordered_at = bench.now
    bench.order(6.0, 2)
    assert bench.profiles("TxProfile")[-1] == 16.0
    bench.wait(2.1)
    sent_at, _, _, _ = bench.calls[-1]
    assert bench.profiles("TxProfile")[-1] == 6.0
    assert sent_at - ordered_at <= 2.0


def test_an_order_of_an_older_plan_is_dropped() -> None:
    """LM-1."""
    bench = charging(16.0)
    bench.order(6.0, 5)
    bench.order(20.0, 4)
    assert (bench.facts.setpoint, bench.facts.plan) == (6.0, 5)


def test_an_order_above_the_rating_is_capped_and_tenths_are_kept() -> None:
    bench = charging(16.0)
    bench.order(99.0, 2)
    assert bench.facts.setpoint == 32.0
    bench.order(7.25, 3)
    assert bench.facts.setpoint == 7.2


def test_who_must_fall_falls_first() -> None:
    """DG-6: above the fall-back for T, below it for half as long again and the clocks' errors."""
    bench = charging(16.0)
    above = bench.sent("SetChargingProfile")[-1]["csChargingProfiles"]["chargingSchedule"]["duration"]
    bench.order(6.0, 2)
    below = bench.sent("SetChargingProfile")[-1]["csChargingProfiles"]["chargingSchedule"]["duration"]
    assert 125 <= above <= 127
    assert 200 <= below <= 202


def test_a_lease_is_renewed_at_a_third_of_its_life() -> None:
    """DG-6."""
    bench = charging(16.0)
    before = len(bench.profiles("TxProfile"))
    bench.wait(120.0)
    assert bench.profiles("TxProfile")[before:] == [16.0] * 3
    assert bench.facts.acknowledged[-1].superseded_at is None


def test_a_lost_station_keeps_its_pledge_until_the_lease_has_ended() -> None:
    """DG-2, DG-6."""
    bench = charging(16.0)
    bench.disconnect()
    assert (bench.facts.link, bench.facts.verified) == (Link.LOST, False)
    assert bench.facts.link_lost_at == bench.now
    assert pledged(bench) == 16.0
    assert ("disconnected", "CP-01") in bench.alarms
    ends_at = bench.facts.lease_ends_at
    assert ends_at is not None
    assert 100.0 < ends_at - bench.now < 130.0
    bench.wait(ends_at - bench.now + 7.0)
    assert pledged(bench) <= 16.0
    assert bench.facts.fallback == 9.0


def test_a_lost_station_takes_no_orders() -> None:
    """LM-1."""
    bench = charging(16.0)
    bench.disconnect()
    bench.order(20.0, 7)
    assert bench.facts.plan == 1


def test_a_station_that_returns_is_verified_anew() -> None:
    """DG-6: its setpoint is said again before anything is believed."""
    bench = charging(16.0)
    bench.disconnect()
    bench.wait(20.0)
    bench.answers["SetChargingProfile"] = SILENCE
    bench.connect()
    assert not bench.facts.verified
    assert bench.facts.incarnation == 2
    bench.order(20.0, 7)
    del bench.answers["SetChargingProfile"]
    while bench.held:
        bench.answer_held()
    assert bench.facts.verified
    assert (bench.facts.setpoint, bench.facts.plan) == (16.0, 7)  # the raise is ordered again


def test_a_station_that_returns_after_its_lease_begins_at_its_fall_back() -> None:
    """LM-1: what it had may be others' by now."""
    bench = charging(16.0)
    bench.disconnect()
    bench.wait(400.0)
    bench.connect()
    assert bench.facts.setpoint == 9.0


def test_the_alarm_of_a_flapping_link_is_one() -> None:
    """LG-1."""
    bench = charging(16.0)
    for _ in range(5):
        bench.disconnect()
        bench.wait(2.0)
        bench.connect()
        bench.wait(2.0)
    assert sum(log.message.endswith("not connected") for log in bench.logs) == 1
    assert ("disconnected", "CP-01") in bench.alarms
    bench.wait(31.0)
    assert bench.alarms == {}


def test_an_answer_of_an_old_socket_speaks_for_nobody() -> None:
    """OC-6."""
    bench = charging(16.0)
    bench.answers["SetChargingProfile"] = SILENCE
    bench.order(20.0, 2)
    (old, _, _), *_ = bench.held
    bench.disconnect()
    bench.held.clear()
    bench.connect()
    bench.control.call_answered(1, old, {"status": "Accepted"}, bench.moment)
    assert 20.0 not in [past.amps for past in bench.facts.acknowledged]


def test_message_ids_never_repeat() -> None:
    """OC-1."""
    bench = charging(16.0)
    for _ in range(3):
        bench.disconnect()
        bench.connect()
        bench.wait(60.0)
    ids = [message_id for _, message_id, _, _ in bench.calls]
    assert len(ids) == len(set(ids))
    assert max(map(len, ids)) <= 36


def test_a_restart_of_the_station_counts_with_its_rating_until_all_is_said_again() -> None:
    """OC-6, DG-6."""
    bench = charging(16.0)
    bench.wait(70.0)
    bench.answers["SetChargingProfile"] = SILENCE
    bench.say("BootNotification", chargePointVendor="V", chargePointModel="M")
    assert not bench.facts.verified
    assert pledged(bench) == 32.0
    assert ("boot", "CP-01") in bench.alarms
    del bench.answers["SetChargingProfile"]
    while bench.held:
        bench.answer_held()
    assert bench.facts.verified
    assert bench.alarms == {}


def test_a_boot_that_was_asked_for_restarts_nothing() -> None:
    """OC-6."""
    bench = charging(16.0)
    bench.say("BootNotification", chargePointVendor="V", chargePointModel="M")
    assert bench.facts.verified
    assert bench.facts.setpoint == 16.0


def test_sessions_go_on_after_a_restart_of_the_actor() -> None:
    """OC-6."""
    key = ConnectorKey(BOX, 1)
    record = SessionRecord(TransactionId(7), key, "Garage 1", "04A1", False, EPOCH, 500.0, energy=1200.0)
    bench = Bench(open=(record,))
    bench.connect()
    facts = bench.facts
    assert (facts.transaction, facts.energy, facts.plugged) == (7, 1200.0, True)
    assert facts.charging_since == pytest.approx(0.0)
    assert bench.profiles("TxProfile") == [0.0], "nobody knows what it had"
    assert facts.verified


def test_nothing_is_verified_before_the_running_sessions_are_known() -> None:
    """OC-6."""
    bench = Bench(recorder="away")
    bench.connect()
    assert not bench.facts.verified
    bench.recorder = "works"
    bench.wait(4.0)
    assert bench.facts.verified


def test_an_unassigned_station_gets_nothing() -> None:
    """EL-8."""
    bench = Bench(station=make_station(zone=None))
    bench.connect()
    bench.plug_and_start()
    bench.order(16.0, 1)
    assert bench.facts.setpoint == 0.0
    assert bench.profiles("TxDefaultProfile", 0) == [0.0]


def test_a_car_that_isnt_plugged_in_leaves_no_setpoint_behind() -> None:
    """LM-1."""
    bench = Bench()
    bench.connect()
    bench.order(16.0, 1)
    bench.status("Preparing")
    assert bench.facts.starts_at == 0.0


def test_a_plugged_car_without_a_transaction_gets_the_leased_default() -> None:
    """LM-1."""
    bench = Bench()
    bench.connect()
    bench.status("Preparing")
    bench.order(10.0, 1)
    assert bench.facts.starts_at == 10.0
    assert pledged(bench) == 10.0
    bench.plug_and_start()
    assert bench.facts.setpoint == 10.0
    bench.status("Available")
    assert bench.profiles("TxDefaultProfile", 1)[-1] == 0.0


def test_the_end_of_a_session_takes_its_setpoint_along() -> None:
    """LM-1."""
    bench = charging(16.0)
    bench.say("StopTransaction", transactionId=1, meterStop=2000, timestamp=bench.time())
    facts = bench.facts
    assert (facts.transaction, facts.draw, facts.wants) == (None, (0.0, 0.0, 0.0), False)
    assert facts.starts_at == 0.0
    assert pledged(bench) == 0.0


@pytest.mark.parametrize(
    ("wiring", "amps", "draw"),
    [
        (Wiring.TRI123, (1.0, 2.0, 3.0), (1.0, 2.0, 3.0)),
        (Wiring.TRI231, (1.0, 2.0, 3.0), (3.0, 1.0, 2.0)),
        (Wiring.MONO2, (5.0,), (0.0, 5.0, 0.0)),
    ],
)
def test_draw_is_told_on_grid_phases(
    wiring: Wiring, amps: tuple[float, ...], draw: tuple[float, ...]
) -> None:
    """EL-3."""
    bench = Bench(station=make_station(wiring=wiring))
    bench.connect()
    bench.plug_and_start()
    bench.draw(*amps)
    assert bench.facts.draw == draw
    assert bench.facts.draw_at == pytest.approx(bench.now)


def test_a_replayed_measurement_is_not_what_flows_now() -> None:
    """OC-6."""
    bench = charging(16.0)
    bench.draw(1.0, 1.0, 1.0, back=300.0)
    assert bench.facts.draw == (16.0, 16.0, 16.0)


def test_the_energy_of_a_session_never_goes_back() -> None:
    """OC-6, CDR-1."""
    bench = charging(16.0)
    for register in (1500.0, 2500.0, 100.0, 2600.0):
        bench.draw(16.0, energy=register)
        bench.wait(11.0)
    assert bench.facts.energy == 1600.0
    noted = [effect.energy for effect in bench.effects if isinstance(effect, WriteProgress)]
    assert noted == [500.0, 1500.0, 1600.0]


def test_a_station_whose_clock_is_an_hour_off_holds_its_leases_in_its_own_time() -> None:
    """DG-6: and until it is right, they count as endless."""
    bench = Bench(skew=3600.0)
    bench.connect()
    bench.plug_and_start()
    bench.order(16.0, 1)
    start = bench.sent("SetChargingProfile")[-1]["csChargingProfiles"]["chargingSchedule"]["startSchedule"]
    assert start.startswith("2026-01-05T07:01:3")
    assert bench.facts.lease_ends_at == inf
    assert ("clock_skew", "CP-01") in bench.alarms
    bench.skew = 0.0
    for _ in range(30):
        bench.wait(5.0)
        bench.draw(16.0, 16.0, 16.0)
    assert bench.alarms == {}
    assert bench.facts.lease_ends_at is not None
    assert bench.facts.lease_ends_at < inf


def test_renewals_that_fail_let_the_station_fall_and_are_counted_so() -> None:
    """DG-6: a car at 0 A rises to its fall-back when nobody renews."""
    bench = charging(0.0)
    bench.draw(0.0, 0.0, 0.0)
    bench.answers["SetChargingProfile"] = SILENCE
    bench.wait(300.0)
    assert bench.facts.link is Link.CONNECTED
    assert pledged(bench) >= 9.0


@pytest.mark.parametrize("forced", [False, True])
def test_a_session_is_stopped_through_its_station(forced: bool) -> None:
    """OC-3."""
    bench = charging(16.0)
    bench.act("stop", connector=1, forced=forced)
    assert bench.sent("RemoteStopTransaction") == [{"transactionId": 1}]
    assert bench.stops == []


@pytest.mark.parametrize("reply", [None, {"status": "Rejected"}, Refusal("NotSupported"), SILENCE])
def test_a_forced_stop_closes_the_session_of_a_station_that_wont(reply: object) -> None:
    """OC-3."""
    bench = charging(16.0)
    bench.draw(16.0, energy=3000.0)
    if reply is None:
        bench.disconnect()
    else:
        bench.answers["RemoteStopTransaction"] = reply  # type: ignore[assignment]
    bench.act("stop", connector=1, forced=True)
    bench.wait(11.0)
    assert [(stop.transaction, stop.reason, stop.meter_stop) for stop in bench.stops] == [
        (1, "Forced", 3000.0)
    ]
    assert bench.facts.transaction is None


def test_a_remote_start_goes_out() -> None:
    """OC-3."""
    bench = Bench()
    bench.connect()
    bench.act("start", connector=1, card="04A1")
    assert bench.sent("RemoteStartTransaction") == [{"connectorId": 1, "idTag": "04A1"}]
    assert any(log.author == "ada" and "Accepted" in log.message for log in bench.logs)


@pytest.mark.parametrize(
    ("action", "payload", "sent"),
    [
        ("Reset", {"type": "Soft"}, 1),
        ("Reset", {"type": "x"}, 0),
        ("Odd", {}, 0),
        ("ClearChargingProfile", {}, 0),
    ],
)
def test_an_engineers_call_is_checked_and_logged(action: str, payload: dict[str, str], sent: int) -> None:
    """OC-1."""
    bench = Bench()
    bench.connect()
    bench.act("call", call=action, payload=payload)
    assert len(bench.sent(action)) == sent
    assert any(log.author == "ada" for log in bench.logs)


def test_a_restart_has_everything_said_again() -> None:
    """DG-6."""
    bench = charging(16.0)
    before = len(bench.profiles("TxDefaultProfile", 0))
    bench.act("reset")
    assert len(bench.profiles("TxDefaultProfile", 0)) == before + 1
    assert bench.facts.verified


def test_a_new_revision_applies_live() -> None:
    """CF-1: the session goes on, the new fall-back is told."""
    bench = charging(16.0)
    bench.control.reconfigure(
        make_station(vip=True), replace(bench.settings, fallback={1: 6.0}), bench.moment
    )
    bench.carry_out()
    assert bench.profiles("TxDefaultProfile", 0) == [9.0, 6.0]
    assert (bench.facts.fallback, bench.facts.vip, bench.facts.transaction) == (6.0, True, 1)


def test_a_station_in_a_zone_no_more_is_reduced() -> None:
    """EL-8, CF-1."""
    bench = charging(16.0)
    bench.control.reconfigure(make_station(zone=None), bench.settings, bench.moment)
    bench.carry_out()
    assert bench.facts.setpoint == 0.0
    assert bench.facts.fallback == 0.0


def test_what_people_see_follows() -> None:
    """UI-1, LM-11."""
    bench = charging(16.0)
    view = bench.control.view()
    (outlet,) = view.connectors
    assert (view.link, view.verified, view.zone) == (Link.CONNECTED, True, "z")
    assert (outlet.status, outlet.setpoint, outlet.measured) == (
        ConnectorStatus.CHARGING,
        16.0,
        (16.0, 16.0, 16.0),
    )
    assert outlet.transaction is not None
    assert outlet.transaction.id_tag == "04A1"


def test_two_connectors_are_controlled_apart() -> None:
    """EL-3."""
    bench = Bench(station=make_station(connectors=2))
    bench.connect()
    bench.plug_and_start(connector=2)
    bench.order(16.0, 1, connector=2)
    first, second = bench.control.facts(bench.now)
    assert (first.transaction, first.setpoint) == (None, 0.0)
    assert (second.transaction, second.setpoint) == (1, 16.0)


def test_a_long_quiet_day_needs_few_wake_ups() -> None:
    """AC-1: the control sleeps until something is due."""
    bench = Bench(settings=StationSettings(fallback={1: 9.0}, authentication=Authentication.ALL_CARDS))
    bench.connect()
    bench.wait(24 * 3600.0)
    assert bench.facts.verified
    assert len(bench.calls) < 24 * 3600 / 50
