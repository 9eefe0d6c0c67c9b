"""The daemon: puts actors, edges and pages together, and runs until it is told to stop."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from click import ClickException

from actors.gateway import Gateway
from actors.gateway_protocol import StationAccess
from actors.gpio_link import CONTROL_NAME, GpioLink
from actors.messages import AskFailed, GetSnapshot, LinkClosed, Message
from actors.modbus_link import ModbusHub
from actors.recorder import HANG_BUDGET_S as RECORDER_HANG_BUDGET_S
from actors.recorder import Recorder
from actors.runtime import ThreadRuntime
from actors.site import METERS, STATIONS, ZONES, InForce, SiteActor, SiteEdges, SiteInForce
from actors.supervisor import ChildKind, ChildSpec, Supervisor
from actors.view import ViewActor
from evce import __version__
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import canonical_json, difference, next_revision, parse_json
from evce.errors import EvceError
from evce.records import RevisionRecord
from evce.restarts import Intensity
from evce.storage import Store, open_store
from evce.storage.snapshots import newest_snapshots
from evce.units import BoxIdentity
from tools.commands.revision_database import RevisionDatabase
from tools.commands.site_file import load_site
from tools.control.deeds import deeds
from tools.control.server import ControlServer
from tools.data_folder import DataFolder
from tools.log import set_up_log
from tools.notify import notify, watchdog_period
from web.accounts import ensure_admin
from web.app import create_app
from web.asgi import WebApplication
from web.certificate import ensure_certificate, ensure_secret_key
from web.server import WebServer
from web.settings import WebSettings

__all__ = ["Daemon", "Endpoints", "run_daemon"]

logger = logging.getLogger(__name__)

SWITCH_INTERVAL_S = 0.0005
"""With one busy thread an answer waits two of the interpreter's switches: 10 ms at its default of 5 ms."""

ADMIN = "installer"
"""Login of the admin that the first start creates; the assistant lets people choose their own."""

GROUP_INTENSITY = Intensity(30, 10.0)
"""Zones, meters and stations fail by themselves; a tenth of 300 stations at once is no reason to escalate."""

UNREGISTERED = 1008
"""Close code for a station that a revision has removed: policy violation (RFC 6455 §7.4.1)."""

BEGIN_WITHIN_S = 30.0
"""A migration of a large database on a slow card takes several seconds."""

NO_SITE = "{} holds no site yet: name a site file, `evce run SITE.toml --data …`"

SITE_FILE_AUTHOR = "site file"
"""Author of the revisions that a site file made."""

RELOAD_WITHIN_S = 1.0
"""How soon a SIGHUP is noticed; also how often the daemon looks after itself."""

GAVE_UP = 70
"""Exit code (EX_SOFTWARE) when the actors couldn't heal themselves: systemd starts the process anew."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where to listen, in place of what the document says; None leaves the document's."""

    host: str | None = None
    ocpp_port: int | None = None
    web_port: int | None = None


