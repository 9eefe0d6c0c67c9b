"""Tests of what a change is said to do."""

from typing import Any

import pytest
from flask import Flask

from evce.configuration.document import SiteDocument
from tests.web.conftest import Clock
from tests.web.fake_document import fake_document
from tests.web.fake_site import FakeSite
from web.effects import effects, unproven

Change = Any


def lower(plain: dict[str, Any]) -> None:
    plain["zones"][1]["maximum_a"] = 60


def remove_charging(plain: dict[str, Any]) -> None:
    plain["stations"] = [s for s in plain["stations"] if s["box_identity"] != "CP-01"]


def remove_idle(plain: dict[str, Any]) -> None:
    plain["stations"] = [s for s in plain["stations"] if s["box_identity"] != "CP-08"]


def move_port(plain: dict[str, Any]) -> None:
    plain["ocpp"]["port"] = 9999


def let_all_charge(plain: dict[str, Any]) -> None:
    plain["authentication"]["mode"] = "all_cards"


def switch_off(plain: dict[str, Any]) -> None:
    plain["inputs"]["channels"][0]["percent"] = 0


def suspend_in_period(plain: dict[str, Any]) -> None:
    plain["tariff"]["periods"][0]["percent"] = 0


def drop_period(plain: dict[str, Any]) -> None:
    del plain["tariff"]["periods"][2]


def more_for_the_street(plain: dict[str, Any]) -> None:
    plain["zones"][5]["maximum_a"] = 250


def no_zone(plain: dict[str, Any]) -> None:
    plain["stations"][0]["zone"] = None


def degraded_too_high(plain: dict[str, Any]) -> None:
    plain["zones"][0]["degraded_setpoint_a"] = 20


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (lower, "warning", "reduced to 60 A at once"),
        (remove_charging, "danger", "A car charges at “Garage 1” now"),
        (remove_idle, "warning", "“Deck north 2” is hung up on"),
        (move_port, "warning", "next start of the EVCE service"),
        (let_all_charge, "info", "20 stations get another answer"),
        (switch_off, "warning", "“Grid operator” is active, all charging is suspended"),
        (suspend_in_period, "warning", "In the period “Evening peak” all charging is suspended"),
        (drop_period, "info", "shown as NoPeriod"),
        (more_for_the_street, "info", "falls to another current"),
        (no_zone, "info", "without a zone the station gets 0 A"),
        (degraded_too_high, "danger", "does not hold"),
    ],
)
def test_a_change_says_what_it_does(
    app: Flask, site: FakeSite, clock: Clock, change: Change, kind: str, words: str
) -> None:
    """CF-1: before it is applied, in sentences."""
    before = fake_document(clock())
    plain = before.plain()
    change(plain)
    with app.test_request_context():
        found = effects(before, SiteDocument.parse(plain), site.snapshot)
    assert [effect.kind for effect in found if words in effect.text] == [kind], found


def test_a_change_of_a_name_does_nothing_else(app: Flask, site: FakeSite, clock: Clock) -> None:
    """CF-1: no warning without a reason."""
    before = fake_document(clock())
    with app.test_request_context():
        assert effects(before, fake_document(clock(), site={"name": "Other"}), site.snapshot) == ()


def test_a_fuse_that_need_not_hold_is_named_with_its_remedy(clock: Clock) -> None:
    """DG-5: zone, amperes, what to do."""
    plain = fake_document(clock()).plain()
    assert unproven(SiteDocument.parse(plain)) == ()
    degraded_too_high(plain)
    (text,) = unproven(SiteDocument.parse(plain))
    assert text.startswith("Main switchboard: does not hold on L1")
    assert "lower “Degraded setpoint”" in text
