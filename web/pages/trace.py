"""The live trace of the actors' messages, for engineers: begun with a filter, paused, stopped (AC-4)."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from actors.messages import Message
from evce.plain import one_line
from evce.tracing import MOST_PER_S
from web.languages import gettext
from web.rendering import picture, site, still_page
from web.security import Access, access, reader
from web.watching import (
    LONGEST,
    MOST_ROWS,
    Messages,
    TooManyError,
    Watch,
    live_answer,
    sources,
    watches,
    watching_now,
)

__all__ = ["trace_pages"]

trace_pages = Blueprint("trace", __name__)

_PAGE = "trace"
_LONGEST_PATTERN = 100
_WILD = frozenset("*?[")


@trace_pages.get("/system/trace")
@access(Access.ADMIN)
def page() -> Response:
    """The filter, and what this reader's trace has heard so far."""
    watch = watches().find(reader().login, _PAGE)
    return still_page("trace.html", site().snapshot(), "system", **_values(watch, dict(request.args), {}))


@trace_pages.get("/system/trace/rows")
@access(Access.ADMIN)
def rows() -> Response:
    """What was heard; asked for every second while the trace runs."""
    watch = watches().find(reader().login, _PAGE)
    values = _values(watch, {}, {}) | {"tz": picture().time_zone}
    return live_answer("parts/trace_rows.html", "parts/trace_watch.html", "trace-watch", values)


@trace_pages.post("/system/trace")
@access(Access.ADMIN)
def order() -> Response:
    """Start, pause, resume or stop this reader's trace."""
    deed = request.form.get("deed", "")
    watch = watches().find(reader().login, _PAGE)
    faults: dict[str, str] = {}
    match deed:
        case "start":
            watch, faults = _start()
        case "pause" if watch is not None:
            watch.pause()
        case "resume" if watch is not None:
            watch.resume()
        case "stop" if watch is not None:
            watch.stop()
        case "pause" | "resume" | "stop":
            faults = {"deed": gettext("No trace is running.")}
        case _:
            faults = {"deed": gettext("deed=%(deed)s: use start, pause, resume or stop.", deed=deed[:30])}
    form = dict(request.form) if deed == "start" else {}
    html = render_template("parts/trace.html", **_values(watch, form, faults), tz=picture().time_zone)
    return make_response(html, 422 if faults else 200)


def _start() -> tuple[Watch[Any] | None, dict[str, str]]:
    name, kind = (request.form.get(field, "").strip() for field in ("name", "type"))
    faults = {}
    if fault := _fault_of(name, sorted(site().snapshot().actors), gettext("an actor")):
        faults["name"] = fault
    if fault := _fault_of(kind, kinds(), gettext("a message")):
        faults["type"] = fault
    known, now = sources(), watching_now()
    before = watches().find(reader().login, _PAGE)
    if known is None:
        faults["deed"] = gettext("Nothing can be traced here: the actors run elsewhere.")
    if faults or known is None:
        return before, faults
    begin = known.messages
    try:
        return (
            watches().begin(
                reader().login,
                _PAGE,
                lambda: Watch(lambda: begin(name, kind), Messages(), now, name=name, type=kind),
                now,
            ),
            {},
        )
    except TooManyError:
        return None, {"deed": gettext("Too many people are tracing already; stop one trace first.")}


def _fault_of(pattern: str, known: list[str], what: str) -> str:
    """What is wrong with a name or a pattern, empty when it will do; a pattern may fit nobody yet."""
    if len(pattern) > _LONGEST_PATTERN or not pattern.isprintable():
        return gettext("At most %(most)d printable characters.", most=_LONGEST_PATTERN)
    if not pattern or _WILD & set(pattern) or pattern.lower() in {name.lower() for name in known}:
        return ""
    close = get_close_matches(pattern, known, n=1, cutoff=0.5)
    if close:
        return gettext(
            "“%(name)s” is not the name of %(what)s; did you mean %(close)s? "
            "A pattern such as %(pattern)s fits several.",
            name=pattern,
            what=what,
            close=close[0],
            pattern=f"{close[0][:4]}*",
        )
    return gettext(
        "“%(name)s” is not the name of %(what)s; a pattern such as %(pattern)s fits several.",
        name=pattern,
        what=what,
        pattern=f"{pattern[:4]}*",
    )


@cache
def kinds() -> list[str]:
    """The kinds of messages there are, by name."""
    return sorted({kind.__name__ for kind in _below(Message)})


def _below(kind: type[Message]) -> Iterator[type[Message]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def _values(watch: Watch[Any] | None, form: dict[str, str], faults: dict[str, str]) -> dict[str, Any]:
    state = None if watch is None else watch.look(watching_now())
    subject = {} if watch is None else watch.subject
    return {
        "watch": watch,
        "state": state,
        "rows": [] if watch is None else watch.rows(),
        "form": form or subject,
        "faults": faults,
        "actors": sorted(picture().actors),
        "kinds": kinds(),
        "one_line": one_line,
        "most_rows": MOST_ROWS,
        "most_per_s": MOST_PER_S,
        "minutes": int(LONGEST.total_seconds() // 60),
        "possible": sources() is not None,
    }
