"""Tests of what the command line is told of the site's time, and can do with it."""

from collections.abc import Iterator

import pytest

from actors.messages import SITE_TIME, OperatorTold
from actors.runtime import SimulatedRuntime
from actors.site_time import SiteTimeActor
from actors.view import ViewActor
from evce.site_time import TimeSettings
from evce.units import BoxIdentity
from tests.actors.ears import listen
from tools.control.site_time import time_deeds


@pytest.fixture
def runtime() -> Iterator[SimulatedRuntime]:
    """5 January 2026, 06:00 UTC, at a site in Paris with an operator that hasn't said anything."""
    made = SimulatedRuntime(seed=1)
    listen(made, "recorder")
    made.spawn("view", lambda context: ViewActor(context, "Harbour", "Europe/Paris", 1))
    made.spawn(SITE_TIME, lambda context: SiteTimeActor(context, TimeSettings("ws://operator/")))
    yield made
    made.stop()


def test_the_time_is_told_with_its_source(runtime: SimulatedRuntime) -> None:
    """CPO-4."""
    told = time_deeds(runtime)["time"]({})
    assert (told["time"], told["time_zone"]) == ("2026-01-05T06:00:00.000+00:00", "Europe/Paris")
    assert (told["source"], told["ahead_of_host_s"], told["heard_at"]) == ("host", 0.0, None)


@pytest.mark.parametrize(
    ("time", "ahead"),
    [("2026-01-05T06:01:00Z", 60.0), ("2026-01-05 07:01:00", 60.0), ("2026-01-05T06:00:00+01:00", -3600.0)],
)
def test_it_is_set_and_the_host_is_followed_again(runtime: SimulatedRuntime, time: str, ahead: float) -> None:
    """CPO-4: without an offset by the site's clock."""
    deeds = time_deeds(runtime)
    done = deeds["set_time"]({"time": time, "author": "erika"})
    assert (done["moved_s"], done["ahead_of_host_s"], done["by"]) == (ahead, ahead, "erika")
    assert deeds["set_time"]({"author": "erika"})["ahead_of_host_s"] == 0.0


@pytest.mark.parametrize("time", ["soon", "", "2026-13-01", "9999-12-31T23:59:59-23:00"])
def test_what_is_no_time_is_refused(runtime: SimulatedRuntime, time: str) -> None:
    """CPO-4: field, value and what is allowed."""
    with pytest.raises(ValueError, match=r"time='.*': a time such as .* by the clock of Europe/Paris"):
        time_deeds(runtime)["set_time"]({"time": time})
    with pytest.raises(ValueError, match="1970-01-01 00:00:00 UTC can't be"):
        time_deeds(runtime)["set_time"]({"time": "1970-01-01T00:00:00Z"})


def test_while_the_operator_tells_the_time_nobody_else_does(runtime: SimulatedRuntime) -> None:
    """CPO-4."""
    runtime.tell(SITE_TIME, OperatorTold(BoxIdentity("A"), runtime.clock.utc_now(), 0.1, 0.0))
    for wish in ({"time": "2026-01-05T06:01:00Z"}, {}):
        with pytest.raises(ValueError, match="comes from the operator"):
            time_deeds(runtime)["set_time"](wish)


def test_without_its_actor_that_is_said(runtime: SimulatedRuntime) -> None:
    runtime.kill(SITE_TIME)
    runtime.settle()
    with pytest.raises(LookupError, match="try again"):
        time_deeds(runtime)["set_time"]({})
