"""The daemon: puts actors, edges and pages together, starts them in order and stops them in reverse."""

import logging
import os
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from actors.cpo_link import CpoConnector
from actors.gateway import Gateway
from actors.gpio_link import CONTROL_NAME, RESET_CONTROL_NAME, GpioLink
from actors.messages import LinkClosed, Message, RestoreBackup
from actors.modbus_link import ModbusHub
from actors.runtime import ThreadRuntime
from actors.site import InForce, SiteEdges, SiteInForce
from actors.supervisor import Supervisor
from actors.time_file import TimeFile
from actors.tracing import Trace
from evce import __version__
from evce.configuration.document import SiteDocument
from evce.configuration.sections import InputSettings
from evce.errors import EvceError
from evce.records import RevisionRecord
from evce.storage import Store, open_store
from evce.units import BoxIdentity
from tools.control.alarms import alarm_deeds
from tools.control.backup import backup_deeds
from tools.control.deeds import deeds
from tools.control.drills import drill_deeds
from tools.control.firmware import firmware_deeds
from tools.control.remote import remote_deeds
from tools.control.reports import report_deeds
from tools.control.reset import reset_deeds
from tools.control.security import security_deeds
from tools.control.server import ControlServer, together
from tools.control.sessions import session_deeds
from tools.control.site_time import time_deeds
from tools.control.stations import station_deeds
from tools.control.uplinks import uplink_deeds
from tools.control.wiring import wiring_deeds
from tools.data_folder import DataFolder
from tools.drill.cuts import Cuts
from tools.file_door import FileDoor
from tools.identity import unique_identifier
from tools.inside import Insider
from tools.log import RecentLines
from tools.releases.launching import base_schema
from tools.shell.deeds import shell_deeds
from tools.shell.workload import Gauge
from tools.station_door import StationDoor
from tools.tree import site_tree
from web.accounts import ensure_admin, has_admin
from web.announcing.announcer import Announcer, own_addresses
from web.announcing.card import Card
from web.app import create_app
from web.asgi import WebApplication
from web.backup_room import BackupRoom
from web.certificate import ensure_certificate, ensure_secret_key
from web.file_exchange import FileExchange
from web.firmware_keeper import FirmwareKeeper
from web.firmware_shelf import FirmwareShelf
from web.lockout import Lockout
from web.login_rules import LoginRules
from web.network_shelf import NetworkShelf
from web.passwords import generate_setup_code
from web.release_room import ReleaseRoom
from web.report_maker import ReportMaker
from web.report_shelf import ReportShelf
from web.revisions import RunningRevisions
from web.server import WebServer
from web.settings import WebSettings
from web.site import Site
from web.station_ftp import FtpDoorkeeper
from web.watching import Sources

__all__ = ["Daemon", "Endpoints"]

logger = logging.getLogger(__name__)

ADMIN = "installer"
"""Login of the admin that a first start with a site file makes; in the assistant people choose their own."""

NETWORK = "network"
"""Folder of the data folder for the wished addresses of this machine, and what became of them."""

STATION_FILES = "station-files"
"""Folder of the data folder for what stations send and fetch."""

REPORTS = "reports"
"""Folder of the data folder for the reports of EVCE and of its stations."""

STATION_FIRMWARE = "station-firmware"
"""Folder of the data folder for the firmware that is kept for stations."""

CHILD_PROGRAM = (sys.executable, "-c", "import os; os.nice(10); from tools.cli import main; main()")
"""The command line in a child process that gives way to the daemon."""

NOT_ADMITTED = 1008
"""Close code for a station that isn't let in any more: policy violation (RFC 6455 §7.4.1)."""

KEYS_WITHIN_S = 5.0
"""How long the stations' door stays closed for the sake of a database that is slow to be read."""

TRACED_DEPTH = 8
"""Levels of a message's fields that a page has room for: down to a sampled value of a MeterValues."""

