"""Installs a package beside the releases that are there: its own virtual environment, tried on a copy."""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from evce.configuration.revisions import parse_json
from evce.errors import EvceError
from evce.release.package import Manifest, ReleaseRefusedError, open_package, unpack
from evce.release.shelf import Installed, ReleaseShelf
from evce.storage import open_store
from evce.storage.copies import copy_database
from evce.storage.migration import HEAD
from evce.units import Seconds
from tools.commands.revision_database import RevisionDatabase
from tools.data_folder import DataFolder
from tools.releases.launching import RUNNING

__all__ = ["Progress", "check", "install", "try_copy"]

Progress = Callable[[float, str], None]
"""Hears the share that is done, 0 to 1, and what is being done."""

_SPARE_BYTES = 200 << 20
_UNPACKED = 5
"""So many times its own size a package takes: its wheels, and what they unpack to."""

_STEP_WITHIN: Seconds = 900.0
"""One step of the installation, on a slow flash card."""


def check(package: Path) -> Manifest:
    """What a package is, once it is found good for this machine. Raises ReleaseRefusedError, OSError."""
    manifest = open_package(package)
    python, machine = ".".join(platform.python_version_tuple()[:2]), platform.machine()
    if manifest.python != python:
        raise ReleaseRefusedError(f"it is for Python {manifest.python}, and this machine has {python}")
    if manifest.machine != machine:
        raise ReleaseRefusedError(f"it is for {manifest.machine}, and this machine is {machine}")
    return manifest


def install(package: Path, data: Path, progress: Progress = lambda _, __: None) -> Installed:
    """Check a package, install it and try it on a copy of the site; it doesn't run yet.

    `progress` gets the share that is done and what is being done. Raises ReleaseRefusedError, StorageError,
    OSError; nothing of the release stays then.
    """
    progress(0.0, "checking the package")
    manifest = check(package)
    shelf = ReleaseShelf(data)
    with shelf.placing(manifest.version) as folder:
        need = _UNPACKED * package.stat().st_size + _size(DataFolder(data).database) + _SPARE_BYTES
        if shutil.disk_usage(folder).free < need:
            raise ReleaseRefusedError(f"the disk has no room for it: {need >> 20} MiB are needed")
        wheels = folder / "wheels"
        wheels.mkdir()
        unpack(package, wheels, progress=lambda done: progress(0.05 + 0.1 * done, "checking the package"))
        progress(0.15, "making its environment")
        venv = folder / "venv"
        _run([sys.executable, "-m", "venv", str(venv)], "its environment can't be made")
        progress(0.3, "installing its packages")
        python = str(venv / "bin" / "python")
        listed = [str(wheels / one.name) for one in manifest.wheels]
        pip = [python, "-m", "pip", "install", "--no-index", "--no-deps", "--disable-pip-version-check", "-q"]
        _run([*pip, *listed], "its packages can't be installed")
        shutil.rmtree(wheels)
        progress(0.85, "trying it on a copy of the site")
        _try(manifest, [python, str(venv / "bin" / "evce")], data)
        progress(0.95, "writing it to the disk")
        return shelf.complete(manifest)


def try_copy(data: Path, now: datetime) -> Mapping[str, Any]:
    """Whether this release can read the site of a data folder, found out with a copy of its database.

    Returns what it is, for the release that asks. Raises EvceError.
    """
    # All that the daemon is made of: a package that misses a part must be found out here.
    from evce import __version__
    from tools import running

    database = DataFolder(data).database
    if database.is_file():
        with tempfile.TemporaryDirectory(prefix="try-", dir=ReleaseShelf(data).folder) as folder:
            copy = Path(folder) / database.name
            copy_database(database, copy)
            with open_store(copy, now) as store:
                newest = RevisionDatabase(store).newest()
                if newest is not None:
                    parse_json(newest.document)
    return {"version": __version__, "schema": HEAD, "runs": running.run_daemon.__name__}


def _try(manifest: Manifest, evce: Sequence[str], data: Path) -> None:
    said = _run([*evce, "release", "try", "--data", str(data)], "it can't run this site")
    try:
        version = json.loads(said.splitlines()[-1])["version"]
    except (IndexError, KeyError, TypeError, ValueError):
        raise ReleaseRefusedError("it can't run this site: it says nothing of itself") from None
    if version != manifest.version:
        raise ReleaseRefusedError(f"it says that it is {version}, its manifest {manifest.version}")


def _run(command: Sequence[str], failure: str) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))
    }
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_STEP_WITHIN,
            env={**environment, RUNNING: "0.0", "PIP_CONFIG_FILE": os.devnull},
        )
    except subprocess.TimeoutExpired:
        raise ReleaseRefusedError(f"{failure}: it took longer than {_STEP_WITHIN:g} s") from None
    except OSError as error:
        raise EvceError(f"{failure}: {error.strerror}") from error
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise ReleaseRefusedError(f"{failure}: {' '.join(lines[-3:])[-400:] or done.returncode}")
    return done.stdout


def _size(database: Path) -> int:
    return 2 * database.stat().st_size if database.is_file() else 0
