"""The catalogue holds what the requirements list, and names the command that plays the rest."""

import pytest

from tools.endurance.meter_trials import METER_TRIALS
from tools.endurance.operator_trials import OPERATOR_TRIALS
from tools.endurance.process_trials import PROCESS_TRIALS
from tools.endurance.station_trials import STATION_TRIALS
from tools.faults.catalogue import BEYOND, ELSEWHERE, FAULTS, TITLES, fault_of


def test_all_52_are_played_here_or_by_another_command() -> None:
    """AC-5: RELIABILITY §2."""
    played = [fault.title for fault in FAULTS.values()]
    assert len(TITLES) == len(set(TITLES)) == 52
    assert len(played) == len(set(played)) == len(FAULTS)
    assert not {*played} & {*ELSEWHERE}
    assert {*played, *ELSEWHERE} - {*TITLES} == set(BEYOND)
    assert {*TITLES} <= {*played, *ELSEWHERE}


@pytest.mark.parametrize(("title", "command"), ELSEWHERE.items())
def test_the_other_commands_know_the_faults_that_they_are_named_for(title: str, command: str) -> None:
    """AC-5: what `--only` is told is in the name of a trial of this fault."""
    trials = {"links": [*STATION_TRIALS, *METER_TRIALS, *OPERATOR_TRIALS], "process": PROCESS_TRIALS}
    _, _, which, _, words = command.split()
    assert {trial.row for trial in trials[which] if words in trial.name} == {title}


@pytest.mark.parametrize("id_", sorted(FAULTS))
def test_each_says_what_must_be_seen_and_when(id_: str) -> None:
    """AC-5: an outcome with a time."""
    fault = FAULTS[id_]
    assert fault.breaks
    assert fault.sights
    assert all(sight.text and sight.within > 0.0 for sight in fault.sights)
    assert len({str(sight) for sight in fault.sights}) == len(fault.sights) or id_ == "meter-implausible"


def test_an_unknown_id_is_told_with_those_that_there_are() -> None:
    with pytest.raises(LookupError, match=r"id='meter-silnt': .*meter-silent"):
        fault_of("meter-silnt")
