"""What the command line can have a running daemon do with a station: actions, followed to their end."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from actors.messages import GetSnapshot
from actors.runtime import Runtime
from evce.station_control.action_kinds import kind_named
from evce.station_control.action_state import Action
from evce.units import BoxIdentity
from evce.views import SiteSnapshot
from tools.control.server import Deed, Stream, StreamedDeed
from web.file_exchange import FileExchange
from web.site import NoAnswerError, Site
from web.station_actions import NamedFile, actions_of, as_plain, begin

__all__ = ["station_deeds"]

PATIENCE = 5.0
"""Seconds for an actor to answer."""

ASKED_EVERY = 0.2
"""Seconds between two looks at an action."""


def station_deeds(runtime: Runtime, files: FileExchange) -> dict[str, Deed | StreamedDeed]:
    """The deeds `act`, which tells each step of an action, `station_actions` and `stations`."""
    site = Site(runtime.ask, runtime.tell, PATIENCE)

    def act(request: Mapping[str, Any]) -> Stream:
        station = _station(site, request)
        kind = kind_named(str(request.get("action") or ""))
        given = request.get("parameters") or {}
        author = str(request.get("author") or "command line")
        path = request.get("file")
        if path is None:
            action = begin(site, files, station, kind.name, given, author)
        else:
            with Path(str(path)).open("rb") as content:
                named = NamedFile(Path(str(path)).name, content)
                action = begin(site, files, station, kind.name, given, author, named)
        return _followed(site, station, action)

    def station_actions(request: Mapping[str, Any]) -> dict[str, Any]:
        station = _station(site, request)
        return {
            "actions": [as_plain(action) for action in actions_of(site, station)],
            "files": [
                {"name": file.name, "size": file.size, "path": str(files.path(station, file.name))}
                for file in files.kept(station)
            ],
        }

    def stations(_: Mapping[str, Any]) -> dict[str, Any]:
        snapshot: SiteSnapshot = runtime.ask("view", GetSnapshot(), PATIENCE)
        return {
            "stations": [
                {
                    "box_identity": view.box_identity,
                    "name": view.name,
                    "registered": view.registered,
                    "link": view.link.value,
                    "verified": view.verified,
                    "zone": view.zone,
                    "vendor": view.vendor,
                    "model": view.model,
                    "serial_number": view.serial_number,
                    "firmware": view.firmware,
                    "address": view.address,
                    "profile_writes": [asdict(wear) for wear in view.wear],
                    "last_seen_at": None if view.last_seen_at is None else view.last_seen_at.isoformat(),
                }
                for _, view in sorted(snapshot.stations.items())
            ]
        }

    return {"act": act, "station_actions": station_actions, "stations": stations}


def _station(site: Site, request: Mapping[str, Any]) -> BoxIdentity:
    name = BoxIdentity(str(request.get("station") or ""))
    known = site.snapshot().stations
    if name not in known or not known[name].registered:
        registered = [view.box_identity for view in known.values() if view.registered]
        raise LookupError(f"station={name!r}: know {', '.join(sorted(registered)) or 'none'}")
    return name


def _followed(site: Site, station: BoxIdentity, request: str) -> Stream:
    """Each change of the action as it is seen, until it has ended."""
    told, missed_since = None, time.monotonic()
    while True:
        action = _look(site, station, request)
        if action is not None:
            missed_since = time.monotonic()
            if (action.state, action.said) != told:
                told = (action.state, action.said)
                yield as_plain(action)
            if action.state.ended:
                return
        elif time.monotonic() - missed_since > PATIENCE:
            raise RuntimeError(f"{station}: nothing is known of the action any more; the event log may tell")
        yield None
        time.sleep(ASKED_EVERY)


def _look(site: Site, station: BoxIdentity, request: str) -> Action | None:
    try:
        found = actions_of(site, station, request)
    except NoAnswerError:
        return None  # its control is being replaced
    return found[0] if found else None
