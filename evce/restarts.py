"""Restart arithmetic in OTP's words: which children, after how long, and when to give up."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from evce.units import Monotonic, Seconds

__all__ = [
    "BackOff",
    "Intensity",
    "RestartHistory",
    "RestartType",
    "Strategy",
    "affected",
    "deserves_restart",
    "restart_delay",
]


class Strategy(Enum):
    """Which siblings share the fate of a child that failed."""

    ONE_FOR_ONE = "one_for_one"
    """None: the children are independent."""
    ONE_FOR_ALL = "one_for_all"
    """All: none of them makes sense without the others."""
    REST_FOR_ONE = "rest_for_one"
    """Those started after it: each may depend on the ones before."""


class RestartType(Enum):
    """Whether a child that ended comes back."""

    PERMANENT = "permanent"
    """Always."""
    TRANSIENT = "transient"
    """After a failure; not after it ended in good order."""
    TEMPORARY = "temporary"
    """Never."""


@dataclass(frozen=True, slots=True)
class Intensity:
    """More than `restarts` within `period` seconds: the supervisor can't cure it and dies itself.

    With the back-off below, a child that fails at once every time is given up after
    0 + 0.05 + 0.1 + 0.2 + 0.4 = 0.75 s (± jitter), and a top supervisor with the same intensity ends the
    process within 10 s, as the fault table wants. Five in ten seconds spares bursts of unrelated faults.
    """

    restarts: int = 5
    period: Seconds = 10.0

    def __post_init__(self) -> None:
        if self.restarts < 0:
            raise ValueError(f"restarts is {self.restarts}: 0 or more is right")
        if not self.period > 0:
            raise ValueError(f"period is {self.period} s: more than 0 is right")


@dataclass(frozen=True, slots=True)
class BackOff:
    """The wait before a restart, in seconds, by the number of failures in a row.

    The first restart is immediate, because most deaths come from one bad message. The second waits `first`:
    half of what a person notices. Each next one waits `factor` times longer up to `ceiling`, so that a
    broken part costs little processor time and few log lines, and yet is back soon after its cause is gone.
    `jitter` spreads the waits by up to that share either way, lest hundreds of stations that died together
    come back together.
    """

    first: Seconds = 0.05
    factor: float = 2.0
    ceiling: Seconds = 30.0
    jitter: float = 0.2

    def __post_init__(self) -> None:
        if self.first < 0 or self.ceiling < self.first:
            raise ValueError(
                f"first {self.first} s, ceiling {self.ceiling} s: 0 <= first <= ceiling is right"
            )
        if not 1 <= self.factor <= 10:
            raise ValueError(f"factor is {self.factor}: 1 to 10 is right")
        if not 0 <= self.jitter < 1:
            raise ValueError(f"jitter is {self.jitter}: a share from 0 to below 1 is right")


def restart_delay(back_off: BackOff, failures: int, chance: float) -> Seconds:
    """Seconds to wait after the `failures`-th failure in a row (from 1); `chance` is drawn from [0, 1).

    Never above `ceiling * (1 + jitter)`; 0.0 after the first failure.
    """
    if failures <= 1:
        return 0.0
    # The exponent is bounded, since a child may fail for months and a float ends at 1e308.
    wait = min(back_off.ceiling, back_off.first * back_off.factor ** min(failures - 2, 64))
    return wait * (1.0 + back_off.jitter * (2.0 * chance - 1.0))


@dataclass(frozen=True, slots=True)
class RestartHistory:
    """When the restarts within the last period happened (monotonic seconds, oldest first)."""

    times: tuple[Monotonic, ...] = ()

    def after_restart(self, intensity: Intensity, now: Monotonic) -> "RestartHistory":
        """The history with one more restart, at `now`; what has left the period is forgotten."""
        return RestartHistory((*(time for time in self.times if now - time < intensity.period), now))

    def exceeds(self, intensity: Intensity) -> bool:
        """Whether that was one restart too many. Only as true as the latest `after_restart`."""
        return len(self.times) > intensity.restarts


def affected(strategy: Strategy, children: Sequence[str], failed: str) -> tuple[str, ...]:
    """The children, in start order, that are stopped and started again when `failed` fails; itself included.

    Raises ValueError when `failed` is none of them.
    """
    if failed not in children:
        raise ValueError(f"{failed} is none of the children {', '.join(children)}")
    match strategy:
        case Strategy.ONE_FOR_ONE:
            return (failed,)
        case Strategy.ONE_FOR_ALL:
            return tuple(children)
        case Strategy.REST_FOR_ONE:
            return tuple(children[list(children).index(failed) :])


def deserves_restart(restart: RestartType, failed: bool) -> bool:
    """Whether a child that ended by itself (`failed`: by a failure) is started again."""
    return restart is RestartType.PERMANENT or (restart is RestartType.TRANSIENT and failed)
