"""Processes below a program are found and ended, orphans included."""

import gc
import os
import select
import subprocess
import sys

from tests.house.source import ROOT
from tools.processes import collected_seldom

PROGRAM = """
import os, subprocess, sys
from tools.processes import adopt_orphans, descendants, kill_descendants

adopt_orphans()
# A child that starts a sleeper of its own, which ignores SIGTERM, and leaves it behind.
sleeper = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
sleeper += "print(1, flush=True); time.sleep(99)"
parent = "import subprocess, sys; "
parent += f"p = subprocess.Popen([sys.executable, '-c', {sleeper!r}], stdout=-1); p.stdout.readline()"
subprocess.run([sys.executable, "-c", parent], check=True)
print(len(descendants(os.getpid())))
kill_descendants(patience_s=0.2)
print(len(descendants(os.getpid())))
"""


def test_an_orphan_that_ignores_a_polite_stop_is_found_and_ended() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["1", "0"], done.stderr


PARENT = """
import subprocess, sys
from tools.processes import end_with_parent

child = "import time; print('here', flush=True); time.sleep(99)"
started = subprocess.Popen([sys.executable, "-c", child], stdout=-1, preexec_fn=end_with_parent)
started.stdout.readline()
print(started.pid, flush=True)
sys.stdin.read()
"""


def test_a_child_ends_when_its_parent_is_killed() -> None:
    """AC-3: leaves nothing behind, even after SIGKILL."""
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdin=-1, stdout=-1) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        try:
            parent.kill()
            ended, _, _ = select.select([child], [], [], 30)
            assert ended, "the child lives on"
        finally:
            os.close(child)


def test_garbage_is_collected_seldom_for_as_long_as_asked() -> None:
    """A small computer has better things to do."""
    before = gc.get_threshold()
    with collected_seldom():
        assert gc.get_threshold()[0] > 10 * before[0]
        assert gc.isenabled()
    assert gc.get_threshold() == before
