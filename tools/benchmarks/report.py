"""Tables of figures for the screen and for the page in the documentation that keeps them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Section", "as_markdown", "percentile", "write_page"]

_INTRODUCTION = """\
# What it takes

Time, throughput and memory of the daemon, measured by `evce bench`. Absolute figures are those of one
machine; each comparison was made in one run on it, so that its ratio means something elsewhere too.
"""

_SECTION = re.compile(r"^## (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """One table. Every row has as many cells as there are `headers`; `notes` explain it below."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that this percentage of all values doesn't exceed (nearest rank)."""
    ordered = sorted(values)
    rank = -(-percent * len(ordered) // 100)
    return ordered[max(int(rank), 1) - 1]


def as_markdown(section: Section, machine: str) -> str:
    """Write a section as Markdown that is aligned well enough to be read on a screen."""
    columns = zip(section.headers, *section.rows, strict=True)
    widths = [max(map(len, column)) for column in columns]

    def line(cells: Sequence[str]) -> str:
        padded = [cells[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return f"| {' | '.join(padded)} |"

    rule = "|".join(["-" * (widths[0] + 2), *(f"{'-' * (width + 1)}:" for width in widths[1:])])
    return "\n".join(
        (
            f"## {section.title}",
            "",
            line(section.headers),
            f"|{rule}|",
            *map(line, section.rows),
            "",
            *(f"- {note}" for note in section.notes),
            f"- Measured on: {machine}.",
            "",
        )
    )


def write_page(path: Path, sections: Sequence[Section], machine: str) -> None:
    """Put the sections on the page; those of it that were not measured now stay as they are."""
    kept = _sections(path.read_text()) if path.exists() else {}
    kept |= {section.title: as_markdown(section, machine) for section in sections}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join((_INTRODUCTION, *kept.values())))


def _sections(page: str) -> dict[str, str]:
    begins = [match.start() for match in _SECTION.finditer(page)]
    texts = [page[begin:end] for begin, end in zip(begins, [*begins[1:], len(page)], strict=True)]
    return {text.partition("\n")[0].removeprefix("## "): text.rstrip("\n") + "\n" for text in texts}
