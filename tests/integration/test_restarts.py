"""Actors of a running house are killed one after another: each is back at once, and no car notices."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evce.configuration.revisions import next_revision
from evce.configuration.toml_source import parse_toml
from evce.views import ActorView
from tests.conftest import TIMEOUT_FACTOR
from tests.integration.house import CARS, House, until
from tools.control.client import control
from tools.daemon import Daemon, Endpoints
from tools.data_folder import DataFolder
from tools.referee.referee import Referee

VICTIMS = [
    "station/CP-1",
    "zone/garage",
    "zone/main",
    "meter/main-meter",
    "inputs",
    "recorder",
    "view",
]
"""Three of them are the top supervisor's own: it bears five deaths in ten seconds."""

HELD = {"CP-1": 8.0, "CP-2": 8.0, "CP-3": 20.0}
"""A at 40 % of each zone's maximum."""

UNHURRIED = {"CP-1": 20.0, "CP-2": 20.0, "CP-3": 32.0}
"""A while all three charge: two share the garage's 40 A, the third has its rating."""

RESTARTED_WITHIN = 0.1
"""Seconds from a death to the successor's first message (RELIABILITY, p99)."""


def line_of(house: House, name: str) -> dict[str, object]:
    """What `evce actors list` knows of one actor."""
    lines = {line["name"]: line for line in control(house.folder, "actors")["actors"]}
    line: dict[str, object] = lines[name]
    return line


def handled(house: House, name: str) -> int:
    """How many messages this incarnation of an actor has handled."""
    inbox = line_of(house, name)["inbox"]
    return int(inbox["handled"]) if isinstance(inbox, dict) else 0


@contextmanager
def watching(house: House, note: Callable[[str, float], object]) -> Iterator[None]:
    """What each car is offered is told all the time, from a thread of its own."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.005):
            for car in CARS:
                note(car, house.pilot(car))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join(5.0)


@contextmanager
def held_down(house: House) -> Iterator[None]:
    """An input holds the whole site at 40 % meanwhile; nobody may ever be offered more."""
    house.evce("input", "1", "on")
    until(lambda: all(house.pilot(car) <= HELD[car] for car in CARS), 5, "40 %")
    offered: dict[str, float] = dict.fromkeys(CARS, 0.0)
    try:
        with watching(house, lambda car, amps: offered.update({car: max(offered[car], amps)})):
            yield
    finally:
        house.evce("input", "1", "off")
    assert {car: amps for car, amps in offered.items() if amps > HELD[car]} == {}


@pytest.mark.parametrize("name", ["zone/garage", "zone/main", "inputs"])
def test_a_restart_raises_nothing_while_an_input_holds_the_site_down(charging: House, name: str) -> None:
    """DI-1: RELIABILITY invariant 17, no actor's restart raises a setpoint."""
    before = line_of(charging, name)["restarts"]
    with held_down(charging):
        charging.evce("actors", "kill", name)
        until(lambda: line_of(charging, name)["restarts"] != before, 5, f"{name} was restarted")
        heard = 0 if name == "zone/main" else handled(charging, "zone/main")
        # Long enough for the input board to tell its state again and for the root to look at the site again.
        until(lambda: handled(charging, "zone/main") >= heard + 12, 10, "the root zone has heard and planned")


@pytest.mark.parametrize("name", VICTIMS)
def test_a_killed_actor_is_back_and_charging_goes_on(charging: House, referee: Referee, name: str) -> None:
    """AC-2: the restart is seen on the command line and on the dashboard; no limit is missed."""
    running = {session.transaction for session in charging.sessions(running=True)}
    before = line_of(charging, name)["restarts"]
    assert isinstance(before, int)

    lowest = {car: charging.pilot(car) for car in CARS}
    with watching(charging, lambda car, amps: lowest.update({car: min(lowest[car], amps)})):
        _kill(charging, name, before)
        until(charging.all_verified, 15, "every station is known again")
        until(charging.unhurried, 30, "every car has its share again")
    assert lowest == UNHURRIED, "no car pauses because somebody of us has died"
    assert {session.transaction for session in charging.sessions(running=True)} == running
    assert [str(violation) for violation in referee.violations] == []
    assert charging.site.complaints() == []


