"""The catalogue holds what the requirements list, and says of the rest why it can't be played."""

import pytest

from tools.faults.catalogue import FAULTS, MISSING, TITLES, fault_of


def test_all_52_are_in_the_catalogue_or_named_as_missing() -> None:
    """AC-5: RELIABILITY §2."""
    played = [fault.title for fault in FAULTS.values()]
    assert len(TITLES) == len(set(TITLES)) == 52
    assert len(played) == len(set(played)) == len(FAULTS)
    assert sorted([*played, *MISSING]) == sorted(TITLES)


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
