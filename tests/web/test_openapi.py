"""Tests of the description of the web services: no call can be forgotten, and none is told wrongly."""

import json
from typing import Any

import fastjsonschema
import pytest
from flask import Flask

from web.api_calls import schema_of
from web.openapi import PLACES, PREFIX, UNDESCRIBED, openapi, operations
from web.security import Access, access, access_of


def described(app: Flask) -> dict[str, Any]:
    return openapi(app, "1.0", "https://localhost")


def test_the_document_has_exactly_the_calls_of_the_route_table(app: Flask) -> None:
    """API-1: a new route is in it by itself."""

    @app.get("/api/v1/new/<zone_id>")
    @access(Access.USER)
    def new(zone_id: str) -> str:
        """Something new."""
        return zone_id

    served = {
        (rule.rule.replace("<", "{").replace(">", "}").replace("{int:", "{"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    paths = described(app)["paths"]
    assert {(path, method) for path, calls in paths.items() for method in calls} == served
    assert paths["/api/v1/new/{zone_id}"]["get"]["summary"] == "Something new."


def test_every_call_says_what_it_takes_answers_and_refuses(app: Flask) -> None:
    """API-1: group, sentence, places, an answer and an example of it, problems."""
    found = operations(app)
    assert len(found) >= 28
    for one in found:
        assert one.call is not UNDESCRIBED, f"{one.endpoint} needs @call, see web/api_calls.py"
        assert one.path.startswith(PREFIX)
        assert one.summary.endswith("."), one.endpoint
        assert {name for name, _ in one.places} <= PLACES.keys(), one.endpoint
        assert {401, 403, 503} <= one.refusals.keys() or one.access is Access.PUBLIC
        assert (one.call.body is None) == (one.call.body_example is None), one.endpoint


def test_each_example_is_what_its_schema_says(app: Flask) -> None:
    """API-1: answers, bodies and parameters."""
    for one in operations(app):
        fastjsonschema.compile(schema_of(one.call.answer))(one.call.example)
        if one.call.body is not None:
            fastjsonschema.compile(schema_of(one.call.body))(one.call.body_example)
        for parameter in one.call.query:
            fastjsonschema.compile(dict(parameter.schema))(parameter.example)


def test_the_document_is_openapi_3_1(app: Flask) -> None:
    """API-1: what the specification asks for, ids that are unique, references that lead somewhere."""
    told = described(app)
    assert told["openapi"].startswith("3.1.")
    assert told["info"]["title"]
    assert told["info"]["version"] == "1.0"
    ids = [call["operationId"] for calls in told["paths"].values() for call in calls.values()]
    assert len(ids) == len(set(ids))
    text = json.dumps(told)
    assert text.count("#/components/schemas/Problem") >= 100
    assert set(told["components"]["schemas"]) == {"Problem"}
    schemes = set(told["components"]["securitySchemes"])
    for path, calls in told["paths"].items():
        for method, call in calls.items():
            assert all(status.isdecimal() for status in call["responses"])
            assert any(status.startswith("2") for status in call["responses"])
            assert all(answer["description"] for answer in call["responses"].values())
            assert {name for one in call["security"] for name in one} <= schemes
            places = [one["name"] for one in call["parameters"] if one["in"] == "path"]
            assert all(f"{{{name}}}" in path for name in places), (path, method)
            assert path.count("{") == len(places)


@pytest.mark.parametrize(
    ("path", "method", "ways"),
    [
        ("/api/v1/zones", "get", ["program", "session"]),
        ("/api/v1/remote/heartbeat", "post", ["program"]),
        ("/api/v1/stations", "post", ["session"]),
    ],
)
def test_who_may_call_stands_there(app: Flask, path: str, method: str, ways: list[str]) -> None:
    """API-1: from the same mark that the guard asks."""
    call = described(app)["paths"][path][method]
    assert [name for one in call["security"] for name in one] == ways
    assert access_of(app, call["operationId"].rpartition(".")[0]) is not None
