"""What the command line can have a running daemon do about its backups."""

from collections.abc import Mapping
from typing import Any

from actors.messages import RestoreBackup
from actors.runtime import Runtime
from tools.backups.placing import STAGED
from tools.control.audit import Audit
from tools.control.server import Deed

__all__ = ["backup_deeds"]


def backup_deeds(runtime: Runtime) -> dict[str, Deed]:
    """What the control socket of this runtime understands about them, by name."""
    audit = Audit(runtime)

    def restore_backup(request: Mapping[str, Any]) -> dict[str, Any]:
        folder, author = str(request.get("folder") or ""), _author(request)
        if not folder.startswith(STAGED) or "/" in folder:
            raise ValueError(f"folder={folder!r}: the name of an unpacked backup, {STAGED}…")
        if not runtime.tell("site", RestoreBackup(folder, bool(request.get("users", True)), author)):
            raise LookupError("the site's actor isn't there this moment; try again")
        return {"restored": True}

    def note_backup(request: Mapping[str, Any]) -> dict[str, Any]:
        audit.note(_author(request), str(request.get("text") or "a backup was made")[:300])
        return {"noted": True}

    return {"restore_backup": restore_backup, "note_backup": note_backup}


def _author(request: Mapping[str, Any]) -> str:
    return str(request.get("author") or "command line")
