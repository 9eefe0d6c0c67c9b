"""The passwords under which the operator may know a station: its newest, those before, the admin's."""

from collections.abc import Mapping
from typing import Any

from evce.security.keys import read_key

__all__ = ["UplinkSecrets"]


class UplinkSecrets:
    """What is shown by HTTP basic authentication, and what next when that is refused (white paper, A01).

    The operator's new key comes first from the moment it is on disk. The answer that tells it so may be lost:
    so the one before is kept until the new one has opened the door. `None` stands for what the admin's
    credentials file says, tried as well where there is one: nobody is locked out for good.
    """

    def __init__(self, *, file: bool) -> None:
        self._file = file
        self._keys: list[bytes] = []
        self._turn = 0

    @property
    def current(self) -> bytes | None:
        """What to show at the next attempt; None for the admin's, or nothing."""
        return self._offers()[self._turn]

    def reconfigured(self, *, file: bool) -> None:
        """The admin has other settings: all is tried again, the newest first."""
        self._file = file
        self._turn = 0

    def noted(self, key: bytes) -> Mapping[str, Any]:
        """What to keep on disk before this new key of the operator may be accepted."""
        return {"keys": [key.hex(), *(other.hex() for other in self._worth_keeping(key))]}

    def give(self, key: bytes) -> None:
        """The operator's new key is on disk."""
        self._keys = [key, *self._worth_keeping(key)]
        self._turn = 0

    def refused(self) -> None:
        """The operator didn't open: the next in turn, the newest again after the last."""
        self._turn = (self._turn + 1) % len(self._offers())

    def worked(self) -> Mapping[str, Any] | None:
        """The operator opened: what to keep on disk now that the others are void; None for no change."""
        current = self.current
        kept = [] if current is None else [current]
        if self._keys == kept:
            return None
        self._keys, self._turn = kept, 0
        return {"keys": [key.hex() for key in kept]}

    def restore(self, note: Mapping[str, Any]) -> None:
        """Go on with what was kept; what is no key is left out."""
        self._keys = []
        for text in note.get("keys", ()):
            try:
                self._keys.append(read_key(str(text)))
            except ValueError:
                continue
        self._turn = 0

    def _offers(self) -> list[bytes | None]:
        return [*self._keys, None] if self._file or not self._keys else list(self._keys)

    def _worth_keeping(self, key: bytes) -> list[bytes]:
        """The one that opens now, in case the operator doesn't learn that the new one was taken."""
        current = self.current
        return [current] if current is not None and current != key else []
