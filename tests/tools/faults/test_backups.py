"""A backup must be refused, or the power goes while one is restored."""

import pytest

from tests.tools.faults.players import alone, cases
from tools.faults.backups import BACKUPS
from tools.faults.fault import Fault


@pytest.mark.parametrize(("fault", "variant"), cases(BACKUPS))
def test_what_must_be_seen_is_seen_in_time(fault: Fault, variant: str) -> None:
    """AC-5, SR-2: RELIABILITY §2; the referee and the books agree, and everything comes right again."""
    alone(fault, variant)
