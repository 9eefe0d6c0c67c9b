"""What the command line can have a running daemon tell about remote energy management, and do with it."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from actors.messages import REMOTE, AskFailed, GetRemote, GetRemoteAnswer, SetRemoteLimit
from actors.runtime import Runtime
from evce.remote_limits import RemoteAnswer
from evce.units import ZoneId
from evce.views import RemoteView
from tools.control.server import Deed

__all__ = ["remote_deeds"]

PATIENCE = 5.0
"""Seconds for the actor to answer."""

_OFF = (
    "remote energy management is switched off: webservices.enabled and webservices.remote_energy_management "
    "switch it on"
)


def remote_deeds(runtime: Runtime) -> dict[str, Deed]:
    """What the control socket of this runtime understands about limits from elsewhere, by name."""

    def remote(_: Mapping[str, Any]) -> dict[str, Any]:
        try:
            view: RemoteView = runtime.ask(REMOTE, GetRemote(), PATIENCE)
        except AskFailed:
            return {"state": "off", "login": "", "heard_at": None, "limits": []}
        return {
            "state": view.state,
            "login": view.login,
            "heard_at": None if view.heard_at is None else view.heard_at.isoformat(),
            "minimum_period_s": view.minimum_period,
            "heartbeat_period_s": view.heartbeat_period,
            "limits": [
                {
                    "zone": limit.zone,
                    "amps_per_phase": round(limit.amps, 1),
                    "raised_from": None if limit.raised_from is None else limit.raised_from.isoformat(),
                    "dropped": limit.dropped,
                }
                for limit in view.limits
            ],
        }

    def remote_limit(request: Mapping[str, Any]) -> dict[str, Any]:
        name, amps = uuid4().hex, request.get("amps")
        wish = SetRemoteLimit(
            name,
            ZoneId(str(request.get("zone") or "")),
            None if amps is None else float(amps),
            str(request.get("author") or "command line"),
        )
        if not runtime.tell(REMOTE, wish):
            raise LookupError(_OFF)
        answer = runtime.ask(REMOTE, GetRemoteAnswer(name), PATIENCE)
        if not isinstance(answer, RemoteAnswer):
            raise TimeoutError("remote was restarted: look what holds before you try again")
        if answer.refused is not None:
            raise ValueError(answer.text)
        return {"amps_per_phase": answer.amps, "raises_in_s": answer.raises_in}

    return {"remote": remote, "remote_limit": remote_limit}
