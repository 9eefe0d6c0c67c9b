"""Tests of the single lines that a drill looks at."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from evce.drill.expectation import Expectation, Sight
from evce.drill.kinds import Stage
from evce.drill.sights import (
    alarm_over,
    alarm_stands,
    board,
    in_amps,
    limit_is,
    limit_is_no_longer,
    link,
    meter_is,
    pledges_fit,
    queue,
    setpoint_follows,
    setpoints_fit,
    share_held,
    station_is_away,
    verified,
)
from evce.facts import Link
from evce.planning.foresight import Foreseen, Loss, foresee
from evce.planning.ledger import ledger
from evce.units import BoxIdentity, MeterId, TransactionId
from evce.views import AlarmView, SiteSnapshot
from tests.evce.builders import key
from tests.evce.drill.yard import AT, MAIN, NOW, document, planner, snapshot

A, M = BoxIdentity("A"), MeterId("m")
SHOWN = snapshot(document())
ALARM = AlarmView("meter_lost", "m", "", "", "critical", AT)
LOST = "meter lost"


def zone(**changes: object) -> SiteSnapshot:
    return replace(SHOWN, zones={**SHOWN.zones, MAIN: replace(SHOWN.zones[MAIN], **changes)})


def station(**changes: object) -> SiteSnapshot:
    return replace(SHOWN, stations={**SHOWN.stations, A: replace(SHOWN.stations[A], **changes)})


def foreseen(then: float) -> Foreseen:
    return Foreseen(key("A"), MAIN, 32.0, then, 32.0, 32.0, controllable=True)


@pytest.mark.parametrize(
    ("row", "so", "not_so"),
    [
        (lambda: meter_is(M, "connected", 1.0, Stage.RESTORED), SHOWN, replace(SHOWN, meters={})),
        (lambda: station_is_away(A, 1.0), station(link=Link.LOST), SHOWN),
        (lambda: alarm_stands("meter_lost", "m", 1.0), replace(SHOWN, alarms=(ALARM,)), SHOWN),
        (lambda: alarm_over("meter_lost", "m", 1.0), SHOWN, replace(SHOWN, alarms=(ALARM,))),
        (
            lambda: limit_is(MAIN, 20.0, "meter lost", 1.0),
            zone(limit=(20.0,) * 3, bound_by="meter lost"),
            SHOWN,
        ),
        (lambda: limit_is(MAIN, 20.0, "", 1.0), zone(limit=(19.0,) * 3), zone(limit=(19.0, 20.2, 19.0))),
        (
            lambda: limit_is_no_longer(MAIN, "meter lost", 1.0),
            SHOWN,
            zone(bound_by="meter lost, 4 A produced"),
        ),
        (lambda: setpoints_fit(MAIN, 1.0), SHOWN, zone(setpoints=(20.0, 101.0, 20.0))),
        (lambda: pledges_fit(MAIN, 1.0), SHOWN, zone(pledged=(20.0, 20.0, 100.2))),
        (lambda: setpoint_follows(foreseen(20.4), 1.0, SHOWN), SHOWN, replace(SHOWN, stations={})),
        (lambda: setpoint_follows(foreseen(20.4), 1.0, SHOWN), SHOWN, station(connectors=())),
    ],
)
def test_a_line_tells_what_was_predicted_from_all_else(
    row: Callable[[], Expectation], so: SiteSnapshot, not_so: SiteSnapshot
) -> None:
    """AC-4."""
    observed, true = row().look(Sight(so))
    assert (true, row().look(Sight(not_so))[1]) == (True, False)
    assert observed


@pytest.mark.parametrize(("then", "so"), [(18.9, False), (19.0, True), (21.0, True), (21.1, False)])
def test_a_setpoint_counts_within_an_ampere(then: float, so: bool) -> None:
    """AC-4: a car may come or go between the prediction and the cut. Lower than predicted differs too."""
    assert setpoint_follows(foreseen(then), 1.0, SHOWN).look(Sight(SHOWN)) == ("20 A", so)


def test_a_session_that_ended_meanwhile_has_nothing_to_follow() -> None:
    """AC-4."""
    (view,) = SHOWN.stations[A].connectors
    shown = station(connectors=(replace(view, transaction=None, setpoint=0.0),))
    assert setpoint_follows(foreseen(10.0), 1.0, SHOWN).look(Sight(shown)) == ("its session is over", True)


def test_a_lost_share_is_seen_in_the_pledges() -> None:
    """AC-4, RELIABILITY invariant 4."""
    made = planner(document())
    (lost, _) = foresee(made, Loss(stations=(A,)), 30.0, NOW, AT).connectors
    row = share_held(lost)
    lines = {line.connector: line for line in ledger(made, MAIN, NOW)}
    assert row.look(Sight(SHOWN, lines)) == ("20 A", True)
    given_away = {"A/1": replace(lines["A/1"], pledge=(5.0,) * 3)}
    assert row.look(Sight(SHOWN, given_away)) == ("5 A", False)
    assert row.look(Sight(SHOWN)) == ("unknown", False)
    assert row.holds


def test_stations_inputs_and_the_queue_are_told_in_words() -> None:
    """AC-4."""
    assert link(Sight(SHOWN), A, Link.CONNECTED) == ("connected", True)
    assert verified(Sight(SHOWN), A) == ("verified", True)
    assert verified(Sight(station(link=Link.LOST)), A) == ("not verified", False)
    lost = replace(SHOWN, inputs=(replace(SHOWN.inputs[0], board_lost=True),))
    assert board(Sight(lost), lost=True) == ("can't be read", True)
    assert board(Sight(SHOWN), lost=True) == ("read", False)
    waiting = replace(SHOWN, uplinks={A: replace(SHOWN.uplinks[A], waiting=3)})
    assert queue(Sight(waiting), SHOWN) == ("3 messages", False)
    assert queue(Sight(SHOWN), SHOWN) == ("0 messages", True)
    assert in_amps(6.649) == "6.6 A"


def test_who_came_or_left_meanwhile_is_told_where_a_setpoint_differs() -> None:
    """AC-4: each car changes everybody's share."""
    (view,) = SHOWN.stations[A].connectors
    assert view.transaction is not None
    another = replace(view.transaction, id=TransactionId(2))
    shown = station(connectors=(replace(view, transaction=another),))
    row = setpoint_follows(foreseen(10.0), 1.0, SHOWN)
    assert row.look(Sight(shown)) == ("20 A; meanwhile 1 came and 0 left", False)
