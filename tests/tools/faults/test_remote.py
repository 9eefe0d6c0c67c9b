"""The system that manages the energy from elsewhere goes wrong."""

import pytest

from tests.tools.faults.players import alone, cases
from tools.faults.fault import Fault
from tools.faults.remote import REMOTE_FAULTS


@pytest.mark.parametrize(("fault", "variant"), cases(REMOTE_FAULTS))
def test_what_must_be_seen_is_seen_in_time(fault: Fault, variant: str) -> None:
    """AC-5, API-3: RELIABILITY §2 REST controller silent."""
    alone(fault, variant)
