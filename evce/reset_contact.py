"""Whether somebody bridges the reset contact on purpose: open before, closed for seconds, and let go of."""

from dataclasses import dataclass

from evce.units import Monotonic, Seconds

__all__ = ["HELD_AT_LEAST", "HELD_AT_MOST", "ResetContact"]

HELD_AT_LEAST: Seconds = 5.0
"""DI-5."""

HELD_AT_MOST: Seconds = 60.0
"""A contact that stays closed longer is a wire that was left there, not a wish."""


@dataclass(frozen=True, slots=True)
class ResetContact:
    """`seen_open` since watching began; `closed_at` while it is closed after that. Times in s."""

    seen_open: bool = False
    closed_at: Monotonic | None = None

    def after(self, closed: bool, now: Monotonic) -> tuple["ResetContact", bool]:
        """One more look, and whether a reset is asked for by it.

        Nothing is asked for while it is closed: whoever bridged it by mistake can still wait a minute.
        """
        if not closed:
            held = 0.0 if self.closed_at is None else now - self.closed_at
            return ResetContact(seen_open=True), HELD_AT_LEAST <= held <= HELD_AT_MOST
        if not self.seen_open or self.closed_at is not None:
            return self, False
        return ResetContact(seen_open=True, closed_at=now), False
