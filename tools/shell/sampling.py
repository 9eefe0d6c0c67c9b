"""Where the threads of this process are: all stacks at one moment, or a profile of looks at them."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from types import CodeType, FrameType

from evce.units import Seconds
from tools.shell.answers import Profile, ProfileLine, Stacks, ThreadStack

__all__ = ["LONGEST_S", "profile", "stacks"]

LONGEST_S: Seconds = 60.0
"""The longest profile: each look costs up to a millisecond at 300 stations."""

EVERY_S = 0.01
"""From one look to the next."""

TOLD_EVERY = 20
"""Looks between two chances to notice that nobody waits for the profile any more."""

LINES = 15
"""Lines of each table."""

_ROOT = Path(__file__).resolve().parents[2]

_WAITING = {
    ("threading.py", "wait"),
    ("threading.py", "_wait_for_tstate_lock"),
    ("threading.py", "join"),
    ("selectors.py", "select"),
    ("socket.py", "accept"),
    ("socket.py", "readinto"),
    ("queue.py", "get"),
    ("thread.py", "_worker"),
    ("server.py", "_listen"),
    ("inbox.py", "get"),
    ("sampling.py", "profile"),
}
"""Innermost functions, with their file, of a thread that waits for something: C code is no frame."""


def stacks(pattern: str = "") -> Stacks:
    """Where every thread whose name fits the pattern is now; those at the same place together, busy first."""
    found: dict[tuple[str, ...], list[str]] = {}
    idle: dict[tuple[str, ...], bool] = {}
    for name, frame in _threads(pattern):
        lines = tuple(f"{_place(each.f_code)}:{each.f_lineno}" for each in _outermost_first(frame))
        found.setdefault(lines, []).append(name)
        idle[lines] = _waits(frame)
    groups = [ThreadStack(tuple(sorted(names)), lines, idle[lines]) for lines, names in found.items()]
    return Stacks(tuple(sorted(groups, key=lambda group: (group.idle, group.threads))))


def profile(seconds: Seconds, pattern: str = "") -> Generator[Profile | None, None, None]:
    """Look at the threads for `seconds`; yields None now and then, and the profile at the end.

    Raises ValueError for a time that is too long. A look sees a thread where it let go of the interpreter's
    lock, so long calls into C code and waits for that lock count with the line that made them.
    """
    if not 0.0 < seconds <= LONGEST_S:
        raise ValueError(f"seconds={seconds:g}: a profile takes up to {LONGEST_S:g} s")
    by_thread: Counter[str] = Counter()
    innermost: Counter[CodeType] = Counter()
    inclusive: Counter[CodeType] = Counter()
    looks = 0
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        for name, frame in _threads(pattern):
            if _waits(frame):
                continue
            by_thread[name] += 1
            innermost[frame.f_code] += 1
            inclusive.update({each.f_code for each in _outermost_first(frame) if not _frame_of_all(each)})
        looks += 1
        if looks % TOLD_EVERY == 0:
            yield None
        time.sleep(EVERY_S)
    yield Profile(
        seconds=time.monotonic() - started,
        looks=looks,
        threads=_lines(by_thread.items(), looks),
        functions=_lines(((_place(code), count) for code, count in innermost.items()), looks),
        inclusive=_lines(((_place(code), count) for code, count in inclusive.items()), looks),
    )


def _threads(pattern: str) -> list[tuple[str, FrameType]]:
    frames = sys._current_frames()
    own = threading.get_ident()
    return [
        (thread.name, frames[thread.ident])
        for thread in threading.enumerate()
        if thread.ident in frames
        and thread.ident != own
        and (not pattern or fnmatchcase(thread.name, pattern))
    ]


def _outermost_first(frame: FrameType) -> list[FrameType]:
    stack = []
    inner: FrameType | None = frame
    while inner is not None:
        stack.append(inner)
        inner = inner.f_back
    return stack[::-1]


def _frame_of_all(frame: FrameType) -> bool:
    """Whether it stands below every actor's work, and so tells nothing."""
    return frame.f_code.co_filename.endswith(
        ("/threading.py", "/actors/supervised.py", "/runtime/threads.py")
    )


def _waits(frame: FrameType) -> bool:
    code = frame.f_code
    return (code.co_filename.rpartition("/")[2], code.co_name) in _WAITING


def _place(code: CodeType) -> str:
    path = Path(code.co_filename)
    short = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(*path.parts[-2:])
    return f"{code.co_qualname} {short}"


def _lines(counted: Iterable[tuple[str, int]], looks: int) -> tuple[ProfileLine, ...]:
    summed: Counter[str] = Counter()
    for what, count in counted:
        summed[what] += count
    return tuple(ProfileLine(what, count / max(looks, 1)) for what, count in summed.most_common(LINES))
