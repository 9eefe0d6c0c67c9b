"""Applies wished network settings to systemd-networkd, and puts the former ones back unless confirmed."""

import logging
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evce.errors import EvceError
from evce.network.course import CONFIRMED, LONGEST, STATE, WANTED, NetworkState, Stage, Wish, read_confirmed
from evce.network.networkd import UNIT, networkd_unit
from evce.units import Seconds

__all__ = ["CONFIRM_WITHIN", "FOLDER", "NetworkApplier", "run_networkctl"]

log = logging.getLogger(__name__)

FOLDER = Path("/etc/systemd/network")
CONFIRM_WITHIN: Seconds = 120.0
"""Long enough to change one's own address, open the new one and log in."""

_LOOK_EVERY: Seconds = 1.0
_AT_MOST: Seconds = 30.0
_FORMER = f"{UNIT}.former"
"""The unit of before, while another is on trial; empty where there was none. networkd reads no such name."""


class NetworkError(EvceError, OSError):
    """The network service has refused; the text is what it said."""


def run_networkctl(arguments: Sequence[str]) -> None:
    """Call networkctl. Raises NetworkError."""
    try:
        done = subprocess.run(
            ["networkctl", *arguments],
            capture_output=True,
            text=True,
            timeout=_AT_MOST,
            check=False,
        )
    except FileNotFoundError:
        raise NetworkError("systemd-networkd is not installed: there is no networkctl") from None
    except subprocess.TimeoutExpired:
        raise NetworkError(f"networkctl {arguments[0]} did not answer within {_AT_MOST:g} s") from None
    if done.returncode:
        raise NetworkError((done.stderr or done.stdout).strip() or f"networkctl ended with {done.returncode}")


class NetworkApplier:
    """One run of it, as root, each time that EVCE's wish changes and at each start of the machine.

    `data` is the folder `network` of EVCE's data folder, written by a service without rights: nothing in it
    is believed before it was checked here. `into` is where networkd reads its units.
    """

    def __init__(
        self,
        data: Path,
        into: Path = FOLDER,
        networkctl: Callable[[Sequence[str]], None] = run_networkctl,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[Seconds], None] = time.sleep,
        confirm_within: Seconds = CONFIRM_WITHIN,
    ) -> None:
        self._data = data
        self._unit, self._former = into / UNIT, into / _FORMER
        self._networkctl = networkctl
        self._now = now
        self._sleep = sleep
        self._confirm_within = confirm_within

    def apply(self) -> NetworkState | None:
        """Bring the newest wish into force; what became of it, None where nothing is wished.

        Raises OSError where the units can't be written.
        """
        while True:
            wish = Wish.read(self._read(WANTED))
            known = NetworkState.read(self._read(STATE))
            if self._former.exists():
                known = self._end_of_trial(known)
            if wish is None:
                return None
            if known is not None and known.mark == wish.mark and known.stage is not Stage.WAITING:
                return known
            text = networkd_unit(wish.settings)
            if text == self._installed():
                return self._tell(NetworkState(wish.mark, Stage.IN_FORCE))
            if (found := self._try(wish, text)) is not None:
                return found

    def _try(self, wish: Wish, text: str) -> NetworkState | None:
        """Put the unit in place until it is confirmed; None where another wish has come meanwhile."""
        interface = wish.settings.interface
        until = self._now() + timedelta(seconds=self._confirm_within)
        _write(self._former, self._installed())
        self._tell(NetworkState(wish.mark, Stage.WAITING, until))
        try:
            self._put(text)
            self._reload(interface)
        except OSError as error:
            self._put_back(interface)
            return self._tell(NetworkState(wish.mark, Stage.FAILED, text=str(error)))
        log.info("network settings %d on trial until %s", wish.mark, until.isoformat())
        while self._now() < until:
            if wish.at_once or read_confirmed(self._read(CONFIRMED)) == wish.mark:
                self._former.unlink()
                return self._tell(NetworkState(wish.mark, Stage.IN_FORCE))
            newer = Wish.read(self._read(WANTED))
            if newer is not None and newer.mark != wish.mark:
                self._put_back(interface)
                return None
            self._sleep(_LOOK_EVERY)
        self._put_back(interface)
        return self._tell(NetworkState(wish.mark, Stage.PUT_BACK))

    def _end_of_trial(self, known: NetworkState | None) -> NetworkState | None:
        """What a killed run or a power cut has left on trial: kept if confirmed, put back if not."""
        if known is not None and read_confirmed(self._read(CONFIRMED)) == known.mark:
            self._former.unlink()
            return self._tell(NetworkState(known.mark, Stage.IN_FORCE))
        self._put_back("")
        return None if known is None else self._tell(NetworkState(known.mark, Stage.PUT_BACK))

    def _put_back(self, interface: str) -> None:
        self._put(self._former.read_text(encoding="utf-8"))
        self._former.unlink()
        try:
            self._reload(interface)
        except NetworkError as error:
            log.warning("the former network settings are back in their file, but not in force: %s", error)

    def _reload(self, interface: str) -> None:
        self._networkctl(["reload"])
        if interface:
            self._networkctl(["reconfigure", interface])

    def _put(self, text: str) -> None:
        if text:
            _write(self._unit, text)
        else:
            self._unit.unlink(missing_ok=True)

    def _installed(self) -> str:
        try:
            return self._unit.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def _tell(self, state: NetworkState) -> NetworkState:
        with suppress(OSError):  # a full disk must not keep anybody from his former address
            _write(self._data / STATE, state.told())
        return state

    def _read(self, name: str) -> str:
        try:
            with (self._data / name).open(encoding="utf-8") as file:
                return file.read(LONGEST + 1)
        except (OSError, UnicodeDecodeError):
            return ""


def _write(path: Path, text: str) -> None:
    """Whole or not at all; a link that somebody has put there is replaced, not followed."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(fresh, 0o644)  # readable for EVCE and networkd, whatever the mask of the service
    os.replace(fresh, path)
