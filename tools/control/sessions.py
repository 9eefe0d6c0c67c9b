"""What the command line can have a running daemon tell and be told about charging sessions."""

from collections.abc import Mapping
from typing import Any

from actors.runtime import Runtime
from tools.control.server import Deed
from web.plans import as_plain_session, plan_session, running_sessions

__all__ = ["session_deeds"]


def session_deeds(runtime: Runtime) -> dict[str, Deed]:
    """What the control socket of this runtime understands about sessions, by name."""

    def sessions(_: Mapping[str, Any]) -> dict[str, Any]:
        return {"sessions": [as_plain_session(session) for session in running_sessions(runtime.ask)]}

    def plan(request: Mapping[str, Any]) -> dict[str, Any]:
        kept = plan_session(
            runtime.ask,
            runtime.tell,
            str(request.get("connector") or ""),
            request,
            str(request.get("author") or ""),
            runtime.clock.utc_now(),
        )
        return {"session": as_plain_session(kept)}

    return {"sessions": sessions, "plan_session": plan}
