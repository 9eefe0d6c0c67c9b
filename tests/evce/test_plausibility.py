"""A meter is believed, doubted, suspected or lost, by what it said and when."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.plausibility import (
    Health,
    MeterHistory,
    PlausibilityLimits,
    flaw,
    frozen_after,
    judge,
    note_miss,
    note_reading,
    plain_amps,
)
from evce.registers import MeterReading

LIMITS = PlausibilityLimits(poll=0.5, energy_step=1.0)
LOAD = MeterReading((10.0, 11.0, 12.0), 7_000.0, 1_000.0)


def reading(amps: float, energy: float | None = 1_000.0) -> MeterReading:
    return MeterReading((amps, amps, amps), amps * 690.0, energy)


def polled(
    answers: list[MeterReading | None], history: MeterHistory | None = None, start: float = 0.0
) -> MeterHistory:
    """The history after one answer each half second; None is a miss."""
    history = history or MeterHistory(began=start)
    for number, answer in enumerate(answers):
        now = start + number * LIMITS.poll
        if answer is None:
            history = note_miss(history, "no answer", now, LIMITS)
        else:
            history = note_reading(history, answer, now, now, LIMITS)
    return history


@pytest.mark.parametrize(
    ("amps", "power", "why"),
    [
        ((1.0, 2.0, 3.0), 1_000.0, None),
        ((0.0, 0.0, 0.0), None, None),
        ((-0.4, 0.0, 0.0), 0.0, None),
        ((1.0, 1.0, 1.0), -5_000.0, None),
        ((1.0, None, 3.0), 1_000.0, "no current on L2"),
        ((1.0, 2.0, math.nan), 1_000.0, "no current on L3"),
        ((math.inf, 2.0, 3.0), 1_000.0, "no current on L1"),
        ((1.0, -20.0, 3.0), 1_000.0, "-20 A on L2: a current can't be negative"),
        ((1.0, 2.0, 64_000.0), 1_000.0, "64000 A on L3 is above 10000 A"),
        ((1.0, 2.0, 3.0), 1e12, "1e+12 W is above"),
        ((1.0, 2.0, 3.0), math.nan, "nan W is above"),
    ],
)
def test_a_reading_that_cannot_be_true_is_named(
    amps: tuple[float | None, ...], power: float | None, why: str | None
) -> None:
    """MT-7: NaN, negative beyond tolerance, out of range."""
    found = flaw(MeterReading((amps[0], amps[1], amps[2]), power), LIMITS)
    assert found is None if why is None else found is not None and found.startswith(why)


def test_noise_below_zero_is_cut_off() -> None:
    assert plain_amps(MeterReading((-0.4, 0.0, 5.0))) == (0.0, 0.0, 5.0)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([], Health.UNKNOWN),
        ([None, None], Health.UNKNOWN),
        ([reading(1)], Health.GOOD),
        ([reading(1), None, None], Health.GOOD),
        ([reading(1), None, None, None], Health.DOUBTFUL),
        ([reading(1), reading(-30), reading(-30), reading(-30)], Health.DOUBTFUL),
        ([reading(1), None, None, None, reading(2)], Health.DOUBTFUL),
        ([reading(1), None, None, None, reading(2), reading(3)], Health.DOUBTFUL),
        ([reading(1), None, None, None, reading(2), None, reading(3), reading(4)], Health.DOUBTFUL),
        ([reading(1), None, None, None, reading(2), reading(3), reading(4)], Health.GOOD),
        ([reading(1), *[None] * 9], Health.DOUBTFUL),
        ([reading(1), *[None] * 10], Health.LOST),
        ([None] * 11, Health.LOST),
        ([reading(1), *[None] * 12, reading(2), reading(3)], Health.LOST),
        ([reading(1), *[None] * 12, reading(2), reading(3), reading(4)], Health.GOOD),
    ],
)
def test_health_follows_the_polls(answers: list[MeterReading | None], expected: Health) -> None:
    """MT-7: three missed polls, five seconds, and back after three good ones."""
    assert polled(answers).health is expected


def test_silence_alone_loses_a_meter() -> None:
    """MT-7: stale. No answer and no failure either, as when the link hangs."""
    history = polled([reading(1)])
    assert judge(history, 4.9, LIMITS).health is Health.GOOD
    assert judge(history, 5.0, LIMITS).health is Health.LOST


def test_an_answer_that_was_long_under_way_is_a_missed_poll() -> None:
    """MT-7: old figures are no figures."""
    late = note_reading(MeterHistory(began=0.0), reading(1), 1.0, 6.5, LIMITS)
    assert (late.last_good, late.missed) == (None, 1)
    assert "5.5 s late" in late.reason


def test_a_meter_polled_seldom_is_lost_after_three_polls() -> None:
    """MT-4: a reporting meter read once a minute isn't lost in between."""
    assert PlausibilityLimits(poll=60.0).lost_after == 180.0


def test_the_same_figures_under_load_make_a_meter_suspect() -> None:
    """MT-7: frozen for 50 s, which with the slower energy register is a minute in all."""
    before = polled([reading(20)] * 100)
    assert before.health is Health.GOOD
    after = polled([reading(20)] * 101)
    assert (after.health, after.reason) == (Health.SUSPECT, "the same figures for 50 s")


def test_a_frozen_meter_comes_back_once_it_moves() -> None:
    """MT-7: after several good polls, like any other."""
    frozen = polled([reading(20)] * 130)
    moving = polled([reading(20, energy) for energy in (1_001.0, 1_002.0)], frozen, start=65.0)
    assert moving.health is Health.SUSPECT
    assert polled([reading(20, 1_003.0)], moving, start=66.0).health is Health.GOOD


@pytest.mark.parametrize(
    ("figures", "limits", "expected"),
    [
        (LOAD, LIMITS, 50.0),
        (LOAD, PlausibilityLimits(), 50.0),
        # Whole kWh at 7 kW: two steps take 1029 s.
        (LOAD, PlausibilityLimits(energy_step=1_000.0), 7_200_000.0 / 7_000.0),
        (MeterReading((0.0, 0.0, 0.0), 0.0, 1_000.0), LIMITS, math.inf),
        (MeterReading((0.3, 0.3, 0.3), 200.0, 1_000.0), LIMITS, math.inf),
        (MeterReading((5.0, 0.0, 0.0), None, None), LIMITS, 50.0),
    ],
)
def test_how_long_figures_may_stand_still_follows_from_the_energy_register(
    figures: MeterReading, limits: PlausibilityLimits, expected: float
) -> None:
    """MT-7: a quiet building at night isn't a frozen meter."""
    assert frozen_after(figures, limits) == pytest.approx(expected)


@given(st.lists(st.one_of(st.none(), st.floats(-50, 50)), max_size=60))
def test_a_meter_is_never_good_after_three_misses_nor_after_five_seconds(amps: list[float | None]) -> None:
    """MT-7, RELIABILITY invariant 8, over any course of answers."""
    history = MeterHistory(began=0.0)
    misses = 0
    last_good: float | None = None
    for number, value in enumerate(amps):
        now = number * LIMITS.poll
        good = value is not None and value >= -0.5
        history = polled([None if value is None else reading(value)], history, start=now)
        misses = 0 if good else misses + 1
        last_good = now if good else last_good
        if misses >= 3 or now - (last_good or 0.0) >= 5.0:
            assert history.health is not Health.GOOD
        if history.health is Health.GOOD:
            assert last_good is not None
