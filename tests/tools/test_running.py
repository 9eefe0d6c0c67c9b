"""Tests of the daemon as a process: how it starts, refuses to start, tells systemd, and ends."""

import gc
import logging
import os
import re
import signal
import socket
import ssl
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from actors.gateway import Gateway
from actors.gpio_link import CONTROL_NAME, RESET_CONTROL_NAME, switch_input
from evce.reset_contact import HELD_AT_LEAST
from evce.storage.store import Store
from tests.integration.house import closed_with, until
from tests.integration.process import Process
from tools.cli import main
from tools.control.client import control
from tools.control.wire import SOCKET_NAME
from tools.daemon import Daemon
from tools.data_folder import DataFolder
from tools.running import ENDS_WITHIN_S, GAVE_UP, run_daemon

NOW = datetime(2026, 1, 1, tzinfo=UTC)

SITE = """
[site]
name = "Harbour"
time_zone = "Europe/Paris"
[ocpp]
host = "127.0.0.1"
[web]
host = "127.0.0.1"
[[zones]]
id = "main"
name = "Main"
maximum_a = 63
[[stations]]
box_identity = "CP-1"
name = "One"
family = "parking"
zone = "main"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
[inputs]
enabled = true
  [[inputs.channels]]
  name = "Input1"
  percent = 50
  pin = 17
  enabled = true
"""

Patience = Callable[[float], float]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    return path


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts daemons on one folder; none of them outlives the test."""
    processes: list[Process] = []

    def start(*arguments: str, notify: Path | None = None) -> Process:
        processes.append(Process(tmp_path, *arguments, notify=notify))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Running the daemon in this very process leaves log, switch interval and umask as they were."""
    root = logging.getLogger()
    handlers, level, interval, umask = root.handlers[:], root.level, sys.getswitchinterval(), os.umask(0o022)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.setswitchinterval(interval)
    os.umask(umask)


