"""States of an action."""

from evce.station_control.action_state import Action, ActionState
from evce.station_control.action_words import Saying, Words
from tests.evce.station_control.bench import EPOCH


def test_only_what_waits_sends_or_goes_on_has_not_ended() -> None:
    """OC-3."""
    open_states = {state for state in ActionState if not state.ended}
    assert open_states == {ActionState.ASKED, ActionState.SENT, ActionState.IN_PROGRESS}


def test_the_outlet_of_an_action_is_none_for_the_whole_station() -> None:
    """OC-3."""
    for given, expected in (({"connector": 2}, 2), ({"connector": 0}, None), ({}, None)):
        action = Action("a", "x", given, "ada", EPOCH, ActionState.ASKED, Words(Saying.WAITS))
        assert action.connector == expected
