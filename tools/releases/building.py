"""Builds the package of a release from the checkout, as the vendor."""

import platform
import re
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evce import __version__
from evce.errors import EvceError
from evce.release.package import Manifest, write_package
from evce.storage.migration import HEAD
from tools.environment import ROOT

__all__ = ["build", "newest_notes"]


def build(target: Path, key: Ed25519PrivateKey, now: datetime) -> Manifest:
    """Make wheels of EVCE and of all that it needs, for this Python and machine, and sign a package of them.

    Raises EvceError where pip can't, ReleaseRefusedError, OSError.
    """
    if not (ROOT / "setup.cfg").is_file():
        raise EvceError("a release is built from a checkout of EVCE; this is an installation")
    with tempfile.TemporaryDirectory(prefix="evce-release-") as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
        command += ["--constraint", "constraints.txt", "--wheel-dir", folder, "."]
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            raise EvceError("pip could not make the wheels; its own words are above")
        python = ".".join(platform.python_version_tuple()[:2])
        notes = newest_notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
        manifest = Manifest(__version__, now, python, platform.machine(), HEAD, (), notes)
        return write_package(target, key, list(Path(folder).glob("*.whl")), manifest)


def newest_notes(changelog: str) -> str:
    """The newest section of a list of changes, without its heading."""
    sections = re.split(r"^## .*$", changelog, flags=re.MULTILINE)
    return sections[1].strip() if len(sections) > 1 else ""
