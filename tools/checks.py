"""All of EVCE's checks, one after another: style, types, house rules and the tests, a browser's included."""

# Runs on the machine's own Python, before EVCE's packages are there: only the standard library.
from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.environment import ROOT, SetUpError, prepare
from tools.processes import adopt_orphans, descendants, kill_descendants

__all__ = [
    "CHECKS",
    "Check",
    "chromium",
    "clean_environment",
    "failed_tests",
    "main",
    "planned",
    "run_check",
    "second_try",
]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Names under which a Chromium is known; Debian's comes first."""

LEFT_OVER_GRACE_S = 5.0
"""How long the processes of a check may take to go after it has ended; a browser needs a moment."""

KEPT = (
    "CI",
    "LANG",
    "LC_ALL",
    "PATH",
    "TERM",
    "TMPDIR",
    "TZ",
    "EVCE_TEST_TIMEOUT_FACTOR",
    "EVCE_HYPOTHESIS_PROFILE",
)
"""What the checks see of the caller's environment: nothing else may decide how they end."""


UNSTEADY_MOST = 2
"""So many tests that watch real clocks may fail once, if they pass when tried again: a machine that also does
other things stands still for a moment now and then. The summary names them; more of them is a failure."""


@dataclass(frozen=True)
class Check:
    """One program to run in the checkout; it passed when it ends with 0."""

    name: str
    command: tuple[str, ...]


IN_PARALLEL = (
    "tests/evce",
    "tests/octt",
    "tests/properties",
    "tests/scenarios",
    "tests/tools/backups",
    "tests/tools/commands",
    "tests/tools/faults",
    "tests/tools/referee",
    "tests/tools/rehearsal",
    "tests/tools/releases",
    "tests/tools/translations",
    "tests/web/pages",
)
"""Tests that wait for nothing but the processor, most of them in virtual time: they run on all cores at once.
The others watch real processes, sockets and clocks, and have the machine to themselves."""

CHECKS = (
    Check("lint", ("ruff", "check", ".")),
    Check("format", ("ruff", "format", "--check", ".")),
    Check("types", ("python", "-m", "mypy")),
    Check("house", ("python", "-m", "pytest", "-q", "tests/house")),
    Check("virtual", ("python", "-m", "pytest", "-q", "-n", "logical", *IN_PARALLEL)),
    Check("tests", ("python", "-m", "pytest")),
)


def planned(only: Sequence[str], quick: bool, pytest_args: Sequence[str]) -> list[Check]:
    """The checks to run: those in `only`, or all; `pytest_args` go to the tests.

    Without arguments of their own the tests are all but the house rules and those in virtual time, which are
    checks by themselves; `quick` leaves out the browser and the whole-site scenarios.
    """
    checks = []
    for check in CHECKS:
        if only and check.name not in only:
            continue
        if check.name == "virtual" and pytest_args:
            continue
        extra: list[str] = []
        if check.name == "tests":
            extra = list(pytest_args) or [f"--ignore={path}" for path in ("tests/house", *IN_PARALLEL)]
        if quick and check.name in ("virtual", "tests"):
            extra += ["-m", "not browser and not scenario"]
        checks.append(Check(check.name, (*check.command, *extra)))
    return checks


