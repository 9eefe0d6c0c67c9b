"""Scenario files: a timeline of faults in TOML, with what must be seen and when."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tools.faults.catalogue import FAULTS
from tools.faults.script import Cue, Expectation, Script
from tools.faults.stage import CARS

__all__ = ["ScenarioError", "read_scenario"]

Moment = Annotated[float, Field(ge=0.0, le=86_400.0 * 2)]
Amperes = Annotated[float, Field(ge=0.0, le=10_000.0)]


class ScenarioError(ValueError):
    """The file is no scenario; the text names each field, its value and what is allowed."""


class _Fault(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    id: str
    at: Moment = 0.0
    station: str = "O1"
    variant: str = ""
    lasts: Moment | None = None

    @model_validator(mode="after")
    def _known(self) -> "_Fault":
        fault = FAULTS.get(self.id)
        if fault is None:
            raise ValueError(f"id = {self.id!r}: know {', '.join(sorted(FAULTS))}")
        variants = fault.variants
        if self.variant and self.variant not in variants:
            raise ValueError(f"variant = {self.variant!r}: {self.id} has {', '.join(variants)}")
        cars = fault.site.cars
        if self.station not in (*CARS, *cars):
            raise ValueError(f"station = {self.station!r}: one of {', '.join(CARS)}")
        return self


class _Expect(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    at: Moment
    within: Moment
    alarm: str = ""
    no_alarm: str = ""
    source: str = ""
    zone: str = ""
    station: str = ""
    at_most_a: Amperes | None = None
    at_least_a: Amperes | None = None
    verified: bool | None = None

    @model_validator(mode="after")
    def _one(self) -> "_Expect":
        given = [
            bool(self.alarm),
            bool(self.no_alarm),
            self.at_most_a is not None,
            self.at_least_a is not None,
            self.verified is not None,
        ]
        if sum(given) != 1:
            raise ValueError("just one of alarm, no_alarm, at_most_a, at_least_a and verified")
        if (self.at_most_a is not None or self.at_least_a is not None) and bool(self.zone) == bool(
            self.station
        ):
            raise ValueError("amperes are of a zone or of a station, one of both")
        if self.verified is not None and not self.station:
            raise ValueError("verified is of a station")
        return self


class _Scenario(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    seed: int = 1
    faults: Annotated[list[_Fault], Field(min_length=1)]
    expect: list[_Expect] = []


def read_scenario(path: Path) -> Script:
    """Read a scenario file. Raises ScenarioError with every mistake at once, OSError when it can't be read.

    The site is that of the first fault; times are seconds after all cars have charged for a while.
    """
    try:
        found = _Scenario.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path.name}: no TOML: {error}") from error
    except ValidationError as error:
        lines = (
            f"{path.name}: {'.'.join(map(str, each['loc']))}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors()
        )
        raise ScenarioError("\n".join(lines)) from error
    cues = tuple(
        Cue(each.id, each.at, each.station, each.variant or FAULTS[each.id].variants[0], each.lasts)
        for each in found.faults
    )
    expected = tuple(Expectation(**each.model_dump()) for each in found.expect)
    return Script(found.name, cues, expected, found.seed)
