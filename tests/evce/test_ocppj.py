"""OCPP-J frames: what is read, what is refused and whether it can be answered."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.ocppj import (
    MAX_DEPTH,
    Call,
    CallError,
    CallResult,
    Frame,
    Malformed,
    Strikes,
    call,
    call_error,
    call_result,
    empty_result,
    parse,
)


def nested(depth: int) -> str:
    """A CALL whose payload nests so deep; the frame itself is one level."""
    return '[2,"a","X",' + '{"a":' * (depth - 1) + "1" + "}" * (depth - 1) + "]"


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('[2,"a","Heartbeat",{}]', Call("a", "Heartbeat", {})),
        ('[2,"a","Heartbeat",null]', Call("a", "Heartbeat", {})),
        (b'[2,"a","Heartbeat",{"x":"\xc3\xa9"}]', Call("a", "Heartbeat", {"x": "\u00e9"})),
        (' [ 2 , "a" , "Heartbeat" , { } ] ', Call("a", "Heartbeat", {})),
        (f'[2,"{"i" * 36}","Heartbeat",{{}}]', Call("i" * 36, "Heartbeat", {})),
        ('[3,"a",{"status":"Accepted"}]', CallResult("a", {"status": "Accepted"})),
        ('[3,"a",null]', CallResult("a", {})),
        ('[4,"a","InternalError","oh",{}]', CallError("a", "InternalError", "oh")),
        ('[4,"a","InternalError","oh"]', CallError("a", "InternalError", "oh")),
        ('[4,"a","InternalError","oh",{"k":1}]', CallError("a", "InternalError", "oh", {"k": 1})),
        (nested(MAX_DEPTH), Call("a", "X", json.loads(nested(MAX_DEPTH))[3])),
    ],
)
def test_a_frame_is_read(text: str | bytes, frame: Frame) -> None:
    """OC-1."""
    assert parse(text) == frame


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("", None),
        ("hello", None),
        ('"text"', None),
        ("{}", None),
        ("[]", None),
        ("[2]", None),
        ('[2,17,"Heartbeat",{}]', None),
        ('[2,"","Heartbeat",{}]', None),
        ('[2,"a","Heartbeat"]', "a"),
        ('[2,"a"]', "a"),
        ('[2,"a","Heartbeat",{},{}]', "a"),
        ('[2,"a",5,{}]', "a"),
        ('[2,"a","Heartbeat",[]]', "a"),
        ('[2,"a","Heartbeat","{}"]', "a"),
        (f'[2,"{"i" * 37}","Heartbeat",{{}}]', "i" * 37),
        (f'[2,"{"i" * 300}","Heartbeat",{{}}]', None),
        ('[2,"a","Heartbeat",{', "a"),
        ('[2,"a","Heartbeat",{"x":NaN}]', "a"),
        ('[2,"a","Heartbeat",{"x":Infinity}]', "a"),
        (b'[2,"a","Heartbeat",{"x":"\xff"}]', "a"),
        (b"\xff\xfe", None),
        ('[2,"a","Heartbeat",{"x":"\\ud800"}]', "a"),
        (nested(MAX_DEPTH + 1), "a"),
        (nested(100_000), "a"),
        ("[" * 100_000, None),
        ('[3,"a"]', None),
        ('[3,"a",5]', None),
        ('[4,"a"]', None),
        ('[4,"a",5,"",{}]', None),
        ('[5,"a",{}]', None),
        ('["2","a","Heartbeat",{}]', None),
        ('[true,"a","Heartbeat",{}]', None),
    ],
)
def test_what_is_no_frame_is_a_formation_violation(text: str | bytes, answered: str | None) -> None:
    """OC-1: it is answered where a CALL can be recognised, and only there."""
    frame = parse(text)
    assert isinstance(frame, Malformed)
    assert (frame.code, frame.id) == ("FormationViolation", answered)
    assert frame.reason


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_reading_never_raises(data: bytes | str) -> None:
    """OC-1."""
    assert isinstance(parse(data), Call | CallResult | CallError | Malformed)


_PAYLOADS = st.dictionaries(
    st.text(max_size=8), st.text(max_size=8) | st.integers() | st.booleans() | st.none(), max_size=4
)
_WHOLE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=36)


@given(_WHOLE, _PAYLOADS)
def test_what_is_built_is_read_back(message_id: str, payload: dict[str, object]) -> None:
    """OC-1."""
    payload = json.loads(json.dumps(payload, ensure_ascii=True).replace("\\ud", "\\u0"))
    assert parse(call(message_id, "X", payload)) == Call(message_id, "X", payload)
    assert parse(call_result(message_id, payload)) == CallResult(message_id, payload)
    assert parse(empty_result(message_id)) == CallResult(message_id, {})
    assert parse(call_error(message_id, "InternalError", "why")) == CallError(
        message_id, "InternalError", "why"
    )


def test_a_description_is_cut_to_what_ocpp_allows() -> None:
    frame = parse(call_error("a", "InternalError", "x" * 300))
    assert isinstance(frame, CallError)
    assert len(frame.description) == 255


@pytest.mark.parametrize("message_id", ["", "i" * 37])
def test_a_call_with_a_wrong_id_is_not_built(message_id: str) -> None:
    with pytest.raises(ValueError, match="36"):
        call(message_id, "X", {})


def test_nan_is_never_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        call("a", "X", {"limit": float("nan")})


def test_the_tenth_strike_within_the_window_is_one_too_many() -> None:
    strikes = Strikes(limit=10, window=600.0)
    assert [strikes.strike(float(n)) for n in range(10)] == [False] * 9 + [True]


def test_rare_strikes_are_forgiven() -> None:
    strikes = Strikes(limit=10, window=600.0)
    assert not any(strikes.strike(n * 100.0) for n in range(50))
