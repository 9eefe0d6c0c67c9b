"""The side file that keeps transaction ids from being given twice, whatever becomes of the database.

A restored backup knows only the ids of its day, and stations remember the later ones (RELIABILITY
invariant 13). So a small file beside the database holds a floor that no given id reaches, raised in blocks
ahead of their use, and how often the database was opened for writing: a database that counts fewer
openings than its side file is an older copy.
"""

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FILE_NAME", "Floor", "read_floor", "write_durably", "write_floor"]

FILE_NAME = "ids.floor"


@dataclass(frozen=True, slots=True)
class Floor:
    """No id from `floor` on was ever given; `opening` counts the openings for writing."""

    floor: int
    opening: int


def read_floor(path: Path) -> Floor | None:
    """What the side file says; None when it is missing or damaged, which both mean: unknown."""
    try:
        floor, opening = path.read_text("ascii").split()
        found = Floor(int(floor), int(opening))
    except (FileNotFoundError, ValueError):
        return None
    return found if found.floor > 0 and found.opening >= 0 else None


def write_floor(path: Path, floor: Floor) -> None:
    """Replaces the side file, on the disk before this returns; OSError leaves the one before."""
    write_durably(path, f"{floor.floor} {floor.opening}\n".encode("ascii"))


def write_durably(path: Path, content: bytes) -> None:
    """Replaces `path` as a whole, also across a power cut: the old content or the new."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes renames and new names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
