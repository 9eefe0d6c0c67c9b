"""What the command line can have a running daemon tell about the site's time, and do with it."""

from collections.abc import Mapping
from typing import Any

from actors.messages import GetSnapshot
from actors.runtime import Runtime
from evce.site_time import TimeSource
from tools.control.server import Deed
from web.formatting import zone_info
from web.site import NoAnswerError
from web.site_time import as_plain_time, follow_host, moment_of, set_time, time_view

__all__ = ["time_deeds"]

PATIENCE = 5.0
"""Seconds for the view to answer."""


def time_deeds(runtime: Runtime) -> dict[str, Deed]:
    """What the control socket of this runtime understands about the site's time, by name."""

    def zone() -> str:
        return str(runtime.ask("view", GetSnapshot(), PATIENCE).time_zone)

    def look(_: Mapping[str, Any]) -> dict[str, Any]:
        return as_plain_time(time_view(runtime.ask), zone())

    def put(request: Mapping[str, Any]) -> dict[str, Any]:
        by = str(request.get("author") or "command line")
        text = request.get("time")
        try:
            if text is None:
                answer = follow_host(runtime.ask, runtime.tell, by)
            else:
                moment = moment_of(str(text), zone_info(zone()))
                answer = set_time(runtime.ask, runtime.tell, moment, TimeSource.PERSON, by)
        except NoAnswerError as error:
            raise LookupError("the actor of the site's time isn't there this moment; try again") from error
        if answer.refused:
            raise ValueError(answer.refused)
        return {"moved_s": answer.moved, **look({})}

    return {"time": look, "set_time": put}
