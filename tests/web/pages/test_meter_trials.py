"""Tests of trying a meter from its form."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from actors.messages import TryMeter
from evce.endpoints import SerialLine, TcpEndpoint
from evce.meter_trial import TrialOutcome, Verdict
from evce.registers import MeterReading, WordOrder
from tests.web.fake_site import FakeSite
from web.pages.meter_trials import advice_of

METER = {"name": "", "host": "10.0.0.9", "port": "502", "unit": "3", "model": "powertag", "poll_ms": "500"}
READING = MeterReading((10.0, 20.0, 30.5), 12_340.0, 5_000.0)


def tried(site: FakeSite) -> list[TryMeter]:
    return [message for _, message in site.told if isinstance(message, TryMeter)]


def test_what_stands_in_the_form_is_tried(admin: FlaskClient, site: FakeSite) -> None:
    """MT-6: without a name yet; with every model that it may be instead; nothing is saved."""
    answer = admin.post("/configuration/meters/try", data=METER).text
    (sent,) = tried(site)
    assert (sent.endpoint, sent.unit, sent.registers.name) == (TcpEndpoint("10.0.0.9"), 3, "PowerTag")
    assert {"pm5320", "mtz"} <= set(sent.others)
    assert f"trial={sent.request}" in answer
    assert site.revisions[0].number == 7


def test_a_meter_on_a_serial_line_is_tried(admin: FlaskClient, site: FakeSite) -> None:
    """MT-1, MT-6."""
    line = {"protocol": "rtu", "device": "/dev/ttyUSB0", "baud": "9600", "parity": "none", "stop_bits": "2"}
    admin.post("/configuration/meters/try", data={**METER, **line, "host": "", "model": "iem3x5x"})
    assert [sent.endpoint for sent in tried(site)] == [SerialLine("/dev/ttyUSB0", 9_600, "N", 2)]
    said = advice_of(TrialOutcome(Verdict.NO_LINE, detail="/dev/ttyUSB0 can't be opened"))
    assert "adapter" in said


def test_the_outcome_is_shown_and_the_meter_read_again(admin: FlaskClient, site: FakeSite) -> None:
    """MT-6: live values; htmx is told to ask no more for this trial."""
    waiting = admin.get("/configuration/meters/trial?trial=a&since=9999999999")
    assert waiting.status_code == 204
    site.trial = TrialOutcome(Verdict.READ, READING)
    answer = admin.get("/configuration/meters/trial?trial=a&since=9999999999&rounds=4")
    assert answer.status_code == 286
    assert all(text in answer.text for text in ("30.5 A", "12.34 kW", "5 kWh", "rounds=5"))
    site.trial = TrialOutcome(Verdict.UNREACHABLE, detail="x can't be reached")
    assert "rounds=" not in admin.get("/configuration/meters/trial?trial=a&since=9999999999").text


def test_a_trial_that_is_lost_is_said(admin: FlaskClient) -> None:
    """MT-6: the actor was restarted meanwhile."""
    answer = admin.get("/configuration/meters/trial?trial=a&since=0")
    assert (answer.status_code, "Try again" in answer.text) == (286, True)
    assert admin.get("/configuration/meters/trial?trial=a&since=x").status_code == 400


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"host": "10.0.0.255"}, "Address"),
        ({"host": ""}, "Address"),
        ({"protocol": "rtu"}, "Serial line"),
        ({"unit": "300"}, "Unit id"),
        ({"model": "owl"}, "a model"),
    ],
)
def test_what_can_t_be_asked_is_told(
    admin: FlaskClient, site: FakeSite, changes: dict[str, str], said: str
) -> None:
    """MT-6: addresses ending .0, .254, .255 refused."""
    assert said in admin.post("/configuration/meters/try", data={**METER, **changes}).text
    assert not tried(site)


def test_a_model_is_tried_on_a_meter_that_is_there(admin: FlaskClient, site: FakeSite) -> None:
    """MT-3: before it is saved."""
    form = {"name": "Own", "word_order": "low_first", "tried_on": next(iter(site.snapshot.meters))}
    for place in range(3):
        register = {"": "1", ".quantity": f"current_l{place + 1}", ".address": f"{10 + 2 * place}"}
        form |= {f"registers.{place}{name}": value for name, value in register.items()}
    admin.post("/configuration/meters/try?of=model", data=form)
    (sent,) = tried(site)
    assert sent.registers.word_order is WordOrder.LOW_FIRST
    assert [one.number for one in sent.registers.registers.values()] == [10, 12, 14]
    form["tried_on"] = "nothing"
    assert "Choose a meter" in admin.post("/configuration/meters/try?of=model", data=form).text


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_outcome_says_what_to_do(app: Flask, verdict: Verdict) -> None:
    """MT-6: in a sentence of its own."""
    with app.test_request_context():
        text = advice_of(TrialOutcome(verdict, READING, 7, "pm5320", "why it is so"))
    assert len(text) > 20
    assert not re.search(r"%\(|None", text)
