"""Tests of the reset on command."""

import pytest

from actors.messages import ResetToFactory
from actors.runtime import SimulatedRuntime
from tests.actors.ears import listen
from tools.control.reset import reset_deeds


def test_the_site_is_told_who_wants_it() -> None:
    """SR-3."""
    runtime = SimulatedRuntime(seed=1)
    site = listen(runtime, "site")
    assert reset_deeds(runtime)["factory_reset"]({"author": "ann"}) == {"reset": True}
    runtime.run_for(0.1)
    assert site.of(ResetToFactory) == [ResetToFactory("ann")]


def test_without_the_site_s_actor_it_is_refused() -> None:
    """SR-3: and nothing is deleted."""
    with pytest.raises(LookupError, match="try again"):
        reset_deeds(SimulatedRuntime(seed=1))["factory_reset"]({})
