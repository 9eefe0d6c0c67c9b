"""Lets two stations say whatever comes to mind to the real actors, while cars charge at the others."""

import random
import time
from collections import Counter, deque
from pathlib import Path

from actors.messages import Message, RecordEvent
from evce.units import Seconds
from tools.endurance.frames import FrameMaker, answerable
from tools.endurance.fuzzing import Fuzzing, Told
from tools.rehearsal.house import LOOK_EVERY, House, RehearsalError
from tools.rehearsal.sites import small_site

__all__ = ["fuzz_frames"]

_ROGUES = ("S1", "S2")
"""On a feeder of their own: what they lie about their cars is no fault of the others' control."""

_HONEST = ("G1", "G2", "O1")
_AT_ONCE = 8

_ANSWERED_WITHIN: Seconds = 30.0
_BACK_WITHIN: Seconds = 240.0

_PREFIX = "fuzz-"


class _Rogue:
    """A station of the simulated site in whose name other things are said as well."""

    def __init__(self, name: str, house: House, seed: int) -> None:
        self.name = name
        self._house = house
        self.maker = FrameMaker(
            random.Random(f"{seed} {name}"),  # noqa: S311 - invented frames
            f"{_PREFIX}{name}-",
            lambda: house.runtime.clock.utc_now().isoformat(),
        )
        self.connection = 0
        self.waiting: dict[str, deque[Seconds]] = {}
        self.last: deque[str] = deque(maxlen=3 * _AT_ONCE)
        self.answers: Counter[str] = Counter()
        self.wanted_answers = 0

    def speak(self) -> int:
        """Say something, if connected; returns how many frames."""
        connection = self._house.wires.connected(self.name)
        if connection != self.connection:
            # Nobody can answer on a connection that is gone.
            self.connection = connection
            self.waiting.clear()
        if not connection:
            return 0
        for _ in range(_AT_ONCE):
            frame = self.maker.next()
            self.last.append(frame)
            message_id = answerable(frame)
            if message_id is not None:
                self.waiting.setdefault(message_id, deque()).append(self._house.now)
            self._house.wires.from_station(self.name, frame)
        return _AT_ONCE

    def hear(self, frame: str) -> bool:
        """The site's end says this; True where it is for the fuzzer alone."""
        self.maker.heard(frame)
        if not frame.startswith(("[3,", "[4,")):
            return False
        kind, _, rest = frame[1:].partition(',"')
        message_id = rest.partition('"')[0]
        if message_id not in self.waiting:
            return _PREFIX in frame[:60]
        since = self.waiting[message_id]
        since.popleft()
        if not since:
            del self.waiting[message_id]
        self.answers["answered" if kind == "3" else rest.split('"')[2]] += 1
        return True

    def overdue(self) -> list[str]:
        """The ids that should have been answered by now."""
        before = self._house.now - _ANSWERED_WITHIN
        return [message_id for message_id, since in self.waiting.items() if since[0] < before]


class _Watch:
    """Sees every frame on the wires and every line of the log."""

    def __init__(self, rogues: list[_Rogue]) -> None:
        self._rogues = {rogue.name: rogue for rogue in rogues}
        self.said = 0
        self.lines: Counter[str] = Counter()

    def on_the_wire(self, name: str, frame: str, upward: bool, _: float) -> Seconds:
        """See `Disturbance`: what only the fuzzer asked for, a station of the site never hears."""
        self.said += upward
        if upward or name not in self._rogues:
            return 0.0
        return float("inf") if self._rogues[name].hear(frame) else 0.0

    def handled(self, _: float, name: str, message: Message) -> None:
        """See `House.heard`."""
        if name == "recorder" and isinstance(message, RecordEvent) and message.device is not None:
            self.lines[str(message.device)] += 1


def fuzz_frames(count: int, seed: int, folder: Path, told: Told) -> Fuzzing:
    """Have the actors of a small site hear so many frames; `folder` takes their database.

    No actor may fail or take long, each CALL that can be read must be answered, nothing may be dropped
    without being counted and written to the log, and the cars of all others charge on within their limits.
    """
    house = House(folder, document=small_site(), seed=seed)
    fuzzing = Fuzzing("OCPP frames", seed, count)
    rogues = [_Rogue(name, house, seed) for name in _ROGUES]
    watch = _Watch(rogues)
    house.disturbances.append(watch.on_the_wire)
    house.heard.append(watch.handled)
    for station in (*_HONEST, _ROGUES[0]):
        house.plug(station)
    house.settle_in()
    lost = 0
    while fuzzing.going_on:
        began, before = time.monotonic(), watch.said
        links = [house.wires.connected(rogue.name) for rogue in rogues]
        frames = sum(rogue.speak() for rogue in rogues)
        try:
            house.run(LOOK_EVERY)
        except Exception as error:
            fuzzing.problem(f"raised {error!r}", _shown(rogues))
            break
        if links != [house.wires.connected(rogue.name) for rogue in rogues]:
            lost += watch.said - before
        _look(house, rogues, fuzzing)
        fuzzing.count(told, frames, time.monotonic() - began, _shown(rogues))
    _conclude(house, rogues, watch, fuzzing, lost)
    return fuzzing.done()


def _look(house: House, rogues: list[_Rogue], fuzzing: Fuzzing) -> None:
    """Nobody may have died, and nobody may wait for an answer."""
    for died in house.runtime.failures:
        fuzzing.problem(f"{died.name} failed: {died.reason}", _shown(rogues))
    house.runtime.failures.clear()
    for rogue in rogues:
        for message_id in rogue.overdue():
            del rogue.waiting[message_id]
            asked = [frame for frame in rogue.last if message_id in frame]
            fuzzing.problem(f"{message_id} was not answered", " ".join(asked))


def _conclude(house: House, rogues: list[_Rogue], watch: _Watch, fuzzing: Fuzzing, lost: int) -> None:
    """Everybody calms down, then what was said is compared with what was heard."""
    try:
        house.run(_ANSWERED_WITHIN + 1.0)
        _look(house, rogues, fuzzing)
        house.run_until(
            lambda: house.verified_now() >= set(_HONEST), _BACK_WITHIN, "the others are in service"
        )
    except RehearsalError as error:
        fuzzing.problem(str(error), "in the end")
    counters = house.wires.counters
    counted = counters.accepted + counters.malformed + counters.violations
    fuzzing.outcomes.update({"malformed": counters.malformed, "refused": counters.violations})
    for rogue in rogues:
        fuzzing.outcomes.update(rogue.answers)
        if not watch.lines[rogue.name]:
            fuzzing.problem(f"no line of the log about {rogue.name}", "in the end")
    if watch.said - counted > lost:
        fuzzing.problem(f"{watch.said - counted - lost} frames were dropped without a trace", "in the end")
    for violation in house.referee.violations:
        if violation.zone != "street":
            fuzzing.problem("a limit was missed", str(violation))
    for difference in house.differences():
        if not any(f": {rogue.name}/" in difference for rogue in rogues):
            fuzzing.problem("the books differ", difference)
    fuzzing.problems += [f"gave up: {reason}" for reason in house.gave_up]
    house.close()


def _shown(rogues: list[_Rogue]) -> str:
    """What was said last, for whoever looks for the reason."""
    return " ".join(frame[:200] for rogue in rogues for frame in list(rogue.last)[-_AT_ONCE:])