def chromium(path: str) -> str | None:
    """The browser on this machine, None where there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name, path=path))), None)


def provide_chromium() -> str:
    """The browser, installed from Debian's packages where it is absent. Raises `SetUpError`."""
    path = os.environ.get("PATH", os.defpath)
    found = chromium(path)
    if found is not None:
        return found
    apt = shutil.which("apt-get", path=path)
    if apt is None or os.geteuid() != 0:
        lacks = "apt-get is not on this machine" if apt is None else "only root may install it"
        raise SetUpError(
            f"The browser tests need Chromium, which is not installed, and {lacks}.\n"
            "Install it (Debian, as root: apt-get install chromium) and start again, or leave the browser "
            "out with: tools/test --quick"
        )
    print("Installing chromium with apt-get", file=sys.stderr, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (("update", "-qq"), ("install", "-qq", "--yes", "--no-install-recommends", "chromium")):
        done = subprocess.run([apt, *arguments], env=quiet, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise SetUpError(f"apt-get {' '.join(arguments)} failed (its own words are above)")
    found = chromium(path)
    if found is None:
        raise SetUpError("apt-get installed chromium, but it is not on the PATH")
    return found


def clean_environment(programs: Path, home: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of the checks: an empty `home`, EVCE's `programs` first on the path."""
    kept = {name: inherited[name] for name in KEPT if name in inherited}
    kept["PATH"] = f"{programs}{os.pathsep}{kept.get('PATH', os.defpath)}"
    kept["HOME"] = str(home)
    kept["VIRTUAL_ENV"] = str(programs.parent)
    kept["PYTHONUNBUFFERED"] = "1"
    return kept


def run_check(check: Check, environment: Mapping[str, str], cwd: Path = ROOT) -> str | None:
    """Run one check to its end; None when it passed, else why it did not.

    A check that leaves processes behind has failed; they are ended.
    """
    print(f"\n== {check.name}: {' '.join(check.command)}", flush=True)
    program = shutil.which(check.command[0], path=environment["PATH"])
    if program is None:
        return f"{check.command[0]} is not installed"
    running = subprocess.Popen([program, *check.command[1:]], cwd=cwd, env=dict(environment))
    try:
        status = running.wait()
    except BaseException:
        kill_descendants()
        raise
    ends = time.monotonic() + LEFT_OVER_GRACE_S
    while (left := descendants(os.getpid())) and time.monotonic() < ends:
        time.sleep(0.05)
    kill_descendants()
    if status != 0:
        return f"ended with {status}"
    if left:
        return f"left processes behind: {', '.join(sorted(left.values()))}"
    return None


def failed_tests(cache: Path) -> list[str]:
    """The tests that failed, by the cache folder of the run; none where pytest didn't get so far."""
    try:
        return sorted(json.loads((cache / "v" / "cache" / "lastfailed").read_text()))
    except FileNotFoundError:
        return []


def second_try(check: Check, environment: Mapping[str, str], cache: Path, why: str) -> tuple[str | None, str]:
    """Run what failed once more, if it was little: why the check failed after all, and what to say of it."""
    failed = failed_tests(cache)
    if not 0 < len(failed) <= UNSTEADY_MOST:
        return why, ""
    again = Check(
        f"{check.name}, once more", (*check.command, "--last-failed", "--last-failed-no-failures=none")
    )
    if run_check(again, environment) is not None:
        return why, ""
    return None, f"ok, these at the second try: {', '.join(failed)}"


@contextlib.contextmanager
def _nothing_left() -> Iterator[None]:
    """End every process that was started within, also when this one is told to stop."""

    def stop(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    adopt_orphans()
    try:
        yield
    finally:
        kill_descendants()
        for number, handler in before.items():
            signal.signal(number, handler)


def main(arguments: Sequence[str]) -> int:
    """Run what `arguments` ask for; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="tools/test",
        description="Run EVCE's checks. Arguments that are not options below go to pytest.",
        allow_abbrev=False,
    )
    names = [check.name for check in CHECKS]
    parser.add_argument("--quick", action="store_true", help="without the browser and whole-site scenarios")
    parser.add_argument(
        "--only", action="append", default=[], choices=names, help="only this check (repeatable)"
    )
    options, pytest_args = parser.parse_known_args(arguments)
    checks = planned(options.only, options.quick, [a for a in pytest_args if a != "--"])
    try:
        programs = prepare(("test",))
        browser = None
        if not options.quick and any(check.name == "tests" for check in checks):
            browser = provide_chromium()
    except SetUpError as failure:
        print(failure, file=sys.stderr)
        return 1
    failed: dict[str, str] = {}
    remarks: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="evce-test-") as home, _nothing_left():
        environment = clean_environment(programs, Path(home), os.environ)
        if browser is not None:
            environment["EVCE_CHROMIUM"] = browser
        try:
            for check in checks:
                cache = Path(home) / "found"
                if check.name == "tests" and not pytest_args:
                    check = Check(check.name, (*check.command, "-o", f"cache_dir={cache}"))
                why = run_check(check, environment)
                if why is not None:
                    why, remarks[check.name] = second_try(check, environment, cache, why)
                if why is not None:
                    failed[check.name] = why
        except KeyboardInterrupt:
            return 128 + signal.SIGINT
    print()
    for check in checks:
        print(f"{check.name:<8} {failed.get(check.name) or remarks.get(check.name) or 'ok'}")
    return 1 if failed else 0
