"""Applies mutations to a copy of the source tree and sees which test notices each of them."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from evce.units import Seconds
from tools.endurance.mutations import Mutation

__all__ = ["MutatingError", "Verdict", "judge", "prepared", "try_all", "try_one"]

_COPIED = ("evce", "actors", "web", "tools", "tests", "setup.cfg", "pyproject.toml")
_LONGEST: Seconds = 600.0
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?::\S+|\S+\.py)", re.MULTILINE)
_TIMED_OUT = re.compile(r"File \"\S*/(tests/\S+\.py)\", line \d+, in (test_\w+)")
_CERTAIN = "not threads"
"""On a busy machine a test on real threads may be red for reasons of its own."""

_RED = 1
"""What pytest ends with when a test has failed; whatever else it ends with but 0 is trouble of its own."""


class MutatingError(Exception):
    """Nothing can be said about any mutation: no source tree, or its tests can't even be collected."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutation: the test that noticed it, or what went wrong; neither: it survived."""

    mutation: Mutation
    caught_by: str = ""
    trouble: str = ""
    took: Seconds = 0.0

    @property
    def good(self) -> bool:
        return bool(self.caught_by)


def prepared(root: Path, folder: Path) -> Path:
    """Copy the source tree at `root` into `folder`, return the copy. `MutatingError` where there is none."""
    for name in _COPIED:
        source = root / name
        if not source.exists():
            raise MutatingError(f"{root} has no {name}: mutations need the source tree with its tests")
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    return folder


def judge(code: int, output: str) -> tuple[str, str]:
    """Tell from pytest's exit code and output which test failed first, and what else went wrong."""
    if code == 0:
        return "", ""
    if code == _RED:
        failed = _FAILED.search(output)
        if failed is not None:
            return failed[1], ""
        if "Timeout" in output:
            hung = _TIMED_OUT.search(output)
            return (f"{hung[1]}::{hung[2]}" if hung else "a test") + " (no end in time)", ""
    last = [line for line in output.splitlines() if line.strip()][-3:]
    return "", f"pytest ended with {code}: {' / '.join(last)}"


def try_one(tree: Path, mutation: Mutation, seed: int, red: Sequence[str] = ()) -> Verdict:
    """Run the mutation's tests on the copy with it, all but those that are red anyway, and take it back."""
    path = tree / mutation.file
    began = time.monotonic()
    original = path.read_text()
    try:
        _write(path, mutation.applied(original))
        left_out = [option for test in red for option in ("--deselect", test)]
        code, output = _pytest(tree, ["-x", *left_out, *mutation.tests], seed)
    except (ValueError, OSError) as error:
        return Verdict(mutation, trouble=str(error))
    finally:
        _write(path, original)
    caught_by, trouble = judge(code, output)
    return Verdict(mutation, caught_by, trouble, time.monotonic() - began)


def try_all(
    root: Path,
    folder: Path,
    mutations: Sequence[Mutation],
    *,
    jobs: int,
    seed: int,
    left_out: Callable[[str], object],
) -> Iterator[Verdict]:
    """Yield a verdict on each mutation, as they come; `jobs` copies of the tree are made in `folder`.

    First all their tests run on the tree as it is: one that is red anyway notices nothing, and is named to
    `left_out`. `MutatingError` where they can't be run. `seed` is what property tests draw their cases from.
    """
    trees: SimpleQueue[Path] = SimpleQueue()
    for number in range(min(jobs, max(1, len(mutations)))):
        trees.put(prepared(root, folder / f"tree-{number}"))
    red = _red(trees, sorted({test for mutation in mutations for test in mutation.tests}), seed)
    for test in red:
        left_out(test)

    def tried(mutation: Mutation) -> Verdict:
        tree = trees.get()
        try:
            return try_one(tree, mutation, seed, red)
        finally:
            trees.put(tree)

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(tried, mutations)


def _red(trees: "SimpleQueue[Path]", tests: Iterable[str], seed: int) -> list[str]:
    """The tests that fail without any mutation."""
    tree = trees.get()
    code, output = _pytest(tree, tests, seed)
    trees.put(tree)
    red = _FAILED.findall(output)
    if code not in (0, _RED) or (code == _RED and not red):
        raise MutatingError(f"without any mutation already: {judge(code, output)[1] or output[-200:]}")
    return red


def _pytest(tree: Path, tests: Iterable[str], seed: int) -> tuple[int, str]:
    arguments = ("-q", "--tb=no", "-p", "no:cacheprovider", "-k", _CERTAIN, f"--hypothesis-seed={seed}")
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments, *tests],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree)},
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _RED, "Timeout"
    return ended.returncode, ended.stdout + ended.stderr


def _write(path: Path, text: str) -> None:
    """Replace a module; a compiled one of the same size and second would be taken for it."""
    path.write_text(text)
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
