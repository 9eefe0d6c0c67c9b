"""Runs the daemon as a process: its site file, its signals, the service manager, and its exit code."""

import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from click import ClickException

from actors.messages import AskFailed, GetSnapshot, RecordEvent, RestoreBackup
from evce import __version__
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import canonical_json, difference, next_revision, parse_json
from evce.errors import EvceError
from evce.records import EventRecord, RevisionRecord
from evce.release.shelf import ReleaseShelf
from evce.storage import open_store
from tools.backups.restoring import restore_site
from tools.commands.revision_database import RevisionDatabase
from tools.commands.site_file import SITE_FILE_AUTHOR, load_site
from tools.control.deeds import deeds
from tools.daemon import Daemon, Endpoints
from tools.data_folder import DataFolder
from tools.log import set_up_log
from tools.notify import notify, notify_ready, notify_restarting, watchdog_period
from tools.processes import collected_seldom
from tools.releases.launching import ANEW, running_release
from tools.releases.trial import ReleaseTrial, untold_event

__all__ = ["run_daemon"]

logger = logging.getLogger(__name__)

SWITCH_INTERVAL_S = 0.01
"""How long a busy thread keeps the interpreter while others wait, twice the default.

Each waiting thread wakes once in this time to ask for its turn: when an order goes to 300 stations at once, a
shorter one spends more on asking than on the orders. With one busy thread an answer waits two of them.
"""

NO_SITE = "{} lost its database and has no sound snapshot: name a site file, `evce run SITE.toml --data …`"

FIRST_START_AUTHOR = "first start"
"""Author of the revision under which a site begins that the assistant will describe (UI-6)."""

FIRST_START_NAME = "New site"

RESET_AUTHOR = "factory reset"
"""Author of the empty revision after a reset."""

SETUP_OPEN_FOR = timedelta(minutes=15)
"""After a reset the first login needs no code: who reached the contact may not reach the log (DI-5)."""

RELOAD_WITHIN_S = 1.0
"""How soon a SIGHUP is noticed; also how often the daemon looks after itself."""

PASSING_THREADS = ("control-client", "station-scan")
"""Threads that do one thing for one person: nothing is missing once they have ended, however it was."""

ENDS_WITHIN_S = 10
"""For the end of a process that can't go on; after that SIGALRM ends it without asking anybody."""

