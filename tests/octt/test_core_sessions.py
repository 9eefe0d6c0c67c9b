"""OCTT, Core: cold boot, sessions, remote start and stop, outages."""

from datetime import UTC, datetime, timedelta

from evce.facts import ConnectorStatus, Link
from evce.station_control.action_state import ActionState
from tests.octt.charge_point import stamp
from tests.octt.stage import CARD, STRANGER, Play, case


def ago(seconds: float) -> str:
    """A time of the past, as stations write it."""
    moment = datetime.now(UTC) - timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@case()
async def test_octt_001_cold_boot(play: Play) -> None:
    """OC-1: it is taken in with the time and an interval, and shown as it says that it is."""
    station = play.station
    await station.connect()
    answer = await station.boot()
    assert answer["status"] == "Accepted"
    assert answer["interval"] > 0
    moment = datetime.fromisoformat(answer["currentTime"])
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 10.0
    assert "currentTime" in await station.call("Heartbeat")
    await play.until(play.verified, "it is in service")
    view = await play.seen()
    assert (view.link, view.vendor, view.firmware) == (Link.CONNECTED, "OCTT", "1.0")
    assert (await play.outlet()).status is ConnectorStatus.AVAILABLE


@case()
async def test_octt_003_regular_session_plug_in_first(play: Play) -> None:
    """OC-1, CDR-1: one session in the books, with the energy of the register."""
    station = await play.begin()
    transaction = await play.charge()
    assert (await play.outlet()).transaction is not None
    assert await play.authorize() == "Accepted"
    await play.stop(transaction)
    await play.leave()
    session = await play.booked()
    assert (session.transaction, session.id_tag, session.meter_start) == (transaction, CARD, 1000.0)
    assert station.statuses[1] == "Available"


@case()
async def test_octt_004_1_regular_session_identification_first(play: Play) -> None:
    """OC-1: the card before the cable."""
    station = await play.begin()
    assert await play.authorize() == "Accepted"
    await station.status("Preparing")
    transaction = await play.start()
    await station.status("Charging")
    await play.stop(transaction)
    await play.leave()
    await play.booked()


@case()
async def test_octt_004_2_identification_first_connection_time_out(play: Play) -> None:
    """OC-1: nobody plugs in; there was no session."""
    station = await play.begin()
    assert await play.authorize() == "Accepted"
    await station.status("Preparing")
    await station.status("Available")
    assert await play.sessions() == []
    assert (await play.outlet()).status is ConnectorStatus.AVAILABLE


@case()
async def test_octt_005_1_ev_side_disconnected(play: Play) -> None:
    """OC-1, OC-3: the key is set from here, and a pulled cable ends the session."""
    station = await play.begin()
    station.keys["StopTransactionOnEVSideDisconnect"] = ("false", False)
    action = await play.order("set-key", key="StopTransactionOnEVSideDisconnect", value="true")
    assert (await play.outcome(action)).state is ActionState.DONE
    assert station.keys["StopTransactionOnEVSideDisconnect"][0] == "true"
    transaction = await play.charge()
    await station.status("SuspendedEV")
    await play.stop(transaction, "EVDisconnected", None)
    await play.leave()
    await play.booked("EVDisconnected")


@case()
async def test_octt_007_regular_start_with_a_cached_id(play: Play) -> None:
    """AU-2: a station that knows the card starts without asking."""
    station = await play.begin()
    await station.status("Preparing")
    transaction = await play.start()
    await station.status("Charging")
    await play.stop(transaction)
    await play.leave()
    await play.booked()


@case()
async def test_octt_010_remote_start_cable_first(play: Play) -> None:
    """OC-3: the car waits already."""
    station = await play.begin()
    station.answers["RemoteStartTransaction"] = lambda _: {"status": "Accepted"}
    await station.status("Preparing")
    action = await play.order("start", connector=1, card=CARD)
    asked = await station.expect("RemoteStartTransaction")
    assert asked == {"connectorId": 1, "idTag": CARD}
    assert await play.authorize() == "Accepted"
    transaction = await play.start()
    await station.status("Charging")
    assert (await play.outcome(action)).state is ActionState.DONE
    await play.stop(transaction)
    await play.leave()
    await play.booked()


@case()
async def test_octt_011_1_remote_start_first(play: Play) -> None:
    """OC-3: the action is done when the car has come."""
    station = await play.begin()
    station.answers["RemoteStartTransaction"] = lambda _: {"status": "Accepted"}
    action = await play.order("start", connector=1, card=CARD)
    assert action.state is ActionState.IN_PROGRESS
    await station.status("Preparing")
    transaction = await play.start()
    await station.status("Charging")
    assert (await play.outcome(action)).state is ActionState.DONE
    await play.stop(transaction)
    await play.leave()
    await play.booked()


