"""The week of a tariff as a picture: which percentage applies when, zone by zone, and the summary table."""

from dataclasses import dataclass
from datetime import time

from evce.configuration.document import SiteDocument
from evce.tariff import Period, SummaryCell, summary
from evce.units import Amps, ZoneId

__all__ = ["Block", "SummaryRow", "summary_of", "week_of"]

_DAYS = 7
_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of one day (0 = Monday) in which a period is on; `start` and `length` in percent of the day.

    `row` tells apart the periods that overlap, in the order of the tariff.
    """

    day: int
    start: float
    length: float
    row: int
    name: str
    percent: int
    text: str
    off: bool


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One zone of the summary: its maximum, and what it has in each period (TOU-4)."""

    zone: str
    name: str
    maximum: Amps
    cells: tuple[SummaryCell, ...]


def summary_of(document: SiteDocument) -> list[SummaryRow]:
    """The table zone by period with the resulting A, in the order of the document."""
    tariff = document.times_of_use()
    table = summary(tariff, {ZoneId(zone.id): zone.maximum_a for zone in document.zones})
    return [
        SummaryRow(
            zone.id,
            zone.name,
            zone.maximum_a,
            tuple(table[ZoneId(zone.id)][period.name] for period in tariff.periods),
        )
        for zone in document.zones
    ]


def week_of(document: SiteDocument) -> list[Block]:
    """The blocks of all periods; a slot that crosses midnight goes on in the next day."""
    tariff = document.times_of_use()
    return [
        block
        for row, period in enumerate(tariff.periods)
        for block in _blocks(period, row, off=not (tariff.enabled and period.enabled))
    ]


def _blocks(period: Period, row: int, *, off: bool) -> list[Block]:
    found = []
    for slot in period.slots:
        start, end = _minute(slot.start), _minute(slot.end)
        text = f"{slot.start:%H:%M}-{slot.end:%H:%M}"
        for day in sorted(period.weekdays):
            if start < end:
                pieces = [(day, start, end)]
            else:  # belongs to the day on which it starts
                pieces = [(day, start, _MINUTES), ((day + 1) % _DAYS, 0, end)]
            found += [
                Block(
                    day=on,
                    start=round(100.0 * begin / _MINUTES, 3),
                    length=round(100.0 * (until - begin) / _MINUTES, 3),
                    row=row,
                    name=period.name,
                    percent=period.percent,
                    text=text,
                    off=off,
                )
                for on, begin, until in pieces
                if until > begin
            ]
    return found


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
