"""Tests of what an administrator does with wished network settings."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from actors.messages import RecordEvent, RevisionRecord
from evce.configuration.network import NetworkSettings
from evce.configuration.revisions import canonical_json
from evce.network.course import CONFIRMED, STATE, NetworkState, Stage
from tests.web.conftest import Clock
from tests.web.fake_document import fake_document
from tests.web.fake_site import FakeSite
from web.network_shelf import NetworkShelf

PAGE = "/configuration/section/network"
FIXED = NetworkSettings.model_validate({"mode": "fixed"})


@pytest.fixture
def shelf(app: Flask, tmp_path: Path, clock: Clock) -> NetworkShelf:
    made = NetworkShelf(tmp_path / "network", clock, tmp_path / "unit")
    made.follow(FIXED)
    app.extensions["evce_network"] = made
    return made


@pytest.fixture
def state(shelf: NetworkShelf, tmp_path: Path) -> Callable[[NetworkState], None]:
    del shelf

    def put(state: NetworkState) -> None:
        (tmp_path / "network" / STATE).write_text(state.told())

    return put


def test_the_section_has_a_form_and_no_word_of_what_nobody_wished(admin: FlaskClient) -> None:
    """NW-1, UI-10."""
    text = admin.get(PAGE).text
    assert "IP address" in text
    assert "systemd-networkd" not in text


def test_settings_on_trial_are_told_on_every_page_and_kept_by_a_click(
    admin: FlaskClient,
    site: FakeSite,
    clock: Clock,
    state: Callable[[NetworkState], None],
    tmp_path: Path,
) -> None:
    """NW-1: with the seconds left, and an audit line."""
    state(NetworkState(1, Stage.WAITING, clock() + timedelta(seconds=90)))
    assert "keep them within 90 s" in admin.get("/").text
    assert "Keep these network settings" in admin.get(PAGE).text
    assert admin.post("/configuration/network/keep").status_code == 303
    assert (tmp_path / "network" / CONFIRMED).exists()
    told = [message for _, message in site.told if isinstance(message, RecordEvent)]
    assert [(event.type, event.message, event.author) for event in told] == [
        ("audit", "the network settings are kept", "olivia")
    ]
    assert "The network settings are kept." in admin.get(PAGE).text


def test_too_late_a_click_is_told(admin: FlaskClient, state: Callable[[NetworkState], None]) -> None:
    """NW-1."""
    state(NetworkState(1, Stage.PUT_BACK))
    admin.post("/configuration/network/keep")
    text = admin.get(PAGE).text
    assert "Nothing waits to be kept" in text
    assert "Nobody confirmed the network settings in time" in text
    assert "Network settings were put back" in admin.get("/").text


def test_what_failed_is_told_and_may_be_tried_again(
    admin: FlaskClient, state: Callable[[NetworkState], None]
) -> None:
    """NW-1: with the words of the network service."""
    state(NetworkState(1, Stage.FAILED, text="Interface eth0 not found"))
    assert "Interface eth0 not found" in admin.get(PAGE).text
    assert "could not be applied" in admin.get("/").text
    assert admin.post("/configuration/network/try-again").status_code == 303
    assert "The settings are being applied." in admin.get(PAGE).text


def test_the_unit_is_shown_and_downloaded(admin: FlaskClient, site: FakeSite) -> None:
    """NW-1: written out where EVCE doesn't apply it itself."""
    assert admin.get("/configuration/network/unit").status_code == 404
    document = fake_document(site.now(), network={"mode": "fixed"})
    site.apply(RevisionRecord(8, canonical_json(document), "bob", "", site.now()))
    answer = admin.get("/configuration/network/unit")
    assert "Address=192.168.0.128/24" in answer.text
    assert "10-evce.network" in answer.headers["Content-Disposition"]


def test_without_a_service_nothing_can_be_kept(admin: FlaskClient, user: FlaskClient) -> None:
    """NW-1: nor by whoever is no administrator."""
    assert admin.post("/configuration/network/keep").status_code == 404
    assert user.post("/configuration/network/keep").status_code == 403
