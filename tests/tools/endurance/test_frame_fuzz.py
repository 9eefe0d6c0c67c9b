"""A small portion of the frame fuzzer, and what it would notice."""

from pathlib import Path

import pytest

from actors.gateway_conversation import Conversation
from evce.station_control.control import StationControl
from tools.endurance.frame_fuzz import fuzz_frames


def test_stations_that_say_whatever_comes_to_mind_bring_nothing_down(tmp_path: Path) -> None:
    """OC-1, AC-5: no crash, no hang, every CALL answered, nothing dropped without a trace."""
    fuzzing = fuzz_frames(1500, 1, tmp_path, lambda _: None)
    assert fuzzing.problems == []
    assert fuzzing.tried >= 1500
    assert fuzzing.outcomes["answered"] > 300
    assert fuzzing.outcomes["malformed"] > 20


def test_an_actor_that_fails_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(StationControl, "call_refused", fails)
    fuzzing = fuzz_frames(200, 1, tmp_path, lambda _: None)
    assert any("failed: KeyError: 'surprise'" in problem for problem in fuzzing.problems)


def test_what_is_dropped_silently_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conversation, "_malformed", lambda *_: None)
    fuzzing = fuzz_frames(400, 1, tmp_path, lambda _: None)
    assert any("frames were dropped without a trace" in problem for problem in fuzzing.problems)
    assert any("was not answered" in problem for problem in fuzzing.problems)
