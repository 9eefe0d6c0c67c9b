"""Tests of the answers on their way over the wire."""

import json

import pytest

from actors.inbox import InboxStats
from tools.shell.answers import ActorLine, Done, Inspection, Names, Traced, Tree, from_json, to_json

LINE = ActorLine("a", "b", "running", 1, "", inbox=InboxStats(0, 1, 2, 0.5, 3, 4, 5, 6), p50_s=0.1)


@pytest.mark.parametrize(
    "answer",
    [
        Tree(15.0, (LINE, ActorLine("b", "", "stopped", 0, "x"))),
        Inspection(LINE, "Probe", 2.0, ("wake",), "", {"a": [1, None]}, None),
        Traced("2026", "view", "Note", {"text": "ü"}, 3),
        Names(("a",), ("z",), ("c",), {"Note": ("text",)}),
        Done("done", audited=False),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_an_answer_comes_back_as_it_was(answer: object) -> None:
    """AC-4: JSON and the screen have the same."""
    assert from_json(type(answer), json.loads(json.dumps(to_json(answer)))) == answer


def test_the_answer_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="window_s"):
        from_json(Tree, {"actors": []})