BEGIN_WITHIN_S = 30.0
"""A migration of a large database on a slow card takes several seconds."""


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
    a damaged database before this start, for people. `reset_by` tells who wants everything deleted and a
    new start, `restore` who wants a backup in the place of the site. `assisted`: where nobody can log in yet,
    whoever knows the `setup_code` makes the first login in the browser; otherwise this start makes one
    (`credentials`).
    """

    def __init__(
        self,
        folder: DataFolder,
        revision: RevisionRecord,
        endpoints: Endpoints,
        ended: threading.Event | None = None,
        recovery: str = "",
        *,
        assisted: bool = False,
        setup_open_until: datetime | None = None,
    ) -> None:
        self._folder = folder
        self._setup_open_until = setup_open_until
        self._assisted = assisted
        self._endpoints = endpoints
        self._recovery = recovery
        self.ended = threading.Event() if ended is None else ended
        self.gave_up = ""
        self.reset_by = ""
        self.restart_by = ""
        self.restore: RestoreBackup | None = None
        self._leaving = False
        self._stack = ExitStack()
        self._in_force = InForce.of(revision)
        self._time_file = TimeFile(folder.path)
        kept = self._time_file.read()
        if kept is not None and not kept.counts(self._in_force.time_settings()):
            kept = None
        self._kept_time = kept
        self.runtime = ThreadRuntime(on_give_up=self.give_up, kept_time=kept)
        self._recent = RecentLines()
        self._files = FileExchange(
            folder.path / STATION_FILES,
            self.runtime.tell,
            self.runtime.clock.monotonic,
            self._in_force.document.ocpp.files_address or "",
        )
        self.ocpp_port = self.ocpps_port = self.web_port = 0
        """What is listened on for `ws://`, `wss://` and the pages; 0 where nothing is."""
        self.credentials: tuple[str, str] | None = None
        self.setup_code = ""
        self._incarnations: dict[BoxIdentity, int] = {}
        self._announcer: Announcer | None = None
        self._login_rules = LoginRules()
        self._login_rules.follow(self._in_force.document.web)
        self._network = NetworkShelf(folder.path / NETWORK, self.runtime.clock.utc_now)

    @property
    def begins_anew(self) -> bool:
        """Whether it ends so that another one can begin in its place."""
        return bool(self.reset_by or self.restart_by or self.restore is not None)

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
        logging.getLogger().addHandler(self._recent)
        self._stack.callback(logging.getLogger().removeHandler, self._recent)
        document = self._in_force.document
        self._door = StationDoor(self._folder.path, document, self.runtime.clock.utc_now())
        self._file_door = FileDoor(
            self._files,
            FtpDoorkeeper(self._files, self._file_lockout(), self.runtime.tell, self.runtime.clock.utc_now),
            self._host(document.ocpp.host),
            lambda: self._door.certificate(self.runtime.clock.utc_now()),
            any_port=self._endpoints.ocpp_port is not None,
        )
        gateway = self._gateway = self._new_gateway(document)
        hub = ModbusHub()
        self._stack.callback(hub.close)
        pins = GpioLink(self._folder.path / CONTROL_NAME)
        self._stack.callback(pins.join)
        self._stack.callback(pins.close)
        cpo = CpoConnector(self._folder.path)
        self._stack.callback(cpo.close)
        cuts = self._cuts = Cuts(self.runtime, gateway)
        edges = SiteEdges(
            gateway,
            cuts.meter_links(hub.meter_link),
            cuts.inputs(pins),
            cuts.uplinks(cpo),
            self._door.edges(self._hang_up),
            hub.meter_probe,
            self._reset_link,
            self._reset,
            self._restore,
            self._restart,
            self._kept_time,
            self._time_file.keep,
        )
        site = SiteInForce(self._in_force, edges)
        self._admit(document)
        self._stack.callback(self.runtime.close)
        children = site_tree(site, self._open_store, self._admit)
        self.runtime.spawn("supervisor", lambda context: Supervisor(context, children))
        self._wait_for("site", "recorder")
        # Without it stations that need a password would have to knock twice.
        deadline = self.runtime.clock.monotonic() + KEYS_WITHIN_S
        self.runtime.wait_until(lambda: self.ended.is_set() or self._door.book.learnt, deadline)
        for step in (self._start_gateway, self._start_web, self._start_control):
            if self.ended.is_set():
                return
            step(document)

    def _start_gateway(self, document: SiteDocument) -> None:
        self._stack.callback(self._gateway.stop)
        try:
            self.ocpp_port = self._gateway.start() or 0
            self.ocpps_port = self._gateway.secured_port or 0
        except OSError as error:
            where = f"{self._host(document.ocpp.host)}:{self._port(document)}"
            # asyncio wraps the reason into a text of its own; a name that isn't found has a negative errno.
            number = error.errno or 0
            reason = os.strerror(number) if number > 0 else error.strerror or error
            raise EvceError(f"can't listen for stations on {where}: {reason}") from error

    def _start_control(self, _: SiteDocument) -> None:
        gauge = Gauge(self.runtime)
        self._stack.callback(gauge.close)
        shell = shell_deeds(self.runtime, self._recent, gauge)
        known = together(
            deeds(self.runtime),
            alarm_deeds(self.runtime),
            backup_deeds(self.runtime),
            session_deeds(self.runtime),
            time_deeds(self.runtime),
            uplink_deeds(self.runtime),
            security_deeds(self.runtime),
            remote_deeds(self.runtime),
            report_deeds(self._reports),
            reset_deeds(self.runtime),
            wiring_deeds(self.runtime),
            station_deeds(self.runtime, self._files),
            firmware_deeds(self.runtime, self._firmware),
            drill_deeds(self.runtime, self._cuts),
            shell,
        )
        control = ControlServer(self._folder.path, known)
        control.start()
        self._stack.callback(control.stop)

    def _open_store(self, now: datetime) -> Store:
        """Open the database for the recorder, which tells people about a repair at this start."""
        store = open_store(self._folder.database, now)
        store.recovery, self._recovery = self._recovery or store.recovery, ""
        return store

    def _file_lockout(self) -> Lockout:
        """Against guessing at the files over FTP, as strict as the pages are."""
        return Lockout(self._site(), self._login_rules, self.runtime.clock.utc_now)

    def _firmware_keeper(self) -> FirmwareKeeper:
        runtime, now = self.runtime, self.runtime.clock.utc_now
        shelf = FirmwareShelf(self._folder.path / STATION_FIRMWARE, now)
        return FirmwareKeeper(
            self._site(), self._files, shelf, RunningRevisions(runtime.ask, runtime.tell, now), now
        )

    def _report_maker(self) -> ReportMaker:
        shelf = ReportShelf(self._folder.path / REPORTS)
        inside = Insider(self.runtime, self._folder, self._recent).look
        return ReportMaker(__version__, self._site(), shelf, inside, self.runtime.clock.utc_now, self._files)

    def _site(self) -> Site:
        return Site(self.runtime.ask, self.runtime.tell, WebSettings().ask_timeout)

    def _new_gateway(self, document: SiteDocument) -> Gateway:
        return Gateway(
            self._host(document.ocpp.host),
            self._port(document) if document.ocpp.opens_plain_port else None,
            self._from_socket,
            self.runtime.clock,
            self._door.book.known,
            full=self.runtime.directory.full,
            secured=self._door.secured,
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

    def _admit(self, document: SiteDocument) -> None:
        """Let the stations of this document in, and hang up on those that it no longer has."""
        book = self._door.book
        before = {identity: book.known(identity) for identity in book.stations}
        self._door.admit(document)
        self._file_door.admit(document)
        self._announce(document)
        self._login_rules.follow(document.web)
        self._wish_network(document)
        for identity, known in before.items():
            now = book.known(identity)
            if now is None:
                self._hang_up(identity, "no longer registered")
            elif known is not None and now.needed > max(known.needed, now.reached):
                self._hang_up(identity, f"security profile {int(now.needed)} is asked for")

    def _hang_up(self, identity: BoxIdentity, reason: str) -> None:
        """End a station's connection; if it may, it comes back."""
        self._gateway.disconnect(identity, self._incarnations.get(identity, 0), NOT_ADMITTED, reason)

    def _start_web(self, document: SiteDocument) -> None:
        if self._assisted and not has_admin(self.runtime.ask):
            self.setup_code = generate_setup_code()
        elif created := ensure_admin(self.runtime.ask, self.runtime.tell, ADMIN):
            self.credentials = (created.login, created.password)
        files = ensure_certificate(self._folder.path)
        settings = WebSettings(
            version=__version__,
            secret_key=ensure_secret_key(self._folder.path),
            login=self._login_rules,
            setup_code=self.setup_code,
            setup_open_until=self._setup_open_until,
            ocpp_port=self.ocpp_port,
            ocpps_port=self.ocpps_port,
            identifier=unique_identifier(),
            now=self.runtime.clock.utc_now,
            steady_now=self.runtime.clock.steady_utc,
        )
        self._wish_network(document)
        self._file_door.start(document)
        self._stack.callback(self._file_door.stop)
        self._firmware = self._firmware_keeper()
        self._firmware.start()
        self._stack.callback(self._firmware.stop)
        self._reports = self._report_maker()
        self._reports.start()
        self._stack.callback(self._reports.stop)
        sources = Sources(
            lambda names, kinds: Trace(self.runtime, names, kinds, TRACED_DEPTH), self._gateway.taps.open
        )
        backups = BackupRoom(self._folder.path, CHILD_PROGRAM, self.runtime.clock.monotonic)
        self._stack.callback(backups.stop)
        self._releases = ReleaseRoom(
            self._folder.path,
            CHILD_PROGRAM,
            self._folder.database,
            base_schema(),
            self.runtime.clock.utc_now,
        )
        self._stack.callback(self._releases.stop)
        app = create_app(
            self.runtime.ask,
            self.runtime.tell,
            settings,
            files=self._files,
            backups=backups,
            firmware=self._firmware,
            reports=self._reports,
            sources=sources,
            network=self._network,
            releases=self._releases,
        )
        server = WebServer(
            WebApplication(app),
            self._host(document.web.host),
            document.web.port if self._endpoints.web_port is None else self._endpoints.web_port,
            files.certificate,
            files.key,
        )
        self.web_port = server.start()
        self._stack.callback(server.stop)
        host = self._host(document.web.host)
        self._announcer = Announcer(lambda: own_addresses(host))
        self._announcer.start()
        self._stack.callback(self._announcer.stop)
        self._announce(document)

    def _announce(self, document: SiteDocument) -> None:
        """Tell the local network of the pages, under the name that the site has now (NW-2)."""
        if self._announcer is not None:
            self._announcer.announce(
                partial(self._card, document.site.name) if document.web.announce else None
            )

    def _wish_network(self, document: SiteDocument) -> None:
        """Tell whoever applies them on this machine which addresses it is to have (NW-1)."""
        try:
            self._network.follow(document.network)
        except OSError as error:
            logger.error("the network settings can't be handed on: %s", error)

    def _card(self, name: str, addresses: tuple[str, ...]) -> Card:
        return Card(name, unique_identifier(), __version__, self.web_port, addresses)

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

    def _reset_link(self, settings: InputSettings) -> GpioLink:
        link = GpioLink(self._folder.path / RESET_CONTROL_NAME, high=[settings.reset_drive_pin], guest=True)
        self._stack.callback(link.join)
        self._stack.callback(link.close)
        return link

    def _reset(self, author: str) -> None:
        self.reset_by = author
        self.ended.set()

    def _restart(self, author: str) -> None:
        self.restart_by = author
        self.ended.set()

    def _restore(self, wanted: RestoreBackup) -> None:
        self.restore = wanted
        self.ended.set()

    def give_up(self, reason: str) -> None:
        """It can't heal itself: it should end, so that a new process can start. For any thread."""
        self.gave_up = self.gave_up or reason
        self.ended.set()
