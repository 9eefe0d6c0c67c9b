"""The page that looks for stations at a range of addresses, and the same for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from ipaddress import ip_network

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request

from evce.station_scan import MOST, ScanRefusedError, addresses
from evce.units import BoxIdentity
from web.api_calls import Call, call
from web.doors import own_address
from web.languages import gettext
from web.pages.proposing import configuration_page, in_force, see_other
from web.problems import refused
from web.rendering import site
from web.security import Access, access
from web.sentences import told
from web.station_scan import ScanBusyError, StationScan

__all__ = ["scanning_pages"]

_PAGE = "/configuration/stations/scan"

_SCAN = {
    "lowest": "192.168.0.1",
    "highest": "192.168.0.99",
    "total": 99,
    "done": 12,
    "running": True,
    "found": [],
}
"""How far a scan is, as an example."""

scanning_pages = Blueprint("scanning", __name__)


def _scan() -> StationScan:
    """The scan of this application, made when it is asked for first."""
    found: StationScan = current_app.extensions.setdefault("evce_scan", StationScan())
    return found


def _own_network() -> tuple[str, str]:
    """The addresses beside this computer's own, if it is in a private network; what a person will mean."""
    try:
        own = ip_network(f"{own_address()}/24", strict=False)
        beside = addresses(str(own[1]), str(own[-2]))
    except (ValueError, ScanRefusedError):
        return "", ""
    return beside[0], beside[-1]


@scanning_pages.get(_PAGE)
@access(Access.ADMIN)
def scan() -> Response:
    progress = _scan().progress
    lowest, highest = (progress.lowest, progress.highest) if progress.lowest else _own_network()
    return _page({"lowest": lowest, "highest": highest}, {}, 200)


@scanning_pages.post(_PAGE)
@access(Access.ADMIN)
def start() -> Response:
    """Begin; a range that won't do comes back with what is wrong."""
    try:
        _scan().start(request.form.get("lowest", "")[:50], request.form.get("highest", "")[:50])
    except ScanRefusedError as error:
        return _page(request.form, {name: told(why) for name, why in error.faults.items()}, 422)
    except ScanBusyError as error:
        return _page(request.form, {"highest": told(str(error))}, 409)
    return see_other(_PAGE)


@scanning_pages.post(f"{_PAGE}/cancel")
@access(Access.ADMIN)
def cancel() -> Response:
    _scan().cancel()
    return see_other(_PAGE)


@scanning_pages.get(f"{_PAGE}/state")
@access(Access.ADMIN)
def state() -> Response:
    """The live part of the page."""
    return make_response(render_template("configuration/scanned.html", **_values()))


@scanning_pages.get("/api/v1/stations/scan")
@access(Access.ADMIN)
@call(Call("Registering stations", {"type": "object"}, _SCAN))
def state_for_programs() -> Response:
    """How far the newest scan is, and what it found."""
    return jsonify(asdict(_scan().progress))


@scanning_pages.post("/api/v1/stations/scan")
@access(Access.ADMIN)
@call(
    Call(
        "Registering stations",
        {"type": "object"},
        _SCAN,
        body={"type": "object"},
        body_example={"lowest": "192.168.0.1", "highest": "192.168.0.99"},
        status=202,
        refusals={
            400: "Another form.",
            409: "A scan is running.",
            422: "The range can't be; errors names why.",
        },
    )
)
def start_by_program() -> tuple[Response, int]:
    """Begin a scan, `{"lowest": "192.168.0.1", "highest": "192.168.0.99"}`, or `{"cancel": true}`."""
    wish = request.get_json(silent=True)
    if not isinstance(wish, dict):
        return refused(400, {"": "a JSON object with lowest and highest"})
    if wish.get("cancel") is True:
        _scan().cancel()
        return jsonify(asdict(_scan().progress)), 202
    try:
        _scan().start(str(wish.get("lowest", "")), str(wish.get("highest", "")))
    except ScanRefusedError as error:
        return refused(422, error.faults)
    except ScanBusyError as error:
        return refused(409, {"": str(error)})
    return jsonify(asdict(_scan().progress)), 202


def _page(form: Mapping[str, str], faults: Mapping[str, str], status: int) -> Response:
    return configuration_page(
        "configuration/scan.html", "stations", status, form=form, faults=faults, most=MOST, **_values()
    )


def _values() -> dict[str, object]:
    progress = _scan().progress
    registered = {s.address: s.name for s in in_force()[1].stations if s.address}
    called: dict[str, BoxIdentity] = {
        view.address: view.box_identity
        for view in site().snapshot().stations.values()
        if view.address and not view.registered
    }
    return {
        "progress": progress,
        "rows": [
            (one, gettext("unknown maker") if one.maker == "?" else one.maker, registered.get(one.address))
            for one in progress.found
        ],
        "called": called,
    }
