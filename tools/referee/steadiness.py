"""Judges whether setpoints swing: how often each turns up and down without anything outside asking for it."""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from evce.units import Amps, Monotonic, Seconds

__all__ = ["ANSWERED_WITHIN", "SWING", "TURNS_ALLOWED", "WITHIN", "Course", "Steadiness"]

TURNS_ALLOWED = 3
"""Fewer than four turns of any setpoint ..."""

WITHIN: Seconds = 300.0
"""... in any five minutes."""

SWING: Amps = 0.5
"""A smaller way back is no turn: no car follows it more exactly than that."""

ANSWERED_WITHIN: Seconds = 90.0
"""The slowest report of a car (60 s), its settling (6 s), a ramp to 32 A at 2 A/s (16 s); rounded up."""


class Course:
    """Something that rises and falls; finds where it turns by at least `swing`, in its own unit."""

    def __init__(self, value: float, swing: float) -> None:
        self._swing = swing
        self._extreme = value
        self._heading = 0.0

    def turned(self, value: float) -> bool:
        """Tell whether it has turned by now; the first movement is none."""
        ahead = (value - self._extreme) * (self._heading or 1.0)
        if self._heading and ahead >= 0.0:
            self._extreme = value
            return False
        if abs(ahead) < self._swing:
            return False
        before, self._heading, self._extreme = self._heading, 1.0 if value > self._extreme else -1.0, value
        return before != 0.0


@dataclass(slots=True)
class _Setpoint:
    course: Course
    answered: dict[int, int] = field(default_factory=dict)
    """How many turns each cause, by its number, has explained already."""
    turns: deque[Monotonic] = field(default_factory=deque)
    """Those of the last five minutes that nothing explains."""


@dataclass(frozen=True, slots=True)
class _Cause:
    number: int
    at: Monotonic
    place: Hashable
    answers: int


class Steadiness:
    """Is told what happens outside (`cause`) and every setpoint as often as one can look (`seen`).

    A turn counts unless something outside at the same place explains it: a cause explains so many turns
    of each setpoint, and none later than `ANSWERED_WITHIN`. `worst` is the largest number in five minutes
    that nothing explains; `problems` names each setpoint that had too many. `turns` counts all,
    `explained` those that a cause explains.
    """

    def __init__(self) -> None:
        self.worst = 0
        self.turns = 0
        self.explained = 0
        self.problems: list[str] = []
        self._setpoints: dict[Hashable, _Setpoint] = {}
        self._causes: deque[_Cause] = deque()
        self._number = 0

    def cause(self, place: Hashable, now: Monotonic, answers: int = 2) -> None:
        """Something outside has happened; down and up again are two answers to it, a change of way is one."""
        self._number += 1
        self._causes.append(_Cause(self._number, now, place, answers))

    def seen(self, name: str, place: Hashable, amps: Amps | None, now: Monotonic) -> None:
        """This setpoint, A per phase, is in force; None when there is no session for it."""
        if amps is None:
            self._setpoints.pop(name, None)
            return
        known = self._setpoints.get(name)
        if known is None:
            self._setpoints[name] = _Setpoint(Course(amps, SWING))
            return
        if not known.course.turned(amps):
            return
        self.turns += 1
        if self._explains(known, place, now):
            self.explained += 1
            return
        known.turns.append(now)
        while known.turns[0] <= now - WITHIN:
            known.turns.popleft()
        count = len(known.turns)
        self.worst = max(self.worst, count)
        if count == TURNS_ALLOWED + 1:
            since = known.turns[0]
            self.problems.append(
                f"{name}: its setpoint turned {count} times within {now - since:.0f} s from {since:.0f} s, "
                "and nothing outside asked for it"
            )

    def _explains(self, known: _Setpoint, place: Hashable, now: Monotonic) -> bool:
        while self._causes and self._causes[0].at < now - ANSWERED_WITHIN:
            self._causes.popleft()
        for cause in self._causes:
            used = known.answered.get(cause.number, 0)
            if cause.place == place and used < cause.answers:
                oldest = self._causes[0].number
                known.answered = {
                    number: count for number, count in known.answered.items() if number >= oldest
                }
                known.answered[cause.number] = used + 1
                return True
        return False
