"""Messages about trying a power meter before its settings are saved (MT-6)."""

from collections.abc import Mapping
from dataclasses import dataclass

from actors.messages.base import Message, Question
from evce.endpoints import Endpoint
from evce.registers import RegisterMap

__all__ = ["TRIALS", "GetTrial", "TryMeter"]

TRIALS = "trials"
"""Name of the actor that tries meters."""


@dataclass(frozen=True, slots=True)
class TryMeter(Message):
    """Read a meter as these settings say; `others` are the models, by id, that it may be instead.

    `request` names the trial for `GetTrial`.
    """

    request: str
    endpoint: Endpoint
    unit: int
    registers: RegisterMap
    others: Mapping[str, RegisterMap]


@dataclass(frozen=True, slots=True)
class GetTrial(Question):
    """To `TRIALS`. Answer: the `TrialOutcome`; None while it is under way, or for one that is forgotten."""

    request: str
