"""The browsers' sessions: random tokens of which only the hash is kept, with two time-outs, revocable."""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from actors.messages import DeleteWebSession, FindWebSession, SaveWebSession, WebSessionRecord
from web.settings import WebSettings
from web.site import Site

__all__ = ["COOKIE", "SessionTable"]

COOKIE = "__Host-evce-session"
"""The prefix makes browsers refuse it without Secure and Path=/, and from any other host."""
_REMEMBERED = 10_000
_SAVED_PARTS = 20
"""The last use is written to disk at most this often in one idle time-out."""


class SessionTable:
    """Sessions live in memory and, through the recorder, on disk: a restart logs nobody out.

    The memory decides first, so that what was just begun or revoked counts before it is written.
    """

    def __init__(self, site: Site, settings: WebSettings) -> None:
        self._site = site
        self._now = settings.steady_now or settings.now
        self._rules = settings.login
        self._absolute = timedelta(seconds=settings.absolute_timeout)
        self._known: OrderedDict[str, WebSessionRecord | None] = OrderedDict()
        self._saved_at: dict[str, datetime] = {}
        self._stamps: dict[str, str] = {}
        self._lock = Lock()

    def begin(self, login: str) -> str:
        """A new session; returns the token for the cookie (256 bits)."""
        token = secrets.token_urlsafe(32)
        now = self._now()
        record = WebSessionRecord(_hash(token), login, now, now)
        self._remember(record)
        self._save(record)
        return token

    def find(self, token: str, *, touch: bool = True) -> WebSessionRecord | None:
        """The session of a token, None when it is unknown, idle for too long, too old or revoked.

        `touch` counts as use; what the page fetches by itself must not, or no session would ever be idle.
        """
        token_hash = _hash(token)
        with self._lock:
            known = token_hash in self._known
            record = self._known.get(token_hash)
        if not known:
            answer = self._site.ask("recorder", FindWebSession(token_hash))
            record = answer if isinstance(answer, WebSessionRecord) else None
            if record is not None:
                self._remember(record)
        if record is None:
            return None
        now = self._now()
        idle = timedelta(seconds=self._rules.idle)
        if now - record.last_used_at > idle or now - record.created_at > self._absolute:
            self.revoke(token)
            return None
        if touch:
            record = replace(record, last_used_at=now)
            self._remember(record)
            saved_at = self._saved_at.get(token_hash)
            if saved_at is None or now - saved_at > idle / _SAVED_PARTS:
                self._save(record)
        return record

    def still_fits(self, token: str, password_hash: str) -> bool:
        """Whether the user's password is the one that the session was first seen with.

        A password that was changed elsewhere (at the command line) ends the session here as well.
        """
        with self._lock:
            return self._stamps.setdefault(_hash(token), password_hash) == password_hash

    def revoke(self, token: str) -> None:
        """End a session, here and on disk."""
        self._revoke_hash(_hash(token))

    def revoke_login(self, login: str) -> None:
        """End all sessions of a user that this process has seen (a changed password, a deleted user)."""
        with self._lock:
            hashes = [h for h, record in self._known.items() if record is not None and record.login == login]
        for token_hash in hashes:
            self._revoke_hash(token_hash)

    def _revoke_hash(self, token_hash: str) -> None:
        with self._lock:
            self._known[token_hash] = None
            self._saved_at.pop(token_hash, None)
            self._stamps.pop(token_hash, None)
        self._site.tell("recorder", DeleteWebSession(token_hash))

    def _remember(self, record: WebSessionRecord) -> None:
        with self._lock:
            if record.token_hash in self._known and self._known[record.token_hash] is None:
                return  # revoked meanwhile: stays revoked
            self._known[record.token_hash] = record
            self._known.move_to_end(record.token_hash)
            while len(self._known) > _REMEMBERED:
                old, _ = self._known.popitem(last=False)
                self._saved_at.pop(old, None)
                self._stamps.pop(old, None)

    def _save(self, record: WebSessionRecord) -> None:
        self._saved_at[record.token_hash] = record.last_used_at
        self._site.tell("recorder", SaveWebSession(record))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
