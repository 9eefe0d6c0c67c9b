"""`evce demo`: a whole simulated site around the real daemon, with a referee who knows what truly flows."""

import contextlib
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import parse_toml, write_toml
from tools.control.client import ControlError, control
from tools.data_folder import DataFolder
from tools.referee.books import BookedSession, booked, compare_sessions
from tools.referee.page import as_html
from tools.referee.referee import Referee
from tools.referee.report import as_text, write_report
from tools.service import Service
from tools.simulation.client import BackOff
from tools.simulation.quirks import Quirks, spread
from tools.simulation.site import SimulatedSite
from tools.simulation.world import WorldOptions

__all__ = ["Demo", "DemoOptions", "demo_document", "free_port", "quirks_of", "run_demo"]

DRAIN = 3.0
"""Seconds for a transaction message to be answered and committed."""


class DemoOptions:
    """What a demo is asked for; see `evce demo --help`."""

    def __init__(
        self,
        *,
        speed: float = 1.0,
        arrivals: float = 10.0,
        web_port: int = 8443,
        seed: int = 1,
        host: str = "127.0.0.1",
        steps: float | None = 60.0,
        log: Path | None = None,
        quirks: bool = False,
        quiet: bool = False,
    ) -> None:
        self.speed, self.arrivals, self.web_port = speed, arrivals, web_port
        self.seed, self.host, self.steps, self.log, self.quirks = seed, host, steps, log, quirks
        self.quiet = quiet
        """Neither this process nor the daemon says anything on the screen."""


class Demo:
    """The simulated site, the daemon as a process of its own, and the referee."""

    def __init__(self, folder: Path, options: DemoOptions) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.options = options
        document = demo_document()
        self.ocpp_port = free_port(options.host)
        wanted = options.web_port
        self.web_port = wanted if wanted and _is_free(options.host, wanted) else free_port(options.host)
        self.site = SimulatedSite(
            document,
            WorldOptions(
                seed=options.seed,
                arrivals_factor=options.arrivals,
                speed=options.speed,
                step_every=options.steps,
                utc_at_zero=time.time() - time.monotonic(),
                quirks=quirks_of(document) if options.quirks else {},
            ),
            free_ports=True,
            control_port=0,
            back_off=BackOff(0.5, 5.0),
        )
        self.referee = Referee(document.model())
        self.service = Service(
            [
                *(sys.executable, "-m", "tools", "run", str(folder / "site.toml")),
                *("--data", str(self.data), "--host", options.host),
                *("--ocpp-port", str(self.ocpp_port), "--web-port", str(self.web_port)),
            ],
            log=options.log,
            watchdog=None,
            quiet=options.quiet,
            ended=self._tell_end,
        )

    def start(self) -> None:
        """Open the meters, start the daemon, hand out the badges, let the stations dial."""
        ports = self.site.start_meters()
        document = demo_document()
        site_file = self.folder / "site.toml"
        meters = tuple(meter.model_copy(update={"port": ports[meter.id]}) for meter in document.meters)
        site_file.write_text(write_toml(document.model_copy(update={"meters": meters})))
        self.service.start()
        self._await_control()
        for badge in self.site.world.drivers:
            control(
                self.data,
                "save_card",
                id_tag=badge.id_tag,
                vip=badge.vip,
                comment="Demo driver",
                author="demo",
            )
        self.site.start(f"ws://{self.options.host}:{self.ocpp_port}/ocpp")
        self.referee.watch(self.site.truth)

    def stop(self) -> None:
        """Stop everything in reverse order; leaves no process behind."""
        self.referee.stop()
        self.service.stop()
        self.site.stop()

    def compared(self) -> tuple[int, list[str]]:
        """Count the ended sessions, and tell how what the cars truly took differs from the database.

        Those that ended in the last seconds are left out: their end may still be on its way. When they did
        the cars' book knows; in the database it's told by the stations' clocks, which may be wrong.
        """
        until = time.time() - DRAIN
        book = self.site.book()
        truth = [session for session in book if session.stopped < until]
        late = [session for session in book if session.stopped >= until]
        return len(truth), [str(found) for found in compare_sessions(truth, self.recorded(), unsure=late)]

    def recorded(self) -> list[BookedSession]:
        """Every ended session in the daemon's database."""
        with DataFolder(self.data).read(datetime.now(UTC)) as store:
            return booked(store.sessions(limit=1_000_000))

    def _tell_end(self, code: int) -> None:
        if not self.options.quiet:
            print(f"The daemon ended with {code}; it is started again.", flush=True)

    def _await_control(self) -> None:
        deadline = time.monotonic() + 60.0
        while True:
            with contextlib.suppress(ControlError):
                control(self.data, "actors")
                return
            if len(self.service.ends) > 1 and self.service.ends[-1].code != 0:
                raise RuntimeError("the daemon doesn't start; its own lines above say why")
            if time.monotonic() > deadline:
                raise RuntimeError("the daemon did not answer within 60 s")
            time.sleep(0.2)


def demo_document() -> SiteDocument:
    """Return the demo site, as the package ships it."""
    return parse_toml((files("tools.simulation") / "demo-site.toml").read_bytes())


def quirks_of(document: SiteDocument) -> dict[str, Quirks]:
    """A bad habit of the field for each station of a site."""
    return spread(str(station.box_identity) for station in document.stations)


def run_demo(
    data: Path | None,
    speed: float,
    arrivals: float,
    minutes: float | None,
    web_port: int,
    seed: int,
    open_house: bool,
    quirks: bool = False,
    report: Path | None = None,
) -> int:
    """Run the demo until Ctrl-C or for `minutes`; returns 1 when the referee saw a violation.

    The referee's page is written to `report` too, which outlives a demo folder of passing use.
    """
    host = "0.0.0.0" if open_house else "127.0.0.1"  # noqa: S104  # asked for by name
    with _folder(data) as folder:
        demo = Demo(
            folder,
            DemoOptions(
                speed=speed, arrivals=arrivals, web_port=web_port, seed=seed, host=host, quirks=quirks
            ),
        )
        over = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        try:
            demo.start()
            print(_greeting(demo), flush=True)
            over.wait(None if minutes is None else minutes * 60.0)
            return _conclude(demo, report)
        finally:
            demo.stop()


def _greeting(demo: Demo) -> str:
    folder = demo.data
    return "\n".join(
        (
            "",
            f"The demo site is charging. Watch it at https://localhost:{demo.web_port}/",
            "  (the certificate is the site's own: the browser warns once)",
            f"  inputs    evce input 1 on --data {folder}",
            f"  drills    evce drill meter main-meter --data {folder}",
            f"            evce actors kill zone/main --data {folder}",
            "  Ctrl-C ends it with the referee's report.",
            "",
        )
    )


def _conclude(demo: Demo, report: Path | None) -> int:
    demo.referee.stop()
    sessions, differences = demo.compared()
    demo.referee.note(differences)
    print(as_text(demo.referee), flush=True)
    write_report(demo.referee, demo.folder / "report")
    print(f"{sessions} sessions ended; {len(differences)} differ between the cars and the database.")
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(as_html(demo.referee, f"Demo, seed {demo.options.seed}"))
    print(f"Report: {report or demo.folder / 'report'}", flush=True)
    return 1 if demo.referee.violations or differences else 0


@contextlib.contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="evce-demo-") as folder:
        yield Path(folder)


def free_port(host: str) -> int:
    """A port on which nobody listens now."""
    with socket.socket() as sock:
        sock.bind((host, 0))
        return int(sock.getsockname()[1])


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except OSError:
            return False
    return True
