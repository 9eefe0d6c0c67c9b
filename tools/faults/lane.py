"""One direction of a disturbed connection: what happens to each message on it, drawn from a seed."""

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from evce.units import Seconds
from tools.faults.framing import Framing, Splitter

__all__ = ["CALM", "Lane", "Piece", "Trouble"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a direction does to messages (whole WebSocket frames or Modbus ADUs). Shares are 0 to 1.

    Each message is lost (`drop`), comes twice (`duplicate`), is overtaken by the next one (`reorder`), has
    one of `bits` flipped in one of the bytes from `first` up to `last` (`corrupt`), or ends the connection
    with a reset in its middle (`cut`). Everything takes `delay` s and up to `jitter` s more, in order, and
    passes at `rate` bytes/s at most (0: as fast as it can). With `swallow` all is taken and nothing goes
    on, the end of the connection neither: half-open, as behind a firewall that forgot it. The handshake
    before the first frame is only delayed, slowed or swallowed.
    """

    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    cut: float = 0.0
    delay: Seconds = 0.0
    jitter: Seconds = 0.0
    rate: float = 0.0
    swallow: bool = False
    bits: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6, 7)
    first: int = 0
    last: int | None = None

    def __post_init__(self) -> None:
        for name in ("drop", "duplicate", "reorder", "corrupt", "cut"):
            share = getattr(self, name)
            if not 0.0 <= share <= 1.0:
                raise ValueError(f"{name}={share!r}: a share of the messages, 0 to 1")
        for name in ("delay", "jitter", "rate"):
            if not getattr(self, name) >= 0.0:
                raise ValueError(f"{name}={getattr(self, name)!r}: 0 or more")
        if not self.bits or not all(0 <= bit <= 7 for bit in self.bits):
            raise ValueError(f"bits={self.bits!r}: some of 0 to 7")


CALM: Final = Trouble()


class Piece(NamedTuple):
    """Bytes to pass on after so many seconds; with `reset` the connection is reset after them."""

    data: bytes
    after: Seconds = 0.0
    reset: bool = False


class Lane:
    """Sans-IO. What becomes of the n-th message depends on `chance`, n and the trouble at that time only:
    the same messages in the same order meet the same fate, however they were cut into packets.

    `seen` counts what happened to messages, by the trouble's names, and `frames` that came.
    """

    def __init__(self, framing: Framing, chance: Random) -> None:
        self.trouble = CALM
        self.seen: Counter[str] = Counter()
        self._splitter = Splitter(framing)
        self._chance = chance
        self._held: bytes | None = None

    @property
    def holds(self) -> bool:
        """Whether a message waits for the next one to overtake it."""
        return self._held is not None

    def take(self, data: bytes) -> list[Piece]:
        """These bytes came; return what goes on."""
        pieces: list[Piece] = []
        for unit in self._splitter.feed(data):
            pieces += self._pass(unit.data) if unit.frame else self._greet(unit.data)
            if pieces and pieces[-1].reset:
                break
        return pieces

    def release(self) -> list[Piece]:
        """Nothing came to overtake the message that was held: it goes on."""
        held, self._held = self._held, None
        return [] if held is None else [Piece(held, self.trouble.delay)]

    def finish(self) -> list[Piece]:
        """The connection ends: what was held, and what is left of a message that never ended."""
        if self.trouble.swallow:
            return []
        rest = self._splitter.rest
        return self.release() + ([Piece(rest)] if rest else [])

    def _greet(self, head: bytes) -> list[Piece]:
        if self.trouble.swallow:
            self.seen["swallow"] += 1
            return []
        return [Piece(head, self.trouble.delay)]

    def _pass(self, frame: bytes) -> list[Piece]:
        trouble, chance = self.trouble, self._chance
        # All are drawn each time, so that one trouble more or less leaves the others' fate as it was.
        drop, duplicate, reorder, corrupt, cut, late, where, which = (chance.random() for _ in range(8))
        self.seen["frames"] += 1
        if trouble.swallow:
            self.seen["swallow"] += 1
            return []
        if drop < trouble.drop:
            self.seen["drop"] += 1
            return []
        after = trouble.delay + late * trouble.jitter
        if after:
            self.seen["delay"] += 1
        if corrupt < trouble.corrupt:
            self.seen["corrupt"] += 1
            frame = _flipped(frame, trouble, where, which)
        if cut < trouble.cut:
            self.seen["cut"] += 1
            kept = 1 + int(where * (len(frame) - 1))
            return [*self.release(), Piece(frame[:kept], after, reset=True)]
        if reorder < trouble.reorder and self._held is None:
            self._held = frame
            return []
        pieces = [Piece(frame, after)]
        if duplicate < trouble.duplicate:
            self.seen["duplicate"] += 1
            pieces.append(Piece(frame, after))
        if self._held is not None:
            self.seen["reorder"] += 1
            pieces += self.release()
        return pieces


def _flipped(frame: bytes, trouble: Trouble, where: float, which: float) -> bytes:
    last = len(frame) if trouble.last is None else min(trouble.last, len(frame))
    if trouble.first >= last:
        return frame
    damaged = bytearray(frame)
    place = trouble.first + int(where * (last - trouble.first))
    damaged[place] ^= 1 << trouble.bits[int(which * len(trouble.bits))]
    return bytes(damaged)