def _kill(charging: House, name: str, before: int) -> None:
    killed = charging.evce("actors", "kill", name)
    assert killed.exit_code == 0
    until(
        lambda: (
            (line_of(charging, name)["restarts"], line_of(charging, name)["state"]) == (before + 1, "running")
        ),
        5,
        f"{name} runs again",
    )
    assert "killed for a drill" in str(line_of(charging, name)["last_failure"])
    until(lambda: name in charging.snapshot().actors, 5, "the dashboard shows it")
    shown = charging.snapshot().actors[name]
    assert (shown.state, shown.restarts) == ("running", before + 1)


def test_all_stations_are_taken_over_at_once(charging: House, referee: Referee) -> None:
    """AC-2: their supervisor dies with all of them; sessions go on, and nothing rises before it is known."""
    running = {session.transaction for session in charging.sessions(running=True)}
    with held_down(charging):
        charging.evce("actors", "kill", "supervisor/stations")
        until(lambda: line_of(charging, "supervisor/stations")["restarts"] == 1, 5, "the group is restarted")
        until(charging.all_verified, 15, "every station is known again")
    assert {session.transaction for session in charging.sessions(running=True)} == running
    assert [str(violation) for violation in referee.violations] == []


def test_nobody_can_be_killed_who_does_not_live(house: House) -> None:
    """AC-4: RELIABILITY §3, a message that says what would be right."""
    refused = house.evce("actors", "kill", "station/CP-77")
    assert (refused.exit_code, "`evce actors list` shows them" in refused.output) == (1, True)


ANNEX = """
[site]
name = "Annex"
time_zone = "Europe/Paris"
[[zones]]
id = "annex"
name = "Annex"
maximum_a = 100
"""


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon with 29 stations, none of them connected."""
    stations = "".join(
        f'[[stations]]\nbox_identity = "S{n}"\nname = "S{n}"\nfamily = "parking"\nzone = "annex"\n'
        f'[[stations.connectors]]\nwiring = "TRI123"\nrating_a = 32\n'
        for n in range(29)
    )
    document = parse_toml(ANNEX + stations)
    record = next_revision(None, document, author="test", comment="", now=datetime.now(UTC))
    folder = DataFolder(tmp_path / "data")
    with folder.hold():
        daemon = Daemon(folder, record, Endpoints("127.0.0.1", 0, 0))
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.stop()


def test_a_dead_actor_is_replaced_within_100_ms(crowd: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-2: RELIABILITY, first restart after a death within 100 ms (p99)."""
    runtime = crowd.runtime
    died: dict[str, float] = {}
    back: dict[str, float] = {}
    show, bury = runtime.show, runtime.bury

    def note_show(view: ActorView, gone: bool = False) -> None:
        if view.state == "running" and view.restarts == 1:
            back.setdefault(view.name, runtime.clock.monotonic())
        show(view, gone)

    def note_bury(actor: object, reason: str | None = None, traceback: str = "") -> None:
        if reason is not None:
            died[actor.name] = runtime.clock.monotonic()  # type: ignore[attr-defined]
        bury(actor, reason, traceback)  # type: ignore[arg-type]

    monkeypatch.setattr(runtime, "show", note_show)
    monkeypatch.setattr(runtime, "bury", note_bury)
    names = [f"station/S{n}" for n in range(29)]
    for name in names:
        assert runtime.kill(name)
        until(lambda name=name: name in back, 5, f"{name} is back")  # type: ignore[misc]
    waits = sorted(back[name] - died[name] for name in names)
    assert waits[-1] <= RESTARTED_WITHIN * TIMEOUT_FACTOR, waits
