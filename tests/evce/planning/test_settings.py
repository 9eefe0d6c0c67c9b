"""Tests of the plan's rules."""

from evce.planning.settings import DISOBEYS_AFTER, STOPPED_AFTER, PlanSettings


def test_the_factory_rules_are_the_guides() -> None:
    """LM-4: priority by energy, reviewed every 15 min."""
    settings = PlanSettings()
    assert settings.priority == "energy"
    assert settings.review == 15 * 60


def test_a_disobedient_car_is_stopped_within_the_time_that_the_faults_allow() -> None:
    """LM-10: non-follower at 0 A within 14 s, the stop follows the suspension."""
    assert DISOBEYS_AFTER + STOPPED_AFTER <= 14.0
