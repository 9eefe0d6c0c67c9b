"""Which requests may bring a large file, and the time for it: one table for the server and for Flask."""

import re
from dataclasses import dataclass
from typing import Final

from flask import Flask, request

from evce.release.package import MOST_BYTES
from evce.units import Seconds
from web.backup_room import UPLOAD_MOST
from web.security import reader

__all__ = ["Upload", "large_upload", "set_up"]

_BESIDE = 1 << 16
"""Bytes of a form with a file, beside it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What a request may have, in bytes, and the time for it to arrive."""

    most: int
    within: Seconds


_FIRMWARE = Upload(64 * 1024 * 1024, 120.0)

_LARGE: Final = (
    (re.compile(r"/configuration/backup/check"), Upload(UPLOAD_MOST + _BESIDE, 600.0)),
    (re.compile(r"/configuration/release/install"), Upload(MOST_BYTES + _BESIDE, 600.0)),
    (re.compile(r"/configuration/firmware/add"), _FIRMWARE),
    (re.compile(r"/stations/.*/actions"), _FIRMWARE),
)


def large_upload(path: str) -> Upload | None:
    """What a request for this address may bring; None where it is no more than any other."""
    return next((upload for pattern, upload in _LARGE if pattern.fullmatch(path)), None)


def set_up(app: Flask) -> None:
    """Let administrators hand over large files; after the guard, and before anything reads the form."""

    @app.before_request
    def allow_upload() -> None:
        upload = large_upload(request.path)
        if upload is not None and reader().is_admin:
            request.max_content_length = upload.most
