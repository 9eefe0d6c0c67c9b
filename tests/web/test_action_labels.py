"""Tests of what actions are called on the pages."""

from flask import Flask

from evce.station_control.action_kinds import KINDS
from evce.station_control.action_state import ActionState
from evce.station_control.action_words import Saying, Words
from web import action_labels


def test_every_action_parameter_state_and_sentence_is_in_the_catalogues() -> None:
    """UI-5: nobody reads a name of the program."""
    assert set(KINDS) <= set(action_labels.TITLES)
    assert {p.name for kind in KINDS.values() for p in kind.parameters} <= set(action_labels.PARAMETERS)
    assert set(ActionState) == set(action_labels.STATES)
    assert {saying.value for saying in Saying} == set(action_labels._SAID)


def test_a_sentence_has_its_values(app: Flask) -> None:
    """OC-3."""
    with app.test_request_context():
        words = Words(Saying.RECEIVED, {"file": "d.zip", "size": 3})
        assert action_labels.said(words) == "Received d.zip, 3 bytes."
        assert action_labels.choice_of("Inoperative") == "Out of service"
        assert action_labels.choice_of("Heartbeat") == "Heartbeat"
