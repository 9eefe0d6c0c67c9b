"""What the command line can have a running daemon report: EVCE itself, or a station."""

from collections.abc import Mapping
from typing import Any

from tools.control.server import Deed
from web.report_maker import ReportMaker
from web.report_shelf import KeptReport

__all__ = ["report_deeds"]


def report_deeds(reports: ReportMaker) -> dict[str, Deed]:
    """The deeds `report`, which makes one, and `reports`, which lists them."""

    def report(request: Mapping[str, Any]) -> dict[str, Any]:
        author = str(request.get("author") or "command line")
        kept = reports.make(str(request.get("station") or ""), author)
        return {"report": _plain(reports, kept)}

    def listed(_: Mapping[str, Any]) -> dict[str, Any]:
        return {"reports": [_plain(reports, one) for one in reports.shelf.kept()]}

    return {"report": report, "reports": listed}


def _plain(reports: ReportMaker, one: KeptReport) -> dict[str, Any]:
    return {
        "id": one.id,
        "station": one.station,
        "kind": one.kind.value,
        "made_at": one.made_at.isoformat(),
        "size": one.size,
        "name": one.name,
        "path": str(reports.shelf.path(one)),
    }
