"""Runs the fuzzers of all edges, each in a process of its own, and gathers what they report."""

import faulthandler
import logging
import multiprocessing
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any, Final

from evce.units import Seconds
from tools.endurance.frame_fuzz import fuzz_frames
from tools.endurance.fuzzing import Fuzzing, Told
from tools.endurance.meter_fuzz import fuzz_meters
from tools.endurance.site_fuzz import fuzz_sites
from tools.endurance.web_fuzz import fuzz_web
from tools.processes import end_with_parent

__all__ = ["KINDS", "fuzz_all", "fuzz_one"]

KINDS: Final = ("OCPP frames", "Modbus answers", "web requests", "site files")

_HANGS: Seconds = 300.0
"""Without a sign of life for so long a fuzzer hangs: it ends, and tells where."""

_LOOKS_EVERY: Seconds = 0.2


def fuzz_one(kind: str, count: int, seed: int, told: Told) -> Fuzzing:
    """Run the fuzzer of this kind, on an empty folder where it needs one."""
    with tempfile.TemporaryDirectory(prefix="evce-fuzz-") as folder:
        match kind:
            case "OCPP frames":
                return fuzz_frames(count, seed, Path(folder), told)
            case "Modbus answers":
                return fuzz_meters(count, seed, told)
            case "web requests":
                return fuzz_web(count, seed, Path(folder), told)
            case "site files":
                return fuzz_sites(count, seed, told)
    raise ValueError(f"no fuzzer is named {kind!r}")


def fuzz_all(
    wanted: Mapping[str, int], seed: int, jobs: int, told: Callable[[str, int], object]
) -> list[Fuzzing]:
    """Run all that are wanted with so many inputs, `jobs` at a time; `told` hears how far each kind is.

    A fuzzer whose process ends before its time, or hangs, is a problem of its own.
    """
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        far = manager.dict()
        running: dict[Future[Fuzzing], str] = {}
        outcome: dict[str, Fuzzing] = {}
        # One pool each: a process that dies takes its pool with it, and nobody else.
        left = [kind for kind in KINDS if wanted.get(kind)]
        pools = []
        while left or running:
            while left and len(running) < jobs:
                kind = left.pop(0)
                pool = ProcessPoolExecutor(1, mp_context=context, initializer=end_with_parent)
                pools.append(pool)
                running[pool.submit(_alone, kind, wanted[kind], seed, far)] = kind
            done, _ = wait(running, timeout=_LOOKS_EVERY, return_when=FIRST_COMPLETED)
            for kind, count in far.items():
                told(kind, count)
            for future in done:
                kind = running.pop(future)
                outcome[kind] = _result(future, kind, seed, wanted[kind])
        for pool in pools:
            pool.shutdown()
    return [outcome[kind] for kind in KINDS if kind in outcome]


def _result(future: Future[Fuzzing], kind: str, seed: int, wanted: int) -> Fuzzing:
    error = future.exception()
    if error is None:
        return future.result()
    failed = Fuzzing(kind, seed, wanted)
    failed.problem(f"ended with {error!r}", "see above for where it was")
    return failed


def _alone(kind: str, count: int, seed: int, far: Any) -> Fuzzing:
    """The body of one process: what the product logs about nonsense is for nobody to read."""
    logging.getLogger().setLevel(logging.CRITICAL)
    shown = -1

    def told(done: int) -> None:
        nonlocal shown
        if done * 100 // count != shown:
            shown = done * 100 // count
            far[kind] = done
            faulthandler.dump_traceback_later(_HANGS, exit=True)

    faulthandler.dump_traceback_later(_HANGS, exit=True)
    try:
        return fuzz_one(kind, count, seed, told)
    finally:
        faulthandler.cancel_dump_traceback_later()
