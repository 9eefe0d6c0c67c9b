"""The charging data records as CSV: one line a session, a column for each time of use (CDR-2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from actors.messages import SessionRecord
from evce.configuration.document import SiteDocument
from evce.energy_split import Split
from evce.tariff import NO_PERIOD
from evce.units import ConnectorKey
from web.csv_lines import csv_line, iso

__all__ = ["SessionExport"]

_COLUMNS = (
    "transaction",
    "station",
    "station_name",
    "connector",
    "socket",
    "id_tag",
    "comment",
    "charge_type",
    "started_at",
    "stopped_at",
    "duration_s",
    "charged_s",
    "energy_kwh",
    "stop_reason",
    "flags",
)
"""Names and figures are the same in every language; times are UTC, in `charged_s` energy flowed."""


@dataclass(frozen=True)
class SessionExport:
    """What an export adds to sessions: `sockets` by connector, `comments` by card, the `periods` of today."""

    sockets: Mapping[ConnectorKey, str] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    periods: Sequence[str] = ()

    @classmethod
    def of(cls, document: SiteDocument, comments: Mapping[str, str]) -> "SessionExport":
        """The one of a site; `comments` by IdTag as the cards have it, whatever its case (AU-7)."""
        return cls(
            sockets={
                key: " ".join(socket.value for socket in connector.sockets)
                for key, connector in document.model().connectors.items()
            },
            comments={id_tag.casefold(): comment for id_tag, comment in comments.items()},
            periods=tuple(period.name for period in document.tariff.periods),
        )

    def head(self) -> str:
        """The first line."""
        return csv_line((*_COLUMNS, f"{NO_PERIOD}_kwh", *(f"{name}_kwh" for name in self.periods)))

    def lines(self, sessions: Iterable[SessionRecord], now: datetime) -> str:
        """A line for each session; one that runs lasts until `now`."""
        return "".join(csv_line(self._cells(session, now)) for session in sessions)

    def _cells(self, session: SessionRecord, now: datetime) -> tuple[str, ...]:
        lasted = ((session.stopped_at or now) - session.started_at).total_seconds()
        return (
            str(session.transaction),
            session.connector.station,
            session.station_name,
            str(session.connector.number),
            self.sockets.get(session.connector, ""),
            session.id_tag,
            self.comments.get(session.id_tag.casefold(), ""),
            "vip" if session.vip else "normal",
            iso(session.started_at),
            iso(session.stopped_at),
            f"{max(0.0, lasted):.0f}",
            "" if session.split is None else f"{session.split.charged:.0f}",
            f"{session.energy / 1000:.3f}",
            session.stop_reason or "",
            " ".join(session.flags),
            *self._parts(session.split),
        )

    def _parts(self, split: Split | None) -> tuple[str, ...]:
        """Energy of a period that is no more counts outside all (TOU-1); empty where nothing is known."""
        if split is None:
            return ("",) * (1 + len(self.periods))
        known = [split.periods.get(name, 0.0) for name in self.periods]
        return tuple(f"{energy / 1000:.3f}" for energy in (max(0.0, split.energy - sum(known)), *known))
