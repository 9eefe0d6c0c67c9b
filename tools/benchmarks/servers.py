"""The servers that are measured, the daemon and its rivals, each as a process of its own on one core."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import write_toml
from tools.benchmarks.machine import Usage, on_core, usage
from tools.control.client import control

__all__ = ["Counted", "Server", "running_daemon", "running_rival"]

_ROOT = Path(__file__).resolve().parents[2]
_STARTS_WITHIN = 60.0
_STOPS_WITHIN = 20.0
_LOG_SHOWN = 3000
_PR_SET_PDEATHSIG = 1
_PORT = re.compile(r"ws://127\.0\.0\.1:(\d+)/")
_PAGES = re.compile(r"https://127\.0\.0\.1:(\d+)/")


@dataclass(frozen=True, slots=True)
class Counted:
    """What the station actors' inboxes have counted since the start, all stations together."""

    handled: int
    coalesced: int
    shed: int
    waiting: int


@dataclass(frozen=True)
class Server:
    """A server that listens on `port` of 127.0.0.1; `data` is the daemon's folder, None for the others.

    `web_port` is where the daemon's pages are, 0 for the others.
    """

    process: subprocess.Popen[bytes]
    port: int
    data: Path | None = None
    web_port: int = 0

    def usage(self) -> Usage:
        """Look at what it takes now."""
        return usage(self.process.pid)

    def counted(self) -> Counted:
        """Ask the daemon for the counters of its station actors. Raises `ControlError` without an answer."""
        if self.data is None:
            return Counted(0, 0, 0, 0)
        inboxes = [
            actor["inbox"]
            for actor in control(self.data, "actors")["actors"]
            if actor["name"].startswith("station/") and actor["inbox"] is not None
        ]
        return Counted(
            handled=sum(inbox["handled"] for inbox in inboxes),
            coalesced=sum(inbox["coalesced"] for inbox in inboxes),
            shed=sum(inbox["shed"] for inbox in inboxes),
            waiting=sum(inbox["urgent"] + inbox["events"] + inbox["samples"] for inbox in inboxes),
        )


@contextmanager
def running_daemon(document: SiteDocument, core: int, kept: Path | None = None) -> Iterator[Server]:
    """Run the daemon on this site, in a folder of its own that is gone afterwards.

    With `kept` it runs in that folder, which stays, and may be one where a daemon ran before.
    """
    with tempfile.TemporaryDirectory(prefix="evce-bench-") as name:
        folder = Path(name) if kept is None else kept
        site, data = folder / "site.toml", folder / "data"
        site.write_text(write_toml(document))
        arguments = ["tools", "run", str(site), "--data", str(data), "--host", "127.0.0.1"]
        with _running([*arguments, "--ocpp-port", "0", "--web-port", "0"], folder, core) as started:
            process, port = started
            pages = _PAGES.search((folder / "said").read_text())
            yield Server(process, port, data, int(pages[1]) if pages else 0)


@contextmanager
def running_rival(kind: str, core: int) -> Iterator[Server]:
    """Run one of the servers of `tools.benchmarks.rivals`."""
    with (
        tempfile.TemporaryDirectory(prefix="evce-bench-") as name,
        _running(["tools.benchmarks.rivals", kind], Path(name), core) as started,
    ):
        yield Server(*started)


@contextmanager
def _running(module: Sequence[str], folder: Path, core: int) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    said, log = folder / "said", folder / "log"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(_ROOT), *_paths()])}
    with said.open("wb") as output, log.open("wb") as errors, on_core(core):
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            stdout=output,
            stderr=errors,
            env=environment,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    try:
        yield process, _port_of(process, said)
    except Exception as error:
        error.add_note(f"The server's log ends with:\n{log.read_text(errors='replace')[-_LOG_SHOWN:]}")
        raise
    finally:
        process.terminate()
        try:
            process.wait(_STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _die_with_parent() -> None:
    """Run in the child: whatever becomes of the benchmark, its servers don't outlive it (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _paths() -> list[str]:
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]


def _port_of(process: subprocess.Popen[bytes], said: Path) -> int:
    """Read from what it prints where it listens."""
    deadline = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < deadline:
        found = _PORT.search(said.read_text())
        if found is not None:
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start; it said: {said.read_text()[-_LOG_SHOWN:]!r}")
