"""Tests of the site's own models of meters."""

from typing import Any

import pytest

from evce.configuration.document import SiteDocument
from evce.configuration.meter_models import MeterModelSettings, register_map
from evce.errors import ConfigurationError
from evce.registers import BUILT_IN, Quantity, Register, RegisterKind, WordOrder

CURRENTS = [{"quantity": f"current_l{phase}", "address": 100 + 2 * phase} for phase in (1, 2, 3)]
METER = {"id": "m", "name": "M", "role": "zone", "host": "meter", "model": "own"}


def document(registers: list[dict[str, Any]], **changes: Any) -> SiteDocument:
    model = {"id": "own", "name": "Own", "registers": registers, **changes}
    return SiteDocument.parse({"site": {"name": "x"}, "meters": [METER], "meter_models": [model]})


def test_a_meter_is_read_as_its_own_model_says() -> None:
    """MT-3: address, format, type, scale factor and word order; defaults of a new quantity."""
    power = {
        "quantity": "active_power",
        "address": 7,
        "format": "int32",
        "kind": "input",
        "scale": 100,
    }
    made = document([*CURRENTS, power], word_order="low_first")
    registers = made.registers_of(made.meters[0])
    assert registers.word_order is WordOrder.LOW_FIRST
    assert registers.registers[Quantity.CURRENT_L2] == Register(104)
    found = registers.registers[Quantity.ACTIVE_POWER]
    assert (found.number, found.format, found.kind, found.scale) == (7, "int32", RegisterKind.INPUT, 100.0)
    model = MeterModelSettings.model_validate(
        {"id": "a", "name": "A", "registers": [{"quantity": "current_l1"}]}
    )
    assert model.registers[0].register == Register(1)


def test_built_in_models_are_found_by_their_names() -> None:
    """MT-2."""
    assert all(register_map(str(model), ()) is registers for model, registers in BUILT_IN.items())
    with pytest.raises(KeyError):
        register_map("own", ())


@pytest.mark.parametrize(
    ("registers", "changes", "told"),
    [
        (CURRENTS[:2], {}, "meter_models[own].registers"),
        ([*CURRENTS, CURRENTS[0]], {}, 'registers[#4].quantity = "current_l1": must be named once'),
        ([*CURRENTS, {"quantity": "active_power", "address": 103}], {}, "must not overlap register 1"),
        ([*CURRENTS, {"quantity": "active_power", "address": 65_535}], {}, "must be at most 65534"),
        ([*CURRENTS, {"quantity": "active_power", "address": 65_536}], {}, "from 1 to 65535"),
        ([*CURRENTS, {"quantity": "active_power", "scale": 0}], {}, "a number above 0"),
        (CURRENTS, {"id": "pm5320"}, "must differ from the built-in models"),
        (CURRENTS, {"id": "owl"}, 'meters[m].model = "own": must be pm5320'),
    ],
)
def test_what_can_t_be_is_refused_by_name(
    registers: list[dict[str, Any]], changes: dict[str, Any], told: str
) -> None:
    """MT-3, RELIABILITY §3: a register beyond the last, an overlap, a missing current: the field is named."""
    with pytest.raises(ConfigurationError) as refused:
        document(registers, **changes)
    assert told in str(refused.value)


def test_an_input_and_a_holding_register_of_one_number_are_two() -> None:
    """MT-3."""
    document([*CURRENTS, {"quantity": "active_power", "address": 102, "kind": "input"}])
