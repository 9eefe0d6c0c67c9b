"""Whether a machine can go back to the release before, and what would be lost by that."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evce.release.course import BASE, Course
from evce.release.shelf import ReleaseShelf
from evce.storage.migration import HEAD
from evce.storage.snapshots import before_changes, taken_at

__all__ = ["WayBack", "way_back"]


@dataclass(frozen=True, slots=True)
class WayBack:
    """Going back to `version`. What came after `loses_since` would be lost; None: nothing.

    `barred` says why it can't be done, empty where it can.
    """

    version: str
    loses_since: datetime | None = None
    barred: str = ""


def way_back(shelf: ReleaseShelf, course: Course, database: Path, base_schema: str) -> WayBack | None:
    """The way back from the release that runs; None where there was none before it.

    `base_schema` is the version of the tables that the machine's own installation knows.
    """
    former = course.former
    if former is None or course.trial is not None:
        return None
    found = shelf.find(former)
    if former != BASE and found is None:
        return WayBack(former, barred="its files are not there any more")
    if (base_schema if found is None else found.manifest.schema) == HEAD:
        return WayBack(former)
    snapshot = None if course.since is None else before_changes(database, course.since)
    if snapshot is None:
        return WayBack(former, barred="the database has newer tables, and there is no snapshot from before")
    return WayBack(former, loses_since=taken_at(snapshot))
