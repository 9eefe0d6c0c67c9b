"""What the command line can have a running daemon do about its own reset to factory settings."""

from collections.abc import Mapping
from typing import Any

from actors.messages import ResetToFactory
from actors.runtime import Runtime
from tools.control.server import Deed

__all__ = ["reset_deeds"]


def reset_deeds(runtime: Runtime) -> dict[str, Deed]:
    """What the control socket of this runtime understands about it, by name."""

    def factory_reset(request: Mapping[str, Any]) -> dict[str, Any]:
        author = str(request.get("author") or "command line")
        if not runtime.tell("site", ResetToFactory(author)):
            raise LookupError("the site's actor isn't there this moment; try again")
        return {"reset": True}

    return {"factory_reset": factory_reset}
