"""The line protocol of the control socket: a JSON object per request; one, or a stream of them, in answer."""

import json
from typing import Any

__all__ = ["END", "LONGEST", "SOCKET_NAME", "pack", "unpack"]

SOCKET_NAME = "evce.sock"

LONGEST = 4 * 1024 * 1024
"""Bytes of one line: a site document of 300 stations is 200 kB."""

END = "end"
"""The one member of a stream's last line: without it the daemon went away in between."""


def pack(message: dict[str, Any]) -> bytes:
    """Encode one message as a line."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def unpack(line: bytes) -> dict[str, Any]:
    """Decode one line. Raises ValueError where it is no JSON object."""
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError(f"a request is a JSON object, not {type(message).__name__}")
    return message
