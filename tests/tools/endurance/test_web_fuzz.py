"""A small portion of the web fuzzer, and what it would notice."""

from pathlib import Path

import pytest

from tools.endurance.web_fuzz import fuzz_web
from web import security


def test_requests_of_all_kinds_bring_nothing_down(tmp_path: Path) -> None:
    """UI-11: RELIABILITY §3, no page fails whatever it is asked."""
    fuzzing = fuzz_web(300, 1, tmp_path, lambda _: None)
    assert fuzzing.problems == []
    assert fuzzing.tried == 300
    assert {"2xx", "3xx", "4xx"} <= fuzzing.outcomes.keys()


def test_a_page_that_fails_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> str:
        raise ValueError("surprise")

    monkeypatch.setattr(security, "_path_of", fails)
    problems = fuzz_web(600, 1, tmp_path, lambda _: None).problems
    assert any("500, ValueError('surprise')" in problem for problem in problems)