class Daemon:
    """One site, running. `start` returns once everything listens; `stop` ends it in good order.

    `ended` is set by whoever wants it to end, or by the actors when they can't heal themselves (`gave_up`
    says why). Set while the daemon starts, it makes `start` return early. `recovery` tells what was done to
    a damaged database before this start, for people.
    """

    def __init__(
        self,
        folder: DataFolder,
        revision: RevisionRecord,
        endpoints: Endpoints,
        ended: threading.Event | None = None,
        recovery: str = "",
    ) -> None:
        self._folder = folder
        self._endpoints = endpoints
        self._recovery = recovery
        self.ended = threading.Event() if ended is None else ended
        self.gave_up = ""
        self._leaving = False
        self._stack = ExitStack()
        self._in_force = InForce.of(revision)
        self.runtime = ThreadRuntime(on_give_up=self._give_up)
        self.ocpp_port = self.web_port = 0
        self.credentials: tuple[str, str] | None = None
        self._admitted: Mapping[str, StationAccess] = {}
        self._incarnations: dict[BoxIdentity, int] = {}

    @property
    def site_name(self) -> str:
        """What the site is called."""
        return self._in_force.document.site.name

    def start(self) -> None:
        """Start in dependency order; whatever was started is stopped again when a later step fails."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop in reverse order: nothing new comes in, then the actors end and the disk gets what they had.

        Safe to call twice.
        """
        self._leaving = True
        self._stack.close()

    def _start(self) -> None:
        document = self._in_force.document
        gateway = self._gateway = self._new_gateway(document)
        hub = ModbusHub()
        self._stack.callback(hub.close)
        pins = GpioLink(self._folder.path / CONTROL_NAME)
        self._stack.callback(pins.join)
        self._stack.callback(pins.close)
        site = SiteInForce(self._in_force, SiteEdges(gateway, hub.meter_link, pins))
        self._admit(document)
        self._stack.callback(self.runtime.close)
        self.runtime.spawn("supervisor", lambda context: Supervisor(context, self._children(site)))
        self._wait_for("site", "recorder")
        for step in (self._start_gateway, self._start_web, self._start_control):
            if self.ended.is_set():
                return
            step(document)

    def _start_gateway(self, document: SiteDocument) -> None:
        self._stack.callback(self._gateway.stop)
        try:
            self.ocpp_port = self._gateway.start()
        except OSError as error:
            where = f"{self._host(document.ocpp.host)}:{self._port(document)}"
            # asyncio wraps the reason into a text of its own; a name that isn't found has a negative errno.
            number = error.errno or 0
            reason = os.strerror(number) if number > 0 else error.strerror or error
            raise EvceError(f"can't listen for stations on {where}: {reason}") from error

    def _start_control(self, _: SiteDocument) -> None:
        control = ControlServer(self._folder.path, deeds(self.runtime))
        control.start()
        self._stack.callback(control.stop)

    def _children(self, site: SiteInForce) -> tuple[ChildSpec, ...]:
        """The tree, in the order in which it starts: the disk and the view first, stations last."""
        document = site.current.document
        roots = [f"zone/{root}" for root in site.current.model.roots]

        def group(name: str, children: Callable[[], tuple[ChildSpec, ...]]) -> ChildSpec:
            return ChildSpec(
                name,
                lambda context: Supervisor(context, children(), intensity=GROUP_INTENSITY),
                kind=ChildKind.SUPERVISOR,
            )

        return (
            ChildSpec(
                "recorder",
                lambda context: Recorder(context, self._open_store, ["view", *roots]),
                hang_budget_s=RECORDER_HANG_BUDGET_S,
            ),
            ChildSpec(
                "view",
                lambda context: ViewActor(
                    context,
                    site.current.document.site.name,
                    site.current.document.site.time_zone,
                    site.current.record.number,
                ),
            ),
            group(ZONES, site.zone_specs),
            group(
                METERS,
                lambda: tuple(site.meter_spec(meter) for meter in site.meters()),
            ),
            group(STATIONS, lambda: tuple(site.station_spec(s) for s in site.current.model.stations)),
            *((site.inputs_spec(),) if document.inputs.enabled else ()),
            ChildSpec("site", lambda context: SiteActor(context, site, self._admit)),
        )

    def _open_store(self, now: datetime) -> Store:
        """Open the database for the recorder, which tells people about a repair at this start."""
        store = open_store(self._folder.database, now)
        store.recovery, self._recovery = self._recovery or store.recovery, ""
        return store

    def _new_gateway(self, document: SiteDocument) -> Gateway:
        return Gateway(
            self._host(document.ocpp.host),
            self._port(document),
            self._from_socket,
            self.runtime.clock,
            self._access,
            full=self.runtime.directory.full,
            incarnations=self._incarnations,
        )

    def _host(self, configured: str) -> str:
        return self._endpoints.host or configured

    def _port(self, document: SiteDocument) -> int:
        wanted = self._endpoints.ocpp_port
        return document.ocpp.port if wanted is None else wanted

    def _from_socket(self, name: str, message: Message) -> bool:
        """Hand the gateway's messages on; that the daemon hangs up itself is no alarm at each station."""
        if self._leaving and isinstance(message, LinkClosed):
            return True
        return self.runtime.tell(name, message)

    def _access(self, identity: BoxIdentity) -> StationAccess | None:
        """Who may connect; None for a station that is not registered."""
        return self._admitted.get(identity)

    def _admit(self, document: SiteDocument) -> None:
        """Let the stations of this document in, and hang up on those that it no longer has."""
        before, self._admitted = (
            self._admitted,
            {
                station.box_identity: StationAccess(BoxIdentity(station.box_identity))
                for station in document.stations
            },
        )
        for identity in before:
            if identity not in self._admitted:
                incarnation = self._incarnations.get(BoxIdentity(identity), 0)
                self._gateway.disconnect(
                    BoxIdentity(identity), incarnation, UNREGISTERED, "no longer registered"
                )

    def _start_web(self, document: SiteDocument) -> None:
        created = ensure_admin(self.runtime.ask, self.runtime.tell, ADMIN)
        if created is not None:
            self.credentials = (created.login, created.password)
        files = ensure_certificate(self._folder.path)
        settings = WebSettings(version=__version__, secret_key=ensure_secret_key(self._folder.path))
        app = create_app(self.runtime.ask, self.runtime.tell, settings)
        server = WebServer(
            WebApplication(app),
            self._host(document.web.host),
            document.web.port if self._endpoints.web_port is None else self._endpoints.web_port,
            files.certificate,
            files.key,
        )
        self.web_port = server.start()
        self._stack.callback(server.stop)

    def _wait_for(self, *names: str) -> None:
        deadline = self.runtime.clock.monotonic() + BEGIN_WITHIN_S
        directory = self.runtime.directory
        began = self.runtime.wait_until(
            lambda: self.ended.is_set() or all(directory.find(name) is not None for name in names), deadline
        )
        if self.gave_up:
            raise EvceError(f"the actors can't be started: {self.gave_up}")
        if not began:
            raise EvceError(
                f"not all of {', '.join(names)} began within {BEGIN_WITHIN_S:g} s; the log says why"
            )

    def _give_up(self, reason: str) -> None:
        self.gave_up = reason
        self.ended.set()


