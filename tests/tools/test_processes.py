"""Processes below a program are found and ended, orphans included."""

import subprocess
import sys

from tests.house.source import ROOT

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
