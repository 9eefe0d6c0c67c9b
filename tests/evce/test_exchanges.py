"""Tests of frames that are put together: calls with their answers, whoever called."""

from datetime import UTC, datetime, timedelta

import pytest

from evce import exchanges
from evce.exchanges import Exchange, Exchanges, Frame
from evce.ocppj import call, call_error, call_result
from evce.plain import REDACTED

START = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
FROM_STATION, FROM_EVCE = True, False


def heard(*frames: tuple[float, bool, str]) -> list[Exchange]:
    """What is made of these frames (seconds, from the station, text), newest first."""
    made = Exchanges()
    for at, from_station, text in frames:
        made.add(Frame(START + timedelta(seconds=at), at, text, from_station))
    return made.newest_first()


def test_a_call_has_its_answer_and_how_long_it_took() -> None:
    """OC-3, AC-4: in both directions, also where both chose the same id."""
    second, first = heard(
        (0.0, FROM_STATION, call("1", "Heartbeat", {})),
        (0.1, FROM_EVCE, call("1", "ClearCache", {})),
        (0.3, FROM_EVCE, call_result("1", {"currentTime": "2026"})),
        (1.6, FROM_STATION, call_result("1", {"status": "Accepted"})),
    )
    assert (first.action, first.from_station, first.answer) == ("Heartbeat", True, {"currentTime": "2026"})
    assert first.took == pytest.approx(0.3)
    assert (second.action, second.from_station, second.answer) == (
        "ClearCache",
        False,
        {"status": "Accepted"},
    )
    assert second.took == pytest.approx(1.5)
    assert not second.open


def test_a_call_without_an_answer_is_open_and_an_error_is_told() -> None:
    """OC-3: CALLERROR with its code and description."""
    waits, refused = heard(
        (0.0, FROM_EVCE, call("a", "Reset", {"type": "Soft"})),
        (1.0, FROM_STATION, call_error("a", "NotSupported", "not here")),
        (2.0, FROM_EVCE, call("b", "ClearCache", {})),
    )
    assert (refused.error, refused.description, refused.open) == ("NotSupported", "not here", False)
    assert waits.open
    assert waits.answer is None


def test_what_can_t_be_read_is_told_with_the_reason_and_its_answer() -> None:
    """OC-3: a station that speaks nonsense is what the console is for."""
    (odd,) = heard((0.0, FROM_STATION, '[2,"7","Heartbeat"]'), (0.1, FROM_EVCE, call_error("7", "X", "")))
    assert (odd.action, odd.payload, odd.error) == ("", '[2,"7","Heartbeat"]', "X")
    assert "4 elements" in odd.note
    (secret,) = heard((0.0, FROM_STATION, '[3,"7",{"key":"AuthorizationKey","value":"abc"'))
    assert secret.payload == REDACTED


def test_an_answer_to_what_nobody_heard_stands_alone() -> None:
    (answer,) = heard((0.0, FROM_STATION, call_result("1", {"status": "Accepted"})))
    assert (answer.action, answer.note, answer.answer) == ("", "unheard", {"status": "Accepted"})
    assert not answer.open


@pytest.mark.parametrize(
    "payload",
    [
        {"key": "AuthorizationKey", "value": "SECRET"},
        {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": "SECRET"}]},
        {"location": "https://10.0.0.1/files/SECRET/"},
        {"location": "ftp://cp:SECRET@10.0.0.1/"},
    ],
)
def test_secrets_are_not_shown(payload: dict[str, object]) -> None:
    """RELIABILITY 4.22: in calls and in answers."""
    texts = call("1", "DataTransfer", payload), call_result("1", payload)
    assert "SECRET" not in str(heard((0.0, FROM_EVCE, texts[0]), (0.1, FROM_STATION, texts[1])))


def test_only_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-4: bounded, those that wait for an answer too."""
    monkeypatch.setattr(exchanges, "MOST_EXCHANGES", 3)
    made = Exchanges()
    for number in range(10):
        text = call(str(number), "Heartbeat" if number % 2 else "ClearCache", {})
        made.add(Frame(START, 0.0, text, FROM_EVCE, missed=number))
    assert [each.id for each in made.newest_first()] == ["9", "8", "7"]
    assert [each.id for each in made.newest_first("Heartbeat")] == ["9", "7"]
    assert made.newest_first()[0].missed == 9
    assert len(made._open) == 3
