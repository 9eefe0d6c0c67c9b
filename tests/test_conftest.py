"""What all tests share can be stretched for slow machines."""

import os
import subprocess
import sys
from collections.abc import Callable

from tests.conftest import TIMEOUT_FACTOR
from tests.house.source import ROOT


def test_the_factor_stretches_patience(patience: Callable[[float], float]) -> None:
    assert patience(2.0) == 2.0 * TIMEOUT_FACTOR


def test_the_factor_comes_from_the_environment() -> None:
    stretched = {**os.environ, "EVCE_TEST_TIMEOUT_FACTOR": "2.5"}
    code = "from tests.conftest import TIMEOUT_FACTOR; print(TIMEOUT_FACTOR)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=stretched, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "2.5"
