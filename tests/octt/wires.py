"""What a wire between a station and the central system does to frames: delays, repeats or loses them."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from zlib import crc32

__all__ = ["Passage", "Wire", "Wires"]


class Wires(StrEnum):
    """Every case is played on each of these."""

    PLAIN = "plain"
    DELAY = "delay"
    """Each frame comes late, by another time each; their order stays."""
    DUPLICATE = "duplicate"
    """Each frame comes twice."""
    DROP = "drop"
    """Some kinds of frames are lost, each once: what is said again comes through."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What becomes of one frame: `copies` 0 is lost, `late` in s."""

    copies: int = 1
    late: float = 0.0


@dataclass(slots=True)
class Wire:
    """One station's. By the name of the play and of the frame, so that each run is like the last.

    The central system waits 10 s for a lost answer: `orders_lost` counts down how often it may have to, once
    the station is in service.
    """

    kind: Wires
    play: str
    in_service: bool = False
    orders_lost: int = 2
    _seen: Counter[str] = field(default_factory=Counter)

    @property
    def loses(self) -> bool:
        return self.kind is Wires.DROP

    def passage(self, frame: str, *, order: bool) -> Passage:
        """`frame` names the direction, the type and the action; an `order` is the central system's."""
        self._seen[frame] += 1
        lot = crc32(f"{self.play} {frame} {self._seen[frame]}".encode())
        match self.kind:
            case Wires.DELAY:
                return Passage(late=0.05 + lot % 300 / 1000.0)
            case Wires.DUPLICATE:
                return Passage(copies=2)
            case Wires.DROP:
                return Passage(copies=0 if self._lost(frame, order=order) else 1)
            case _:
                return Passage()

    def _lost(self, frame: str, *, order: bool) -> bool:
        if order and not (self.in_service and self.orders_lost):
            return False
        if self._seen[frame] > 1 or crc32(f"{self.play} {frame}".encode()) % 3:
            return False
        self.orders_lost -= order
        return True