GAVE_UP = 70
"""Exit code (EX_SOFTWARE) when the actors couldn't heal themselves: systemd starts the process anew."""


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
    there are mistakes in it. Without one a folder that holds no site yet begins with an empty site, which the
    assistant describes. Prints where to go, and the credentials of the admin when this start made one.
    """
    finish_log = set_up_log(log_format)
    os.umask(0o077)  # also in a folder that somebody made for all to read
    folder, shelf = DataFolder(data), ReleaseShelf(data)
    trial = ReleaseTrial(shelf, running_release(), time.monotonic)
    ended = threading.Event()
    try:
        with _until_signalled(ended), collected_seldom():
            document = None if site is None else load_site(site)
            with folder.hold():
                reset_at: datetime | None = None
                while True:
                    revision, recovery = _revision(folder, document, "" if site is None else site.name)
                    _tell_of_release(folder, shelf)
                    daemon = Daemon(
                        folder,
                        revision,
                        Endpoints(host, ocpp_port, web_port),
                        ended,
                        recovery,
                        assisted=site is None or revision.author == RESET_AUTHOR,
                        setup_open_until=None if reset_at is None else reset_at + SETUP_OPEN_FOR,
                    )
                    code = _run(daemon, site, host, trial)
                    if daemon.reset_by:
                        reset_at = _reset(folder, document, daemon.reset_by)
                    elif daemon.restore is not None:
                        _restore(folder, document, daemon.restore)
                    elif daemon.restart_by:
                        logger.warning("starting anew, wanted by %s", daemon.restart_by)
                        if shelf.course().to_run != running_release():
                            trial.ended()
                            return ANEW
                    else:
                        return code
                    ended.clear()
    except (EvceError, OSError, RuntimeError) as error:
        logger.debug("the start failed", exc_info=error)
        trial.failed(str(error))
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
        if newest is None and recovery:
            raise EvceError(NO_SITE.format(folder.path))
        if newest is None:
            empty = SiteDocument.parse({"site": {"name": FIRST_START_NAME}})
            comment = "an empty site, for the assistant"
            newest = next_revision(None, empty, author=FIRST_START_AUTHOR, comment=comment, now=now)
            revisions.append(newest)
    return newest, recovery


def _reset(folder: DataFolder, document: SiteDocument | None, author: str) -> datetime:
    """Delete everything, and begin with an empty site (SR-3, DI-5); returns when.

    The site file that EVCE was started with is as if it had been taken over already: it comes into force
    again only once it says something new.
    """
    logger.critical("back to factory settings, wanted by %s: everything that was stored is deleted", author)
    folder.forget_everything()
    now = datetime.now(UTC)
    with open_store(folder.database, now) as store:
        revisions = RevisionDatabase(store)
        before = None
        if document is not None:
            comment = "set aside by the reset to factory settings"
            before = next_revision(None, document, author=SITE_FILE_AUTHOR, comment=comment, now=now)
            revisions.append(before)
        empty = SiteDocument.parse({"site": {"name": FIRST_START_NAME}})
        comment = f"back to factory settings, wanted by {author}"
        revisions.append(next_revision(before, empty, author=RESET_AUTHOR, comment=comment, now=now))
    return now


def _restore(folder: DataFolder, document: SiteDocument | None, wanted: RestoreBackup) -> None:
    """Put an unpacked backup in the place of the site (SR-2); where that fails the old one goes on."""
    now = datetime.now(UTC)
    staged = folder.path / wanted.folder
    try:
        restore_site(folder, staged, wanted.author, now, users=wanted.users, site_file=document)
    except EvceError as error:
        logger.error("the backup was not restored: %s", error)
        with open_store(folder.database, now) as store:
            text = f"the backup was not restored: {error}"
            store.append_events([EventRecord(now, "EVCE", "audit", text, wanted.author)])


def _differs(record: RevisionRecord | None, document: SiteDocument) -> bool:
    return record is None or bool(difference(parse_json(record.document), document))


def _tell_of_release(folder: DataFolder, shelf: ReleaseShelf) -> None:
    """SR-4: what became of an update is in the log of events."""
    if (event := untold_event(shelf)) is not None:
        logger.warning("%s", event.message)
        with open_store(folder.database, event.at) as store:
            store.append_events([event])


def _run(daemon: Daemon, site: Path | None, host: str | None, trial: ReleaseTrial) -> int:
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    reload = threading.Event()
    before = signal.signal(signal.SIGHUP, lambda *_: reload.set())
    before_hook, threading.excepthook = threading.excepthook, partial(_thread_failed, daemon)
    try:
        daemon.start()
        if daemon.credentials is not None or not daemon.ended.is_set():
            _welcome(daemon, host)
        if not daemon.ended.is_set():
            notify_ready()
            with _out_of_the_collectors_sight():
                _stay(daemon, site, reload, trial)
    finally:
        if daemon.begins_anew:
            notify_restarting()
        else:
            notify("STOPPING=1")
        daemon.stop()
        signal.alarm(0)
        threading.excepthook = before_hook
        signal.signal(signal.SIGHUP, before)
    if daemon.gave_up:
        logger.critical("ending so that a new process can start: %s", daemon.gave_up)
        trial.failed(daemon.gave_up)
        return GAVE_UP
    trial.ended()
    return 0


def _thread_failed(daemon: Daemon, failure: threading.ExceptHookArgs) -> None:
    """A thread has ended for good, as where memory has run out: a new process has them all again.

    With no memory left the orderly end may stick as well; the kernel's own clock ends it then.
    """
    name = "" if failure.thread is None else failure.thread.name
    if name not in PASSING_THREADS:
        signal.alarm(ENDS_WITHIN_S)
        daemon.give_up(f"thread {name} ended with {failure.exc_type.__name__}")
    if failure.exc_value is not None:
        logger.error("thread %s failed", name, exc_info=failure.exc_value)


@contextmanager
def _out_of_the_collectors_sight() -> Iterator[None]:
    """What the started daemon is made of stays: the garbage collector needn't walk it again and again.

    A full collection of it takes some 80 ms in which no thread runs, as long as a whole cut may take.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _stay(daemon: Daemon, site: Path | None, reload: threading.Event, trial: ReleaseTrial) -> None:
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
            trial.unwell()
        else:
            notify("WATCHDOG=1")
            if (kept := trial.well()) is not None:
                daemon.runtime.tell(
                    "recorder", RecordEvent(kept.at, kept.device, kept.type, kept.message, kept.author)
                )


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
        *(
            f"  stations  {scheme}://{shown}:{port}/ocpp/<box identity>"
            for scheme, port in (("ws", daemon.ocpp_port), ("wss", daemon.ocpps_port))
            if port
        ),
    ]
    if daemon.setup_code:
        lines.append(
            f"  begin     https://{shown}:{daemon.web_port}/assistant/credentials?code={daemon.setup_code}"
        )
    if daemon.credentials is not None:
        login, password = daemon.credentials
        lines.append(f"  log in    {login}  {password}   (shown this once: keep it)")
    print("\n".join(lines), flush=True)
