"""The stations' security in the database: hashes of keys, profiles reached, certificates made."""

from sqlmodel import Session, col, select

from evce.security.profiles import SecurityProfile
from evce.security.standing import CertificateRecord, StationSecurity
from evce.storage.tables import StationCertificateRow, StationSecurityRow
from evce.storage.unit import Part
from evce.units import BoxIdentity

__all__ = [
    "SecurityPart",
    "keep_certificate",
    "keep_station_security",
    "station_certificates",
    "station_security",
]


def station_security(db: Session) -> list[StationSecurity]:
    """All that is kept, by station."""
    return [
        StationSecurity(
            station=BoxIdentity(row.station),
            keys=tuple(row.keys),
            reached=SecurityProfile(row.reached),
            changed_at=row.changed_at,
        )
        for row in db.exec(select(StationSecurityRow).order_by(col(StationSecurityRow.station)))
    ]


def keep_station_security(db: Session, record: StationSecurity) -> None:
    """Put one station's in the place of what was kept."""
    db.merge(
        StationSecurityRow(
            station=record.station,
            keys=list(record.keys),
            reached=int(record.reached),
            changed_at=record.changed_at,
        )
    )
    db.flush()


def station_certificates(db: Session) -> list[CertificateRecord]:
    """Every certificate that was made, newest first."""
    query = select(StationCertificateRow).order_by(
        col(StationCertificateRow.issued_at).desc(), col(StationCertificateRow.serial)
    )
    return [
        CertificateRecord(
            serial=row.serial,
            station=BoxIdentity(row.station),
            issued_at=row.issued_at,
            expires_at=row.expires_at,
            fingerprint=row.fingerprint,
            revoked_at=row.revoked_at,
        )
        for row in db.exec(query)
    ]


def keep_certificate(db: Session, record: CertificateRecord) -> None:
    """Add a certificate, or note that it was revoked."""
    db.merge(
        StationCertificateRow(
            serial=record.serial,
            station=record.station,
            issued_at=record.issued_at,
            expires_at=record.expires_at,
            fingerprint=record.fingerprint,
            revoked_at=record.revoked_at,
        )
    )
    db.flush()


class SecurityPart(Part):
    """The calls of a store for the stations' security."""

    def station_security(self) -> list[StationSecurity]:
        """Keys and profiles of all stations that have any."""
        with self._unit.reading() as db:
            return station_security(db)

    def keep_station_security(self, record: StationSecurity) -> None:
        """Keeps one station's in the place of what was known."""
        with self._unit.writing() as db:
            keep_station_security(db, record)

    def station_certificates(self) -> list[CertificateRecord]:
        """Every certificate made for a station, newest first."""
        with self._unit.reading() as db:
            return station_certificates(db)

    def keep_certificate(self, record: CertificateRecord) -> None:
        """Adds a certificate, or notes that it was revoked."""
        with self._unit.writing() as db:
            keep_certificate(db, record)
