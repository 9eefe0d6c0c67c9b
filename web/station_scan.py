"""Looking for stations at a range of addresses: gently, one at a time for people, and to be broken off."""

import http.client
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address
from threading import Event, Lock, Thread

from evce.errors import EvceError
from evce.station_scan import PORTS, Found, addresses, hint_of
from evce.units import Seconds

__all__ = ["Progress", "ScanBusyError", "StationScan"]

_AT_ONCE = 16
"""Addresses: a switch of a building notices nothing."""

_CONNECTS: Seconds = 0.5
_ANSWERS: Seconds = 2.0
_BODY_MOST = 16_384


class ScanBusyError(EvceError, RuntimeError):
    """Another scan is under way."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the newest scan is; `total` 0 before the first."""

    lowest: str = ""
    highest: str = ""
    total: int = 0
    done: int = 0
    running: bool = False
    cancelled: bool = False
    found: tuple[Found, ...] = ()


class StationScan:
    """The newest scan. Each port is connected to once and asked for its first page, without a password.

    Safe from any thread.
    """

    def __init__(self, ports: Sequence[int] = PORTS) -> None:
        self._ports = tuple(ports)
        self._lock = Lock()
        self._progress = Progress()
        self._cancel = Event()
        self._thread: Thread | None = None

    @property
    def progress(self) -> Progress:
        """How far it is, and what was found so far, by address."""
        with self._lock:
            return self._progress

    def start(self, lowest: str, highest: str) -> None:
        """Begin. Raises `ScanRefusedError` for a range that won't do, `ScanBusyError` while one runs."""
        wanted = addresses(lowest, highest)
        with self._lock:
            if self._progress.running:
                raise ScanBusyError("a scan is under way: wait for its end, or cancel it")
            self._progress = Progress(lowest.strip(), highest.strip(), len(wanted), running=True)
            self._cancel = Event()
        self._thread = Thread(target=self._run, args=(wanted, self._cancel), name="station-scan", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Break it off; what was found stays to be seen."""
        self._cancel.set()

    def wait(self, timeout: Seconds) -> bool:
        """Whether it has ended within this time."""
        if self._thread is not None:
            self._thread.join(timeout)
        return not self.progress.running

    def _run(self, wanted: Sequence[str], cancel: Event) -> None:
        def look(address: str) -> None:
            found = None if cancel.is_set() else self._look(address)
            self._note(found, counts=not cancel.is_set())

        try:
            with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="station-scan") as pool:
                list(pool.map(look, wanted))
        finally:
            with self._lock:
                was = self._progress
                self._progress = Progress(
                    was.lowest, was.highest, was.total, was.done, False, cancel.is_set(), was.found
                )

    def _note(self, found: Found | None, *, counts: bool) -> None:
        with self._lock:
            was = self._progress
            more = was.found if found is None else (*was.found, found)
            self._progress = Progress(
                was.lowest,
                was.highest,
                was.total,
                was.done + int(counts),
                was.running,
                was.cancelled,
                tuple(sorted(more, key=lambda one: int(IPv4Address(one.address)))),
            )

    def _look(self, address: str) -> Found | None:
        ports = tuple(port for port in self._ports if _takes_connections(address, port))
        title = maker = ""
        for port in ports:
            if not maker:
                told, maker = _first_page(address, port)
                title = title or told
        return Found(address, ports, title, maker) if ports else None


def _takes_connections(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), _CONNECTS):
            return True
    except OSError:
        return False


def _first_page(address: str, port: int) -> tuple[str, str]:
    """Title and maker; empty where it says nothing that can be read."""
    connection: http.client.HTTPConnection
    if port == 443:
        # Stations have certificates of their own making, and nothing secret is said or believed here.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(address, port, timeout=_ANSWERS, context=context)
    else:
        connection = http.client.HTTPConnection(address, port, timeout=_ANSWERS)
    try:
        connection.request("GET", "/", headers={"User-Agent": "EVCE", "Connection": "close"})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return hint_of(headers, answer.read(_BODY_MOST).decode(errors="replace"))
    except (OSError, http.client.HTTPException, ValueError):
        return "", ""
    finally:
        connection.close()
