"""The stations' security on disk."""

from dataclasses import replace

from evce.security.profiles import SecurityProfile
from evce.security.standing import CertificateRecord, StationSecurity
from evce.storage import Store
from evce.units import BoxIdentity
from tests.evce.storage.builders import NOW, later

CP = BoxIdentity("CP-01")


def test_keys_and_profiles_come_back_as_they_were(store: Store) -> None:
    """OC-7: in their order, the one in use first."""
    first = StationSecurity(CP, ("old", "new"), SecurityProfile.TLS_BASIC_AUTH, NOW)
    other = StationSecurity(BoxIdentity("CP-02"))
    for record in (other, replace(first, keys=("old",)), first):
        store.keep_station_security(record)
    assert store.station_security() == [first, other]


def test_certificates_are_kept_also_when_revoked(store: Store) -> None:
    """OC-7: newest first."""
    old = CertificateRecord("0A", CP, NOW, later(100), "AA:BB")
    new = CertificateRecord("0B", CP, later(1), later(100), "CC:DD")
    for record in (old, new, replace(old, revoked_at=later(2))):
        store.keep_certificate(record)
    assert store.station_certificates() == [new, replace(old, revoked_at=later(2))]
