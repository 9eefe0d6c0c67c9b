"""The OpenAPI 3.1 document of the web services, made from the table of routes."""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from web.api_calls import Call, call_of, schema_of
from web.security import Access, access_of

__all__ = ["PLACES", "PREFIX", "UNDESCRIBED", "Operation", "openapi", "operations"]

PREFIX = "/api/v1/"

PLACES: Mapping[str, str] = {
    "id_tag": "IdTag of the card",
    "identity": "box identity of the station",
    "meter_id": "id of the meter",
    "number": "number of the connector or of the transaction",
    "transaction": "number of the transaction",
    "zone_id": "id of the zone",
}
"""What the placeholders of the addresses stand for."""

_EXAMPLES: Mapping[str, object] = {
    "id_tag": "04A1B037C",
    "identity": "CP-01",
    "meter_id": "main-meter",
    "number": 1,
    "transaction": 473,
    "zone_id": "garage",
}

_WHO: Mapping[Access, str] = {
    Access.READ: "Programs, and people who are logged in.",
    Access.SERVICE: "Programs alone.",
    Access.USER: "People who are logged in.",
    Access.ADMIN: "Administrators who are logged in.",
    Access.PUBLIC: "Everybody.",
}

_ALWAYS: Mapping[int, str] = {
    401: "No login, or a wrong one; after six wrong ones the login is locked for a while (429).",
    403: "The login's role doesn't include this, or the web services are switched off.",
    503: "The part of the site that knows doesn't answer now; Retry-After tells when to try again.",
}

_PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is wrong, and what would be right"},
        "errors": {
            "type": "array",
            "description": "each fault by itself",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body"},
                    "parameter": {"type": "string", "description": "of the query"},
                    "detail": {"type": "string"},
                },
                "required": ["detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}


UNDESCRIBED = Call("Other", {"type": "object"}, {})
"""Of a view that stands there without a description; a test leaves none."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address: who may call it, in which words it is described, and its description."""

    method: str
    path: str
    """As OpenAPI has it: /api/v1/zones/{zone_id}."""
    endpoint: str
    access: Access
    places: tuple[tuple[str, str], ...]
    """Name and type (string, integer) of each placeholder."""
    summary: str
    text: str
    call: Call

    @property
    def who(self) -> str:
        """Who may call it, in a sentence."""
        return _WHO[self.access]

    @property
    def refusals(self) -> dict[int, str]:
        """With which status it refuses, and when."""
        own = dict(self.call.refusals or {})
        if self.access is Access.PUBLIC:
            return own
        return dict(sorted({**_ALWAYS, **own}.items()))

    @property
    def example_path(self) -> str:
        """The address with a value in each place."""
        return re.sub(r"{(\w+)}", lambda found: str(_EXAMPLES.get(found.group(1), "…")), self.path)


def operations(app: Flask) -> tuple[Operation, ...]:
    """Every call below `PREFIX`, by address and method."""
    found = [
        each for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIX) for each in _of(app, rule)
    ]
    return tuple(sorted(found, key=lambda one: (one.path, one.method)))


def openapi(app: Flask, version: str, server: str) -> dict[str, Any]:
    """The document; `server` is the address by which the site was found."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations(app):
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "EVCE web services",
            "version": version,
            "description": "Currents in A, power in W, energy in Wh, times in ISO 8601 with their offset.",
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": dict(_PROBLEM)},
            "securitySchemes": {
                "program": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "A login of the role Webservices, while webservices.enabled is on.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-evce-session",
                    "description": "Somebody who is logged in on the pages; changes also need the "
                    "page's form token in X-CSRFToken.",
                },
            },
        },
    }


def _of(app: Flask, rule: Rule) -> Iterator[Operation]:
    access = access_of(app, rule.endpoint)
    if access is None:
        return
    view = app.view_functions[rule.endpoint]
    summary, _, text = (inspect.getdoc(view) or "").partition("\n")
    places = tuple(
        (name, "integer" if type(rule._converters[name]).__name__ == "IntegerConverter" else "string")
        for name in re.findall(r"<(?:[^:<>]+:)?([^<>]+)>", rule.rule)
    )
    path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        yield Operation(
            method,
            path,
            rule.endpoint,
            access,
            places,
            summary,
            text.strip().replace("\n", " "),
            call_of(view) or UNDESCRIBED,
        )


def _operation(operation: Operation) -> dict[str, Any]:
    described = operation.call
    told: dict[str, Any] = {
        "operationId": f"{operation.endpoint}.{operation.method.lower()}",
        "summary": operation.summary,
        "description": f"{operation.text} {operation.who}".strip(),
        "parameters": [*_places(operation), *_query(described), *_headers(described)],
        "security": _security(operation.access),
        "responses": {
            str(status): {
                "description": why,
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for status, why in operation.refusals.items()
        },
    }
    told["tags"] = [described.group]
    answer: dict[str, Any] = {"schema": schema_of(described.answer), "example": described.example}
    good: dict[str, Any] = {"description": "As asked for.", "content": {"application/json": answer}}
    if described.conditional:
        good["headers"] = {
            "ETag": {"schema": {"type": "string"}, "description": "The version of what is told."}
        }
    told["responses"] = {str(described.status): good, **told["responses"]}
    if described.conditional == "If-None-Match":
        told["responses"]["304"] = {"description": "Nothing has changed since the version that was named."}
    if described.body is not None:
        body = {"schema": schema_of(described.body), "example": described.body_example}
        told["requestBody"] = {"required": True, "content": {"application/json": body}}
    return told


def _places(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PLACES.get(name, ""),
            "schema": {"type": kind},
            "example": _EXAMPLES.get(name),
        }
        for name, kind in operation.places
    ]


def _query(described: Call) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "in": "query",
            "description": parameter.what,
            "schema": dict(parameter.schema),
            "example": parameter.example,
        }
        for parameter in described.query
    ]


def _headers(described: Call) -> list[dict[str, Any]]:
    if not described.conditional:
        return []
    what = {
        "If-None-Match": "The ETag of what is known already: answered with 304 while nothing has changed.",
        "If-Match": "The ETag of what is to be changed: answered with 412 where something else holds by now.",
    }[described.conditional]
    return [
        {"name": described.conditional, "in": "header", "description": what, "schema": {"type": "string"}}
    ]


def _security(access: Access) -> list[dict[str, list[str]]]:
    match access:
        case Access.PUBLIC:
            return []
        case Access.READ:
            return [{"program": []}, {"session": []}]
        case Access.SERVICE:
            return [{"program": []}]
    return [{"session": []}]
