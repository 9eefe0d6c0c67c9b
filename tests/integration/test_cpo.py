"""The real daemon between simulated stations and an operator that is down, killed, slow or hostile."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evce.configuration.toml_source import parse_toml, write_toml
from evce.storage import Store
from evce.views import UplinkView
from tests.integration.house import YARD, House, simulated, until, with_meters_at
from tests.integration.process import Process
from tools.control.client import control
from tools.data_folder import DataFolder
from tools.rehearsal.cpo_day import book_differences
from tools.simulation.cpo_server import CpoServer
from tools.simulation.wire import Answer, ErrorAnswer

CARDS = '[authentication]\nmode = "known_cards"\noffline = "accept"\n'


def yard(port: int) -> str:
    """The yard with an operator who decides about cards; in an outage everybody may charge."""
    cards = YARD.replace('[authentication]\nmode = "all_cards"\n', CARDS)
    assert CARDS in cards
    return (
        f'{cards}\n[cpo]\nenabled = true\nurl = "ws://127.0.0.1:{port}/ocpp"\n'
        "retry_interval_s = 1\nmeter_interval_s = 1\n"
    )


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def read(house_folder: Path) -> Store:
    return DataFolder(house_folder).read(datetime.now(UTC))


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    with ExitStack() as stack:
        yield stack


class Operated:
    """A house with an operator that can be taken away and brought back."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.book = folder / "book"
        self.port = free_port()
        self._stack = stack
        self.operate()
        self.house = House(folder / "data", yard(self.port))
        stack.callback(self.house.stop)
        self.house.start()
        until(self.house.all_verified, 20, "every station is verified")
        until(lambda: self.states() == {"online"}, 15, "all stations are connected to the operator")

    def operate(self) -> CpoServer:
        self.cpo = CpoServer(self.book, self.port)
        self._stack.callback(self.cpo.stop)
        self.cpo.start()
        return self.cpo

    def uplink(self, station: str) -> UplinkView:
        views = {str(key): view for key, view in self.house.snapshot().uplinks.items()}
        return views[station]

    def states(self) -> set[str]:
        return {self.uplink(name).state for name in ("CP-1", "CP-2", "CP-3")}

    def settled(self) -> bool:
        return all(self.uplink(name).waiting == 0 for name in ("CP-1", "CP-2", "CP-3"))

    def charges(self, name: str) -> bool:
        """Whether the car that is there now has current: the pilot of the last one may still stand."""
        return self.house.pilot(name) >= 6.0 and self.house.connector(name).transaction is not None

    def come_and_go(self, *names: str) -> None:
        """A car comes to each, charges, and leaves."""
        for name in names:
            self.house.obey(f"plug {name} BADGE-{name}")
        until(lambda: all(self.charges(name) for name in names), 30, f"{names} charge")
        for name in names:
            self.house.obey(f"unplug {name}")
        until(
            lambda: all(self.house.connector(name).transaction is None for name in names), 15, "all are gone"
        )


def test_the_operator_s_book_equals_the_database_after_outages(tmp_path: Path, stack: ExitStack) -> None:
    """CPO-1, CPO-3: down, killed, slow and erring; afterwards every session once, in order."""
    site = Operated(tmp_path, stack)
    house = site.house
    site.come_and_go("CP-1", "CP-2", "CP-3")
    until(site.settled, 15, "all is told")

    house.obey("plug CP-1 BADGE-CP-1")
    until(lambda: house.pilot("CP-1") >= 6.0, 30, "a session runs into the outage")
    site.cpo.stop()
    until(lambda: "online" not in site.states(), 15, "the outage is seen")
    house.obey("unplug CP-1")
    site.come_and_go("CP-2", "CP-3")
    site.come_and_go("CP-2")
    until(lambda: site.uplink("CP-2").waiting >= 4, 5, "the queue is shown, samples of long sessions with it")

    operator = site.operate().operator
    operator.habits.slow = 0.2
    operator.habits.errors = 3
    site.come_and_go("CP-1")
    until(site.settled, 60, "the journal is delivered")
    with read(house.folder) as store:
        assert len(store.sessions()) == 8
        assert book_differences(operator.book, store) == []
        assert store.journal() == []
    assert operator.complaints == []
    assert house.site.complaints() == []


