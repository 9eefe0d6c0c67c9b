"""The files of a simulated station."""

from collections import deque
from collections.abc import Callable

import pytest

from tests.tools.simulation.test_commands import station
from tools.simulation.station import Station
from tools.simulation.transfers import fetch_firmware, send_diagnostics, send_log


def told(made: Station) -> list[str]:
    """The statuses that the station has queued."""
    made.accepted = made.online = True
    said = []
    while (taken := made.outbox.next(0.0, only=None)) is not None:
        call, payload = taken
        said.append(str(payload["status"]))
        made.outbox.take(call.message_id)
    return said


@pytest.mark.parametrize(
    ("begin", "good", "bad"),
    [
        (
            lambda s: send_diagnostics(s, "http://192.0.2.1/x/", 0.0),
            ["Uploading", "Uploaded"],
            ["Uploading", "UploadFailed"],
        ),
        (
            lambda s: send_log(s, "http://192.0.2.1/x/", "SecurityLog", 7, 0.0),
            ["Uploading", "Uploaded"],
            ["Uploading", "UploadFailure"],
        ),
        (
            lambda s: fetch_firmware(s, "http://192.0.2.1/x/fw-9", 0.0),
            ["Downloading", "Downloaded", "Installing", "Installed"],
            ["Downloading", "DownloadFailed"],
        ),
    ],
)
def test_the_station_tells_what_came_of_its_file(
    begin: Callable[[Station], object], good: list[str], bad: list[str]
) -> None:
    """OC-3, SR-4: not before it is there."""
    for content, expected in ((b"x", good), (None, bad)):
        made = station()
        made.transfers = deque()
        begin(made)
        (transfer,) = made.transfers
        transfer.done(content, 1.0)
        assert told(made) == expected


@pytest.mark.parametrize(("name", "version"), [("fw-9", "fw-9"), ("evlink-3.5.0.0.1.bin", "3.5.0.0.1")])
def test_a_firmware_is_run_after_a_restart(name: str, version: str) -> None:
    """SR-4."""
    made = station()
    made.transfers = deque()
    fetch_firmware(made, f"http://192.0.2.1/x/{name}", 0.0)
    before = made.firmware
    made.transfers[0].done(None, 1.0)
    assert (made.firmware, made.reboots_at) == (before, None)
    made.transfers[0].done(b"x", 1.0)
    assert (made.firmware, made.reboots_at) == (version, 6.0)


@pytest.mark.parametrize(
    "root", ["http://127.0.0.1:1/x/", "ftp://u:p@127.0.0.1:1/x/", "ftps://u:p@127.0.0.1:1/x/"]
)
def test_nobody_there_is_a_failure(root: str) -> None:
    """OC-3."""
    made = station()
    made.transfers = deque()
    send_diagnostics(made, root, 0.0)
    assert made.transfers[0].address == f"{root}CP-01-diagnostics.txt"
    assert made.transfers[0].run() is None
