"""What outlives an actor: small values kept for the next incarnation of the same name."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

__all__ = ["Heir", "Heirs"]


class Heir:
    """A thread-safe mapping for one name. Put immutable values only: they are shared, not copied."""

    def __init__(self, lock: AbstractContextManager[Any]) -> None:
        self._lock = lock
        self._values: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        """What an earlier incarnation, or this one, put."""
        with self._lock:
            return self._values.get(key, default)

    def put(self, key: str, value: Any) -> None:
        """Keep for the successor; replaces what was there."""
        with self._lock:
            self._values[key] = value

    def forget(self, key: str) -> None:
        """Drop one value."""
        with self._lock:
            self._values.pop(key, None)

    def keys(self) -> tuple[str, ...]:
        """What is kept, oldest first."""
        with self._lock:
            return tuple(self._values)


class Heirs:
    """One `Heir` per name for the life of the process: it also outlives the supervisors."""

    def __init__(self, lock: AbstractContextManager[Any]) -> None:
        self._lock = lock
        self._heirs: dict[str, Heir] = {}

    def of(self, name: str) -> Heir:
        """The heir of that name, empty the first time."""
        with self._lock:
            heir = self._heirs.get(name)
            if heir is None:
                heir = self._heirs[name] = Heir(self._lock)
            return heir

    def drop(self, name: str) -> None:
        """Forget everything of a name that is gone for good."""
        with self._lock:
            self._heirs.pop(name, None)
