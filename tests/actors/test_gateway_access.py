"""Who may connect, from the document and from what is known of keys."""

from datetime import UTC, datetime

import pytest

from actors.gateway_access import AccessBook
from evce.configuration.document import SiteDocument
from evce.security.profiles import SecurityProfile
from evce.security.standing import CertificateRecord, StationSecurity
from evce.units import BoxIdentity

CP = BoxIdentity("CP-1")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NONE, KEY, TLS, CERTIFICATE = SecurityProfile


def site(least: int = 0, own: int = 0) -> SiteDocument:
    outlet = {"wiring": "TRI123", "rating_a": 32}
    station = {
        "box_identity": CP,
        "name": "One",
        "serial_number": "SN-1",
        "security_profile": own,
        "connectors": [outlet],
    }
    ocpp = {"security_profile": least, "tls_port": 0}
    return SiteDocument.parse({"site": {"name": "Yard"}, "ocpp": ocpp, "stations": [station]})


def test_a_station_gets_in_only_once_it_is_in_the_document() -> None:
    """OC-2."""
    book = AccessBook()
    book.learn([StationSecurity(CP, ("hash",))], [])
    assert book.known(CP) is None
    book.configure(site())
    access = book.known(CP)
    assert access is not None
    assert (access.keys, access.names, book.stations) == (("hash",), ("CP-1", "SN-1"), (CP,))


@pytest.mark.parametrize(
    ("least", "own", "reached", "needed"),
    [(0, 0, NONE, NONE), (1, 0, NONE, KEY), (0, 2, NONE, TLS), (3, 1, NONE, CERTIFICATE), (1, 1, TLS, TLS)],
)
def test_the_highest_of_what_is_asked_for_and_what_was_reached_counts(
    least: int, own: int, reached: SecurityProfile, needed: SecurityProfile
) -> None:
    """OC-7."""
    book = AccessBook()
    book.configure(site(least, own))
    before = book.known(CP)
    assert before is not None
    assert not before.ready
    book.learn([StationSecurity(CP, reached=reached)], [])
    access = book.known(CP)
    assert access is not None
    assert (access.needed, access.reached, access.ready, book.learnt) == (needed, reached, True, True)


def test_revoked_certificates_are_known_to_every_station() -> None:
    """OC-7."""
    book = AccessBook()
    book.configure(site())
    book.learn(
        [], [CertificateRecord("0A", CP, NOW, NOW, "", NOW), CertificateRecord("0B", CP, NOW, NOW, "")]
    )
    access = book.known(CP)
    assert access is not None
    assert access.revoked == {"0A"}