def test_a_kill_in_the_middle_of_an_outage_loses_nothing_and_doubles_nothing(
    tmp_path: Path, stack: ExitStack
) -> None:
    """CPO-3: the daemon dies twice while the operator is away; the journal outlives it."""
    book, cpo_port, port = tmp_path / "book", free_port(), free_port()
    site = simulated(parse_toml(YARD))
    toml = yard(cpo_port)
    document = with_meters_at(parse_toml(toml), site.start_meters())
    site_file = tmp_path / "site.toml"
    site_file.write_text(write_toml(document))
    stack.callback(site.stop)

    def pilots(*names: str) -> list[float]:
        return [site.world.stations[name].outlets[1].pilot for name in names]

    def uplinks(process: Process) -> dict[str, str]:
        found = control(process.data, "uplinks")["uplinks"]
        return {uplink["station"]: uplink["state"] for uplink in found}

    cpo = CpoServer(book, cpo_port)
    cpo.start()
    stack.callback(cpo.stop)
    first = Process(tmp_path, str(site_file), ocpp_port=port)
    stack.callback(first.kill)
    first.ready()
    site.start(f"ws://127.0.0.1:{port}/ocpp")
    until(lambda: set(uplinks(first).values()) == {"online"}, 20, "the operator sees all stations")
    site.obey("plug CP-1 BADGE-1")
    until(lambda: min(pilots("CP-1")) >= 6.0, 30, "a session that the operator knows")
    until(lambda: len(cpo.operator.book.order) == 1, 10, "it is told")
    cpo.stop()
    site.obey("plug CP-2 BADGE-2")
    until(lambda: min(pilots("CP-2")) >= 6.0, 30, "a session of the outage")
    site.obey("unplug CP-1")
    site.obey("plug CP-3 BADGE-3")
    first.kill()
    site.obey("unplug CP-2")

    second = Process(tmp_path, ocpp_port=port)
    stack.callback(second.kill)
    second.ready()
    until(lambda: min(pilots("CP-3")) >= 6.0, 60, "charging goes on")
    with read(second.data) as store:
        assert [entry for entry in store.journal() if entry.action == "StartTransaction"] != []
    second.kill()
    third = Process(tmp_path, ocpp_port=port)
    stack.callback(third.kill)
    third.ready()
    again = CpoServer(book, cpo_port)
    again.start()
    stack.callback(again.stop)
    site.obey("unplug CP-3")

    def told() -> bool:
        with read(third.data) as store:
            ended = [session for session in store.sessions() if session.stopped_at is not None]
            return len(ended) == 3 and store.journal() == []

    until(told, 60, "all is told")
    with read(third.data) as store:
        assert book_differences(again.operator.book, store) == []
    assert again.operator.complaints == []


def answered(answer: Answer | ErrorAnswer) -> object:
    return answer.payload.get("status") if isinstance(answer, Answer) else answer.code


