"""The habits in which real stations differ from the text of OCPP 1.6, as switches."""

from dataclasses import dataclass
from enum import StrEnum

from evce.units import Amps, Seconds

__all__ = ["CurrentStyle", "Quirks", "WholeAmps"]


class CurrentStyle(StrEnum):
    """How a station reports Current.Import."""

    PER_PHASE = "per_phase"
    LINE_TO_NEUTRAL = "line_to_neutral"
    SUM = "sum"
    AVERAGE = "average"
    FIRST_PHASE = "first_phase"
    INTEGERS = "integers"


class WholeAmps(StrEnum):
    """What a station makes of the tenths of a limit in A."""

    TENTHS = "tenths"
    """It takes them."""
    DOWN = "down"
    """It drops them."""
    NEAREST = "nearest"
    """It rounds, upward as well."""
    REJECTED = "rejected"
    """It rejects such a profile."""


@dataclass(frozen=True, slots=True)
class Quirks:
    """All off: a station after the text. Each switch is something seen in the field."""

    disobey: bool = False
    """Accepts profiles and ignores them."""
    reject_profiles: bool = False
    """Answers every SetChargingProfile with Rejected."""
    profiles_not_supported: bool = False
    """Answers smart charging with the error NotSupported."""
    reports_as_told: bool = False
    """Reports no more current than its profiles allow, whatever flows."""
    no_meter_values: bool = False
    watts_only: bool = False
    """Takes limits in W only."""
    amps_only: bool = False
    hides_unit: bool = False
    """Doesn't list the unit in which it takes limits."""
    whole_amps: WholeAmps = WholeAmps.TENTHS
    one_phase_below: Amps = 0.0
    """Below this pilot it switches a three-phase car to one phase by itself; 0 never."""
    no_trigger: bool = False
    """Answers TriggerMessage with the error NotImplemented."""
    no_composite: bool = False
    """Answers GetCompositeSchedule with Rejected."""
    empty_composite: bool = False
    """Accepts GetCompositeSchedule, without a schedule."""
    composite_strings: bool = False
    """Limits in the composite schedule come as strings."""
    max_stack_level: int = 8
    current_style: CurrentStyle = CurrentStyle.PER_PHASE
    hides_suspension: bool = False
    """Says Charging at 0 A."""
    boots_on_reconnect: bool = False
    surviving_profiles: tuple[str, ...] = ("TxDefaultProfile",)
    """Purposes that outlive a reboot."""
    resumes_after_reboot: bool = True
    """A car that is still plugged in begins a new transaction with the same card."""
    ignores_central_time: bool = False
    clock_ahead: Seconds = 0.0
    """By how much its own clock is ahead when it starts."""
    omits_stop_reason: bool = False
    repeats_start: bool = False
    """Sends each StartTransaction twice, the second with a new message id."""
    lower_case_tags: bool = False
    reboot_time: Seconds = 8.0
