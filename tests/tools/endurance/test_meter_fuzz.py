"""A small portion of the Modbus fuzzer, and what it would notice."""

from typing import Any

import pytest

from actors.modbus_link import _FUNCTIONS
from evce.registers import RegisterKind
from tools.endurance import meter_fuzz
from tools.endurance.meter_fuzz import _LIE, _answer, _Answers, fuzz_meters


def test_meters_that_answer_with_whatever_bytes_bring_nothing_down() -> None:
    """MT-7: RELIABILITY §2, wrong transaction ids, exceptions, NaN, garbage."""
    fuzzing = fuzz_meters(300, 1, lambda _: None)
    assert fuzzing.problems == []
    assert fuzzing.tried >= 300
    assert fuzzing.outcomes["a reading"] > 0
    assert fuzzing.outcomes["can't be true"] > 0


def test_an_answer_to_something_else_that_is_believed_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the link doesn't look at the function any more."""

    class Whatever(int):
        def __ne__(self, _: object) -> bool:
            return False

        __hash__ = int.__hash__

    monkeypatch.setitem(_FUNCTIONS, RegisterKind.HOLDING, Whatever(3))

    def lie(_: _Answers, transaction: int, unit: int, __: int, count: int) -> list[bytes]:
        return [_answer(transaction, unit, 4, [_LIE] * count)]

    monkeypatch.setattr(_Answers, "_drawn", lie)
    fuzzing = fuzz_meters(100, 1, lambda _: None)
    assert any("an answer to something else was believed" in problem for problem in fuzzing.problems)


def test_a_decoder_that_fails_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: Any) -> None:
        raise IndexError("surprise")

    monkeypatch.setattr(meter_fuzz, "decode", decode)
    monkeypatch.setattr(meter_fuzz, "_BACK_WITHIN", 0.1)
    problems = fuzz_meters(100, 1, lambda _: None).problems
    assert any("decoding raised IndexError" in problem for problem in problems)
    assert any("is not read again" in problem for problem in problems)
