"""What the command line can have a running daemon do about drills: foretell, begin, watch and end them."""

import threading
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from actors.messages import AskFailed, Foresee, GetLedger, GetSnapshot
from actors.runtime import Runtime
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import parse_json
from evce.drill.expectation import Observer, Result, Sight
from evce.drill.kinds import USUAL, Kind, Stage
from evce.drill.prediction import Prediction, degraded, predict
from evce.drill.target import Target, target_of, targets
from evce.planning.ledger import LedgerLine
from evce.units import Seconds, ZoneId
from evce.views import SiteSnapshot
from tools.control.audit import Audit
from tools.control.server import Deed, Stream, StreamedDeed
from tools.drill.cuts import Cuts
from tools.drill.drills import Drill, Drills
from web.revisions import RunningRevisions

__all__ = ["drill_deeds"]

PATIENCE = 5.0
"""Seconds for an actor to answer."""

LOOK_S = 0.1
"""How often the site is looked at while a drill runs."""

FORETOLD = 40
"""So many drills are foretold to the ampere in a list; more would keep a root zone from its work."""


def drill_deeds(runtime: Runtime, cuts: Cuts) -> dict[str, Deed | StreamedDeed]:
    """The drills' part of what the control socket understands, by name."""
    drills = Drills(runtime, cuts, Audit(runtime))
    site = _Site(runtime)

    def told(request: Mapping[str, Any]) -> dict[str, Any]:
        document, snapshot = site.document(), site.snapshot()
        kind, name = str(request.get("kind") or ""), str(request.get("name") or "")
        if name or kind in (Kind.CPO, Kind.INPUTS):
            wanted: tuple[Target, ...] = (target_of(kind, name, document),)
        else:
            wanted = tuple(each for each in targets(document) if kind in ("", each.kind))
        seconds = _seconds(request)
        few = len(wanted) <= FORETOLD
        found = []
        for each in wanted:
            exactly = few or each.kind is not Kind.STATION
            prediction = site.predict(each, document, snapshot, seconds, exactly=exactly)
            found.append(_plain(prediction, degraded(each, document, snapshot)))
        running = drills.running
        return {"drills": found, "running": None if running is None else _running(running)}

    def drill(request: Mapping[str, Any]) -> Stream:
        drills.refuse_second()
        document, snapshot = site.document(), site.snapshot()
        target = target_of(str(request.get("kind") or ""), str(request.get("name") or ""), document)
        seconds = _seconds(request)
        if amiss := degraded(target, document, snapshot):
            raise ValueError(f"the site is degraded already, a drill would show nothing: {'; '.join(amiss)}")
        prediction = site.predict(target, document, snapshot, seconds)
        if seconds < prediction.least:
            raise ValueError(f"seconds={seconds:g}: what follows is seen after {prediction.least:g} at least")
        if prediction.dangers and not request.get("force"):
            raise ValueError(f"not proven to be safe: {'; '.join(prediction.dangers)}")
        return run(prediction, seconds, str(request.get("author") or "unknown"))

    def run(prediction: Prediction, seconds: Seconds, author: str) -> Stream:
        observer = Observer(prediction.expectations)
        drill = drills.begin(prediction.target, seconds, author)
        try:
            yield {"began": _running(drill)}
            since = 0.0
            while not drill.over.wait(LOOK_S):
                since = runtime.clock.monotonic() - drill.began_at
                sight = site.sight(prediction.target)
                # What was seen after the site was restored says nothing of the cut.
                if sight is not None and not drill.over.is_set():
                    yield from _results(observer.look(Stage.CUT, sight, since))
                yield None
            yield from _results(observer.over(Stage.CUT, since + LOOK_S))
        finally:
            drills.end(drill, "its command line went away")
        pause, restored_at = threading.Event(), runtime.clock.monotonic()
        while observer.waits(Stage.RESTORED, since := runtime.clock.monotonic() - restored_at):
            sight = site.sight(prediction.target)
            if sight is not None:
                yield from _results(observer.look(Stage.RESTORED, sight, since))
            yield None
            pause.wait(LOOK_S)
        yield from _results(observer.over(Stage.RESTORED, since))
        yield {"over": {"good": observer.good, "results": [asdict(each) for each in observer.results]}}

    def drill_end(request: Mapping[str, Any]) -> dict[str, Any]:
        running = drills.running
        if running is None or not drills.end(running, f"ended by {request.get('author') or 'unknown'}"):
            raise LookupError("no drill is running")
        return {"ended": str(running.target)}

    return {"drills": told, "drill": drill, "drill_end": drill_end}


class _Site:
    """Asks the actors what a drill needs to know."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._revisions = RunningRevisions(runtime.ask, runtime.tell)

    def document(self) -> SiteDocument:
        newest = self._revisions.newest()
        if newest is None:
            raise LookupError("no revision is in force")
        return parse_json(newest.document)

    def snapshot(self) -> SiteSnapshot:
        found: SiteSnapshot = self._runtime.ask("view", GetSnapshot(), PATIENCE)
        return found

    def predict(
        self,
        target: Target,
        document: SiteDocument,
        snapshot: SiteSnapshot,
        seconds: Seconds,
        *,
        exactly: bool = True,
    ) -> Prediction:
        foresights = {}
        for root in target.roots(document.model()) if exactly else ():
            question = Foresee(target.loss(document), seconds)
            foresights[root] = self._runtime.ask(f"zone/{root}", question, PATIENCE)
        return predict(target, document, snapshot, foresights, seconds)

    def sight(self, target: Target) -> Sight | None:
        """What is seen now; None while somebody who would have to tell is being restarted."""
        try:
            snapshot = self.snapshot()
            return Sight(snapshot, self._pledges(snapshot, target))
        except AskFailed:
            return None

    def _pledges(self, snapshot: SiteSnapshot, target: Target) -> dict[str, LedgerLine]:
        if target.kind is not Kind.STATION:
            return {}
        zone: ZoneId | None = next(
            (view.zone for view in snapshot.stations.values() if view.box_identity == target.name), None
        )
        if zone is None:
            return {}
        root = zone
        while (parent := snapshot.zones[root].parent) is not None:
            root = parent
        lines: tuple[LedgerLine, ...] = self._runtime.ask(f"zone/{root}", GetLedger(zone), PATIENCE)
        return {line.connector: line for line in lines}


def _seconds(request: Mapping[str, Any]) -> Seconds:
    return float(request.get("seconds") or USUAL)


def _plain(prediction: Prediction, amiss: tuple[str, ...]) -> dict[str, Any]:
    target = prediction.target
    return {
        "kind": target.kind,
        "name": target.name,
        "what": str(target),
        "notes": list(prediction.notes),
        "dangers": list(prediction.dangers),
        "amiss": list(amiss),
        "least_s": prediction.least,
        "expected": [
            {"stage": each.stage, "what": each.what, "predicted": each.predicted, "within": each.within}
            for each in prediction.expectations
        ],
    }


def _running(drill: Drill) -> dict[str, Any]:
    return {
        "kind": drill.target.kind,
        "name": drill.target.name,
        "what": str(drill.target),
        "by": drill.author,
        "until": drill.until.isoformat(timespec="seconds"),
    }


def _results(results: list[Result]) -> Stream:
    for result in results:
        yield {"result": asdict(result)}
