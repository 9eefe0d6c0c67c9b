"""Tests of the reset on command."""

from collections.abc import Callable

import pytest

from actors.messages import Message, ResetToFactory, Restart
from actors.runtime import SimulatedRuntime
from tests.actors.ears import listen
from tools.control.reset import reset_deeds


@pytest.mark.parametrize(("deed", "order"), [("factory_reset", ResetToFactory), ("start_anew", Restart)])
def test_the_site_is_told_who_wants_it(deed: str, order: Callable[[str], Message]) -> None:
    """SR-3."""
    runtime = SimulatedRuntime(seed=1)
    site = listen(runtime, "site")
    assert reset_deeds(runtime)[deed]({"author": "ann"}) == {"told": True}
    runtime.run_for(0.1)
    assert [message for _, message in site] == [order("ann")]


@pytest.mark.parametrize("deed", ["factory_reset", "start_anew"])
def test_without_the_site_s_actor_it_is_refused(deed: str) -> None:
    """SR-3: and nothing is deleted."""
    with pytest.raises(LookupError, match="try again"):
        reset_deeds(SimulatedRuntime(seed=1))[deed]({})
