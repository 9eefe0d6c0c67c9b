"""Tests of finding out what is wrong with the settings of a meter."""

import struct
from collections.abc import Callable, Mapping, Sequence

import pytest

from evce.configuration.choices import MeterModel
from evce.meter_trial import PollFault, Trial, Verdict, plausible
from evce.registers import BUILT_IN, MeterReading, ReadRequest, RegisterMap, WordOrder

OTHERS = {str(model): registers for model, registers in BUILT_IN.items()}
PM5320 = BUILT_IN[MeterModel.PM5320]

Answers = Mapping[ReadRequest, Sequence[int]]
Device = Callable[[int, Sequence[ReadRequest]], Answers | PollFault]
"""What a device at the address answers to these requests for a unit id."""


def meter(unit: int = 255, amps: float = 20.0, kilowatts: float = 12.0, *, low_first: bool = False) -> Device:
    """A PM5320 with this unit id."""
    words: dict[int, int] = {}

    def put(register: int, code: str, value: float) -> None:
        packed = struct.pack(f">{code}", value)
        parts = struct.unpack(f">{len(packed) // 2}H", packed)
        words.update(enumerate(reversed(parts) if low_first else parts, start=register - 1))

    for register in (3000, 3002, 3004):
        put(register, "f", amps)
    put(3060, "f", kilowatts)
    put(3204, "q", 1234)

    def answer(asked: int, requests: Sequence[ReadRequest]) -> Answers | PollFault:
        if asked != unit:
            return PollFault.NO_SUCH_UNIT
        wanted = {request: range(request.address, request.address + request.count) for request in requests}
        if any(address not in words for addresses in wanted.values() for address in addresses):
            return PollFault.NO_SUCH_REGISTER
        return {request: [words[address] for address in addresses] for request, addresses in wanted.items()}

    return answer


def always(fault: PollFault) -> Device:
    return lambda _, __: fault


def run(device: Device, unit: int = 255, registers: RegisterMap = PM5320) -> Trial:
    trial = Trial(unit, registers, OTHERS)
    for _ in range(50):
        if trial.outcome is not None:
            return trial
        answer = device(trial.probe.unit, trial.probe.requests)
        if isinstance(answer, PollFault):
            trial.failed(answer, "why")
        else:
            trial.answered(answer)
    raise AssertionError("the trial never ends")


@pytest.mark.parametrize(
    ("device", "model", "unit", "verdict", "found"),
    [
        (meter(), MeterModel.PM5320, 255, Verdict.READ, (None, "")),
        (meter(amps=0.0, kilowatts=0.0), MeterModel.PM5320, 255, Verdict.ZERO, (None, "")),
        (meter(low_first=True), MeterModel.PM5320, 255, Verdict.WORD_ORDER, (None, "")),
        (meter(), MeterModel.POWERTAG, 255, Verdict.OTHER_MODEL, (None, "pm5320")),
        (meter(), MeterModel.MTZ, 255, Verdict.OTHER_MODEL, (None, "pm5320")),
        (meter(unit=1), MeterModel.PM5320, 255, Verdict.OTHER_UNIT, (1, "")),
        (meter(unit=1), MeterModel.NSX, 255, Verdict.OTHER_UNIT, (1, "")),
        (meter(unit=77), MeterModel.PM5320, 255, Verdict.SILENT, (None, "")),
        (meter(amps=30_000.0), MeterModel.PM5320, 255, Verdict.ODD, (None, "")),
        (always(PollFault.SILENT), MeterModel.PM5320, 1, Verdict.SILENT, (None, "")),
        (always(PollFault.UNREACHABLE), MeterModel.PM5320, 1, Verdict.UNREACHABLE, (None, "")),
        (always(PollFault.NO_SUCH_REGISTER), MeterModel.PM5320, 1, Verdict.REFUSED, (None, "")),
        (always(PollFault.OTHER), MeterModel.PM5320, 1, Verdict.FAILED, (None, "")),
    ],
)
def test_a_trial_tells_what_is_wrong(
    device: Device, model: MeterModel, unit: int, verdict: Verdict, found: tuple[int | None, str]
) -> None:
    """MT-6: wrong unit id, model and word order are recognised; else what kind of silence it is."""
    outcome = run(device, unit, BUILT_IN[model]).outcome
    assert outcome is not None
    assert (outcome.verdict, (outcome.unit, outcome.model)) == (verdict, found)
    if verdict in (Verdict.READ, Verdict.WORD_ORDER, Verdict.OTHER_MODEL):
        assert outcome.reading is not None
        assert outcome.reading.amps == (20.0, 20.0, 20.0)


def test_the_device_s_own_words_are_kept() -> None:
    """MT-6: for whoever knows the device."""
    outcome = run(always(PollFault.UNREACHABLE)).outcome
    assert outcome is not None
    assert outcome.detail == "why"


def test_a_model_with_the_other_word_order_is_turned_the_other_way() -> None:
    """MT-3: from low first to high first as well."""
    low = RegisterMap("x", PM5320.registers, WordOrder.LOW_FIRST)
    outcome = run(meter(), registers=low).outcome
    assert outcome is not None
    assert outcome.verdict is Verdict.WORD_ORDER


@pytest.mark.parametrize(
    ("amps", "power", "fits"),
    [
        ((20.0, 20.0, 20.0), 13_000.0, True),
        ((20.0, 20.0, 20.0), -13_000.0, True),
        ((20.0, 20.0, 20.0), None, True),
        ((0.0, 0.0, 0.0), 0.0, True),
        ((0.2, 0.0, 0.1), 40.0, True),
        ((20.0, 20.0, 20.0), 13.0, False),
        ((20.0, 20.0, 20.0), 13_000_000.0, False),
        ((1e-40, 0.0, 0.0), None, False),
        ((20.0, None, 20.0), None, False),
        ((20.0, 20.0, 20_000.0), None, False),
    ],
)
def test_what_a_feeder_may_read_like(
    amps: tuple[float | None, float | None, float | None], power: float | None, fits: bool
) -> None:
    """MT-7: a number read the wrong way is no current."""
    assert plausible(MeterReading(amps, power)) is fits
