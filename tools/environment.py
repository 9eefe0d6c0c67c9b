"""The virtual environment that holds EVCE: made when missing, renewed when what it is made from changes."""

# Only the standard library, and no syntax newer than Python 3.8: an older interpreter must get as far as
# saying what it lacks.
from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Sequence  # noqa: UP035

__all__ = ["MINIMUM", "ROOT", "SetUpError", "location", "newer_python", "prepare", "require_python"]

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

MINIMUM = (3, 11)
"""The oldest Python that EVCE runs on."""

MADE_FROM = ("setup.cfg", "pyproject.toml", "constraints.txt")
"""What decides which packages an environment holds."""

STAMP = "evce-environment.json"


class SetUpError(Exception):
    """The environment can't be made; the message tells what to do about it."""


def newer_python(path: str) -> str | None:
    """The newest interpreter on `path` that is new enough, by its name; None where there is none."""
    for minor in range(20, MINIMUM[1] - 1, -1):
        found = shutil.which("python3.%d" % minor, path=path)  # noqa: UP031
        if found is not None:
            return found
    return None


def require_python(script: str) -> None:
    """Go on only on a Python that is new enough: start `script` again with one, or say what is missing."""
    if sys.version_info >= MINIMUM:
        return
    found = newer_python(os.environ.get("PATH", os.defpath))
    if found is not None:
        os.execv(found, [found, script, *sys.argv[1:]])  # noqa: S606
    sys.exit(
        "EVCE needs Python {}.{} or newer; this is {}.{} ({}), and there is no newer one on the PATH.\n"
        "On Debian 12 and Ubuntu 24.04 or later: apt-get install python3 python3-venv".format(
            *MINIMUM, *sys.version_info[:2], sys.executable
        )
    )


def location() -> Path:
    """Where the environment is: `EVCE_VENV` where that is set, else `.venv` in the checkout."""
    chosen = os.environ.get("EVCE_VENV")
    return Path(chosen).absolute() if chosen else ROOT / ".venv"


def prepare(extras: Sequence[str] = ()) -> Path:
    """Make or renew the environment so that it holds EVCE with `extras`; returns its folder of programs.

    Several may call this at once, also for different environments of one checkout: one works, the others
    wait. Raises `SetUpError`.
    """
    venv = location()
    programs = venv / "bin"
    with _alone(ROOT / ".venv.lock"):
        made_from, installed = _read_stamp(venv)
        wanted = _fingerprint(venv)
        if made_from == wanted and set(extras) <= set(installed):
            return programs
        if made_from is not None and set(installed) - set(extras):
            extras = sorted({*extras, *installed})
        (venv / STAMP).unlink(missing_ok=True)
        if not _usable(programs / "python"):
            _create(venv)
        _install(programs / "python", extras)
        (venv / STAMP).write_text(json.dumps({"made_from": wanted, "extras": sorted(extras)}) + "\n")
    return programs


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another set-up of this checkout is at work; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _fingerprint(venv: Path) -> str:
    """A moved checkout, another interpreter or another list of packages makes another environment."""
    digest = hashlib.sha256()
    for part in (str(ROOT), str(venv), sys.version):
        digest.update(part.encode() + b"\0")
    for name in MADE_FROM:
        digest.update((ROOT / name).read_bytes() + b"\0")
    return digest.hexdigest()


def _read_stamp(venv: Path) -> tuple[str | None, list[str]]:
    try:
        stamp = json.loads((venv / STAMP).read_text())
        return str(stamp["made_from"]), [str(extra) for extra in stamp["extras"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None, []


def _usable(python: Path) -> bool:
    """Whether the environment's own interpreter starts, is this one's version and has pip."""
    question = "import pip, sys; print(sys.prefix, *sys.version_info[:3])"
    try:
        answer = subprocess.run(
            [str(python), "-c", question], capture_output=True, text=True, check=False, timeout=60
        )
    except OSError:
        return False
    expected = " ".join(map(str, (python.parent.parent, *sys.version_info[:3])))
    return answer.returncode == 0 and answer.stdout.strip() == expected


def _create(venv: Path) -> None:
    _say(f"Making a virtual environment in {venv}")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(venv)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise SetUpError(
            f"{sys.executable} can't make a virtual environment:\n{made.stdout}{made.stderr}\n"
            "On Debian and Ubuntu: apt-get install python3-venv"
        )


def _install(python: Path, extras: Sequence[str]) -> None:
    _say("Installing EVCE and its packages (once, about a minute)")
    what = f".[{','.join(extras)}]" if extras else "."
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--constraint", "constraints.txt", "--editable", what]
    installed = subprocess.run(command, cwd=str(ROOT), check=False)
    if installed.returncode != 0:
        raise SetUpError(
            "pip could not install EVCE's packages (its own words are above). It needs the Python package "
            "index, or a mirror that pip is configured for."
        )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