def test_a_site_runs_until_it_is_told_to_stop(
    site: Path, launch: Callable[..., Process], tmp_path: Path, patience: Patience
) -> None:
    """AC-3, US-1: address and credentials once, HTTPS, systemd, one daemon a folder, a clean end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(patience(10))
        first = launch(str(site), notify=tmp_path / "notify").ready()
        assert manager.recv(100) == b"READY=1\nWATCHDOG_USEC=400000"
        assert manager.recv(100) == b"WATCHDOG=1"
        assert first.healthz()[0] == 200
        assert first.process.stdout is not None
        assert re.search(r"log in +installer +\S{12,}", first.process.stdout.readline())

        second = CliRunner().invoke(main, ["run", "--data", str(first.data)])
        assert second.exit_code == 1
        assert f"is in use by process {first.process.pid}" in second.output

        url = f"ws://127.0.0.1:{first.port('ws')}/ocpp/CP-1"
        with connect(url, subprotocols=[Subprotocol("ocpp1.6")], proxy=None) as station:
            assert first.end(signal.SIGTERM) == (0, "")
            assert closed_with(station) == 1001
        told = {manager.recv(100)}
        while b"STOPPING=1" not in told:
            told.add(manager.recv(100))
        assert told <= {b"WATCHDOG=1", b"STOPPING=1"}
    assert not [name for name in (SOCKET_NAME, CONTROL_NAME) if (first.data / name).exists()]
    log = first.log.read_text()
    assert "Traceback" not in log
    with DataFolder(first.data).read(NOW) as store:
        assert not [event for event in store.list_events() if "not connected" in event.message]

    again = launch().ready()
    assert "runs Harbour" in again.greeting
    assert again.end(signal.SIGINT) == (0, "")
    assert "Traceback" not in again.log.read_text()


@pytest.mark.usefixtures("here")
def test_a_site_file_full_of_mistakes_is_refused_whole(site: Path, tmp_path: Path) -> None:
    """CF-1: RELIABILITY §3, every mistake named with its line, and nothing is written."""
    site.write_text(SITE.replace("maximum_a = 63", "maximum_a = -1").replace('"TRI123"', '"TRI124"'))
    result = CliRunner().invoke(main, ["run", str(site), "--data", str(tmp_path / "data")])
    assert result.exit_code == 1
    assert "2 mistakes" in result.output
    assert "line 12: zones[main].maximum_a = -1" in result.output
    assert re.search(r'line 19: stations\[CP-1\]\.connectors\S* = "TRI124"', result.output)
    assert not (tmp_path / "data").exists()


def test_without_a_site_it_begins_with_an_empty_one(launch: Callable[..., Process]) -> None:
    """UI-6, US-1: nobody can log in; the code that is printed opens the assistant, a new one each time."""
    codes = set()
    for _ in range(2):
        first = launch().ready()
        assert "runs New site" in first.greeting
        assert first.process.stdout is not None
        line = first.process.stdout.readline()
        found = re.search(r"begin +https://127\.0\.0\.1:\d+/assistant/credentials\?code=(\S+)$", line)
        assert found is not None, line
        codes.add(found[1])
        assert first.end(signal.SIGTERM) == (0, "")
    assert len(codes) == 2
    with DataFolder(first.data).read(NOW) as store:
        assert [(r.number, r.author) for r in store.revisions()] == [(1, "first start")]


def test_the_reset_contact_deletes_everything_and_the_assistant_begins(
    site: Path, launch: Callable[..., Process], patience: Patience
) -> None:
    """DI-5, SR-3: the site file that it was started with stays out until it changes; no code is needed."""
    site.write_text(SITE.replace("[inputs]\n", "[inputs]\nreset_contact = true\n"))
    process = launch(str(site)).ready()
    contact = process.data / RESET_CONTROL_NAME
    until(contact.exists, patience(5.0))
    switch_input(contact, 1, True)
    time.sleep(HELD_AT_LEAST + 0.5)  # a person's finger; the contact's own clock is the real one here
    process.greeting = ""
    switch_input(contact, 1, False)
    process.ready()
    assert "runs New site" in process.greeting
    context = ssl.create_default_context(cafile=str(process.data / "certificate.pem"))
    context.check_hostname = False
    url = f"https://127.0.0.1:{process.port('https')}/assistant/credentials"
    with urllib.request.urlopen(url, context=context, timeout=patience(5.0)) as page:
        assert b'name="code"' not in page.read()
    assert process.end(signal.SIGTERM) == (0, "")
    assert "back to factory settings, wanted by reset contact" in process.log.read_text()
    again = launch(str(site)).ready()
    assert "runs New site" in again.greeting
    assert again.end(signal.SIGTERM)[0] == 0
    with DataFolder(again.data).read(NOW) as store:
        assert [record.author for record in store.revisions()] == ["factory reset", "site file"]
        assert store.users() == []
    site.write_text(SITE.replace("maximum_a = 63", "maximum_a = 50"))
    assert "runs Harbour" in launch(str(site)).ready().greeting


def test_a_restart_on_command_keeps_the_process_and_all_that_is_stored(
    site: Path, launch: Callable[..., Process], patience: Patience
) -> None:
    """SR-3: the same revision is in force, and no other admin is made."""
    process = launch(str(site)).ready()
    process.greeting = ""
    assert control(process.data, "start_anew", author="ann") == {"told": True}
    process.ready()
    assert "runs Harbour" in process.greeting
    assert process.end(signal.SIGTERM)[0] == 0
    assert "starting anew, wanted by ann" in process.log.read_text()
    with DataFolder(process.data).read(NOW) as store:
        assert [record.number for record in store.revisions()] == [1]
        assert [user.login for user in store.users()] == ["installer"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--ocpp-port", "can't listen for stations on 127.0.0.1:{}: Address already in use"),
        ("--web-port", "can't listen on 127.0.0.1:{}: Address already in use"),
    ],
)
def test_a_port_in_use_is_named(site: Path, tmp_path: Path, option: str, says: str) -> None:
    """AC-3: RELIABILITY §3; what was started is stopped again, and the folder is free."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ports = {"--ocpp-port": "0", "--web-port": "0"} | {option: port}
        arguments = ["run", str(site), "--data", str(tmp_path / "data"), "--host", "127.0.0.1"]
        result = CliRunner().invoke(main, [*arguments, *(word for pair in ports.items() for word in pair)])
    assert (result.exit_code, says.format(port) in result.output) == (1, True)
    assert "Traceback" not in result.output
    with DataFolder(tmp_path / "data").hold():
        pass
    living = {thread.name for thread in threading.enumerate()}
    assert not living & {"supervisor", "gateway", "web-server", "control", "modbus"}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("during", ["gateway", "database"])
