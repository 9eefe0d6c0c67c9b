"""The phase-wiring checks of one tree: one at a time, what came of them, and who is wired wrongly."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evce.electrical import SiteModel, Wiring
from evce.planning.planner import Planner
from evce.planning.wiring_course import CannotCheckError, WiringCourse, WiringReport
from evce.units import ConnectorKey, Monotonic
from evce.wiring_check import Finding, WiringVerdict

__all__ = ["WiringChecks", "WiringNews"]

KEPT = 8
"""Reports of past checks that can still be asked for."""


@dataclass(frozen=True, slots=True)
class WiringNews:
    """A check that has just ended: who asked for it, and its report."""

    requested_by: str
    report: WiringReport


class WiringChecks:
    """Steps the planner's caps by the running check. A successor forgets it: its caps are gone with it."""

    def __init__(self, planner: Planner) -> None:
        self.miswired: dict[ConnectorKey, WiringReport] = {}
        self._planner = planner
        self._running: tuple[str, str, WiringCourse] | None = None
        self._ended: dict[str, WiringReport] = {}

    def begin(self, request: str, key: ConnectorKey, requested_by: str, now: Monotonic) -> None:
        """Begin a check under the name `request`; one that can't begin has ended with the reason."""
        planner = self._planner
        connector = planner.model.connectors.get(key)
        try:
            if connector is None:
                raise CannotCheckError(f"{key} is no connector of zone {planner.zone}")
            if self._running is not None:
                raise CannotCheckError(f"{self._running[2].connector.key} is being checked now")
            course = WiringCourse.begin(
                planner.model, planner.facts, planner.conditions, key, planner.floor(key), now
            )
        except CannotCheckError as error:
            declared = Wiring.TRI123 if connector is None else connector.wiring
            refused = Finding(WiringVerdict.UNCLEAR, str(error))
            self._keep(request, WiringReport(key, declared, finding=refused))
            return
        self._running = (request, requested_by, course)
        planner.cars.trial = course.trial

    def look(self, now: Monotonic) -> WiringNews | None:
        """Go on with the running check; returns its news once it has ended."""
        if self._running is None:
            return None
        planner, (request, requested_by, course) = self._planner, self._running
        course.look(planner.facts.get(course.connector.key), planner.conditions.get(course.zone), now)
        planner.cars.trial = course.trial
        if course.trial is not None:
            return None
        self._running = None
        report = course.report
        self._keep(request, report)
        if report.correction is not None:
            self.miswired[report.key] = report
        elif report.finding is not None and report.finding.verdict is WiringVerdict.RIGHT:
            self.miswired.pop(report.key, None)
        return WiringNews(requested_by, report)

    def report(self, request: str) -> WiringReport | None:
        """Return how the check of this name stands or ended, None for one that nobody knows any more."""
        if self._running is not None and self._running[0] == request:
            return self._running[2].report
        return self._ended.get(request)

    def reconfigured(self, model: SiteModel) -> None:
        """A new revision: what was corrected, or is gone, is wrong no more; a running check ends."""
        self.miswired = {
            key: report
            for key, report in self.miswired.items()
            if key in model.connectors and model.connectors[key].wiring is report.declared
        }
        if self._running is not None:
            request, _, course = self._running
            self._running, self._planner.cars.trial = None, None
            ended = Finding(WiringVerdict.UNCLEAR, "the configuration has changed meanwhile")
            self._keep(request, replace(course.report, finding=ended))

    def restore(self, miswired: Mapping[ConnectorKey, WiringReport]) -> None:
        """Take over what a predecessor had found."""
        self.miswired = dict(miswired)

    def _keep(self, request: str, report: WiringReport) -> None:
        self._ended[request] = report
        while len(self._ended) > KEPT:
            del self._ended[next(iter(self._ended))]
