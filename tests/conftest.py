"""What all tests share: time-outs that a slow machine can stretch, and how hypothesis searches."""

import os
from collections.abc import Callable

import hypothesis
import pytest

TIMEOUT_FACTOR = float(os.environ.get("EVCE_TEST_TIMEOUT_FACTOR", "1"))
"""Multiplies every time-out of every test; a busy or slow machine sets it above 1."""

# The same examples each time, so that a red test is red again; `search` looks for new ones.
hypothesis.settings.register_profile(
    "default", derandomize=True, print_blob=True, deadline=None, max_examples=50
)
hypothesis.settings.register_profile("search", print_blob=True, deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("EVCE_HYPOTHESIS_PROFILE", "default"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if TIMEOUT_FACTOR != 1 and config.getoption("timeout", None) is None:
        config.option.timeout = float(config.getini("timeout")) * TIMEOUT_FACTOR


@pytest.fixture(scope="session")
def patience() -> Callable[[float], float]:
    """Turns the seconds that something may take into what this machine is given for it."""
    return lambda seconds: seconds * TIMEOUT_FACTOR
