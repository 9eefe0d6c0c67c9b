"""The disk goes wrong."""

import pytest

from tests.tools.faults.players import alone, cases
from tools.faults.disk import DISK
from tools.faults.fault import Fault


@pytest.mark.parametrize(("fault", "variant"), cases(DISK))
def test_what_must_be_seen_is_seen_in_time(fault: Fault, variant: str) -> None:
    """AC-5: RELIABILITY §2; the referee and the books agree, and everything comes right again."""
    alone(fault, variant)
