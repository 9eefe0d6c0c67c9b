"""Faults of what people do to a running site: limits that fall, documents that can't be, two at once."""

from collections.abc import Callable
from typing import Any

from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision
from evce.errors import ConfigurationError, RevisionConflictError
from tools.faults.fault import Fault, Sight
from tools.faults.sights import same_sessions, unmoved
from tools.faults.stage import Stage
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap
from web.revisions import RunningRevisions

__all__ = ["CONFIGURATION"]


def _changed(house: House, change: Callable[[dict[str, dict[str, Any]]], None]) -> SiteDocument:
    """The document in force with its zones changed. Raises ConfigurationError."""
    plain = house.document.plain()
    change({zone["id"]: zone for zone in plain["zones"]})
    return SiteDocument.parse(plain)


def _halve(zones: dict[str, dict[str, Any]]) -> None:
    zones["main"]["maximum_a"] = 50
    zones["garage"]["maximum_a"] = 50


def _limit_halved(stage: Stage) -> Mishap:
    del stage
    return Mishap(
        0.0,
        "configuration",
        "the main switchboard's maximum is halved",
        40.0,
        lambda house: house.apply(_changed(house, _halve)),
        lambda house: house.apply(house.document),
    )


def _halved(stage: Stage) -> bool:
    return max(stage.house.truth("main")) <= 50.5


def _told_down(stage: Stage) -> bool:
    return sum(stage.pilot(where) for where in ("G1", "G2", "O1")) <= 50.0


def _above_its_parent(zones: dict[str, dict[str, Any]]) -> None:
    zones["office"]["maximum_a"] = 120


def _child_above(stage: Stage) -> Mishap:
    def strike(house: House) -> None:
        try:
            house.apply(_changed(house, _above_its_parent))
        except ConfigurationError as error:
            stage.notes["refused"] = str(error)

    return Mishap(0.0, "configuration", "a zone is to have more than its parent", 0.0, strike)


def _two_edit(stage: Stage) -> Mishap:
    """Both begin with the same revision; the slower one would undo what the faster one did."""

    def strike(house: House) -> None:
        now = house.runtime.clock.utc_now()
        revisions = RunningRevisions(house.runtime.ask, house.runtime.tell, house.runtime.clock.utc_now)
        begun = revisions.newest()
        for author, amps in (("faster", 35), ("slower", 30)):

            def change(zones: dict[str, dict[str, Any]], amps: int = amps) -> None:
                zones["office"]["maximum_a"] = amps

            document = _changed(house, change)
            record = next_revision(begun, document, author=author, comment="", now=now)
            try:
                revisions.append(record)
            except RevisionConflictError as error:
                stage.notes["refused"] = str(error)
        stage.notes["in force"] = revisions.newest().author

    def mend(house: House) -> None:
        house.apply(house.document)

    return Mishap(0.0, "configuration", "two people change the same revision", 20.0, strike, mend)


def _refused(*words: str) -> Callable[[Stage], bool]:
    return lambda stage: all(word in str(stage.notes.get("refused", "")) for word in words)


CONFIGURATION: tuple[Fault, ...] = (
    Fault(
        "limit-halved",
        "limit halved live",
        "the maximum of a feeder is halved while its cars charge",
        (
            Sight("every car is told less", 1.0, _told_down, alone=True),
            Sight("what flows is below the new limit", 10.0, _halved, alone=True),
            same_sessions(30.0),
        ),
        _limit_halved,
        part="disk",  # a revision in force is on the disk
    ),
    Fault(
        "child-above-parent",
        "child limit > parent",
        "a document in which a zone may have more than its parent",
        (
            Sight("refused, the field named", 0.1, _refused("maximum_a", "120")),
            unmoved(15.0),
            same_sessions(15.0),
        ),
        _child_above,
    ),
    Fault(
        "concurrent-edits",
        "concurrent edits",
        "two people change the same revision",
        (
            Sight("the slower one is refused, the faster one named", 0.1, _refused("faster")),
            Sight("the faster one's is in force", 0.1, lambda stage: stage.notes.get("in force") == "faster"),
            same_sessions(15.0),
        ),
        _two_edit,
        part="disk",
    ),
)
"""What people do."""
