"""The recorder's messages about people: none of them may be shed."""

import pytest

from actors.messages import accounts
from actors.messages.base import Lane, Message
from evce import records

KINDS = [getattr(accounts, name) for name in accounts.__all__]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if issubclass(kind, Message)])
def test_none_is_a_sample(kind: type[Message]) -> None:
    """US-3: a password that was changed must be kept, whatever else is going on."""
    assert kind.default_lane is not Lane.SAMPLE


def test_the_records_are_handed_on() -> None:
    for name in set(records.__all__) & set(accounts.__all__):
        assert getattr(accounts, name) is getattr(records, name)
