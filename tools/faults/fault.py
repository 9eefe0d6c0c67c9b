"""What a fault is: what it breaks, what a person must see of it in which time, and how it comes about."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from evce.units import Seconds
from tools.faults.stage import Site, Stage
from tools.rehearsal.mishaps import Mishap

__all__ = ["Fault", "Sight", "When"]


class When(StrEnum):
    """From which moment a sight's time counts."""

    STRIKE = "strike"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Sight:
    """Something that must be seen.

    `so` must come true within so many seconds; with `kept` it must be true all that time instead. With
    `alone` it is only asked for where nothing else goes wrong at the same time: another fault may hide it.
    """

    text: str
    within: Seconds
    so: Callable[[Stage], bool]
    when: When = When.STRIKE
    kept: bool = False
    alone: bool = False

    def __str__(self) -> str:
        how = "for" if self.kept else "within"
        since = " after the mending" if self.when is When.MEND else ""
        return f"{self.text} ({how} {self.within:g} s{since})"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the catalogue that is played in the house of virtual time.

    `mishap` is asked right before it strikes. Where it can't be cured, `lasts` is how long it is watched.
    `variants` are the words by which `stage.variant` tells kinds of the same fault apart. `books`: whether
    the sessions on the disk must agree with what the cars took. `alone`: why nothing else may strike at the
    same time; empty where it may.
    """

    id: str
    title: str
    breaks: str
    sights: tuple[Sight, ...]
    mishap: Callable[[Stage], Mishap]
    watched: Seconds = 15.0
    variants: tuple[str, ...] = ("",)
    site: Site = field(default_factory=Site)
    books: bool = True
    alone: str = ""
    part: str = ""
    """What it breaks, in a word or two with a comma; faults with one in common can't strike together."""
    calms_within: Seconds = 90.0
    leaves: tuple[str, ...] = ()
    """Alarms that stand until a person has seen to them."""

    @property
    def parts(self) -> frozenset[str]:
        """The words of `part`."""
        return frozenset(self.part.split(", ")) if self.part else frozenset()
