"""The daemon as a process of its own, for tests that watch it start and end."""

import http.client
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from pathlib import Path

from tests.conftest import TIMEOUT_FACTOR

__all__ = ["Process"]


class Process:
    """`python -m tools run`; what it prints until it is ready, and its log."""

    def __init__(self, folder: Path, *arguments: str, ocpp_port: int = 0, notify: Path | None = None) -> None:
        self.data = folder / "data"
        self.log = folder / "log"
        environment = os.environ | {"GPIOZERO_PIN_FACTORY": "mock"}
        if notify is not None:
            environment |= {"NOTIFY_SOCKET": str(notify), "WATCHDOG_USEC": "400000"}
        ports = ("--host", "127.0.0.1", "--ocpp-port", str(ocpp_port), "--web-port", "0")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tools", "run", *arguments, "--data", str(self.data), *ports],
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                text=True,
            )
        self.greeting = ""

    def ready(self) -> "Process":
        """Wait for the line that says where stations connect."""
        assert self.process.stdout is not None
        over = threading.Timer(30 * TIMEOUT_FACTOR, self.process.kill)
        over.start()
        for line in self.process.stdout:
            self.greeting += line
            if "stations" in line:
                break
        over.cancel()
        assert self.process.poll() is None, self.log.read_text()
        return self

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; the exit code and what else was printed, within the ten seconds that it may take."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=10 * TIMEOUT_FACTOR)
        return self.process.returncode, rest

    def port(self, scheme: str) -> int:
        found = re.search(rf"{scheme}://127\.0\.0\.1:(\d+)/", self.greeting)
        assert found is not None, self.greeting
        return int(found[1])

    def healthz(self) -> tuple[int, bytes]:
        context = ssl.create_default_context(cafile=str(self.data / "certificate.pem"))
        context.check_hostname = False
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port("https"), context=context, timeout=5 * TIMEOUT_FACTOR
        )
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        return answer.status, answer.read()

    def kill(self) -> None:
        """End it as a power cut would; nothing happens when it has ended already."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
