"""Tests of the demo: the whole simulated site around the daemon, for less than a minute."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.house import until
from tools.control.client import ControlError, control
from tools.demo import Demo, DemoOptions, demo_document
from tools.simulation.outlet import Outlet


def answers(demo: Demo) -> bool:
    try:
        return bool(control(demo.data, "actors")["actors"])
    except ControlError:
        return False


def charging(demo: Demo) -> list[tuple[str, Outlet]]:
    """Every outlet at which a car truly takes more than the least that a station can offer."""
    return [(where, outlet) for where, outlet in occupied(demo) if max(outlet.currents) > 6.0]


def served(demo: Demo) -> list[str]:
    """Every outlet whose car has taken something, whatever it takes now."""
    return [where for where, outlet in occupied(demo) if outlet.register > 10.0]


def occupied(demo: Demo) -> list[tuple[str, Outlet]]:
    return [
        (f"{name}/{number}", outlet)
        for name, station in demo.site.world.stations.items()
        for number, outlet in station.outlets.items()
        if outlet.session is not None
    ]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """Many cars, a building that steps every few seconds; stopped at the end whatever happens."""
    options = DemoOptions(arrivals=50.0, web_port=0, steps=10.0, seed=3, log=tmp_path / "log")
    demo = Demo(tmp_path, options)
    try:
        demo.start()
        yield demo
    finally:
        demo.stop()


@pytest.mark.scenario
def test_the_demo_charges_cars_safely_and_books_them(demo: Demo, tmp_path: Path) -> None:
    """AC-5: cars charge within 40 s, no limit is missed, the books agree; killed, it comes back by itself."""
    until(lambda: len(charging(demo)) >= 3, 40, "three cars charge")
    assert {"street", "main"} <= {str(zone) for zone in demo.site.truth()}
    until(lambda: len(served(demo)) >= 3, 20, "three took something")
    for where in served(demo)[:3]:
        demo.site.obey(f"unplug {where}")
    until(lambda: len(demo.recorded()) >= 3, 15, "those who left are booked")
    until(lambda: demo.compared()[0] >= 3, 10, "and counted")
    assert demo.compared()[1] == []

    sessions = {session.transaction for session in demo.recorded()}
    demo.service.kill()
    until(lambda: demo.service.starts == 2 and answers(demo), 30, "it is started again, as systemd would")
    assert sessions <= {session.transaction for session in demo.recorded()}
    assert demo.referee.clean, [str(violation) for violation in demo.referee.violations]
    assert demo.site.complaints() == []
    demo.stop()
    assert demo.service.ends[-1].code == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_port_that_is_taken_is_not_used(tmp_path: Path) -> None:
    """A second demo on the same machine gets ports of its own."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        demo = Demo(tmp_path, DemoOptions(web_port=port))
    assert len({port, demo.web_port, demo.ocpp_port}) == 3


def test_any_port_will_do(tmp_path: Path) -> None:
    """The address that is printed is one that works."""
    assert Demo(tmp_path, DemoOptions(web_port=0)).web_port > 0


def test_the_demo_site_is_the_one_that_the_package_ships() -> None:
    """EL-5: 24 stations of every family."""
    document = demo_document()
    assert len(document.stations) == 24
    assert len({station.family for station in document.stations}) >= 6
