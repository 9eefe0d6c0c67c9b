"""Counts how long things took in buckets of a quarter octave, for a fifth of a microsecond an entry."""

from collections.abc import Sequence

from evce.units import Seconds

__all__ = ["BUCKETS", "Durations", "percentile"]

BUCKETS = 128
"""From 1 µs to two hours; what took longer is in the last one."""

_EXACT = 8
"""Below this many microseconds each has a bucket of its own."""


class Durations:
    """One thread adds, any thread may read `counts` and `total` meanwhile (a list read as a whole)."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * BUCKETS
        self.total: Seconds = 0.0
        """Sum of all durations."""

    def add(self, seconds: Seconds) -> None:
        """Count one."""
        micros = int(seconds * 1e6)
        if micros < _EXACT:
            bucket = max(micros, 0)
        else:
            shift = micros.bit_length() - 3
            bucket = (shift << 2) + (micros >> shift)
            if bucket >= BUCKETS:
                bucket = BUCKETS - 1
        self.counts[bucket] += 1
        self.total += seconds


def percentile(counts: Sequence[int], percent: float) -> Seconds | None:
    """The duration that `percent` of all entries didn't exceed, at most a quarter too high.

    None without an entry.
    """
    wanted = sum(counts) * percent / 100.0
    if not any(counts):
        return None
    seen = 0
    for bucket, count in enumerate(counts):
        seen += count
        if count and seen >= wanted:
            return _upper_edge(bucket)
    return _upper_edge(BUCKETS - 1)


def _upper_edge(bucket: int) -> Seconds:
    if bucket < _EXACT:
        return (bucket + 1) / 1e6
    shift = (bucket >> 2) - 1
    return (((bucket & 3) + 5) << shift) / 1e6