def test_the_operator_commands_stations_and_limits_their_current(tmp_path: Path, stack: ExitStack) -> None:
    """CPO-1, CPO-2: its commands reach the station, its profiles are a ceiling, told as it is."""
    site = Operated(tmp_path, stack)
    house, cpo = site.house, site.cpo
    assert (
        answered(cpo.call("CP-3", "RemoteStartTransaction", {"connectorId": 1, "idTag": "APP"})) == "Accepted"
    )
    house.obey("plug CP-3 APP")
    until(lambda: house.pilot("CP-3") == 32.0, 40, "it charges")
    until(lambda: len(cpo.operator.book.transactions) == 1, 10, "the operator knows")
    (transaction,) = cpo.operator.book.transactions
    profile = {
        "chargingProfileId": 7,
        "transactionId": transaction,
        "stackLevel": 1,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 9.0}],
        },
    }
    set_profile = {"connectorId": 1, "csChargingProfiles": profile}
    assert answered(cpo.call("CP-3", "SetChargingProfile", set_profile)) == "Accepted"
    until(lambda: house.pilot("CP-3") == 9.0, 5, "the ceiling holds")

    def why() -> list[str]:
        return [text for zone in house.snapshot().zones.values() for text in zone.reasons.values()]

    until(lambda: any("operator's charging profile" in text for text in why()), 5, "the reason is told")
    composite = cpo.call("CP-3", "GetCompositeSchedule", {"connectorId": 1, "duration": 60})
    assert isinstance(composite, Answer)
    assert composite.payload["chargingSchedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 9.0}
    ]
    unknown = {"connectorId": 1, "csChargingProfiles": {**profile, "transactionId": 4711}}
    assert answered(cpo.call("CP-3", "SetChargingProfile", unknown)) == "Rejected"
    before = cpo.sockets["CP-3"]
    house.evce("actors", "kill", "cpo/CP-3")
    until(lambda: cpo.sockets.get("CP-3") not in (None, before), 20, "its uplink is restarted")
    until(lambda: site.uplink("CP-3").state == "online", 20, "it is taken in again")
    assert house.pilot("CP-3") == 9.0
    assert answered(cpo.call("CP-3", "ClearChargingProfile", {"id": 7})) == "Accepted"
    until(lambda: house.pilot("CP-3") == 32.0, 30, "it has what the zone gives")

    change = {"key": "WebSocketPingInterval", "value": "30"}
    assert answered(cpo.call("CP-1", "ChangeConfiguration", change)) == "Accepted"
    keys = cpo.call("CP-1", "GetConfiguration", {"key": ["WebSocketPingInterval"]})
    assert isinstance(keys, Answer)
    assert keys.payload["configurationKey"][0]["value"] == "30"
    away = {"key": "MeterValuesSampledData", "value": "Energy.Active.Import.Register"}
    assert answered(cpo.call("CP-1", "ChangeConfiguration", away)) == "Rejected"
    stop = {"transactionId": transaction}
    assert answered(cpo.call("CP-3", "RemoteStopTransaction", stop)) == "Accepted"
    until(lambda: not house.sessions(running=True), 15, "stopped by the operator")


def test_a_card_that_the_operator_refuses_gets_nothing(tmp_path: Path, stack: ExitStack) -> None:
    """AU-3: the operator decides where there is one."""
    site = Operated(tmp_path, stack)
    site.cpo.operator.habits.cards["STRANGER"] = "Invalid"
    site.house.obey("plug CP-1 STRANGER")
    until(
        lambda: ("Authorize", {"idTag": "STRANGER"}) in site.cpo.operator.told.get("CP-1", []),
        15,
        "it is asked",
    )
    site.come_and_go("CP-2")
    assert [session.id_tag for session in site.house.sessions(running=False)] == ["BADGE-CP-2"]
    assert site.house.pilot("CP-1") == 0.0


def test_a_hostile_operator_harms_no_station(tmp_path: Path, stack: ExitStack) -> None:
    """CPO-1: silence, nonsense and floods; cars go on charging, cards are decided by the rule for outages."""
    site = Operated(tmp_path, stack)
    house, cpo = site.house, site.cpo
    house.obey("plug CP-1 BADGE-1")
    until(lambda: house.pilot("CP-1") >= 6.0, 30, "a car charges")
    for text in (
        "[]",
        "nonsense",
        '[2,"x","Reset"]',
        "[" * 5000,
        '[3,"nobody asked",{}]',
        '[2,"a","Nope",{}]',
    ):
        cpo.send_raw("CP-1", text)
    for number in range(150):
        cpo.send_raw("CP-1", f'[2,"flood-{number}","ClearCache",{{}}]')
    cpo.operator.habits.wrong = True
    house.obey("plug CP-2 BADGE-2")
    until(
        lambda: house.pilot("CP-2") >= 6.0, 30, "another car charges beside an operator that talks nonsense"
    )
    cpo.operator.habits.wrong = False
    cpo.operator.habits.mute = True
    house.obey("plug CP-3 BADGE-3")
    until(lambda: house.pilot("CP-3") >= 6.0, 40, "and beside one that doesn't answer")
    until(lambda: house.pilot("CP-1") >= 6.0, 5, "the first one charges still")
    assert house.site.complaints() == []
    assert [name for name, view in house.snapshot().actors.items() if view.restarts] == []
