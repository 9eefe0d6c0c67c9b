"""What an allocation is asked and what it answers: limits, claims, rules, targets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from evce.allocation.reasons import Reason
from evce.units import Amps, ConnectorKey, Monotonic, PhaseAmps, Seconds, WattHours, ZoneId

__all__ = ["Allocation", "Claim", "Priority", "Problem", "ReviewRules", "ZoneLimit"]


class Priority(StrEnum):
    """Who is suspended first when floors don't all fit (LM-4)."""

    ENERGY = "energy"
    """The vehicle that has taken the most energy in its session."""
    DURATION = "duration"
    """The vehicle that has charged longest."""
    DEPARTURE = "departure"
    """The vehicle that has most time to spare until it leaves; who has little also gets a larger share."""


@dataclass(frozen=True, slots=True)
class ZoneLimit:
    """The limit in force of one zone: A per grid phase that its vehicles may use together.

    For a static zone the configured maximum, for a dynamic one what the building leaves; lowered by
    tariff, inputs and remote limits. A limit that is negative or not a number counts as 0 A.
    `bound_by` says in a few words what sets it ("maximum", "meter", "input 50 %"); `name` is what people
    read, the id where it is empty.
    """

    zone: ZoneId
    parent: ZoneId | None
    limit: PhaseAmps
    bound_by: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One connector's wish for current.

    `mask` says which grid phases it loads; with a setpoint of x it counts x on each of them.
    `cap` is the most it may have now: its rating, or less for a reason that `capped_by` names ("its
    rating", "its present setpoint"). `held` is the setpoint it has now; it counts as charging while that is
    above 0. `granted_at` is when its newest grant in this session began, None if it never had one;
    `paused_at` is when the load management last took a grant away from it, None if never (it is kept
    when the car is let in again: so its first grant is told from a later one).
    `charged` is how long it has charged in this session without the pauses; where it is None, the time
    since `charging_since` counts. `passed_over` counts the reviews in a row that left it out.
    `urgency` tells, from 0 to 1, how likely the car is to leave short of energy; it counts with the priority
    by departure only. `rests` marks a car that has stopped by itself: it gets its floor where that costs
    nobody else anything, unless it is a VIP's. `whole_amps` marks a station that takes whole amperes only.
    """

    key: ConnectorKey
    zone: ZoneId
    mask: tuple[bool, bool, bool]
    floor: Amps
    cap: Amps
    wants: bool = True
    vip: bool = False
    energy: WattHours = 0.0
    charging_since: Monotonic | None = None
    plugged_at: Monotonic | None = None
    held: Amps = 0.0
    granted_at: Monotonic | None = None
    paused_at: Monotonic | None = None
    charged: Seconds | None = None
    passed_over: int = 0
    urgency: float = 0.0
    rests: bool = False
    whole_amps: bool = False
    capped_by: str = "its rating"


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """The tuning of admission; each value is a compromise between sharing fast and toggling cars."""

    minimum_grant: Seconds = 300.0
    """A car that was let in keeps its place this long; contactors and cars dislike shorter turns."""
    minimum_pause: Seconds = 30.0
    """A suspended car is not started again sooner, so that a limit at the edge doesn't toggle it."""
    patience: int = 3
    """After so many reviews without a place a car reserves its floor; else small floors starve large ones."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that an allocation depends on; the order of zones and claims makes no difference.

    `set_asides` is what lost and disobedient stations may draw, A per grid phase, charged to the zone
    it is given for and to every zone above it. `review` is True when charging rights are reviewed now:
    the period is over, or a plug-in, plug-out, limit change or fault happened (LM-4); otherwise cars
    that charge keep their place before cars that wait, the newly plugged excepted.
    """

    zones: tuple[ZoneLimit, ...]
    claims: tuple[Claim, ...]
    now: Monotonic
    set_asides: Mapping[ZoneId, PhaseAmps] = field(default_factory=dict)
    priority: Priority = Priority.ENERGY
    review: bool = True
    rules: ReviewRules = field(default_factory=ReviewRules)


@dataclass(frozen=True, slots=True)
class Allocation:
    """A target for every claim, in A per phase, a multiple of 0.1 A, and why it is not more.

    `used` is what the targets add up to per zone and grid phase, set-asides not included.
    `passed_over` are the cars that want to charge and were left without a place, by key.
    """

    targets: dict[ConnectorKey, Amps]
    binding: dict[ConnectorKey, Reason]
    used: dict[ZoneId, PhaseAmps]
    passed_over: tuple[ConnectorKey, ...] = ()
