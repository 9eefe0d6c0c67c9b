"""What a broken or hostile station says on the real socket, and what it is answered (RELIABILITY §3)."""

import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.typing import Subprotocol

from actors.messages import ListEvents
from evce.views import StationView
from tests.conftest import TIMEOUT_FACTOR
from tests.integration.house import House, closed_with, dial, until

NOW = "2026-06-01T12:00:00Z"


class Rude:
    """A station that says what it is told to; the daemon's own calls it answers with NotImplemented."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._serial = 0

    def answer(self) -> list[Any]:
        """The next CALLRESULT or CALLERROR."""
        while True:
            frame: list[Any] = json.loads(self.socket.recv(timeout=5.0 * TIMEOUT_FACTOR))
            if frame[0] != 2:
                return frame
            self.socket.send(json.dumps([4, frame[1], "NotImplemented", "", {}]))

    def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """A CALL as it should be; returns the payload of its CALLRESULT."""
        self._serial += 1
        self.socket.send(json.dumps([2, f"good-{self._serial}", action, payload]))
        frame = self.answer()
        assert frame[:2] == [3, f"good-{self._serial}"], frame
        result: dict[str, Any] = frame[2]
        return result

    def heartbeat(self) -> None:
        assert "currentTime" in self.call("Heartbeat", {})


@pytest.fixture
def rude(house: House) -> Iterator[Rude]:
    with dial(house, "CP-X") as socket:
        yield Rude(socket)


def deep(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('[2,"x1","Heartbeat"]', "FormationViolation"),
        ('[2,"x1","Heartbeat",{},{}]', "FormationViolation"),
        ('[2,"x1","Heartbeat",[]]', "FormationViolation"),
        ('[2,"x1",7,{}]', "FormationViolation"),
        ('[2,"x1","Heartbeat",{]', "FormationViolation"),
        ('[2,"x1","DataTransfer",{"vendorId":"v","data":NaN}]', "FormationViolation"),
        (f'[2,"x1","DataTransfer",{deep(40)}]', "FormationViolation"),
        ('[2,"x1","Dance",{}]', "NotImplemented"),
        ('[2,"x1","SetChargingProfile",{}]', "NotSupported"),
        ('[2,"x1","StatusNotification",{"connectorId":1,"errorCode":"NoError"}]', "ProtocolError"),
        ('[2,"x1","Heartbeat",{"mood":"good"}]', "FormationViolation"),
        (
            '[2,"x1","StatusNotification",{"connectorId":"1","errorCode":"NoError","status":"Available"}]',
            "TypeConstraintViolation",
        ),
        (
            '[2,"x1","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Tired"}]',
            "PropertyConstraintViolation",
        ),
        (json.dumps([2, "x1", "Authorize", {"idTag": "X" * 21}]), "PropertyConstraintViolation"),
    ],
    ids=str,
)
def test_a_bad_call_gets_the_error_that_ocpp_has_for_it(rude: Rude, frame: str, code: str) -> None:
    """OC-1: RELIABILITY §3, never a crash, never a silent drop; the next call is answered."""
    rude.socket.send(frame)
    assert rude.answer()[:3] == [4, "x1", code]
    rude.heartbeat()


@pytest.mark.parametrize(
    "frame",
    [
        "nonsense",
        "",
        "[]",
        "{}",
        "[2]",
        "[9,1,2]",
        '[2,7,"Heartbeat",{}]',
        '[3,"never-asked",{}]',
        '[4,"never-asked","GenericError","",{}]',
        "[3,null]",
        b"\xff\xfe\x00",
    ],
    ids=repr,
)
def test_what_nobody_can_answer_is_dropped(rude: Rude, frame: str | bytes) -> None:
    """OC-1: RELIABILITY §3, log and drop; the next call is answered."""
    rude.socket.send(frame)
    rude.heartbeat()


def test_the_log_names_the_station_and_the_mistake(house: House, rude: Rude) -> None:
    """LG-1: somebody can find out which station talks rubbish."""
    rude.socket.send("rubbish")
    rude.heartbeat()

    def told() -> bool:
        events = house.ask("recorder", ListEvents(devices=("CP-X",)))
        return any("malformed" in event.message for event in events)

    until(told, 15, "the event log tells")


def test_ten_malformed_frames_are_enough(rude: Rude) -> None:
    """OC-1: RELIABILITY §3, 10 strikes, then the socket is closed (policy violation)."""
    for _ in range(10):
        rude.socket.send("nonsense")
    assert closed_with(rude.socket) == 1008


def test_a_giant_is_turned_away(rude: Rude) -> None:
    """OC-1: RELIABILITY §3, a frame above 1 MiB closes 1009."""
    with contextlib.suppress(ConnectionClosed):  # it may be closed before all of it is sent
        rude.socket.send("x" * (1024 * 1024 + 1))
    assert closed_with(rude.socket) == 1009


@pytest.mark.parametrize("name", ["", "CP-1/extra", "..%2F..%2Fetc", "%00"])
def test_a_stranger_gets_404(house: House, name: str) -> None:
    """OC-1: RELIABILITY §3, no identity."""
    with pytest.raises(InvalidStatus) as refused, dial(house, name):
        pass
    assert refused.value.response.status_code == 404


def test_a_stranger_is_shown_to_people(house: House) -> None:
    """OC-2: an unregistered station that tries to connect is listed, with what it says of itself."""
    with dial(house, "CP-78") as socket:
        socket.send('[2,"a","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]')
        assert closed_with(socket) == 1008
    with pytest.raises(InvalidStatus) as refused, dial(house, "CP-78"):
        pass
    assert refused.value.response.status_code == 404

    def listed() -> bool:
        stations: list[StationView] = list(house.snapshot().stations.values())
        return any(
            (view.box_identity, view.registered, view.model) == ("CP-78", False, "M") for view in stations
        )

    until(listed, 5, "the dashboard lists it")


@pytest.mark.parametrize("offered", [None, [Subprotocol("ocpp2.0.1")]])
def test_another_protocol_is_closed_after_the_handshake(
    house: House, offered: list[Subprotocol] | None
) -> None:
    """OC-1: RELIABILITY §3, handshake without subprotocol, then close."""
    with dial(house, "CP-X", subprotocols=offered) as socket:
        assert socket.subprotocol is None
        assert closed_with(socket) == 1002


def test_an_identity_that_is_in_use_is_refused(house: House, rude: Rude) -> None:
    """OC-1: RELIABILITY §2, the old socket answers its ping, so the newcomer is refused, with an alarm."""
    answering = threading.Thread(target=closed_with, args=(rude.socket,), daemon=True)
    answering.start()
    with pytest.raises(InvalidStatus) as refused, dial(house, "CP-X"):
        pass
    assert refused.value.response.status_code == 409
    alarms = {(alarm.code, alarm.source) for alarm in house.snapshot().alarms}
    assert ("duplicate_identity", "CP-X") in alarms
    rude.socket.close()
    answering.join(5.0)


@pytest.mark.parametrize(
    ("value", "unit"),
    [("NaN", "A"), ("1e400", "A"), ("-5", "A"), ("abc", "Wh"), ("21", "Celcius"), ("21", "Celsius")],
)
def test_odd_measurements_are_answered_normally(rude: Rude, value: str, unit: str) -> None:
    """OC-1: RELIABILITY §3, OCPP 1.6 §4.7: MeterValues has no way to be refused."""
    measurand = {"A": "Current.Import", "Wh": "Energy.Active.Import.Register"}.get(unit, "Temperature")
    sample = {"value": value, "unit": unit, "measurand": measurand}
    meter_value = [{"timestamp": "2099-01-01T00:00:00Z", "sampledValue": [sample]}]
    assert rude.call("MeterValues", {"connectorId": 1, "meterValue": meter_value}) == {}


def test_a_session_that_runs_backwards_is_kept_and_flagged(house: House, rude: Rude) -> None:
    """OC-1: RELIABILITY §3, meterStop below meterStart and no reason: answered, stored, flagged."""
    boot = {"chargePointVendor": "V", "chargePointModel": "M"}
    assert rude.call("BootNotification", boot)["status"] == "Accepted"
    start = {"connectorId": 1, "idTag": "RUDE", "meterStart": 100, "timestamp": NOW}
    transaction = rude.call("StartTransaction", start)["transactionId"]
    assert transaction > 0
    assert rude.call("StartTransaction", start)["transactionId"] == transaction
    stop = {"transactionId": transaction, "meterStop": 50, "timestamp": NOW}
    assert "currentTime" not in rude.call("StopTransaction", stop)
    ended = [session for session in house.sessions(running=False) if session.transaction == transaction]
    assert len(ended) == 1
    assert ended[0].flags


def test_the_good_stations_noticed_nothing(charging: House, rude: Rude) -> None:
    """OC-1: whoever behaves is served meanwhile."""
    assert charging.all_verified()
    assert charging.site.complaints() == []
    boot = {"chargePointVendor": "V", "chargePointModel": "M"}
    assert rude.call("BootNotification", boot)["status"] == "Accepted"
