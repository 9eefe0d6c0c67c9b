"""The stations' door of the daemon, made from a document."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evce.configuration.document import SiteDocument
from evce.errors import EvceError
from evce.security.profiles import SecurityProfile
from evce.units import BoxIdentity
from tools.station_door import StationDoor

NOW = datetime.now(UTC)


def site(**ocpp: Any) -> SiteDocument:
    outlet = {"wiring": "TRI123", "rating_a": 32}
    station = {"box_identity": "CP-1", "name": "One", "serial_number": "SN-1", "connectors": [outlet]}
    return SiteDocument.parse({"site": {"name": "Yard"}, "ocpp": ocpp, "stations": [station]})


def test_without_a_port_for_tls_nothing_is_made(tmp_path: Path) -> None:
    """OC-7."""
    door = StationDoor(tmp_path, site(), NOW)
    assert door.secured is None
    assert list(tmp_path.iterdir()) == []
    assert door.edges(lambda *_: None).highest_profile() is SecurityProfile.BASIC_AUTH


def test_with_one_the_authority_and_its_certificate_are_made(tmp_path: Path) -> None:
    """OC-7: also for the names that stations call EVCE by; the certificate is looked after."""
    door = StationDoor(tmp_path, site(tls_port=0, tls_names=["evce.example"]), NOW)
    assert door.secured is not None
    port, context = door.secured
    assert port == 0
    assert len(context.get_ca_certs()) == 1
    assert door.edges(lambda *_: None).highest_profile() is SecurityProfile.CLIENT_CERTIFICATE
    files = {path.name for path in (tmp_path / "authority").iterdir()}
    assert files == {"root.pem", "server.pem"}
    before = (tmp_path / "authority" / "server.pem").read_bytes()
    door.edges(lambda *_: None).renew(NOW)
    assert (tmp_path / "authority" / "server.pem").read_bytes() == before


def test_a_stations_certificate_may_name_it_by_its_serial_number(tmp_path: Path) -> None:
    """OC-7."""
    door = StationDoor(tmp_path, site(), NOW)
    door.admit(site())
    names = door.edges(lambda *_: None).names
    assert names(BoxIdentity("CP-1")) == ("CP-1", "SN-1")
    assert names(BoxIdentity("CP-9")) == ("CP-9",)


def test_files_that_can_not_be_used_are_told(tmp_path: Path) -> None:
    """OC-7: before anything listens."""
    with pytest.raises(EvceError, match="certificates toward the stations"):
        StationDoor(tmp_path, site(tls_port=0, tls_certificate_file="no.pem", tls_key_file="no.key"), NOW)
