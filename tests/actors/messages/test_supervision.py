"""Messages between supervisors and children, and the errors of `ask`."""

import pytest

from actors.messages import AnswererDied, AskFailed, NoAnswer, NobodyThere
from actors.messages.base import Lane, Message
from actors.messages.supervision import (
    ChildBegan,
    ChildDied,
    ChildEnded,
    RestartChild,
    StopChild,
)


@pytest.mark.parametrize(
    ("message", "lane"),
    [
        (ChildBegan("a", 1), Lane.URGENT),
        (ChildDied("a", 1, "why"), Lane.URGENT),
        (ChildEnded("a", 1), Lane.URGENT),
        (StopChild("a"), Lane.EVENT),
        (RestartChild("a"), Lane.EVENT),
    ],
)
def test_deaths_overtake_wishes(message: Message, lane: Lane) -> None:
    """A restart doesn't wait behind a flood of changes to the tree."""
    assert message.lane is lane


@pytest.mark.parametrize(
    ("error", "builtin"),
    [(NobodyThere, LookupError), (NoAnswer, TimeoutError), (AnswererDied, RuntimeError)],
)
def test_each_failed_ask_is_also_a_builtin_error(error: type[AskFailed], builtin: type[Exception]) -> None:
    """An edge catches `AskFailed`, or just what it can deal with."""
    assert issubclass(error, AskFailed)
    assert issubclass(error, builtin)