def test_a_signal_while_it_starts_ends_it_in_good_order(
    site: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    during: str,
) -> None:
    """AC-3: SIGTERM counts from the first moment on; nothing listens afterwards."""
    owner = {"gateway": Gateway, "database": Store}[during]
    method = {"gateway": "start", "database": "append_revision"}[during]
    original = getattr(owner, method)

    def interrupted(*arguments: object) -> object:
        os.kill(os.getpid(), signal.SIGTERM)
        return original(*arguments)

    monkeypatch.setattr(owner, method, interrupted)
    before = signal.getsignal(signal.SIGTERM)
    assert run_daemon(site, tmp_path / "data", "console", host="127.0.0.1", ocpp_port=0, web_port=0) == 0
    assert signal.getsignal(signal.SIGTERM) is before
    assert "pages" not in capsys.readouterr().out
    assert not (tmp_path / "data" / SOCKET_NAME).exists()


@pytest.mark.usefixtures("here")
def test_what_it_writes_is_nobody_elses_business(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """US-4: hashes, keys and cards, also in a folder that somebody made for all to read."""
    (tmp_path / "data").mkdir(mode=0o755)
    monkeypatch.setattr(Daemon, "_start_control", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    assert run_daemon(site, tmp_path / "data", "json", host="127.0.0.1", ocpp_port=0, web_port=0) == 0
    modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "data").iterdir()}
    assert "evce.db" in modes
    assert set(modes.values()) == {0}


@pytest.mark.usefixtures("here")
def test_collecting_garbage_does_not_stop_a_running_daemon(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LM-8: a full collection would take as long as a cut may take; afterwards all is as it was."""
    before = gc.get_freeze_count()
    frozen: list[int] = []

    def told(state: str) -> None:
        if state == "WATCHDOG=1":
            frozen.append(gc.get_freeze_count())
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("tools.running.notify", told)
    assert run_daemon(site, tmp_path / "data", "json", host="127.0.0.1", ocpp_port=0, web_port=0) == 0
    assert frozen[0] > before + 10_000
    assert gc.get_freeze_count() <= before


def test_a_changed_site_file_is_taken_over_live_and_a_mistake_in_it_changes_nothing(
    site: Path, launch: Callable[..., Process], patience: Patience
) -> None:
    """AC-3, CF-1: SIGHUP reloads; what was applied by other ways stays until the file itself changes."""
    process = launch(str(site)).ready()

    def comments() -> list[str]:
        with DataFolder(process.data).read(NOW) as store:
            return [record.comment for record in store.revisions()]

    site.write_text(SITE.replace("maximum_a = 63", "maximum_a = 50"))
    process.process.send_signal(signal.SIGHUP)
    until(lambda: comments() == ["from site.toml, reloaded", "from site.toml"], patience(10))
    site.write_text(SITE.replace("maximum_a = 63", "maximum_a = -1"))
    process.process.send_signal(signal.SIGHUP)
    until(lambda: "must be a number above 0" in process.log.read_text(), patience(10))
    assert len(comments()) == 2
    site.write_text(SITE.replace("maximum_a = 63", "maximum_a = 50"))
    assert process.end(signal.SIGTERM)[0] == 0
    launch(str(site)).ready().end(signal.SIGTERM)
    assert len(comments()) == 2


@pytest.mark.usefixtures("here")
def test_a_process_that_lost_a_thread_for_good_ends_so_that_a_new_one_can_start(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """RELIABILITY, OOM: a thread that only served one person is told of, and nothing more."""
    alarms: list[int] = []
    names = ["control-client", "modbus"]

    def fail() -> None:
        raise MemoryError

    def told(state: str) -> None:
        if state == "WATCHDOG=1" and names:
            failing = threading.Thread(target=fail, name=names.pop(0))
            failing.start()
            failing.join()

    monkeypatch.setattr("tools.running.notify", told)
    monkeypatch.setattr(signal, "alarm", alarms.append)
    hook = threading.excepthook
    assert run_daemon(site, tmp_path / "data", "json", host="127.0.0.1", ocpp_port=0, web_port=0) == GAVE_UP
    assert alarms == [ENDS_WITHIN_S, 0]
    assert threading.excepthook is hook
    log = capsys.readouterr().err
    assert "thread control-client failed" in log
    assert "ending so that a new process can start: thread modbus ended with MemoryError" in log
