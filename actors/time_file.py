"""The file in which the correction of the site's time outlives the process."""

import os
from pathlib import Path

from evce.site_time import KeptTime

__all__ = ["FILE_NAME", "TimeFile"]

FILE_NAME = "time.json"


class TimeFile:
    """Replaced as a whole, without waiting for the disk: after a power cut an older one, or none, will do."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def read(self) -> KeptTime | None:
        """What was kept last; None where there is nothing, or nothing that can be read."""
        try:
            return KeptTime.read(self._path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            return None

    def keep(self, kept: KeptTime) -> None:
        """Write it in the place of what was kept before. Raises OSError, and leaves that."""
        part = self._path.with_name(f"{FILE_NAME}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(kept.text())
        part.replace(self._path)
