"""Tests of the process in figures."""

import os
import threading

from actors.runtime import SimulatedRuntime
from tests.actors.runtimes import Note
from tools.shell.process import moment, process


def test_the_figures_are_those_of_this_process() -> None:
    """AC-4: as the kernel has them."""
    runtime = SimulatedRuntime()
    runtime.tell("nobody", Note("lost"))
    earlier = moment()
    sum(range(2_000_000))
    figures = process(runtime, earlier, moment())
    assert (figures.pid, figures.threads) == (os.getpid(), threading.active_count())
    assert 0.1 < figures.cpu < 50.0
    assert 10e6 < figures.memory < 100e9
    assert 0.0 < figures.up_s < 1e7
    assert figures.files >= 3
    assert (figures.undelivered, figures.zombies) == (1, 0)
