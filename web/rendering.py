"""Rendering of pages: the whole page for a browser that arrives, its live part for one that is there."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from threading import Lock

from flask import Flask, Response, current_app, make_response, render_template, request

from actors.messages import ListEvents, RecordEvent
from evce.configuration.document import SiteDocument
from evce.configuration.web_services import WebServicesSettings
from evce.release.course import Course
from evce.views import SiteSnapshot
from web.banners import banners
from web.figures import fleet, outlets, sorted_alarms, unassigned, zone_tree
from web.labels import choice_word
from web.languages import language
from web.network_shelf import NetworkShelf, Shown
from web.release_room import known
from web.revisions import InForce, RunningRevisions
from web.security import LIVE_HEADER, reader
from web.settings import WebSettings
from web.site import NoAnswerError, Site
from web.states import OutletState, State, outlet_state

__all__ = [
    "FragmentCache",
    "document_in_force",
    "event_log",
    "live_page",
    "picture",
    "revisions",
    "services",
    "set_up",
    "site",
    "still_page",
    "toast",
]

_CACHED_FRAGMENTS = 64


def site() -> Site:
    """The running site, as this application knows it."""
    found: Site = current_app.extensions["evce_site"]
    return found


def event_log(question: ListEvents) -> list[RecordEvent]:
    """What the reader may see of these lines of the event log: audit lines are for administrators (US-2)."""
    return site().event_log(replace(question, audit=question.audit and reader().is_admin))


def picture() -> SiteSnapshot:
    """The site for this request: an open page sees the moment that it was told of, a new one this moment."""
    return site().recent() if LIVE_HEADER in request.headers else site().snapshot()


def revisions() -> RunningRevisions:
    """The revisions of the running site."""
    found: RunningRevisions = current_app.extensions["evce_revisions"]
    return found


def document_in_force() -> SiteDocument:
    """The document in force; `NoAnswerError` while nobody can tell."""
    document = _document(picture())
    if document is None:
        raise NoAnswerError("site")
    return document


def services() -> WebServicesSettings:
    """What the document in force says about the web services."""
    return document_in_force().webservices


def network_shown() -> Shown | None:
    """What became of the wished addresses of this machine; None where there are none."""
    shelf: NetworkShelf | None = current_app.extensions["evce_network"]
    return None if shelf is None else shelf.shown()


def release_course() -> Course | None:
    """Which release of EVCE runs; None where nobody can tell."""
    return known(current_app.extensions["evce_releases"])


def own_identifier() -> str:
    """That of this EVCE, by which licences name it."""
    settings: WebSettings = current_app.extensions["evce_settings"]
    return settings.identifier


class FragmentCache:
    """The newest live parts: twenty browsers on one page cost one rendering per change."""

    def __init__(self) -> None:
        self._parts: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._turns: dict[tuple[object, ...], Lock] = {}
        self._lock = Lock()

    def once(self, key: tuple[object, ...], render: Callable[[], str]) -> str:
        """What is under this key; the first who asks renders it, whoever asks meanwhile waits for that."""
        with self._lock:
            turn = self._turns.setdefault(key, Lock())
        with turn:
            try:
                html = self.get(key)
                if html is None:
                    html = render()
                    self.put(key, html)
                return html
            finally:
                with self._lock:
                    self._turns.pop(key, None)

    def get(self, key: tuple[object, ...]) -> str | None:
        """What was rendered under this key."""
        with self._lock:
            return self._parts.get(key)

    def put(self, key: tuple[object, ...], html: str) -> None:
        """Keep it; the oldest goes."""
        with self._lock:
            self._parts[key] = html
            while len(self._parts) > _CACHED_FRAGMENTS:
                self._parts.popitem(last=False)


def live_page(
    template: str, snapshot: SiteSnapshot, nav: str, values: Callable[[], dict[str, object]] = dict
) -> Response:
    """A page that a snapshot alone decides; it refreshes itself with every change of the site.

    `values` are worked out only where the page is rendered. Nothing of one reader may be in its live part
    except what follows from the role.
    """

    def render(live: bool) -> str:
        return _render(template, snapshot, live=live, live_url=_own_url(), values={**values(), "nav": nav})

    if LIVE_HEADER not in request.headers:
        return make_response(render(False))
    cache: FragmentCache = current_app.extensions["evce_fragments"]
    key = (_own_url(), reader().role, language(), snapshot.version, snapshot.taken_at)
    return make_response(cache.once(key, lambda: render(True)))


def still_page(
    template: str, snapshot: SiteSnapshot, nav: str, status: int = 200, **values: object
) -> Response:
    """A page of records: only the frame round it is live, its content stays as it was asked for."""
    values = {**values, "nav": nav}
    html = _render(template, snapshot, live=False, live_url=f"/frame?nav={nav}", values=values)
    return make_response(html, status)


def toast(kind: str, title: str, text: str, status: int = 200) -> Response:
    """A note over the page on what became of an order; `kind` is success, warning or danger."""
    return make_response(render_template("parts/toast.html", kind=kind, title=title, text=text), status)


def _own_url() -> str:
    return request.full_path.rstrip("?")


def _render(
    template: str, snapshot: SiteSnapshot, *, live: bool, live_url: str, values: dict[str, object]
) -> str:
    return render_template(
        template,
        live_only=live,
        live_url=live_url,
        snapshot=snapshot,
        now=snapshot.taken_at,
        tz=snapshot.time_zone,
        reader=reader(),
        fleet=fleet(snapshot),
        tree=zone_tree(snapshot),
        unassigned=unassigned(snapshot),
        outlets=[(meter, outlet_state(meter)) for meter in outlets(snapshot)],
        alarms=sorted_alarms(snapshot),
        banners=banners(snapshot, _document(snapshot), own_identifier(), network_shown(), release_course()),
        **values,
    )


def _document(snapshot: SiteSnapshot) -> SiteDocument | None:
    known: InForce = current_app.extensions["evce_in_force"]
    return known.document(snapshot.revision)


def set_up(app: Flask, the_site: Site, now: Callable[[], datetime]) -> None:
    """Give the application its site, and the templates what they name."""
    app.extensions["evce_site"] = the_site
    app.extensions["evce_revisions"] = RunningRevisions(the_site.ask, the_site.tell, now)
    app.extensions["evce_in_force"] = InForce(app.extensions["evce_revisions"])
    app.extensions["evce_fragments"] = FragmentCache()
    app.jinja_env.globals.update(State=State, OutletState=OutletState)
    app.jinja_env.filters["choice_word"] = choice_word
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
