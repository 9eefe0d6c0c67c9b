"""OCTT, Reservation: made, used, refused, cancelled and expired."""

from datetime import UTC, datetime

import pytest

from evce.facts import ConnectorStatus
from evce.station_control.action_state import Action, ActionState
from evce.station_control.action_words import Saying
from tests.octt.charge_point import Payload
from tests.octt.stage import CARD, PARENT, Play, case


async def reserve(play: Play, status: str = "Accepted", **given: object) -> tuple[Action, Payload]:
    """The action, and what the station was asked."""
    station = await play.begin()
    station.answers["ReserveNow"] = lambda _: {"status": status}
    connector = given.get("connector", 1)
    action = await play.order("reserve", card=CARD, **{"connector": connector, "minutes": 5} | given)
    asked = await station.expect("ReserveNow")
    assert (asked["connectorId"], asked["idTag"]) == (connector, CARD)
    expires = datetime.fromisoformat(asked["expiryDate"])
    assert (expires - datetime.now(UTC)).total_seconds() == pytest.approx(300.0, abs=60.0)
    # What the wire lost was asked again: the newest is the one that counts.
    return action, next(p for name, p in reversed(station.heard) if name == "ReserveNow")


async def use(play: Play, asked: Payload) -> None:
    """The driver comes."""
    assert await play.authorize() == "Accepted"
    transaction = await play.start(reservationId=asked["reservationId"])
    await play.station.status("Charging")
    await play.stop(transaction)
    await play.leave()
    await play.booked()


@case()
async def test_octt_046_reservation_transaction(play: Play) -> None:
    """OC-3: shown as reserved, and done with the transaction that names it."""
    action, asked = await reserve(play)
    await play.station.status("Reserved")
    assert (await play.outlet()).status is ConnectorStatus.RESERVED
    await use(play, asked)
    ended = await play.outcome(action)
    assert (ended.state, ended.said.saying) == (ActionState.DONE, Saying.RESERVATION_USED)


@case()
async def test_octt_047_reservation_expire(play: Play) -> None:
    """OC-3: nobody comes; the outlet is free again for whoever comes next."""
    await reserve(play)
    await play.station.status("Reserved")
    await play.station.status("Available")
    assert (await play.outlet()).status is ConnectorStatus.AVAILABLE
    transaction = await play.charge()
    await play.stop(transaction)
    await play.booked()


async def refused(play: Play, status: str) -> None:
    """People learn why."""
    action, _ = await reserve(play, status)
    assert action.state is ActionState.REFUSED
    assert status in str(action.said)


@case()
async def test_octt_048_1_reservation_faulted(play: Play) -> None:
    """OC-3."""
    await refused(play, "Faulted")


@case()
async def test_octt_048_2_reservation_occupied(play: Play) -> None:
    """OC-3."""
    await refused(play, "Occupied")


@case()
async def test_octt_048_3_reservation_unavailable(play: Play) -> None:
    """OC-3."""
    await refused(play, "Unavailable")


@case()
async def test_octt_048_4_reservation_rejected(play: Play) -> None:
    """OC-3."""
    await refused(play, "Rejected")


@case()
async def test_octt_049_reservation_of_a_whole_charge_point(play: Play) -> None:
    """OC-3: connector 0 is whichever outlet is free."""
    action, asked = await reserve(play, connector=0)
    await use(play, asked)
    assert (await play.outcome(action)).state is ActionState.DONE


async def cancel(play: Play, status: str) -> tuple[Action, Action]:
    """A reservation, and the attempt to take it back."""
    action, asked = await reserve(play)
    play.station.answers["CancelReservation"] = lambda _: {"status": status}
    back = await play.outcome(await play.order("cancel-reservation", reservation=asked["reservationId"]))
    told = await play.station.expect("CancelReservation")
    assert told == {"reservationId": asked["reservationId"]}
    return action, back


@case()
async def test_octt_051_cancel_reservation(play: Play) -> None:
    """OC-3: with it ends the reservation."""
    action, back = await cancel(play, "Accepted")
    assert back.state is ActionState.DONE
    ended = await play.outcome(action)
    assert ended.said.saying is Saying.RESERVATION_CANCELLED


@case()
async def test_octt_052_cancel_reservation_rejected(play: Play) -> None:
    """OC-3: it stands."""
    action, back = await cancel(play, "Rejected")
    assert back.state is ActionState.REFUSED
    (still,) = [a for a in await play.actions() if a.id == action.id]
    assert still.state is ActionState.IN_PROGRESS


@case()
async def test_octt_053_reservation_with_the_parent_id_tag(play: Play) -> None:
    """OC-3: another card of the group uses it."""
    action, asked = await reserve(play, parent=PARENT)
    assert asked["parentIdTag"] == PARENT
    await use(play, asked)
    assert (await play.outcome(action)).state is ActionState.DONE
