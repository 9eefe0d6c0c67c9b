"""The servers of stations' files, opened and closed as the document says."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.messages import Message
from evce.configuration.document import SiteDocument
from evce.units import BoxIdentity
from tests.integration.house import until
from tools.file_door import FileDoor
from web.certificate import ensure_certificate
from web.file_exchange import FileExchange, FileExchangeError
from web.lockout import Lockout
from web.login_rules import LoginRules
from web.settings import WebSettings
from web.site import Site
from web.station_ftp import FtpDoorkeeper

BOX, OTHER = BoxIdentity("CP-1"), BoxIdentity("CP-2")


def site(own: str = "inherit", **ocpp: Any) -> SiteDocument:
    stations = [
        {"box_identity": name, "name": name, "file_transfer": way, "connectors": [{"wiring": "TRI123"}]}
        for name, way in ((BOX, own), (OTHER, "inherit"))
    ]
    return SiteDocument.parse({"site": {"name": "Yard"}, "ocpp": ocpp, "stations": stations})


class Rig:
    def __init__(self, folder: Path) -> None:
        now = WebSettings().now
        self.exchange = FileExchange(folder / "files", self.tell, lambda: 0.0)
        lockout = Lockout(Site(lambda *_: [], self.tell, 1.0), LoginRules(), now)
        self.asked = 0
        self.folder = folder
        doorkeeper = FtpDoorkeeper(self.exchange, lockout, self.tell, now)
        self.door = FileDoor(self.exchange, doorkeeper, "127.0.0.1", self.certificate, any_port=True)

    def tell(self, _: str, __: Message) -> bool:
        return True

    def certificate(self) -> tuple[Path, Path]:
        self.asked += 1
        files = ensure_certificate(self.folder)
        return files.certificate, files.key

    def begin(self, document: SiteDocument) -> None:
        self.door.admit(document)
        self.door.start(document)

    def way(self, station: BoxIdentity) -> str:
        """The scheme of a station's address, or why it has none."""
        try:
            return self.exchange.to_receive(station, "r", "127.0.0.1").split(":")[0]
        except FileExchangeError as error:
            return str(error)

    def servers(self) -> int:
        return len([thread for thread in threading.enumerate() if thread.name == "station-ftp"])


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.door.stop()
    assert made.servers() == 0


def test_ftp_is_off_unless_a_station_uses_it(rig: Rig) -> None:
    """OC-3: and no key is made for it."""
    rig.begin(site())
    assert (rig.way(BOX), rig.way(OTHER), rig.servers(), rig.asked) == ("http", "http", 0, 0)


@pytest.mark.parametrize(
    ("document", "ways", "servers"),
    [
        (site(file_transfer="ftp"), ("ftp", "ftp"), 1),
        (site("ftps"), ("ftps", "http"), 1),
        (site("http", file_transfer="ftps"), ("http", "ftps"), 1),
        (site("ftp", file_transfer="ftps"), ("ftp", "ftps"), 2),
    ],
)
def test_each_station_has_its_own_way(
    rig: Rig, document: SiteDocument, ways: tuple[str, str], servers: int
) -> None:
    """OC-3: from the start on, or with the revision that says so."""
    rig.begin(site())
    rig.door.admit(document)
    until(lambda: (rig.way(BOX), rig.way(OTHER)) == ways, 10)
    assert rig.servers() == servers
    rig.door.admit(site())
    until(lambda: rig.servers() == 0, 10)
    assert (rig.way(BOX), rig.way(OTHER)) == ("http", "http")


def test_a_revision_that_changes_nothing_of_it_leaves_the_server_alone(rig: Rig) -> None:
    """CF-1: a file that is on its way goes on."""
    rig.begin(site(file_transfer="ftp"))
    before = rig.door._ftp.copy()
    rig.door.admit(site(file_transfer="ftp", heartbeat_s=30))
    assert rig.door._following is not None
    rig.door._following.join()
    assert rig.door._ftp == before


def test_a_port_that_is_taken_is_told_to_whoever_asks_and_tried_again(tmp_path: Path) -> None:
    """RELIABILITY 3."""
    rig = Rig(tmp_path)
    rig.door._any_port = False
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        rig.begin(site(file_transfer="ftp", ftp_port=port, files_port=0))
        taken = f"EVCE serves no files over FTP: can't listen on 127.0.0.1:{port}: Address already in use"
        assert rig.way(BOX) == taken
    rig.door.admit(site(file_transfer="ftp", ftp_port=port, files_port=0))
    until(lambda: rig.way(BOX) == "ftp", 10)
    rig.door.stop()
    rig.door.stop()
    assert rig.servers() == 0
