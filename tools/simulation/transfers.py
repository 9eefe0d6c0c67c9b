"""The files that a simulated station sends and fetches, and what it tells about them meanwhile."""

import ftplib
import io
import posixpath
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from evce.firmware.versions import version_in
from evce.units import Monotonic, Seconds
from tools.simulation.outbox import Call

if TYPE_CHECKING:
    from tools.simulation.station import Station

__all__ = ["Transfer", "fetch_firmware", "fetch_signed_firmware", "send_diagnostics", "send_log"]

_WITHIN: Seconds = 60.0
_INSTALLS_FOR: Seconds = 5.0
_SCHEMES = ("http://", "https://", "ftp://", "ftps://")


@dataclass(frozen=True, slots=True)
class Transfer:
    """One file: `content` is sent to `address`, or fetched from it where it is None.

    `run` does it, and blocks; `done` tells the station with what came of it (None: it failed).
    """

    address: str
    content: bytes | None
    done: Callable[[bytes | None, Monotonic], None]

    def run(self) -> bytes | None:
        """Return what was sent or fetched; None when that failed."""
        if self.address.startswith(("ftp://", "ftps://")):
            return self._run_ftp()
        method = "GET" if self.content is None else "PUT"
        request = urllib.request.Request(self.address, data=self.content, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=_WITHIN) as answer:  # noqa: S310 - http only, see `_begin`
                body: bytes = answer.read()
        except (urllib.error.URLError, OSError, ValueError):
            return None
        return body if self.content is None else self.content

    def _run_ftp(self) -> bytes | None:
        parts = urlsplit(self.address)
        folder, name = posixpath.split(unquote(parts.path))
        got = bytearray()
        kind = ftplib.FTP_TLS if parts.scheme == "ftps" else ftplib.FTP
        try:
            with kind(timeout=_WITHIN) as server:
                server.connect(parts.hostname or "", parts.port or 21)
                server.login(unquote(parts.username or ""), unquote(parts.password or ""))
                if isinstance(server, ftplib.FTP_TLS):
                    server.prot_p()
                server.cwd(folder or "/")
                if self.content is None:
                    server.retrbinary(f"RETR {name}", got.extend)
                else:
                    server.storbinary(f"STOR {name}", io.BytesIO(self.content))
        except (ftplib.Error, OSError, EOFError, ValueError):
            return None
        return bytes(got) if self.content is None else self.content


def send_diagnostics(station: "Station", location: str, now: Monotonic) -> str:
    """Send the diagnostics file; returns its name."""
    name = f"{station.spec.box_identity}-diagnostics.txt"
    told = _teller(station, "DiagnosticsStatusNotification")
    told("Uploading")
    content = _report(station, now)

    def done(sent: bytes | None, _: Monotonic) -> None:
        told("UploadFailed" if sent is None else "Uploaded")

    _begin(station, Transfer(_at(location, name), content, done), now)
    return name


def send_log(station: "Station", location: str, kind: str, request: int, now: Monotonic) -> str:
    """Send a log as the security white paper has it; returns its name."""
    name = f"{station.spec.box_identity}-{kind}.txt"
    told = _teller(station, "LogStatusNotification", requestId=request)
    told("Uploading")

    def done(sent: bytes | None, _: Monotonic) -> None:
        told("UploadFailure" if sent is None else "Uploaded")

    _begin(station, Transfer(_at(location, name), _report(station, now), done), now)
    return name


def fetch_firmware(station: "Station", location: str, now: Monotonic) -> None:
    """Fetch a firmware, install it and restart with it; its file's name tells the version, or is it."""
    _fetch(station, location, _teller(station, "FirmwareStatusNotification"), None, now)


def fetch_signed_firmware(
    station: "Station", location: str, request: int, signed: Callable[[bytes], bool], now: Monotonic
) -> None:
    """The same with a look at its signature before it is installed (security white paper, use case L01)."""
    told = _teller(station, "SignedFirmwareStatusNotification", requestId=request)
    _fetch(station, location, told, signed, now)


def _fetch(
    station: "Station",
    location: str,
    told: Callable[[str], None],
    signed: Callable[[bytes], bool] | None,
    now: Monotonic,
) -> None:
    told("Downloading")

    def done(content: bytes | None, at: Monotonic) -> None:
        if content is None:
            told("DownloadFailed")
            return
        told("Downloaded")
        if signed is not None:
            # Without a carrier of files nothing has come that could be looked at.
            if station.transfers is not None and not signed(content):
                told("InvalidSignature")
                return
            told("SignatureVerified")
        told("Installing")
        if station.quirks.reboots_while_installing:
            station.after_boot = lambda: told("Installed")
        else:
            told("Installed")
        name = location.rsplit("/", 1)[-1]
        station.firmware = (version_in(name) or name)[:50]
        station.reboots_at = at + _INSTALLS_FOR

    _begin(station, Transfer(location, None, done), now)


def _begin(station: "Station", transfer: Transfer, now: Monotonic) -> None:
    """Hand it to whoever carries files; what it has no protocol or no carrier for, has arrived already."""
    if station.transfers is not None and transfer.address.startswith(_SCHEMES):
        station.transfers.append(transfer)
    else:
        transfer.done(transfer.content or b"", now)


def _at(location: str, name: str) -> str:
    return location + name if location.endswith("/") else location


def _report(station: "Station", now: Monotonic) -> bytes:
    lines = [
        f"{station.spec.vendor} {station.spec.model} {station.spec.box_identity}",
        f"firmware {station.firmware}",
        f"clock {station.clock(now):.0f}",
        *(f"connector {number}: {outlet.status()}" for number, outlet in station.outlets.items()),
        f"{len(station.sessions)} sessions ended",
    ]
    return "\n".join(lines).encode()


def _teller(station: "Station", action: str, **further: Any) -> Callable[[str], None]:
    def tell(status: str) -> None:
        station.outbox.put(Call(action, lambda: {"status": status, **further}))

    return tell
