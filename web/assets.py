"""Addresses of the static files, with their content's hash so that a browser may keep them for a year."""

import hashlib
from functools import cache
from pathlib import Path

__all__ = ["asset_url"]

_STATIC = Path(__file__).parent / "static"


@cache
def asset_url(name: str) -> str:
    """`app.css` → `/static/app.css?v=3f2a9c01`; FileNotFoundError for one that isn't there."""
    digest = hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:8]
    return f"/static/{name}?v={digest}"
