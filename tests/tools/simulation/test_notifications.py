"""What a station tells of its own accord fits the schemas of OCPP 1.6."""

from tests.tools.simulation.scripted import Dialogue, connector, station
from tools.simulation.wire import check_request


def test_every_call_of_a_whole_day_fits_its_schema() -> None:
    """OC-1: a day with sessions, faults, triggers and a reboot."""
    talk = Dialogue(station(connector(1), connector(2))).connect().charging()
    talk.station.keys.change("MeterValuesSampledData", "Current.Import,Voltage,SoC,Power.Active.Import")
    talk.ask("UpdateFirmware", {"location": "http://x/f.bin", "retrieveDate": "2026-01-01T00:00:00Z"})
    talk.ask("GetDiagnostics", {"location": "http://x/"})
    talk.station.fault(2, True, talk.now)
    talk.run(20.0).connect().run(70.0)
    actions = {action for action, _ in talk.central.calls}
    for action, payload in talk.central.calls:
        check_request(action, payload)
    assert actions >= {
        "Authorize",
        "BootNotification",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "MeterValues",
        "StartTransaction",
        "StatusNotification",
        "StopTransaction",
    }


def test_heartbeats_come_at_the_interval_the_boot_told() -> None:
    talk = Dialogue(station()).connect().run(185.0)
    assert len(talk.central.seen("Heartbeat")) == 3


def test_a_status_that_was_never_acknowledged_is_told_again_after_a_reconnect() -> None:
    talk = Dialogue(station()).connect()
    talk.central.answers["StatusNotification"] = None
    talk.station.fault(1, True, talk.now)
    talk.run(1.0).disconnect()
    del talk.central.answers["StatusNotification"]
    talk.connect()
    assert talk.central.statuses() == ["Available", "Faulted", "Faulted"]