def run_daemon(
    site: Path | None,
    data: Path,
    log_format: str,
    *,
    host: str | None = None,
    ocpp_port: int | None = None,
    web_port: int | None = None,
) -> int:
    """Run the site until SIGTERM or SIGINT; returns the exit code.

    A `site` file that differs from the revision in force becomes the next one; nothing is written while
    there are mistakes in it. Prints where to go, and the credentials of the admin when this start made one.
    """
    finish_log = set_up_log(log_format)
    os.umask(0o077)  # also in a folder that somebody made for all to read
    folder = DataFolder(data)
    ended = threading.Event()
    try:
        with _until_signalled(ended):
            document = None if site is None else load_site(site)
            there = folder.database.is_file() or newest_snapshots(folder.database)
            if document is None and not there:
                raise EvceError(NO_SITE.format(folder.path))
            with folder.hold():
                revision, recovery = _revision(folder, document, "" if site is None else site.name)
                daemon = Daemon(folder, revision, Endpoints(host, ocpp_port, web_port), ended, recovery)
                return _run(daemon, site, host)
    except (EvceError, OSError, RuntimeError) as error:
        logger.debug("the start failed", exc_info=error)
        print(f"Error: {error}", file=sys.stderr)
        return 1
    finally:
        finish_log()


@contextmanager
def _until_signalled(ended: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask for an orderly end, also while the daemon still starts."""
    asked_by = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: ended.set()) for number in asked_by]
    try:
        yield
    finally:
        for number, handler in zip(asked_by, before, strict=True):
            signal.signal(number, handler)


def _revision(folder: DataFolder, document: SiteDocument | None, source: str) -> tuple[RevisionRecord, str]:
    """Return the revision to run, and what was done to a damaged database.

    A document becomes the next revision where it says something new since it was last taken over: what
    was changed meanwhile by other ways stays until the file itself is changed.
    """
    now = datetime.now(UTC)
    with open_store(folder.database, now) as store:
        recovery = store.recovery
        if recovery:
            logger.warning("%s", recovery)
        revisions = RevisionDatabase(store)
        newest = revisions.newest()
        taken = next((record for record in revisions.history() if record.author == SITE_FILE_AUTHOR), None)
        if document is not None and all(_differs(record, document) for record in (newest, taken)):
            comment = f"from {source}"
            newest = next_revision(newest, document, author=SITE_FILE_AUTHOR, comment=comment, now=now)
            revisions.append(newest)
    if newest is None:
        raise EvceError(NO_SITE.format(folder.path))
    return newest, recovery


def _differs(record: RevisionRecord | None, document: SiteDocument) -> bool:
    return record is None or bool(difference(parse_json(record.document), document))


def _run(daemon: Daemon, site: Path | None, host: str | None) -> int:
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    reload = threading.Event()
    before = signal.signal(signal.SIGHUP, lambda *_: reload.set())
    try:
        daemon.start()
        if daemon.credentials is not None or not daemon.ended.is_set():
            _welcome(daemon, host)
        if not daemon.ended.is_set():
            notify("READY=1")
            _stay(daemon, site, reload)
    finally:
        notify("STOPPING=1")
        daemon.stop()
        signal.signal(signal.SIGHUP, before)
    if daemon.gave_up:
        logger.critical("ending so that a new process can start: %s", daemon.gave_up)
        return GAVE_UP
    return 0


def _stay(daemon: Daemon, site: Path | None, reload: threading.Event) -> None:
    """Wait for the end; as long as the view answers, tell the service manager that all is well."""
    period = watchdog_period()
    while not daemon.ended.wait(RELOAD_WITHIN_S if period is None else min(period, RELOAD_WITHIN_S)):
        if reload.is_set():
            reload.clear()
            _reload(daemon, site)
        try:
            daemon.runtime.ask("view", GetSnapshot(sys.maxsize), (period or 1.0) / 2)
        except AskFailed as error:
            logger.error("no sign of life to the service manager: %s", error)
        else:
            notify("WATCHDOG=1")


def _reload(daemon: Daemon, site: Path | None) -> None:
    """SIGHUP: take the site file over anew, live; a mistake in it changes nothing."""
    if site is None:
        logger.warning("asked to reload, but no site file was named at the start: nothing to do")
        return
    notify("RELOADING=1")
    try:
        document = load_site(site)
        request = {
            "document": canonical_json(document),
            "author": SITE_FILE_AUTHOR,
            "comment": f"from {site.name}, reloaded",
        }
        number = deeds(daemon.runtime)["apply"](request)["revision"]
        logger.info("%s is in force as revision %d", site, number)
    except (ClickException, EvceError, AskFailed, OSError) as error:
        text = error.format_message() if isinstance(error, ClickException) else str(error)
        logger.error("%s was not taken over: %s", site, text)
    notify("READY=1")


def _welcome(daemon: Daemon, host: str | None) -> None:
    shown = host or "localhost"
    lines = [
        f"EVCE {__version__} runs {daemon.site_name}",
        f"  pages     https://{shown}:{daemon.web_port}/",
        f"  stations  ws://{shown}:{daemon.ocpp_port}/ocpp/<box identity>",
    ]
    if daemon.credentials is not None:
        login, password = daemon.credentials
        lines.append(f"  log in    {login}  {password}   (shown this once: keep it)")
    print("\n".join(lines), flush=True)
