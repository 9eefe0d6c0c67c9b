"""What the command line can have a running daemon find out about a station's wiring."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from actors.messages import AskFailed, CheckWiring, GetRevision, GetWiringReport, RevisionRecord
from actors.runtime import Runtime
from actors.zone import zone_name
from evce.configuration.revisions import parse_json
from evce.planning.wiring_course import WiringReport
from evce.units import BoxIdentity, ConnectorKey
from tools.control.server import Stream, StreamedDeed

__all__ = ["wiring_deeds"]

PATIENCE = 5.0
"""Seconds for an actor to answer, and for a check to be taken up."""

ASKED_EVERY = 0.25
"""Seconds between two looks at a check that lasts a minute."""


def wiring_deeds(runtime: Runtime) -> dict[str, StreamedDeed]:
    """The deed `wiring`: checks `connector` of `station` and tells how far it is, then what it found."""

    def wiring(request: Mapping[str, Any]) -> Stream:
        key, root = _connector(runtime, request)
        name = uuid4().hex
        author = str(request.get("author") or "command line")
        if not runtime.tell(root, CheckWiring(name, key, author)):
            raise LookupError(f"{root} is not there at this moment; try again")
        return _followed(runtime, root, name)

    return {"wiring": wiring}


def _connector(runtime: Runtime, request: Mapping[str, Any]) -> tuple[ConnectorKey, str]:
    """The connector that is meant, and the name of the root zone that feeds it."""
    record: RevisionRecord = runtime.ask("site", GetRevision(), PATIENCE)
    model = parse_json(record.document).model()
    name, number = str(request.get("station") or ""), int(request.get("connector") or 1)
    station = model.stations.get(BoxIdentity(name))
    if station is None:
        raise LookupError(f"station={name!r}: know {', '.join(sorted(model.stations)) or 'none'}")
    key = ConnectorKey(station.box_identity, number)
    if key not in model.connectors:
        raise LookupError(f"connector={number}: {name} has {len(station.connectors)}")
    if station.zone is None:
        raise ValueError(f"station={name!r}: without a zone it gets no current to be stepped")
    return key, zone_name(model.path(station.zone)[-1])


def _followed(runtime: Runtime, root: str, name: str) -> Stream:
    told, missed_since = -1.0, time.monotonic()
    while True:
        try:
            report = runtime.ask(root, GetWiringReport(name), PATIENCE)
        except AskFailed:
            report = None  # it is being replaced
        if isinstance(report, WiringReport):
            missed_since = time.monotonic()
            if report.finding is not None:
                yield {
                    "text": report.text,
                    "verdict": report.finding.verdict.value,
                    "correction": report.correction,
                }
                return
            if report.progress > told:
                told = report.progress
                yield {"text": report.text}
        elif time.monotonic() - missed_since > PATIENCE:
            raise RuntimeError(f"{root} was restarted: the check has ended without a result")
        yield None
        time.sleep(ASKED_EVERY)
