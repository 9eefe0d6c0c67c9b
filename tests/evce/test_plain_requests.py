"""The quick yes against the full check: the same verdict on whatever JSON can say, code and text included."""

import json
from typing import Any

import fastjsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evce import validation
from evce.plain_requests import plain_check
from evce.validation import check_request
from tests.evce.test_validation import VALID, mutated

EVERY_DAY = ("Heartbeat", "MeterValues", "StatusNotification")

_SAMPLE = {
    "value": st.text(max_size=5),
    "context": st.sampled_from(["Sample.Periodic", "Other", "Never", ""]),
    "format": st.sampled_from(["Raw", "SignedData", "raw"]),
    "measurand": st.sampled_from(["Current.Import", "Voltage", "SoC", "Nothing"]),
    "phase": st.sampled_from(["L1", "L2-N", "L4"]),
    "location": st.sampled_from(["Outlet", "Body", "Moon"]),
    "unit": st.sampled_from(["A", "Celcius", "Celsius", "Hertz", "hertz"]),
}
_ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)
_samples = st.lists(st.fixed_dictionaries({}, optional=_SAMPLE) | _ODD, max_size=3)
_values = st.fixed_dictionaries(
    {}, optional={"timestamp": st.text(max_size=3) | _ODD, "sampledValue": _samples}
)
_meter_values = st.fixed_dictionaries(
    {},
    optional={
        "connectorId": st.integers() | _ODD,
        "transactionId": st.integers() | _ODD,
        "meterValue": st.lists(_values, max_size=2) | _ODD,
        "more": _ODD,
    },
)
_status = st.fixed_dictionaries(
    {},
    optional={
        "connectorId": st.integers() | _ODD,
        "errorCode": st.sampled_from(["NoError", "GroundFailure", "Rust"]) | _ODD,
        "status": st.sampled_from(["Available", "Charging", "Idle"]) | _ODD,
        "info": st.text(min_size=48, max_size=52) | _ODD,
        "vendorId": st.text(min_size=253, max_size=257) | _ODD,
        "timestamp": _ODD,
    },
)
_payloads = (
    st.tuples(st.just("MeterValues"), _meter_values)
    | st.tuples(st.just("StatusNotification"), _status)
    | st.tuples(st.just("Heartbeat"), st.dictionaries(st.text(max_size=3), _ODD, max_size=1))
    | mutated(VALID).filter(lambda case: case[0] in EVERY_DAY)
)


def full_check(action: str, payload: Any) -> validation.Violation | None:
    """What the compiled schema says, without the quick yes."""
    return validation._check(action, payload)


@given(_payloads)
@example(("MeterValues", VALID["MeterValues"]))
@example(("StatusNotification", VALID["StatusNotification"]))
@example(("StatusNotification", VALID["StatusNotification"] | {"connectorId": 2**63}))
@example(("StatusNotification", VALID["StatusNotification"] | {"info": "x" * 51}))
@example(("Heartbeat", {}))
def test_verdict_code_and_description_are_those_of_the_full_check(case: tuple[str, Any]) -> None:
    """OC-1: as JSON brings it, so with the types of `json.loads`."""
    action, payload = case
    payload = json.loads(json.dumps(payload))
    assert check_request(action, payload) == full_check(action, payload)
    assert validation._plain(action)(payload) == (full_check(action, payload) is None)


def test_the_quick_yes_is_one() -> None:
    """OC-1: were it always no, nothing would be gained and nobody would notice."""
    for action in EVERY_DAY:
        assert validation._plain(action)(VALID[action])


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {}},
        {"type": "object", "properties": {}, "additionalProperties": False, "patternProperties": {}},
        {"type": "object", "properties": {"a": {"$ref": "#/b"}}, "additionalProperties": False},
        {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        {"type": "string", "pattern": "a"},
        {"type": "integer", "minimum": 0, "maximum": 9, "multipleOf": 2},
        {"type": ["string", "null"]},
        {"type": "number"},
    ],
)
def test_a_rule_that_it_does_not_know_is_refused(schema: dict[str, Any]) -> None:
    """OC-1: a rule that was left out would let through what the schema forbids."""
    with pytest.raises(ValueError, match=r"type|rules|any property"):
        plain_check(schema)


@given(st.lists(st.text(max_size=3), max_size=3) | _ODD)
def test_lists_and_lengths_are_counted_as_the_compiled_schema_counts_them(value: Any) -> None:
    schema = {
        "type": "array",
        "minItems": 1,
        "items": {"type": "string", "maxLength": 2, "enum": ["a", "ab", "abc"]},
    }
    compiled = fastjsonschema.compile(schema)
    try:
        compiled(value)
    except fastjsonschema.JsonSchemaValueException:
        accepted = False
    else:
        accepted = True
    assert plain_check(schema)(value) is accepted
