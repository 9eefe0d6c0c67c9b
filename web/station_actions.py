"""Beginning an action on a station for a page, a program or the command line, with the file it needs."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from actors.messages import GetActions, GetPeer, RequestAction
from evce.errors import EvceError
from evce.plain import plain
from evce.station_control.action_kinds import kind_named, read_parameters
from evce.station_control.action_state import Action
from evce.units import BoxIdentity
from web.file_exchange import FileExchange, FileExchangeError
from web.site import Site

__all__ = ["ActionRefusedError", "NamedFile", "actions_of", "as_plain", "begin", "result_of"]


class ActionRefusedError(EvceError, ValueError):
    """What was asked won't do; `faults` tells why, by parameter."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {why}" for field, why in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that a station is to fetch; `kept` where it lies in a file that is never written to again."""

    name: str
    content: IO[bytes]
    kept: Path | None = None


def begin(
    site: Site,
    files: FileExchange | None,
    station: BoxIdentity,
    name: str,
    given: Mapping[str, Any],
    author: str,
    file: NamedFile | None = None,
) -> str:
    """Ask the station's control for an action; returns the id by which `actions_of` tells of it.

    Without a location the station sends its file to EVCE; a `file` is served to it. Raises
    ActionRefusedError with all mistakes, LookupError for a name that is no action, NoAnswerError when the
    control does not answer.
    """
    kind = kind_named(name)
    request = secrets.token_hex(8)
    values, ours = dict(given), False
    if kind.file and not values.get("location"):
        ours = kind.file == "received"
        if ours or file is not None:
            _, wrong = read_parameters(kind, {**values, "location": "http://evce/"})
            if wrong:  # before anything is copied
                raise ActionRefusedError(wrong)
            values["location"] = _address(site, files, station, request, file)
        values, faults = read_parameters(kind, values)
        if "location" in faults:
            faults["location"] = "missing: a file, or where the station finds one"
    else:
        values, faults = read_parameters(kind, values)
    if faults:
        raise ActionRefusedError(faults)
    order = RequestAction(station, kind.name, values, author, request, ours)
    if not site.tell(f"station/{station}", order):
        raise ActionRefusedError({"station": f"{station} is not known, or its control is being restarted"})
    return request


def _address(
    site: Site, files: FileExchange | None, station: BoxIdentity, request: str, file: NamedFile | None
) -> str:
    if files is None:
        raise ActionRefusedError({"location": "EVCE serves no files here: name a place"})
    peer = str(site.ask(f"station/{station}", GetPeer()))
    try:
        if file is None:
            return files.to_receive(station, request, peer)
        return files.to_serve(station, request, file.name, file.content, peer, file.kept)
    except FileExchangeError as error:
        raise ActionRefusedError({"location": str(error)}) from error


def actions_of(site: Site, station: BoxIdentity, request: str = "") -> tuple[Action, ...]:
    """The actions of a station, newest first; with a `request` that one alone."""
    found = site.ask(f"station/{station}", GetActions(request))
    return tuple(a for a in found if isinstance(a, Action)) if isinstance(found, tuple) else ()


def result_of(action: Action) -> dict[str, Any]:
    """What the station answered, without its secrets: some tell even their AuthorizationKey."""
    shown: dict[str, Any] = plain(dict(action.result), depth=10, items=10_000, text=1_000_000)
    return shown


def as_plain(action: Action) -> dict[str, Any]:
    """An action for programs: words in English, times in UTC."""
    return {
        "id": action.id,
        "action": action.kind,
        "parameters": _shown(action.given),
        "requested_by": action.requested_by,
        "asked_at": action.asked_at.isoformat(),
        "state": action.state.value,
        "ended": action.state.ended,
        "said": str(action.said),
        "steps": [{"at": at.isoformat(), "said": str(words)} for at, words in action.steps],
        "ended_at": None if action.ended_at is None else action.ended_at.isoformat(),
        "result": result_of(action),
        "file": action.file,
    }


def _shown(given: Mapping[str, Any]) -> dict[str, Any]:
    """A location holds the token of an address; a certificate and a signature are long and tell little."""
    hidden = ("location", "certificate", "signature")
    return {name: value for name, value in given.items() if name not in hidden}
