"""Tests of which requests may bring a large file."""

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from evce.release.package import MOST_BYTES
from web.backup_room import UPLOAD_MOST
from web.uploads import large_upload


@pytest.mark.parametrize(
    ("path", "least"),
    [
        ("/configuration/backup/check", UPLOAD_MOST),
        ("/configuration/release/install", MOST_BYTES),
        ("/configuration/firmware/add", 64 << 20),
        ("/stations/CP-01/actions", 64 << 20),
    ],
)
def test_a_file_has_room_and_little_beside_it(path: str, least: int) -> None:
    """SR-2, SR-4, SR-5: and time to arrive."""
    upload = large_upload(path)
    assert upload is not None
    assert least <= upload.most <= least + (1 << 16)
    assert upload.within >= 120


@pytest.mark.parametrize(
    "path", ["/", "/login", "/configuration/backup", "/stations/CP-01", "/x/stations/1/actions"]
)
def test_nothing_else_may_be_large(path: str) -> None:
    """RELIABILITY 4.19"""
    assert large_upload(path) is None


@pytest.mark.parametrize(("reader", "allowed"), [("admin", True), ("user", False), ("nobody", False)])
def test_flask_lets_administrators_alone_bring_it(
    app: Flask, clients: dict[str, FlaskClient], reader: str, allowed: bool
) -> None:
    """RELIABILITY 4.19"""
    seen: list[int | None] = []

    def look(response: object) -> object:
        seen.append(request.max_content_length)
        return response

    app.after_request(look)  # type: ignore[type-var]
    clients[reader].post("/configuration/release/install")
    assert (seen[0] == MOST_BYTES + (1 << 16)) is allowed


@pytest.fixture
def clients(admin: FlaskClient, user: FlaskClient, nobody: FlaskClient) -> dict[str, FlaskClient]:
    return {"admin": admin, "user": user, "nobody": nobody}
