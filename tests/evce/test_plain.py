"""Tests of what is shown of any value: all of it readable, bounded, nothing of it secret."""

import json
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, NamedTuple

import pytest

from evce.facts import ConnectorFacts, Link
from evce.plain import REDACTED, parts_of, plain
from evce.records import UserRecord
from evce.units import BoxIdentity, ConnectorKey

KEY = ConnectorKey(BoxIdentity("CP-1"), 2)


class Colour(Enum):
    RED = object()


class Pair(NamedTuple):
    left: int
    right: str


@dataclass
class Box:
    inside: Any


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2.5, 2.5),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ("text", "text"),
        ("x" * 500, "x" * 400 + "… 100 more"),
        (b"\x00\x01", "<2 bytes>"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00+00:00"),
        (Link.LOST, "lost"),
        (Colour.RED, "RED"),
        (KEY, "CP-1/2"),
        (Pair(1, "b"), {"left": 1, "right": "b"}),
        ([1, (2, 3)], [1, [2, 3]]),
        (deque([1]), [1]),
        (frozenset({"b", "a"}), ["a", "b"]),
        ({KEY: Link.LOST}, {"CP-1/2": "lost"}),
        (Box(1), {"inside": 1}),
        (Box(Box({"a": [1]})), {"inside": {"inside": {"a": [1]}}}),
        (int, "<class int>"),
        (threading.Lock(), "<lock>"),
        (threading.Thread(), "<Thread>"),
        (print, "<print>"),
        (list(range(41)), [*range(40), "… 1 more"]),
        ({n: n for n in range(41)}, {str(n): n for n in range(40)} | {"…": "1 more"}),
    ],
)
def test_a_value_is_shown_as_json_has_it(value: object, shown: object) -> None:
    """AC-4: of machinery its name only, of long things how much is missing."""
    assert plain(value) == shown
    json.dumps(plain(value))


@pytest.mark.parametrize(
    "value",
    [
        UserRecord(
            login="ann", role="admin", password_hash="SECRET", created_at=datetime(2026, 1, 1, tzinfo=UTC)
        ),
        ["$argon2id$v=19$SECRET"],
        {"password": "SECRET"},
        {"token_hash": "SECRET"},
        {"form_secret": b"SECRET"},
        {"apiKey": "SECRET", "authorization_key": "SECRET", "private": {"deep": "SECRET"}},
        {"key": "AuthorizationKey", "value": "SECRET"},
        {"payload": {"key": "AuthorizationKey", "value": "SECRET"}},
        Box("mqtt://ann:SECRET@broker:1883"),
        [{"session_token": "SECRET"}],
        {"location": "https://10.0.0.1:8888/files/SECRET/log.zip"},
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_secret_is_not_shown(value: object) -> None:
    """RELIABILITY §4.22: not to an engineer either, who may be sharing the screen."""
    assert "SECRET" not in json.dumps(plain(value))
    assert REDACTED in json.dumps(plain(value))


@pytest.mark.parametrize(
    "value", [{"key": "HeartbeatInterval", "value": "60"}, {"id_tag": "04AB"}, {"password": ""}]
)
def test_what_is_no_secret_stays(value: dict[str, str]) -> None:
    assert plain(value) == value


def test_how_much_is_shown_is_for_the_asker_to_say() -> None:
    """OC-3: a program gets an answer whole, but for its secrets."""
    whole = {"data": "x" * 5000, "list": list(range(90)), "password": "SECRET"}
    assert plain(whole, items=100, text=5000) == {**whole, "password": REDACTED}


def test_what_is_deep_or_goes_in_circles_ends() -> None:
    """AC-4: the answer is bounded, whatever the state is."""
    circle: list[Any] = []
    circle.append(circle)
    assert plain(circle, depth=3) == [[["<list of 1>"]]]
    assert plain({"a": {}}, depth=1) == {"a": "<empty dict>"}


def test_a_collection_that_changes_meanwhile_is_read_all_the_same() -> None:
    """AC-4: the actor goes on while somebody looks."""
    numbers: dict[int, int] = {}
    over = threading.Event()

    def churn() -> None:
        count = 0
        while not over.is_set():
            count += 1
            numbers[count] = count
            numbers.pop(count - 50, None)

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(300):
            assert isinstance(plain(numbers), dict)
    finally:
        over.set()
        thread.join()


def test_the_parts_of_a_value_have_the_names_under_which_they_are_shown() -> None:
    """AC-4: what is seen can be named to see more of it."""
    facts = ConnectorFacts(KEY)
    assert parts_of({KEY: facts}) == {"CP-1/2": facts}
    assert parts_of([facts]) == {"0": facts}
    assert parts_of(facts)["link"] is Link.NEVER_SEEN
    assert parts_of("text") == parts_of(3) == {}
