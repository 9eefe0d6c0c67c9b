"""Register maps: what is where, how few requests read it, and what the words say."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.configuration.choices import MeterModel
from evce.registers import (
    BUILT_IN,
    LIVE,
    LONGEST_READ,
    Format,
    MeterReading,
    Quantity,
    ReadRequest,
    Register,
    RegisterKind,
    RegisterMap,
    WordOrder,
    decode,
    decode_register,
    read_plan,
)

Q = Quantity
H = RegisterKind.HOLDING


def words(format_: str, number: float) -> list[int]:
    packed = struct.pack(format_, number)
    return list(struct.unpack(f">{len(packed) // 2}H", packed))


@pytest.mark.parametrize(
    ("model", "numbers"),
    [
        (MeterModel.PM5320, (3000, 3002, 3004, 3060, 3204)),
        (MeterModel.IEM3X5X, (3000, 3002, 3004, 3060, 3204)),
        (MeterModel.POWERTAG, (3000, 3002, 3004, 3060, 3204)),
        (MeterModel.NSX_LEGACY, (12016, 12017, 12018, 12041, 12050)),
        (MeterModel.NSX, (1016, 1017, 1018, 1037, 2000)),
        (MeterModel.MTZ, (32028, 32030, 32032, 32078, 32096)),
    ],
)
def test_the_built_in_maps_have_the_registers_of_the_guide(
    model: MeterModel, numbers: tuple[int, ...]
) -> None:
    """MT-2: the five quantities of each model; a number on paper is one above the address on the wire."""
    registers = BUILT_IN[model].registers
    asked = (Q.CURRENT_L1, Q.CURRENT_L2, Q.CURRENT_L3, Q.ACTIVE_POWER, Q.ENERGY_DELIVERED)
    assert tuple(registers[quantity].number for quantity in asked) == numbers
    assert tuple(registers[quantity].address for quantity in asked) == tuple(n - 1 for n in numbers)


def test_every_model_of_the_configuration_is_built_in() -> None:
    """MT-2: nothing can be chosen that can't be read."""
    assert set(BUILT_IN) == set(MeterModel)


@pytest.mark.parametrize(
    ("model", "plan"),
    [
        (MeterModel.PM5320, [(2999, 6), (3059, 2), (3203, 4)]),
        (MeterModel.NSX_LEGACY, [(12015, 36)]),
        (MeterModel.NSX, [(1015, 22), (1999, 2)]),
        (MeterModel.MTZ, [(32027, 72)]),
    ],
)
def test_neighbours_share_a_request(model: MeterModel, plan: list[tuple[int, int]]) -> None:
    assert [(request.address, request.count) for request in read_plan(BUILT_IN[model])] == plan


def test_the_energy_can_be_left_out() -> None:
    plan = read_plan(BUILT_IN[MeterModel.PM5320], LIVE)
    assert plan == (ReadRequest(H, 2999, 6), ReadRequest(H, 3059, 2))


def test_currents_are_asked_for_first() -> None:
    """The reaction budget counts from them."""
    far = RegisterMap("far", {Q.CURRENT_L1: Register(900), Q.ACTIVE_POWER: Register(100)})
    assert [request.address for request in read_plan(far)] == [899, 99]


@given(
    st.lists(
        st.tuples(st.integers(1, 400), st.sampled_from(Format), st.sampled_from(RegisterKind)),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 150),
)
def test_a_plan_covers_every_register_within_the_longest_request(
    placed: list[tuple[int, Format, RegisterKind]], bridge: int
) -> None:
    registers = {q: Register(*where) for q, where in zip(Quantity, placed, strict=False)}
    plan = read_plan(RegisterMap("any", registers, bridge=bridge))
    assert all(any(request.covers(register) for request in plan) for register in registers.values())
    assert all(0 < request.count <= LONGEST_READ for request in plan)
    assert len(plan) <= len(registers)


@pytest.mark.parametrize(
    ("format_", "raw", "expected"),
    [
        (Format.FLOAT32, [0x4148, 0x0000], 12.5),
        (Format.FLOAT32, [0xFFC0, 0x0000], None),
        (Format.FLOAT32, [0x7FC0, 0x0001], None),
        (Format.FLOAT32, [0x7F80, 0x0000], None),
        (Format.INT64, [0, 0, 1, 2], 65538.0),
        (Format.INT64, [0x8000, 0, 0, 0], None),
        (Format.INT64, [0xFFFF] * 4, None),
        (Format.INT32, [0xFFFF, 0xFFFE], -2.0),
        (Format.INT32, [0x8000, 0], None),
        (Format.UINT16, [300], 300.0),
        (Format.UINT16, [0x8000], None),
        (Format.UINT16, [0xFFFF], None),
        (Format.INT16, [0xFF38], -200.0),
        (Format.INT16, [0xFFFF], -1.0),
        (Format.INT16, [0x8000], None),
    ],
)
def test_words_become_a_number_or_nothing(format_: Format, raw: list[int], expected: float | None) -> None:
    """MT-7: a meter's way to say that it doesn't know is no number."""
    assert decode_register(raw, Register(1, format_), WordOrder.HIGH_FIRST) == expected


def test_the_word_order_and_the_scale_are_the_models() -> None:
    assert decode_register([0x0000, 0x4148], Register(1, scale=1000.0), WordOrder.LOW_FIRST) == 12_500.0


@pytest.mark.parametrize(
    ("model", "answers", "expected"),
    [
        (
            MeterModel.PM5320,
            [
                words(">f", 10.5) + words(">f", 0.0) + words(">f", 31.25),
                words(">f", 9.5),
                words(">q", 7_000_001),
            ],
            MeterReading((10.5, 0.0, 31.25), 9_500.0, 7_000_001.0),
        ),
        (
            MeterModel.POWERTAG,
            [words(">f", 1.0) * 2 + [0xFFC0, 0], words(">f", 460.0), words(">q", 12)],
            MeterReading((1.0, 1.0, None), 460.0, 12.0),
        ),
        (
            MeterModel.NSX,
            [[80, 81, 82, *[0x8000] * 18, 0xFFFF & -123], words(">i", 4711)],
            MeterReading((80.0, 81.0, 82.0), -12_300.0, 4_711_000.0),
        ),
    ],
)
def test_answers_become_a_reading_in_amps_watts_and_watt_hours(
    model: MeterModel, answers: list[list[int]], expected: MeterReading
) -> None:
    """MT-2: formats and scales of the models."""
    register_map = BUILT_IN[model]
    assert decode(register_map, dict(zip(read_plan(register_map), answers, strict=True))) == expected


def test_what_was_not_asked_for_is_unknown() -> None:
    request = ReadRequest(H, 2999, 6)
    reading = decode(BUILT_IN[MeterModel.PM5320], {request: [0] * 6})
    assert reading == MeterReading((0.0, 0.0, 0.0), None, None)


def test_power_per_phase_adds_up_where_there_is_no_total() -> None:
    """MT-3: a custom model may give power per phase only."""
    phases = {Q.ACTIVE_POWER_L1: 1, Q.ACTIVE_POWER_L2: 2, Q.ACTIVE_POWER_L3: 3}
    register_map = RegisterMap("custom", {q: Register(n, Format.UINT16) for q, n in phases.items()})
    (request,) = read_plan(register_map)
    assert decode(register_map, {request: [100, 200, 300]}).power == 600.0
    assert decode(register_map, {request: [100, 200, 0x8000]}).power is None


def test_an_answer_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="5 registers came where 6 were asked for"):
        decode(BUILT_IN[MeterModel.PM5320], {ReadRequest(H, 2999, 6): [0] * 5})
