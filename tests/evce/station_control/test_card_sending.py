"""A station's card list and cache, kept in step with the cards."""

from collections.abc import Mapping
from typing import Any

import pytest

from evce.records import CardRecord
from evce.station_control.action_state import ActionState
from tests.evce.station_control.bench import SILENCE, Bench, Refusal


class Listed:
    """A scripted station that keeps a list."""

    def __init__(self, **changes: Any) -> None:
        self.version = 0
        self.tags: set[str] = set()
        self.bench = Bench(
            keys={"SendLocalListMaxLength": "2", "AuthorizationCacheEnabled": "true"},
            cards={tag: CardRecord(tag, True) for tag in ("A", "B", "C")},
            **changes,
        )
        self.bench.answers["GetLocalListVersion"] = lambda _: {"listVersion": self.version}
        self.bench.answers["SendLocalList"] = self.take
        self.bench.connect()

    def take(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        if payload["updateType"] == "Differential" and payload["listVersion"] <= self.version:
            return {"status": "VersionMismatch"}
        if payload["updateType"] == "Full":
            self.tags.clear()
        for entry in payload["localAuthorizationList"]:
            (self.tags.add if "idTagInfo" in entry else self.tags.discard)(entry["idTag"])
        self.version = payload["listVersion"]
        return {"status": "Accepted"}

    def change(self, *, withdrawn: bool = False) -> None:
        self.bench.control.cards_changed(self.bench.moment, withdrawn=withdrawn)
        self.bench.carry_out()


def test_a_list_is_sent_in_parts_and_told_to_be_kept() -> None:
    """AU-2."""
    station = Listed()
    action = station.bench.act("card-list")
    assert (action.state, str(action.said)) == (
        ActionState.DONE,
        "The station keeps 3 of 3 cards as version 2.",
    )
    assert station.tags == {"A", "B", "C"}
    assert [len(p["localAuthorizationList"]) for p in station.bench.sent("SendLocalList")] == [2, 1]
    again = station.bench.act("card-list")
    assert "has all cards already" in str(again.said)
    full = station.bench.act("card-list", full=True)
    assert full.state is ActionState.DONE
    assert station.bench.sent("SendLocalList")[2]["updateType"] == "Full"


def test_changes_follow_by_themselves_once_a_list_is_kept() -> None:
    """AU-2, AU-4."""
    station = Listed()
    station.change()
    assert station.bench.sent("GetLocalListVersion") == []
    station.bench.act("card-list")
    del station.bench.cards["A"]
    station.bench.cards["D"] = CardRecord("D", True)
    station.change()
    assert station.tags == {"B", "C", "D"}
    assert station.bench.sent("SendLocalList")[-1]["updateType"] == "Differential"


def test_what_changes_while_the_station_is_away_is_made_up_for() -> None:
    """AU-2."""
    station = Listed()
    station.bench.act("card-list")
    station.bench.disconnect()
    del station.bench.cards["A"]
    station.change(withdrawn=True)
    assert station.bench.sent("ClearCache") == []
    station.bench.connect()
    assert station.tags == {"B", "C"}
    assert station.bench.sent("ClearCache") == [{}]


def test_a_card_that_is_withdrawn_empties_the_cache_and_a_comment_doesn_t() -> None:
    """AU-2: a cache would let it charge while the link is down."""
    station = Listed()
    station.change()
    assert station.bench.sent("ClearCache") == []
    station.change(withdrawn=True)
    assert station.bench.sent("ClearCache") == [{}]


def test_a_list_that_somebody_else_has_changed_is_sent_anew() -> None:
    """AU-2: VersionMismatch."""
    station = Listed()
    station.bench.act("card-list")
    station.bench.answers["GetLocalListVersion"] = {"listVersion": 2}
    station.version, station.tags = 40, {"X"}
    station.bench.cards["D"] = CardRecord("D", True)
    action = station.bench.act("card-list")
    assert action.state is ActionState.DONE
    assert station.tags == {"A", "B", "C", "D"}


@pytest.mark.parametrize(
    ("answers", "state", "words"),
    [
        ({"GetLocalListVersion": {"listVersion": -1}}, ActionState.NOT_SUPPORTED, "listVersion -1"),
        ({"GetLocalListVersion": Refusal("NotImplemented")}, ActionState.NOT_SUPPORTED, "NotImplemented"),
        ({"SendLocalList": {"status": "NotSupported"}}, ActionState.NOT_SUPPORTED, "NotSupported"),
        ({"SendLocalList": {"status": "Failed"}}, ActionState.FAILED, "Failed"),
        ({"SendLocalList": SILENCE}, ActionState.TIMED_OUT, "within 10 s"),
    ],
)
def test_a_station_that_takes_no_list_says_why(
    answers: dict[str, Any], state: ActionState, words: str
) -> None:
    """AU-2."""
    station = Listed()
    station.bench.answers |= answers
    station.bench.act("card-list")
    station.bench.wait(30.0)
    assert station.bench.action.state is state
    assert words in str(station.bench.action.said)
    calls = len(station.bench.calls)
    station.bench.wait(30.0)
    assert "SendLocalList" not in [name for _, _, name, _ in station.bench.calls[calls:]]


def test_a_list_that_broke_off_is_sent_whole_after_the_reconnection() -> None:
    """AU-2: half of it may have arrived."""
    station = Listed()
    station.bench.act("card-list")
    station.bench.answers["SendLocalList"] = SILENCE
    station.bench.cards["D"] = CardRecord("D", True)
    station.change()
    station.bench.disconnect()
    station.bench.answers["SendLocalList"] = station.take
    station.bench.connect()
    assert station.tags == {"A", "B", "C", "D"}
    assert station.bench.sent("SendLocalList")[-2]["updateType"] == "Full"
