"""What the command line can have a running daemon do with the firmware that it keeps for stations."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from actors.messages import GetSnapshot
from actors.runtime import Runtime
from evce.units import BoxIdentity
from evce.views import SiteSnapshot
from tools.control.server import Deed
from web.firmware_keeper import FirmwareKeeper, plain_file, plain_station
from web.station_actions import NamedFile

__all__ = ["firmware_deeds"]

PATIENCE = 5.0
"""Seconds for an actor to answer."""


def firmware_deeds(runtime: Runtime, keeper: FirmwareKeeper) -> dict[str, Deed]:
    """The deeds `firmware`, `firmware_add`, `firmware_remove`, `firmware_send` and `firmware_try_again`."""

    def firmware(_: Mapping[str, Any]) -> dict[str, Any]:
        snapshot: SiteSnapshot = runtime.ask("view", GetSnapshot(), PATIENCE)
        return {
            "by_itself": keeper.by_itself,
            "files": [plain_file(one) for one in keeper.shelf.files()],
            "stations": [plain_station(one) for one in keeper.stations(snapshot)],
        }

    def add(request: Mapping[str, Any]) -> dict[str, Any]:
        path = Path(str(request["file"]))
        given = {name: str(request.get(name) or "") for name in ("family", "version", "model")}
        with path.open("rb") as content:
            kept = keeper.add(**given, file=NamedFile(path.name, content), author=_author(request))
        return {"file": plain_file(kept)}

    def remove(request: Mapping[str, Any]) -> dict[str, Any]:
        wanted = str(request.get("file") or "")
        kept = keeper.remove(wanted, _author(request))
        if kept is None:
            known = ", ".join(one.id for one in keeper.shelf.files())
            raise LookupError(f"file={wanted!r}: know {known or 'none'}")
        return {"file": plain_file(kept)}

    def send(request: Mapping[str, Any]) -> dict[str, Any]:
        file = str(request.get("file") or "")
        return {"action": keeper.send(_station(keeper, runtime, request), file, _author(request))}

    def try_again(request: Mapping[str, Any]) -> dict[str, Any]:
        return {"again": keeper.try_again(_station(keeper, runtime, request), _author(request))}

    return {
        "firmware": firmware,
        "firmware_add": add,
        "firmware_remove": remove,
        "firmware_send": send,
        "firmware_try_again": try_again,
    }


def _author(request: Mapping[str, Any]) -> str:
    return str(request.get("author") or "command line")


def _station(keeper: FirmwareKeeper, runtime: Runtime, request: Mapping[str, Any]) -> BoxIdentity:
    name = BoxIdentity(str(request.get("station") or ""))
    snapshot: SiteSnapshot = runtime.ask("view", GetSnapshot(), PATIENCE)
    known = sorted(one.station.box_identity for one in keeper.stations(snapshot))
    if name not in known:
        raise LookupError(f"station={name!r}: know {', '.join(known) or 'none'}")
    return name
