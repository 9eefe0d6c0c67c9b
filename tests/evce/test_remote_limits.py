"""Tests of remote energy management: what is taken, what holds, and what is dropped."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evce.remote_limits import Refused, RemoteLimits, RemoteSettings, RemoteState, amps_fault
from evce.units import Amps, ZoneId

MAIN, GARAGE = ZoneId("main"), ZoneId("garage")
SETTINGS = RemoteSettings(
    enabled=True, minimum_period=60.0, heartbeat_period=600.0, ramp=2.0, maxima={MAIN: 100.0, GARAGE: 40.0}
)


def limits() -> RemoteLimits:
    made = RemoteLimits(SETTINGS)
    made.restore({}, 0.0)
    return made


@pytest.mark.parametrize(
    ("before", "wished", "at", "refused", "held"),
    [
        (None, 30.0, 10.0, None, 30.0),
        (30.0, 20.0, 10.0, None, 20.0),
        (30.0, 0, 10.0, None, 0),
        (30.0, 40.0, 59.0, Refused.TOO_SOON, 30.0),
        (30.0, None, 59.0, Refused.TOO_SOON, 30.0),
        (30.0, 30.04, 10.0, None, 30.04),
        (30.0, 40.0, 60.0, None, 40.0),
        (30.0, None, 60.0, None, None),
        (30.0, 100.1, 60.0, Refused.AMPS, 30.0),
        (30.0, -0.1, 60.0, Refused.AMPS, 30.0),
    ],
)
def test_a_reduction_is_taken_at_once_and_the_first_value_of_a_period_holds(
    before: Amps | None, wished: Amps | None, at: float, refused: Refused | None, held: Amps | None
) -> None:
    """API-3: `before` was set at 0 s."""
    remote = limits()
    if before is not None:
        assert remote.wish(MAIN, before, 0.0).refused is None
    answer = remote.wish(MAIN, wished, at)
    assert (answer.refused, answer.amps) == (refused, held)
    assert remote.limit(MAIN, at) == held
    if refused is Refused.TOO_SOON:
        assert answer.raises_in == pytest.approx(60.0 - at)
        assert "holds" in answer.text


def test_a_reduction_within_the_period_does_not_prolong_it() -> None:
    """API-3: raises at most once a period, whatever comes between."""
    remote = limits()
    remote.wish(MAIN, 50.0, 0.0)
    assert remote.wish(MAIN, 10.0, 50.0).raises_in == pytest.approx(10.0)
    assert remote.wish(MAIN, 50.0, 60.0).refused is None
    assert remote.wish(MAIN, 51.0, 119.0).refused is Refused.TOO_SOON


def test_each_zone_has_a_period_of_its_own() -> None:
    """API-3."""
    remote = limits()
    remote.wish(MAIN, 50.0, 0.0)
    remote.wish(GARAGE, 20.0, 30.0)
    assert remote.wish(MAIN, 60.0, 61.0).refused is None
    assert remote.wish(GARAGE, 30.0, 61.0).refused is Refused.TOO_SOON


@pytest.mark.parametrize(
    "amps",
    [float("nan"), float("inf"), float("-inf"), -1, -0.001, 100.5, 10**400, True, "16", None, [16], {}],
)
def test_what_is_no_current_of_the_zone_is_refused(amps: object) -> None:
    """API-3, RELIABILITY REST: bad type, negative, NaN."""
    assert "0 to 100" in amps_fault(amps, 100.0)
    assert amps_fault(100, 100.0) == amps_fault(0.0, 100.0) == ""


def test_nobody_limits_a_zone_that_is_not_there_or_while_it_is_switched_off() -> None:
    """API-3: own switch."""
    answer = limits().wish(ZoneId("roof"), 10.0, 0.0)
    assert answer.refused is Refused.ZONE
    assert "main, garage" in answer.text
    off = RemoteLimits(RemoteSettings(maxima={MAIN: 100.0}))
    assert off.wish(MAIN, 10.0, 0.0).refused is Refused.OFF
    off.hear(1.0)
    assert off.state is RemoteState.OFF


def test_who_believes_another_limit_changes_nothing() -> None:
    """API-2: a stale state of knowledge."""
    remote = limits()
    remote.wish(MAIN, 50.0, 0.0)
    assert remote.wish(MAIN, 10.0, 1.0, expected=(None, 40.0)).refused is Refused.CHANGED
    assert remote.limit(MAIN, 1.0) == 50.0
    assert remote.wish(MAIN, 10.0, 1.0, expected=(50.0,)).refused is None
    assert remote.wish(GARAGE, 10.0, 1.0, expected=(None,)).refused is None


def test_silence_drops_every_limit_after_a_whole_period_and_each_rises_on_a_ramp() -> None:
    """API-3, RELIABILITY REST controller silent."""
    remote = limits()
    remote.wish(MAIN, 30.0, 0.0)
    remote.wish(GARAGE, 6.0, 10.0)
    assert remote.state is RemoteState.ACTIVE
    remote.look(609.9)
    assert remote.in_force(609.9) == {MAIN: 30.0, GARAGE: 6.0}
    remote.look(610.0)
    assert remote.state is RemoteState.SILENT
    assert remote.in_force(615.0) == {MAIN: 40.0, GARAGE: 16.0}
    assert remote.is_dropped(MAIN)
    remote.look(630.0)
    assert remote.in_force(630.0) == {MAIN: 70.0}, "the garage's no longer binds"
    remote.look(650.0)
    assert remote.in_force(650.0) == {}


def test_a_heartbeat_keeps_limits_and_brings_none_back() -> None:
    """API-3."""
    remote = limits()
    remote.wish(MAIN, 30.0, 0.0)
    remote.hear(599.0)
    remote.look(1_198.0)
    assert remote.limit(MAIN, 1_198.0) == 30.0
    remote.look(1_199.0)
    remote.hear(1_200.0)
    remote.look(1_200.0)
    assert remote.state is RemoteState.ACTIVE
    assert remote.limit(MAIN, 1_209.0) == 50.0, "it goes on rising"
    assert remote.wish(MAIN, 20.0, 1_209.0).refused is None
    assert remote.limit(MAIN, 1_300.0) == 20.0


def test_after_a_restart_the_last_known_limits_hold_a_whole_period() -> None:
    """API-3: whoever set them may be gone; nobody knows for how long."""
    remote = RemoteLimits(SETTINGS)
    remote.wish(GARAGE, 10.0, 4.0)
    remote.restore({MAIN: 30.0, GARAGE: 20.0, ZoneId("gone"): 1.0}, 5.0)
    assert remote.in_force(5.0) == {MAIN: 30.0, GARAGE: 10.0}
    waiting = RemoteLimits(SETTINGS)
    waiting.restore({MAIN: 30.0}, 5.0)
    assert waiting.state is RemoteState.WAITING
    assert waiting.wish(MAIN, 31.0, 6.0).refused is Refused.TOO_SOON
    waiting.look(604.9)
    assert waiting.limit(MAIN, 604.9) == 30.0
    fresh = RemoteLimits(SETTINGS)
    fresh.restore({}, 0.0)
    assert fresh.state is RemoteState.NEVER
    fresh.restore({MAIN: 1.0}, 1.0)
    assert fresh.in_force(1.0) == {}, "only the first answer of the disk counts"


def test_a_successor_goes_on_where_its_predecessor_ended() -> None:
    """API-3."""
    remote = limits()
    remote.wish(MAIN, 30.0, 0.0)
    remote.look(600.0)
    other = RemoteLimits(SETTINGS)
    other.recall(remote.memory())
    for at in (600.0, 612.0):
        assert other.in_force(at) == remote.in_force(at)
    assert (other.state, other.kept()) == (RemoteState.SILENT, {MAIN: 30.0})


@pytest.mark.parametrize(
    ("after", "held", "later"),
    [
        (
            RemoteSettings(enabled=False, maxima=SETTINGS.maxima),
            {MAIN: 30.0, GARAGE: 6.0},
            {MAIN: 50.0, GARAGE: 26.0},
        ),
        (RemoteSettings(enabled=True, maxima={MAIN: 100.0}), {MAIN: 30.0}, {MAIN: 30.0}),
    ],
)
def test_a_new_revision_ends_what_it_no_longer_has(
    after: RemoteSettings, held: dict[ZoneId, Amps], later: dict[ZoneId, Amps]
) -> None:
    """API-3, CF-1: switched off, a limit goes on a ramp as well."""
    remote = limits()
    remote.wish(MAIN, 30.0, 0.0)
    remote.wish(GARAGE, 6.0, 0.0)
    remote.reconfigure(after, 1.0)
    assert remote.in_force(1.0) == held
    assert remote.in_force(11.0) == later
    assert set(remote.kept()) == (set(held) if after.enabled else set())


STEPS = st.lists(
    st.tuples(
        st.floats(0.0, 200.0),
        st.sampled_from(["set", "clear", "beat", "look"]),
        st.floats(0.0, 100.0),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_is_asked_and_whoever_falls_silent(steps: list[tuple[float, str, Amps]]) -> None:
    """API-3: a lower value holds at once, raises are a period apart; else only silence raises, ramped."""
    remote = limits()
    now, raised_at, heard_at = 0.0, float("-inf"), None
    for wait, what, amps in steps:
        before, now = remote.limit(MAIN, now), now + wait
        remote.look(now)
        held = remote.limit(MAIN, now)
        silent = heard_at is not None and now - heard_at >= 600.0
        if before is not None and not silent and not remote.is_dropped(MAIN):
            assert held == before, "who is heard of has its limits"
        if before is not None:
            assert (100.0 if held is None else held) - before <= 2.0 * wait + 1e-6
        if what == "beat":
            remote.hear(now)
        if what in ("set", "clear"):
            wanted = amps if what == "set" else None
            answer = remote.wish(MAIN, wanted, now)
            holds = remote.limit(MAIN, now)
            assert answer.amps == holds
            assert answer.refused in (None, Refused.TOO_SOON)
            assert holds is None or held is None or holds <= held + 0.05 or now - raised_at >= 60.0
            if wanted is not None and (held is None or wanted <= held):
                assert holds == wanted
            if held is not None and (holds is None or holds > held + 0.05):
                raised_at = now
        if what != "look":
            heard_at = now
