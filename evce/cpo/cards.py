"""What the operator said about cards: fresh words for the start that follows, older ones for an outage."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from evce.cpo.settings import CACHED_CARDS, FRESH_FOR
from evce.meter_values import parse_time
from evce.units import Monotonic

__all__ = ["CardMemory", "Verdict"]

_FRESH_BOUND = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """An operator's `idTagInfo`, and when it was said."""

    info: Mapping[str, Any]
    at: Monotonic

    @property
    def accepted(self) -> bool:
        return self.info.get("status") == "Accepted"


@dataclass(slots=True)
class CardMemory:
    """IdTags compare without case (AU-7): whoever asks gives them in one."""

    _fresh: OrderedDict[str, Verdict] = field(default_factory=OrderedDict)
    _cache: OrderedDict[str, Mapping[str, Any]] = field(default_factory=OrderedDict)

    def restore(self, id_tag: str, info: Mapping[str, Any]) -> None:
        """A card of an earlier life, oldest first."""
        self._cache[id_tag] = info

    def learn(
        self, id_tag: str, info: Mapping[str, Any], now: Monotonic
    ) -> list[tuple[str, Mapping[str, Any] | None]]:
        """Take the operator's word in; returns what changes on disk, None for a card to be forgotten.

        Only accepted cards are cached: what the operator refused isn't accepted while it is away.
        """
        self._fresh.pop(id_tag, None)
        self._fresh[id_tag] = Verdict(info, now)
        while len(self._fresh) > _FRESH_BOUND:
            self._fresh.popitem(last=False)
        if info.get("status") != "Accepted":
            return [] if self._cache.pop(id_tag, None) is None else [(id_tag, None)]
        if self._cache.get(id_tag) == info:
            return []
        self._cache.pop(id_tag, None)
        self._cache[id_tag] = info
        changes: list[tuple[str, Mapping[str, Any] | None]] = [(id_tag, info)]
        while len(self._cache) > CACHED_CARDS:
            changes.append((self._cache.popitem(last=False)[0], None))
        return changes

    def expect(self, id_tag: str, now: Monotonic) -> None:
        """The operator itself has asked for a start by this card."""
        self._fresh[id_tag] = Verdict({"status": "Accepted"}, now)

    def fresh(self, id_tag: str, now: Monotonic) -> Verdict | None:
        """The operator's word of a moment ago."""
        verdict = self._fresh.get(id_tag)
        return verdict if verdict is not None and now - verdict.at <= FRESH_FOR else None

    def cached(self, id_tag: str, utc: datetime) -> Mapping[str, Any] | None:
        """What the operator said once, unless it has run out since."""
        info = self._cache.get(id_tag)
        if info is None:
            return None
        expiry = parse_time(str(info["expiryDate"])) if "expiryDate" in info else None
        return None if expiry is not None and expiry <= utc else info
