"""How far wished network settings have come: on trial, kept, put back; and the files that tell it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from evce.configuration.network import NetworkSettings

__all__ = ["CONFIRMED", "STATE", "WANTED", "NetworkState", "Stage", "Wish", "read_confirmed"]

WANTED, STATE, CONFIRMED = "wanted.json", "state.json", "confirmed.json"
"""Files in the folder `network` of the data folder; the state is written by who applies the wish."""

LONGEST = 10_000
"""Bytes of such a file; a longer one is none."""


class Stage(StrEnum):
    """What has become of a wish."""

    WAITING = "waiting"
    IN_FORCE = "in_force"
    PUT_BACK = "put_back"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Wish:
    """Settings that are to be applied; `mark` tells each attempt from the one before.

    `at_once`: nobody can confirm it, for EVCE is back to factory settings.
    """

    mark: int
    settings: NetworkSettings
    at_once: bool = False

    def text(self) -> str:
        settings = self.settings.model_dump(mode="json")
        return json.dumps({"mark": self.mark, "settings": settings, "at_once": self.at_once})

    @classmethod
    def read(cls, text: str) -> "Wish | None":
        """The wish in this text; None where it is none, such as one by another EVCE."""
        found = _table(text)
        try:
            settings = NetworkSettings.model_validate(found["settings"])
            return cls(int(found["mark"]), settings, found.get("at_once") is True)
        except (KeyError, TypeError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class NetworkState:
    """What has become of the wish with this `mark`.

    While it waits to be confirmed, `until` is when it is put back; `text` says what went wrong.
    """

    mark: int
    stage: Stage
    until: datetime | None = None
    text: str = ""

    def told(self) -> str:
        found = asdict(self)
        return json.dumps({**found, "until": None if self.until is None else self.until.isoformat()})

    @classmethod
    def read(cls, text: str) -> "NetworkState | None":
        """The state in this text; None where it is none."""
        found = _table(text)
        try:
            until = found.get("until")
            when = None if until is None else datetime.fromisoformat(until)
            return cls(int(found["mark"]), Stage(found["stage"]), when, str(found.get("text", "")))
        except (KeyError, TypeError, ValueError):
            return None


def read_confirmed(text: str) -> int | None:
    """The mark of the wish that somebody has confirmed."""
    mark = _table(text).get("mark")
    return mark if isinstance(mark, int) else None


def _table(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if len(text) <= LONGEST else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
