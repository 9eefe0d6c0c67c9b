"""The habits in which real stations differ from the text of OCPP 1.6, as switches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from typing import Final

from evce.units import Amps, Seconds

__all__ = ["PALETTE", "CurrentStyle", "Quirks", "WholeAmps", "spread"]


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
    samples_every: Seconds = 0.0
    """Sends meter values at this interval, whatever it is asked for; 0 as asked."""
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
    heeds_levels_to: int | None = None
    """Accepts profiles of a higher stack level and ignores them."""
    heeds_only: str = ""
    """Accepts profiles of another purpose and ignores them."""
    outside_control_after: Seconds = 0.0
    """Rejects profiles until its own energy manager has allowed another one, so long after it was started."""
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
    local_time: Seconds = 0.0
    """What it writes is this much ahead of its clock, and labelled Z all the same."""
    replays_after: Seconds = 0.0
    """Transaction messages of an outage come so long after the connection."""
    forgets_transaction: bool = False
    """Never learns its transactions' ids: measures without, and stops transaction -1."""
    misspells_celsius: bool = False
    """Adds its temperature to meter values, in Celcius."""
    reboots_while_installing: bool = False
    """Restarts in the middle of a firmware update, and tells the end of it afterwards."""
    omits_stop_reason: bool = False
    repeats_start: bool = False
    """Sends each StartTransaction twice, the second with a new message id."""
    lower_case_tags: bool = False
    reboot_time: Seconds = 8.0


PALETTE: Final[Mapping[str, Quirks]] = {
    "watts": Quirks(watts_only=True),
    "watts-untold": Quirks(watts_only=True, hides_unit=True),
    "amps": Quirks(amps_only=True),
    "whole-amps": Quirks(whole_amps=WholeAmps.NEAREST),
    "no-tenths": Quirks(whole_amps=WholeAmps.REJECTED),
    "ignores": Quirks(disobey=True),
    "one-level": Quirks(max_stack_level=0),
    "heeds-lowest-level": Quirks(heeds_levels_to=0),
    "heeds-tx-only": Quirks(heeds_only="TxProfile"),
    "heeds-default-only": Quirks(heeds_only="TxDefaultProfile"),
    "no-composite": Quirks(no_composite=True, no_trigger=True),
    "empty-composite": Quirks(empty_composite=True),
    "strings": Quirks(composite_strings=True),
    "sum": Quirks(current_style=CurrentStyle.SUM),
    "average": Quirks(current_style=CurrentStyle.AVERAGE),
    "first-phase": Quirks(current_style=CurrentStyle.FIRST_PHASE),
    "integers": Quirks(current_style=CurrentStyle.INTEGERS),
    "line-to-neutral": Quirks(current_style=CurrentStyle.LINE_TO_NEUTRAL),
    "silent": Quirks(no_meter_values=True),
    "stays-charging": Quirks(hides_suspension=True),
    "boots": Quirks(boots_on_reconnect=True),
    "replays-late": Quirks(replays_after=75.0),
    "minus-one": Quirks(forgets_transaction=True, omits_stop_reason=True),
    "local-time": Quirks(local_time=3600.0),
    "tags": Quirks(lower_case_tags=True, repeats_start=True),
    "celcius": Quirks(misspells_celsius=True),
    "reboots-installing": Quirks(reboots_while_installing=True),
    "energy-manager": Quirks(outside_control_after=60.0),
    "phases": Quirks(one_phase_below=10.0),
}
"""Every habit that was seen in the field, by the name under which a station is given it."""


def spread(stations: Iterable[str], first: int = 0) -> dict[str, Quirks]:
    """A habit for each station, one after another from the `first` on, and again from the beginning."""
    names = list(PALETTE)
    turn = cycle(names[first % len(names) :] + names[: first % len(names)])
    return {station: PALETTE[next(turn)] for station in stations}
