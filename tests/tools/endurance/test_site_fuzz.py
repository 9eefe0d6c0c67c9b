"""A small portion of the site files' fuzzer, and what it would notice."""

import pytest

from tools.endurance import site_fuzz
from tools.endurance.site_fuzz import fuzz_sites


def test_site_files_with_mistakes_are_refused_or_are_sites() -> None:
    """CF-1: RELIABILITY §3, every refusal says why."""
    fuzzing = fuzz_sites(150, 1, lambda _: None)
    assert fuzzing.problems == []
    assert min(fuzzing.outcomes["refused"], fuzzing.outcomes["a site"]) > 0


def test_a_reader_that_fails_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse_toml(_: bytes) -> None:
        raise RecursionError("surprise")

    monkeypatch.setattr(site_fuzz, "parse_toml", parse_toml)
    problems = fuzz_sites(30, 1, lambda _: None).problems
    assert any("raised RecursionError" in problem for problem in problems)
