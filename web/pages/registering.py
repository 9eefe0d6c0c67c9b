"""Registering stations for programs: which were detected, and a revision that takes some of them in."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, request

from evce.configuration.document import SiteDocument
from evce.configuration.registration import detected, proposed
from evce.configuration.revisions import next_revision
from evce.errors import ConfigurationError, Refusal, RevisionConflictError, UnprovenError
from evce.units import BoxIdentity
from evce.views import StationView
from web.api_calls import Call, call
from web.pages.proposing import in_force
from web.problems import refused
from web.rendering import own_identifier, revisions, site
from web.security import Access, access, reader

__all__ = ["registering_pages"]

registering_pages = Blueprint("registering", __name__)

MOST = 200
"""Stations of one request."""

_COMMENT_LENGTH = 200
_WISH = frozenset({"stations", "based_on", "comment", "accept_unproven"})
_ASKED_FOR = 'a JSON object with "stations", a list of 1 to 200 box identities or stations of the document'

Answer = tuple[Response, int]


@registering_pages.get("/api/v1/stations/detected")
@access(Access.ADMIN)
@call(
    Call(
        "Registering stations",
        {"type": "object"},
        {"based_on": 7, "stations": [{"box_identity": "CP-09", "proposed": {"box_identity": "CP-09"}}]},
    )
)
def waiting() -> Response:
    """Who called and isn't registered, what each said of itself, and what it would be registered as."""
    record, document = in_force()
    views = detected(document, site().snapshot().stations.values())
    return jsonify(based_on=record.number, stations=_told(document, views))


@registering_pages.post("/api/v1/stations")
@access(Access.ADMIN)
@call(
    Call(
        "Registering stations",
        {"type": "object"},
        {"revision": 8, "registered": ["CP-09"]},
        body={"type": "object", "required": ["stations"]},
        body_example={"stations": ["CP-09", {"box_identity": "CP-10", "zone": "garage"}], "based_on": 7},
        status=201,
        refusals={
            400: "Another form.",
            409: "The document has changed.",
            422: "Each row that can't be is named.",
        },
    )
)
def register() -> Answer:
    """Take stations into the site: `{"stations": ["CP-01", {"box_identity": "CP-02", "zone": "garage"}]}`.

    What isn't given of a detected station is what it said of itself; one that never called is given whole.
    With `based_on` the document must still be of that revision. Answers 201 with the revision in force; 400
    for another form; 409 when the document has changed; 422 naming each row and field, with nothing applied.
    """
    wish = request.get_json(silent=True)
    if not isinstance(wish, dict) or not _WISH.issuperset(wish):
        return refused(400, {"": _ASKED_FOR})
    rows = wish.get("stations")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST:
        return refused(400, {"stations": _ASKED_FOR})
    record, document = in_force()
    if wish.get("based_on", record.number) != record.number:
        return refused(409, {"based_on": f"revision {record.number} by {record.author} is in force"})
    views = detected(document, site().snapshot().stations.values())
    added, faults = _rows(rows, proposed(document, views))
    if faults:
        return refused(422, faults)
    plain = document.plain()
    known = len(plain["stations"])
    plain["stations"] = [*plain["stations"], *added]
    names = ", ".join(str(station.get("name", station["box_identity"])) for station in added)
    try:
        after = SiteDocument.parse(plain)
        made = next_revision(
            record,
            after,
            author=reader().login,
            comment=str(wish.get("comment", f"registered {names}"))[:_COMMENT_LENGTH],
            now=revisions().now(),
            based_on=record.number,
            accept_unproven=wish.get("accept_unproven") is True,
            identifier=own_identifier(),
        )
        revisions().append(made)
    except UnprovenError as error:
        return refused(422, {"accept_unproven": str(error)})
    except ConfigurationError as error:
        return refused(422, dict(_at_row(refusal, known) for refusal in error.refusals))
    except RevisionConflictError as error:
        return refused(409, {"based_on": str(error)})
    except TimeoutError as error:
        return refused(503, {"": str(error)})
    return jsonify(revision=made.number, registered=[row["box_identity"] for row in added]), 201


def _told(document: SiteDocument, views: Sequence[StationView]) -> list[dict[str, Any]]:
    plain = proposed(document, views)
    return [
        {
            "box_identity": view.box_identity,
            "vendor": view.vendor,
            "model": view.model,
            "serial_number": view.serial_number,
            "firmware": view.firmware,
            "address": view.address,
            "proposed": plain[view.box_identity],
        }
        for view in views
    ]


def _rows(
    rows: Sequence[object], told: Mapping[BoxIdentity, dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The stations as they are to stand in the document, and what is wrong with a row by its place."""
    by_name = {identity.casefold(): plain for identity, plain in told.items()}
    added: list[dict[str, Any]] = []
    faults: dict[str, str] = {}
    for place, row in enumerate(rows):
        given = {"box_identity": row} if isinstance(row, str) else row
        if not isinstance(given, dict) or not isinstance(given.get("box_identity"), str):
            faults[f"stations[{place}]"] = "a box identity, or an object with box_identity"
            continue
        known = by_name.get(given["box_identity"].casefold())
        if known is None and len(given) == 1:
            waiting = ", ".join(told) or "none"
            faults[f"stations[{place}].box_identity"] = f"waiting to be registered: {waiting}"
            continue
        added.append({**(known or {}), **given})
    return added, faults


def _at_row(refusal: Refusal, known: int) -> tuple[str, str]:
    """Where in the request it is wrong, and what would be right."""
    match refusal.path:
        case ("stations", int(place), *rest) if place >= known:
            field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
            return f"stations[{place - known}]{field}", str(refusal)
    return refusal.field, str(refusal)
