"""Tests of messages made of words."""

from datetime import UTC, datetime

import pytest

from actors.messages import (
    CallAnswered,
    DemandReported,
    InputsChanged,
    Message,
    MeterLost,
    MeterSampled,
    RecordEvent,
    RequestAction,
    Settle,
    StationReported,
)
from evce.station_control.action_kinds import BEHIND_THE_PLEDGES
from evce.units import BoxIdentity, MeterId
from tools.shell.vocabulary import (
    BY_HAND,
    did_you_mean,
    fields_of,
    message_named,
    message_of,
    vocabulary,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("Settle", {}, Settle()),
        (
            "MeterLost",
            {"meter": "7", "since": "now", "reason": "drill", "raises_only": "true"},
            MeterLost(MeterId("7"), 5.0, "drill", raises_only=True),
        ),
        ("MeterLost", {"meter": "m", "since": "null", "reason": ""}, MeterLost(MeterId("m"), None, "")),
        (
            "RequestAction",
            {"station": "7", "action": "reset", "given": '{"type": "Soft"}', "requested_by": "ann"},
            RequestAction(BoxIdentity("7"), "reset", {"type": "Soft"}, "ann"),
        ),
        (
            "RecordEvent",
            {"at": "now", "device": "d", "type": "system", "message": "a b"},
            RecordEvent(NOW, "d", "system", "a b"),
        ),
    ],
)
def test_a_message_is_made_of_its_name_and_fields(name: str, given: dict[str, str], message: Message) -> None:
    """AC-4: JSON or plain text, and `now` in the place of a time."""
    assert message_of(name, given, 5.0, NOW) == message


@pytest.mark.parametrize(
    ("name", "given", "error", "told"),
    [
        ("MeterLots", {}, LookupError, "did you mean MeterLost?"),
        ("GetSnapshot", {}, LookupError, "can't be sent by hand"),
        ("AssignSetpoints", {"plan": "1", "orders": "[]"}, LookupError, "can't be sent by hand"),
        ("nonsense", {}, LookupError, "nonsense is no message; `help send`"),
        ("MeterLost", {"metr": "m"}, ValueError, "no field 'metr'; did you mean meter?"),
        ("MeterLost", {"meter": "m", "since": "soon"}, ValueError, "since: .*reason: field required"),
        ("MeterLost", {"meter": "m", "since": "{}", "reason": "x"}, ValueError, "since: input should be"),
    ],
)
def test_what_is_no_message_is_refused_with_what_would_be(
    name: str, given: dict[str, str], error: type[Exception], told: str
) -> None:
    """RELIABILITY §3: the field named; and nothing that gets around the ledger of pledges."""
    with pytest.raises(error, match=told):
        message_of(name, given, 5.0, NOW)


def test_every_word_of_the_vocabulary_can_be_looked_up_with_its_fields() -> None:
    """AC-4: for completion and help."""
    assert set(vocabulary()) == set(BY_HAND)
    assert all(message_named(name) is kind for name, kind in vocabulary().items())
    assert fields_of(MeterLost) == ("meter", "since", "reason", "[raises_only]")


def test_nothing_alike_is_no_hint() -> None:
    assert did_you_mean("xyz", ["station/CP-1"]) == ""


@pytest.mark.parametrize("kind", [MeterSampled, StationReported, DemandReported, CallAnswered, InputsChanged])
def test_a_lie_that_could_raise_a_current_can_not_be_told(kind: type[Message]) -> None:
    """RELIABILITY invariants 1 and 10: nothing lowers a pledge or lifts a limit but what is true."""
    with pytest.raises(LookupError, match="can't be sent by hand"):
        message_named(kind.__name__)


@pytest.mark.parametrize("call", BEHIND_THE_PLEDGES)
def test_no_profile_is_sent_past_the_ledger(call: str) -> None:
    """RELIABILITY invariant 2: raises come from the root zone alone."""
    given = {"station": "CP-1", "action": "call", "given": f'{{"call": "{call}"}}', "requested_by": "ann"}
    with pytest.raises(ValueError, match="behind EVCE's back"):
        message_of("RequestAction", given, 5.0, NOW)
