"""The web services described: a document for programs, and a page for whoever writes them (API-1)."""

import json

from flask import Blueprint, Response, current_app, jsonify, request

from web.api_calls import Call, call
from web.openapi import PLACES, Operation, openapi, operations
from web.rendering import services, site, still_page
from web.security import Access, access

__all__ = ["web_services_pages"]

web_services_pages = Blueprint("web_services", __name__)


_FIRST = (
    "Site",
    "Zones",
    "Stations",
    "Connectors",
    "Transactions",
    "Meters",
    "Cards",
    "Remote energy management",
)
"""The groups in the order in which programs need them; the others follow."""


@web_services_pages.get("/api/v1/openapi.json")
@access(Access.READ)
@call(Call("Description", {"type": "object"}, {"openapi": "3.1.0", "info": {}, "paths": {}}))
def document() -> Response:
    """This description: an OpenAPI 3.1 document of every call."""
    return jsonify(openapi(current_app, current_app.config["EVCE_VERSION"], f"https://{request.host}"))


@web_services_pages.get("/web-services")
@access(Access.USER)
def page() -> Response:
    """Every call with its parameters, an example and what it refuses, by group."""
    groups: dict[str, list[Operation]] = {group: [] for group in _FIRST}
    for operation in operations(current_app):
        groups.setdefault(operation.call.group, []).append(operation)
    return still_page(
        "web_services.html",
        site().snapshot(),
        "web-services",
        groups=groups,
        places=PLACES,
        host=request.host,
        settings=services(),
        as_text=lambda value: json.dumps(value, indent=2, ensure_ascii=False),
    )