@case()
async def test_octt_011_2_remote_start_time_out(play: Play) -> None:
    """OC-3: nobody plugs in; no session, and another start is possible."""
    station = await play.begin()
    station.answers["RemoteStartTransaction"] = lambda _: {"status": "Accepted"}
    await play.order("start", connector=1, card=CARD)
    await station.status("Preparing")
    await station.status("Available")
    assert await play.sessions() == []
    action = await play.order("start", connector=1, card=CARD)
    assert action.state is ActionState.IN_PROGRESS
    transaction = await play.start()
    assert (await play.outcome(action)).state is ActionState.DONE
    await play.stop(transaction)


@case()
async def test_octt_012_remote_stop(play: Play) -> None:
    """OC-3: the transaction by its id."""
    station = await play.begin()
    station.answers["RemoteStopTransaction"] = lambda _: {"status": "Accepted"}
    transaction = await play.charge()
    action = await play.order("stop", connector=1)
    assert await station.expect("RemoteStopTransaction") == {"transactionId": transaction}
    await play.stop(transaction, "Remote", None)
    await play.leave()
    assert (await play.outcome(action)).state is ActionState.DONE
    await play.booked("Remote")


async def restarts(play: Play, kind: str) -> None:
    """A reset in the middle of a session: it ends in the books, and the station comes back."""
    station = await play.begin()
    station.answers["Reset"] = lambda _: {"status": "Accepted"}
    transaction = await play.charge()
    action = await play.order("reset", type=kind)
    assert await station.expect("Reset") == {"type": kind}
    await play.stop(transaction, f"{kind}Reset", None)
    await station.disconnect()
    station.statuses[1] = "Available"
    await station.connect()
    await station.boot()
    assert (await play.outcome(action)).state is ActionState.DONE
    await play.booked(f"{kind}Reset")
    await play.until(play.verified, "it is in service again")


@case()
async def test_octt_013_hard_reset(play: Play) -> None:
    """OC-3."""
    await restarts(play, "Hard")


@case()
async def test_octt_014_soft_reset(play: Play) -> None:
    """OC-3."""
    await restarts(play, "Soft")


@case()
async def test_octt_026_remote_start_rejected(play: Play) -> None:
    """OC-3: the refusal is told."""
    station = await play.begin()
    station.answers["RemoteStartTransaction"] = lambda _: {"status": "Rejected"}
    assert (await play.order("start", connector=1, card=CARD)).state is ActionState.REFUSED


@case()
async def test_octt_028_remote_stop_rejected(play: Play) -> None:
    """OC-3: the refusal is told, and the session goes on."""
    station = await play.begin()
    station.answers["RemoteStopTransaction"] = lambda _: {"status": "Rejected"}
    transaction = await play.charge()
    assert (await play.order("stop", connector=1)).state is ActionState.REFUSED
    (session,) = await play.sessions()
    assert (session.transaction, session.stopped_at) == (transaction, None)
    await play.stop(transaction)
    await play.booked()


@case()
async def test_octt_032_1_power_failure_stop_transactions(play: Play) -> None:
    """OC-6: the station ends its transaction when the power is back."""
    station = await play.begin()
    transaction = await play.charge()
    await station.disconnect()
    station.statuses[1] = "Available"
    await station.connect()
    await station.boot()
    await play.stop(transaction, "PowerLoss", None, at=stamp())
    await play.booked("PowerLoss")
    assert (await play.outlet()).transaction is None


@case()
async def test_octt_037_1_offline_start_valid_id(play: Play) -> None:
    """OC-6: a session that began while nobody could be asked goes on under its number."""
    station = await play.begin()
    await station.disconnect()
    began = ago(90.0)
    station.statuses[1] = "Charging"
    await station.connect()
    transaction = await play.start(at=began)
    await station.status("Charging")
    session = (await play.sessions())[0]
    assert session.started_at == datetime.fromisoformat(began)
    await play.stop(transaction)
    await play.leave()
    await play.booked()


@case()
async def test_octt_037_3_offline_start_invalid_id(play: Play) -> None:
    """AU-2, OC-6: the card is refused afterwards; the station ends the session by itself."""
    station = await play.begin()
    await station.disconnect()
    station.statuses[1] = "Charging"
    await station.connect()
    answer = await station.call(
        "StartTransaction", connectorId=1, idTag=STRANGER, meterStart=1000, timestamp=ago(90.0)
    )
    assert answer["idTagInfo"]["status"] == "Invalid"
    await play.stop(answer["transactionId"], "DeAuthorized", None)
    await play.leave()
    session = await play.booked("DeAuthorized")
    assert "unauthorised" in session.flags


@case()
async def test_octt_039_offline_transaction(play: Play) -> None:
    """OC-6: start and end are told later; both times are the station's."""
    station = await play.begin()
    await station.disconnect()
    began, ended = ago(300.0), ago(60.0)
    await station.connect()
    transaction = await play.start(at=began)
    await play.stop(transaction, at=ended)
    session = await play.booked()
    assert (session.started_at, session.stopped_at) == tuple(map(datetime.fromisoformat, (began, ended)))
