"""The site's own models of power meters: which register holds what, as their manuals say (MT-3)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from evce.configuration.choices import MeterModel
from evce.configuration.kinds import Lax, Name, Slug
from evce.configuration.reference import Allowed
from evce.configuration.refusals import Path, RefusedTextError, refusal, suggest
from evce.errors import Refusal
from evce.registers import (
    BUILT_IN,
    CURRENTS,
    Format,
    Quantity,
    Register,
    RegisterKind,
    RegisterMap,
    WordOrder,
)

__all__ = ["MeterModelSettings", "ModelName", "RegisterSettings", "check_meter_models", "register_map"]

LAST_REGISTER = 65_535
"""Register numbers count from 1, addresses on the wire end at 65,535; manuals name no later register."""

MOST_REGISTERS = 8

_BUILT_IN = ", ".join(MeterModel)
_MODEL = f"{_BUILT_IN}, or the id of one of the site's own meter models"

Plain = Mapping[str, Any]


def _model_name(value: str) -> str:
    if not 1 <= len(value) <= 50 or not value.isprintable() or value != value.strip():
        raise RefusedTextError(_MODEL)
    return value


ModelName = Annotated[str, Allowed(_MODEL), AfterValidator(_model_name)]
"""A built-in model of meters, or one of `meter_models`."""


class RegisterSettings(BaseModel):
    """Where one quantity lies."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    quantity: Annotated[Quantity, Lax] = Field(description="What the register holds, in A, W or Wh.")
    address: Annotated[int, Field(ge=1, le=LAST_REGISTER)] = Field(
        default=1,
        description="Number of the first register as the manual lists it, counting from 1; add 1 to an "
        "address that counts from 0.",
    )
    format: Annotated[Format, Lax] = Field(default=Format.FLOAT32, description="How the number is written.")
    kind: Annotated[RegisterKind, Lax] = Field(
        default=RegisterKind.HOLDING, description="holding: read with function 3; input: with function 4."
    )
    scale: Annotated[float, Field(gt=0, le=100_000)] = Field(
        default=1.0,
        description="What the number is multiplied by to become A, W or Wh: 1000 where it counts kW or kWh.",
    )

    @property
    def register(self) -> Register:
        """As the meter's actor reads it."""
        return Register(self.address, self.format, self.kind, self.scale)


class MeterModelSettings(BaseModel):
    """One model of meters that isn't built in."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    id: Slug = Field(description="Short name by which meters refer to the model.")
    name: Name = Field(description="Name of the model on screens; no two models share one.")
    word_order: Annotated[WordOrder, Lax] = Field(
        default=WordOrder.HIGH_FIRST,
        description="Which register of a longer number comes first: the one with its high part, or its low "
        "part.",
    )
    registers: Annotated[tuple[RegisterSettings, ...], Lax] = Field(
        min_length=1,
        max_length=MOST_REGISTERS,
        description="Where each quantity lies; the three currents are needed, one register for each "
        "quantity.",
    )

    @property
    def map(self) -> RegisterMap:
        """As the meter's actor reads it; nothing but what is listed is asked for."""
        return RegisterMap(self.name, {one.quantity: one.register for one in self.registers}, self.word_order)


def register_map(model: str, own: Sequence[MeterModelSettings]) -> RegisterMap:
    """The registers of a model by its name, a built-in one or one of the site's own. Raises `KeyError`."""
    for one in own:
        if one.id == model:
            return one.map
    return {str(name): registers for name, registers in BUILT_IN.items()}[model]


def check_meter_models(
    data: Plain,
    models: Sequence[tuple[Path, dict[str, Any]]],
    meters: Sequence[tuple[Path, dict[str, Any]]],
) -> Iterator[Refusal]:
    """What is wrong with the models of a document given as plain data, and with the meters that name them."""
    known = [*map(str, MeterModel), *(str(model.get("id")) for _, model in models)]
    for path, model in models:
        if model.get("id") in tuple(MeterModel):
            yield refusal(data, (*path, "id"), "must differ from the built-in models")
        yield from _check_registers(data, path, model)
    for path, meter in meters:
        name = meter.get("model")
        if isinstance(name, str) and name not in known:
            allowed = f"must be {', '.join(known[:-1])} or {known[-1]}"
            yield refusal(data, (*path, "model"), allowed, suggest(name, known))


def _check_registers(data: Plain, path: Path, model: Plain) -> Iterator[Refusal]:
    given = model.get("registers")
    registers = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list | tuple) else []
    seen: dict[object, int] = {}
    ends: list[tuple[int, int, object, int]] = []
    for place, one in enumerate(registers):
        at = (*path, "registers", place)
        if seen.setdefault(one.get("quantity"), place) != place:
            yield refusal(data, (*at, "quantity"), "must be named once: one register for each quantity")
        words, address = _words(one.get("format", Format.FLOAT32)), one.get("address", 1)
        if not isinstance(address, int) or not words:
            continue
        last = address + words - 1
        if last > LAST_REGISTER:
            yield refusal(
                data, (*at, "address"), f"must be at most {LAST_REGISTER - words + 1} for this format"
            )
        kind = one.get("kind", RegisterKind.HOLDING)
        for first_, last_, kind_, other in ends:
            if kind_ == kind and address <= last_ and first_ <= last:
                allowed = f"must not overlap register {other + 1}, which takes {first_} to {last_}"
                yield refusal(data, (*at, "address"), allowed)
                break
        ends.append((address, last, kind, place))
    missing = [quantity.value for quantity in CURRENTS if quantity not in seen]
    if registers and missing:
        yield refusal(data, (*path, "registers"), f"must have {', '.join(missing)} as well")


def _words(name: object) -> int:
    return next((one.words for one in Format if one == name), 0)
