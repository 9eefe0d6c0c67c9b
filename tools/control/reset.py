"""What the command line can have a running daemon do with itself: start anew, or back to factory settings."""

from collections.abc import Callable, Mapping
from typing import Any

from actors.messages import Message, ResetToFactory, Restart
from actors.runtime import Runtime
from tools.control.server import Deed

__all__ = ["reset_deeds"]


def reset_deeds(runtime: Runtime) -> dict[str, Deed]:
    """What the control socket of this runtime understands about it, by name."""

    def tells(order: Callable[[str], Message]) -> Deed:
        def deed(request: Mapping[str, Any]) -> dict[str, Any]:
            author = str(request.get("author") or "command line")
            if not runtime.tell("site", order(author)):
                raise LookupError("the site's actor isn't there this moment; try again")
            return {"told": True}

        return deed

    return {"factory_reset": tells(ResetToFactory), "start_anew": tells(Restart)}
