"""Tests of the faults of the network to the operator: well told, and of the catalogue."""

from tools.endurance.operator_trials import OPERATOR_TRIALS
from tools.faults.catalogue import TITLES


def test_each_is_a_fault_of_the_catalogue_with_something_to_be_seen() -> None:
    """AC-5: each has a name of its own, and what must be seen of it."""
    assert {trial.row for trial in OPERATOR_TRIALS} <= set(TITLES)
    assert len({trial.name for trial in OPERATOR_TRIALS}) == len(OPERATOR_TRIALS)
    assert all(trial.looks and trial.lasts >= trial.least for trial in OPERATOR_TRIALS)
