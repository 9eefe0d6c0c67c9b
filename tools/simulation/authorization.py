"""Which card a station lets charge: its local list, its cache and its rules while the link is down."""

from collections.abc import Mapping, Sequence
from typing import Any

from tools.simulation.keys import Keys

__all__ = ["LocalAuthorization"]


class LocalAuthorization:
    """Local authorization list and authorization cache (OCPP 1.6 part 2, 3.4). Tags compare without case."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self.version = 0
        self._list: dict[str, str] = {}
        self._cache: dict[str, str] = {}

    def learn(self, id_tag: str, status: str) -> None:
        """The central system told this card's status: the cache keeps it."""
        if self._keys.flag("AuthorizationCacheEnabled"):
            self._cache[id_tag.casefold()] = status

    def clear_cache(self) -> None:
        self._cache.clear()

    def known(self, id_tag: str) -> str | None:
        """Status in the list, else in the cache; None where neither knows the card."""
        tag = id_tag.casefold()
        if self._keys.flag("LocalAuthListEnabled") and tag in self._list:
            return self._list[tag]
        if self._keys.flag("AuthorizationCacheEnabled"):
            return self._cache.get(tag)
        return None

    def accepts_offline(self, id_tag: str) -> bool:
        """Whether the card may start while nobody can be asked."""
        known = self.known(id_tag) if self._keys.flag("LocalAuthorizeOffline") else None
        if known is not None:
            return known == "Accepted"
        return self._keys.flag("AllowOfflineTxForUnknownId")

    def update(self, version: int, kind: str, entries: Sequence[Mapping[str, Any]]) -> str:
        """Status of SendLocalList.conf."""
        if not self._keys.flag("LocalAuthListEnabled"):
            return "NotSupported"
        if len(entries) > self._keys.number("SendLocalListMaxLength"):
            return "Failed"
        if kind == "Differential" and version <= self.version:
            return "VersionMismatch"
        updated = {} if kind == "Full" else dict(self._list)
        for entry in entries:
            tag = str(entry["idTag"]).casefold()
            info = entry.get("idTagInfo")
            if info is None:
                updated.pop(tag, None)
            else:
                updated[tag] = str(info["status"])
        self._list, self.version = updated, version
        return "Accepted"
