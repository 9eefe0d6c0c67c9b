"""Requests of every kind to every page of the real site: bad addresses, headers, forms, bodies."""

import io
import json
import logging
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from evce.records import UserRecord
from evce.storage import open_store
from tools.endurance.fuzzing import Fuzzing, Told
from tools.endurance.payloads import ODD_NUMBERS, ODD_TEXTS, damaged
from tools.rehearsal.house import START, House
from tools.rehearsal.sites import small_site
from web.accounts import Role
from web.app import create_app
from web.passwords import Passwords
from web.settings import WebSettings

__all__ = ["fuzz_web"]

_LOGINS = {"olivia": Role.ADMIN, "ursula": Role.USER, "wanda": Role.WEBSERVICES}
_COOKIE = "__Host-evce-session"

_METHODS = ("GET", "GET", "POST", "POST", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
_KNOWN = ("main", "garage", "S1", "G1", "main-meter", "1", "2", "0", "-1", "99999999999999999999", "olivia")

_FIELD = re.compile(r'<(?:input|select|textarea|button)[^>]*?\sname="([^"]+)"(?:[^>]*?\svalue="([^"]*)")?')

_HEADERS = {
    "Accept": ("application/json", "*/*", "text/html;q=nan", "\N{LATIN SMALL LETTER E WITH ACUTE}", ","),
    "Accept-Language": ("de", "zz-ZZ", "*;q=9", "x" * 3000, ";;,q="),
    "Content-Type": (
        "application/json",
        "text/plain",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=",
        "application/json; charset=utf-7",
        "x",
    ),
    "HX-Request": ("true", ""),
    "HX-Current-URL": ("http://localhost/zones/main", "http://[::1", "//evil", "\\", "javascript:1"),
    "Referer": ("https://localhost/", "http://[", "x" * 5000),
    "If-None-Match": ('"x"', "W/", "*"),
    "If-Match": ('"1"', "*", "x"),
    "If-Modified-Since": ("yesterday", "Thu, 01 Jan 1970 00:00:00 GMT"),
    "Range": ("bytes=0-", "bytes=-1", "bytes=9-1", "x"),
    "Host": ("evil.example", "localhost:99999", "[", ""),
    "X-Forwarded-For": ("127.0.0.1", "x" * 1000),
    "X-EVCE-Live": ("1",),
    "Authorization": ("Basic", "Basic !!", "Bearer " + "x" * 2000),
    "Cookie": ("__Host-evce-session=x", "=;=;", "a" * 4000, '__Host-evce-form="\\'),
}  # fmt: skip


class _Failures(logging.Handler):
    """Keeps what the page for unexpected errors writes to the log."""

    def __init__(self) -> None:
        super().__init__()
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        error = record.exc_info[1] if record.exc_info else None
        trace = error.__traceback__ if error is not None else None
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
        self.last = f"{error!r} at {where}"


class _Visitor:
    """Draws requests; it has looked at the pages, and knows the names of their fields."""

    def __init__(self, app: Flask, chance: random.Random) -> None:
        self._chance = chance
        self._rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
        self._fields: dict[str, list[str]] = {}
        self._document = small_site().plain()

    def path(self) -> tuple[Rule, str]:
        """Choose a route and make an address for it."""
        rule = self._chance.choice(self._rules)
        values = {name: self._text() for name in rule.arguments}
        with suppress(Exception):
            built = rule.build(values, append_unknown=False)
            if built is not None:
                return rule, str(built[1])
        return rule, re.sub(r"<[^>]*>", lambda _: self._chance.choice(_KNOWN), rule.rule)

    def saw(self, rule: Rule, page: str) -> None:
        """Learn from a page what its forms are made of."""
        found = _FIELD.findall(page)
        if found:
            self._fields[rule.rule] = [name for name, _ in found][:200]

    def request(self, rule: Rule) -> dict[str, Any]:
        """Draw the arguments of `FlaskClient.open`, all but the path."""
        chance = self._chance
        fitting = sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
        method = chance.choice(fitting if fitting and chance.random() < 0.85 else _METHODS)
        names = (
            sorted(
                {
                    name
                    for known, fields in self._fields.items()
                    if known.startswith(rule.rule)
                    for name in fields
                }
            )
            or [name for fields in self._fields.values() for name in fields]
            or ["name"]
        )
        options: dict[str, Any] = {
            "method": method,
            "headers": self._headers(),
            "query_string": self._form(names, 3) if chance.random() < 0.4 else {},
        }
        if method != "GET":
            options |= self._body(names)
        return options

    def _headers(self) -> list[tuple[str, str]]:
        if self._chance.random() < 0.6:
            return []
        names = self._chance.sample(sorted(_HEADERS), self._chance.randint(1, 3))
        return [(name, self._chance.choice(_HEADERS[name])) for name in names]

    def _body(self, names: list[str]) -> dict[str, Any]:
        chance = self._chance
        match chance.randrange(10):
            case 0:
                return {"json": damaged(self._document, chance)}
            case 1:
                return {"data": json.dumps(damaged({"a": [1], "b": "c"}, chance)),
                        "content_type": "application/json"}  # fmt: skip
            case 2:
                return {"data": chance.randbytes(chance.choice((0, 10, 3000))),
                        "content_type": chance.choice(_HEADERS["Content-Type"])}  # fmt: skip
            case 3:
                name = chance.choice([*names, "file"])
                content = chance.choice((b"", b"\xef\xbb\xbfa;b\n1;2", b"PK\x03\x04", chance.randbytes(500)))
                return {
                    "data": {**self._form(names, 5), name: (io.BytesIO(content), self._text())},
                    "content_type": "multipart/form-data",
                }
            case 4:
                return {"data": b"x=" + b"y" * 1_100_000}
            case _:
                return {"data": self._form(names, 30)}

    def _form(self, names: list[str], most: int) -> dict[str, str]:
        some = self._chance.sample(names, min(len(names), self._chance.randint(0, most)))
        return {name: self._text() for name in some}

    def _text(self) -> str:
        if self._chance.random() < 0.4:
            return self._chance.choice(_KNOWN)
        return str(self._chance.choice((*ODD_TEXTS, *ODD_NUMBERS)))[:3000]


def fuzz_web(count: int, seed: int, folder: Path, told: Told) -> Fuzzing:
    """Send so many requests to the web interface of a site in service, as each kind of user and as none.

    No page may fail or take long, no actor may fail, and the site must be in service in the end.
    """
    house = House(folder, document=small_site(), seed=seed)
    fuzzing = Fuzzing("web requests", seed, count)
    chance = random.Random(seed)  # noqa: S311  # mistakes, no secrets
    house.settle_in()
    house.plug("G1")
    app, logins = _application(house)
    visitor = _Visitor(app, chance)
    with _failures() as failures:
        while fuzzing.going_on:
            rule, path = visitor.path()
            client = _client(app, logins, chance)
            options = visitor.request(rule)
            shown = f"{options['method']} {path[:200]} {options!r}"
            began = time.monotonic()
            try:
                answer = client.open(path, **options)
                body = answer.get_data()
            except Exception as error:
                fuzzing.problem(f"raised {error!r}", shown)
            else:
                fuzzing.outcomes[f"{answer.status_code // 100}xx"] += 1
                if answer.status_code >= 500 and not _nobody_there(rule, answer.status_code):
                    fuzzing.problem(f"{answer.status_code}, {failures.last}", shown)
                elif answer.status_code == 200 and answer.mimetype == "text/html":
                    visitor.saw(rule, body.decode(errors="replace"))
            if fuzzing.tried % 10 == 0:
                house.run(0.5)
            for died in house.runtime.failures:
                fuzzing.problem(f"{died.name} failed: {died.reason}", shown)
            house.runtime.failures.clear()
            fuzzing.count(told, 1, time.monotonic() - began, shown)
    house.run(30.0)
    fuzzing.problems += [f"gave up: {reason}" for reason in house.gave_up]
    fuzzing.problems += [f"a limit was missed: {violation}" for violation in house.referee.violations]
    house.close()
    return fuzzing.done()


def _nobody_there(rule: Rule, status: int) -> bool:
    """Meters are tried on the daemon's own Modbus thread, which has no place in virtual time."""
    return status == 503 and rule.endpoint.startswith("meter_trials.")


def _application(house: House) -> tuple[Flask, dict[str, str]]:
    """Make the application over the house's actors; returns it and a valid cookie of each user."""
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    with open_store(house.database, START) as store:
        for login, role in _LOGINS.items():
            store.save_user(UserRecord(login, role, cheap.hash("Harbour-car-park-1"), START))
    app = create_app(
        house.runtime.ask,
        house.runtime.tell,
        WebSettings(version="fuzz", now=house.runtime.clock.utc_now),
        passwords=cheap,
    )
    return app, {}


def _client(app: Flask, logins: dict[str, str], chance: random.Random) -> FlaskClient:
    """A browser of somebody or nobody; form tokens are asked for by one in twenty."""
    app.config["WTF_CSRF_ENABLED"] = chance.random() < 0.05
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    login = chance.choice(("olivia", "olivia", "olivia", "ursula", "wanda", ""))
    if login:
        if login not in logins or chance.random() < 0.02:
            logins[login] = app.extensions["evce_sessions"].begin(login)
        client.set_cookie(_COOKIE, logins[login], secure=True, domain="localhost")
    return client


@contextmanager
def _failures() -> Iterator[_Failures]:
    logger, heard = logging.getLogger("web.errors"), _Failures()
    before = (logger.propagate, logger.level)
    logger.propagate = False
    logger.setLevel(logging.ERROR)
    logger.addHandler(heard)
    try:
        yield heard
    finally:
        logger.removeHandler(heard)
        logger.propagate = before[0]
        logger.setLevel(before[1])
