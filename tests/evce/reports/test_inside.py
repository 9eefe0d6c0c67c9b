"""Tests of what only the process knows."""

import dataclasses

import pytest

from tests.evce.reports.samples import inside


def test_it_is_a_moment_that_does_not_change() -> None:
    """LG-2: made once, read by the page and by programs."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        inside().undelivered = 5  # type: ignore[misc]
