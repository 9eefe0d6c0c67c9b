"""The wished network settings, and what whoever applies them on this machine has made of them."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from evce.configuration.network import NetworkMode, NetworkSettings
from evce.network.course import CONFIRMED, LONGEST, STATE, WANTED, NetworkState, Stage, Wish
from evce.network.networkd import UNIT
from evce.units import Seconds

__all__ = ["NetworkShelf", "Shown"]

UNIT_IN_FORCE = Path("/etc/systemd/network") / UNIT

_TAKEN_UP_WITHIN: Seconds = 15.0
"""Later than this nobody on this machine applies what is wished."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What people are told: `stage` None while nobody has taken the wish up, `late` when nobody will."""

    settings: NetworkSettings
    stage: Stage | None
    text: str = ""
    until: datetime | None = None
    late: bool = False

    @property
    def waits(self) -> bool:
        """Whether somebody has to confirm it, or it is put back."""
        return self.stage is Stage.WAITING


class NetworkShelf:
    """A folder with three small files, shared with the service that applies them. Safe from any thread."""

    def __init__(self, folder: Path, now: Callable[[], datetime], unit: Path = UNIT_IN_FORCE) -> None:
        """`unit` is where the network service of this machine has what was applied."""
        self._folder = folder
        self._now = now
        self._unit = unit
        self._lock = Lock()
        self._wish: Wish | None = None
        self._wished_at: datetime | None = None

    def follow(self, settings: NetworkSettings) -> None:
        """Wish these settings from now on; said again they are no new wish. Raises OSError.

        A machine that keeps its own addresses and never had others needs no wish; one that was set back to
        factory settings gets its own addresses back at once, for there is nobody who could confirm it.
        """
        with self._lock:
            known = self._wish or Wish.read(self._read(WANTED))
            reset = known is None and settings.mode is NetworkMode.HOST
            if reset and not self._unit.exists():
                return
            if known is None or known.settings != settings:
                known = Wish(1 if known is None else known.mark + 1, settings, at_once=reset)
                self._write(WANTED, known.text())
                self._wished_at = self._now()
            self._wish = known

    def try_again(self) -> None:
        """Wish once more what was put back or has failed. Raises OSError."""
        with self._lock:
            if self._wish is not None:
                self._wish = Wish(self._wish.mark + 1, self._wish.settings)
                self._write(WANTED, self._wish.text())
                self._wished_at = self._now()

    def confirm(self) -> bool:
        """Keep what is on trial; False where nothing waits for it. Raises OSError."""
        with self._lock:
            state = self._state()
            if state is None or state.stage is not Stage.WAITING:
                return False
            self._write(CONFIRMED, f'{{"mark": {state.mark}}}')
            return True

    def shown(self) -> Shown | None:
        """How it stands; None where nothing was ever wished."""
        with self._lock:
            if self._wish is None:
                return None
            state, wished = self._state(), self._wished_at
            if state is not None:
                return Shown(self._wish.settings, state.stage, state.text, state.until)
            late = wished is None or self._now() - wished > timedelta(seconds=_TAKEN_UP_WITHIN)
            return Shown(self._wish.settings, None, late=late)

    def _state(self) -> NetworkState | None:
        """What became of the newest wish."""
        state = NetworkState.read(self._read(STATE))
        return (
            state if state is not None and self._wish is not None and state.mark == self._wish.mark else None
        )

    def _read(self, name: str) -> str:
        try:
            with (self._folder / name).open(encoding="utf-8") as file:
                return file.read(LONGEST + 1)
        except (OSError, UnicodeDecodeError):
            return ""

    def _write(self, name: str, text: str) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        fresh = self._folder / f"{name}.new"
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, self._folder / name)
