"""Runs the daemon as systemd would: told how it is, watched, and started again when it has ended."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evce.units import Monotonic, Seconds
from tools.processes import end_with_parent

__all__ = ["WATCHDOG", "End", "Service"]

WATCHDOG: Final[Seconds] = 10.0
"""`WatchdogSec` of `tools/evce.service`."""

RESTARTED_AFTER: Final[Seconds] = 1.0
"""Its `RestartSec`."""

_ENDS_WITHIN: Final[Seconds] = 20.0
"""Its `TimeoutStopSec`: for one that was told to end, was aborted, or ends by itself; then comes SIGKILL."""

_LOOKED_EVERY: Final[Seconds] = 0.02
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class End:
    """How a process ended: its exit code, negative for a signal."""

    at: Monotonic
    code: int


class Service:
    """What this command starts, kept alive until `stop`.

    `watchdog` is what it is given as WatchdogSec, None switches that off. What it says goes to ours unless
    `quiet`, its errors to `log` where there is one. `ended` hears the code of each end before a restart.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path | None = None,
        watchdog: Seconds | None = WATCHDOG,
        quiet: bool = True,
        ended: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._watchdog = watchdog
        self.ends: list[End] = []
        self.ready: list[Monotonic] = []
        """When it said so, each time."""
        self.starts = 0
        self.aborted = 0
        """How often the watchdog ended it."""
        self._patience = watchdog
        """What the process has asked for in its place."""
        self._command = list(command)
        self._log, self._quiet, self._ended = log, quiet, ended
        self._process: subprocess.Popen[bytes] | None = None
        self._sign: Monotonic | None = None
        self._abort_at: Monotonic | None = None
        self._ending = threading.Event()
        self._guard = threading.Thread(target=self._keep_up, name="service-manager", daemon=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # An abstract name of the kernel's choice (unix(7), autobind): a path may be too long for a socket.
        self._socket.bind("")
        self._socket.settimeout(_LOOKED_EVERY)

    def start(self) -> None:
        """Start it, and watch it from now on."""
        self._launch()
        self._guard.start()

    def stop(self) -> None:
        """End it in good order, and do not start it again. May be called twice."""
        self._ending.set()
        if self._guard.is_alive():
            self._guard.join()
        process = self._process
        if process is not None and process.poll() is None:
            # One that is stopped hears of SIGTERM only once it goes on.
            process.terminate()
            process.send_signal(signal.SIGCONT)
            try:
                process.wait(_ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
            self.ends.append(End(time.monotonic(), process.wait()))
        self._socket.close()

    @property
    def watchdog(self) -> Seconds | None:
        """How long it may give no sign of life, None for ever; may be changed while it runs."""
        return self._watchdog

    @watchdog.setter
    def watchdog(self, within: Seconds | None) -> None:
        self._watchdog = self._patience = within

    @property
    def pid(self) -> int:
        """The process that runs, or ran last."""
        return 0 if self._process is None else self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens when it has ended."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut would, and wait until it is gone; it is started again."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def limit_memory(self, spare: int) -> int:
        """Leave the process that runs so many bytes of address space more than it has; returns the limit.

        The next one is free again, as after the kernel has ended one that leaked.
        """
        status = Path(f"/proc/{self.pid}/status").read_text()
        used = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmSize:"))
        resource.prlimit(self.pid, resource.RLIMIT_AS, (used + spare, used + spare))
        return used + spare

    def _launch(self) -> None:
        address = self._socket.getsockname().decode().replace("\0", "@")
        environment = os.environ | {"GPIOZERO_PIN_FACTORY": "mock", "NOTIFY_SOCKET": address}
        environment.pop("WATCHDOG_USEC", None)
        if self.watchdog is not None:
            environment["WATCHDOG_USEC"] = str(round(self.watchdog * 1e6))
        self.starts += 1
        self._sign = self._abort_at = None
        self._patience = self.watchdog
        log = None if self._log is None else self._log.open("ab")
        try:
            # A session of its own: Ctrl-C reaches this process, which then stops the other in good order.
            self._process = subprocess.Popen(
                self._command,
                env=environment,
                stdout=subprocess.DEVNULL if self._quiet else None,
                stderr=log,
                start_new_session=True,
                preexec_fn=_prepare,  # two system calls, no lock is taken
            )
        finally:
            if log is not None:
                log.close()

    def _keep_up(self) -> None:
        while not self._ending.is_set():
            with contextlib.suppress(TimeoutError):
                self._hear(self._socket.recv(_LONGEST))
            process = self._process
            if process is None:
                continue
            code = process.poll()
            now = time.monotonic()
            if code is not None:
                self.ends.append(End(now, code))
                if not self._ending.wait(RESTARTED_AFTER):
                    self._ended(code)
                    self._launch()
            elif self._abort_at is not None:
                if now >= self._abort_at:
                    process.kill()
            elif self._patience is not None and self._sign is not None and now - self._sign > self._patience:
                # As systemd does: a process that is stopped couldn't die of it otherwise.
                self.aborted += 1
                self._abort_at = now + _ENDS_WITHIN
                process.send_signal(signal.SIGABRT)
                process.send_signal(signal.SIGCONT)

    def _hear(self, states: bytes) -> None:
        for state in states.split(b"\n"):
            if state == b"READY=1":
                self.ready.append(time.monotonic())
            if state in (b"READY=1", b"WATCHDOG=1"):
                self._sign = time.monotonic()
            if state == b"STOPPING=1":
                self._abort_at = time.monotonic() + _ENDS_WITHIN
            if state.startswith(b"WATCHDOG_USEC=") and self.watchdog is not None:
                self._patience = int(state.partition(b"=")[2]) / 1e6


def _prepare() -> None:
    end_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
