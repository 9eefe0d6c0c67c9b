"""Tests of what the command line is told of limits from elsewhere, and can do with them."""

from collections.abc import Iterator

import pytest

from actors.messages import REMOTE, RemoteLimitsFound
from actors.remote import RemoteActor
from actors.runtime import SimulatedRuntime
from evce.remote_limits import RemoteSettings
from evce.units import ZoneId
from tools.control.remote import remote_deeds


@pytest.fixture
def runtime() -> Iterator[SimulatedRuntime]:
    made = SimulatedRuntime(seed=1)
    settings = RemoteSettings(enabled=True, maxima={ZoneId("garage"): 40.0})
    made.spawn(REMOTE, lambda context: RemoteActor(context, settings, ("zone/garage",)))
    made.tell(REMOTE, RemoteLimitsFound())
    made.settle()
    yield made
    made.stop()


def test_a_limit_is_set_shown_and_taken_away(runtime: SimulatedRuntime) -> None:
    """API-3."""
    deeds = remote_deeds(runtime)
    assert deeds["remote"]({})["state"] == "never heard"
    done = deeds["remote_limit"]({"zone": "garage", "amps": 16, "author": "erika"})
    assert done == {"amps_per_phase": 16.0, "raises_in_s": 60.0}
    told = deeds["remote"]({})
    (limit,) = told["limits"]
    assert (told["state"], told["heard_at"] is None) == ("active", False)
    assert (limit["zone"], limit["amps_per_phase"], limit["dropped"]) == ("garage", 16.0, False)
    assert limit["raised_from"] is not None
    with pytest.raises(ValueError, match=r"16\.0 A holds"):
        deeds["remote_limit"]({"zone": "garage", "amps": None})
    runtime.run_for(61.0)
    assert deeds["remote"]({})["limits"][0]["raised_from"] is None
    assert deeds["remote_limit"]({"zone": "garage", "amps": None})["amps_per_phase"] is None
    assert deeds["remote"]({})["limits"] == []


def test_what_is_wrong_is_said(runtime: SimulatedRuntime) -> None:
    """API-3: zone, amount, switch."""
    deeds = remote_deeds(runtime)
    with pytest.raises(ValueError, match="know garage"):
        deeds["remote_limit"]({"zone": "roof", "amps": 16})
    with pytest.raises(ValueError, match="0 to 40"):
        deeds["remote_limit"]({"zone": "garage", "amps": 41})
    nobody = SimulatedRuntime(seed=1)
    assert remote_deeds(nobody)["remote"]({})["state"] == "off"
    with pytest.raises(LookupError, match="switched off"):
        remote_deeds(nobody)["remote_limit"]({"zone": "garage", "amps": 16})
