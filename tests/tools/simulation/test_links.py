"""The site under somebody else's clock."""

import json

import pytest

from evce.units import ZoneId
from tests.tools.simulation.scripted import Central, car, site
from tools.simulation.links import InProcessSite
from tools.simulation.meters import MeterFault, MeterSilentError
from tools.simulation.world import WorldOptions


class Daemon:
    """Answers every station at once and remembers who dialled."""

    def __init__(self, **options: object) -> None:
        self.now = 0.0
        self.log: list[str] = []
        self.centrals: dict[str, Central] = {}
        self.site = InProcessSite(
            site(),
            WorldOptions(**{"arrivals_factor": 0.0, **options}),  # type: ignore[arg-type]
            deliver=self.deliver,
            opened=lambda name: self.log.append(f"open {name}"),
            closed=lambda name: self.log.append(f"close {name}"),
        )

    def deliver(self, name: str, frame: str) -> None:
        answer = self.centrals.setdefault(name, Central()).take(frame)
        if answer is not None:
            self.site.to_station(name, answer, self.now)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            self.site.tick(self.now)


def test_stations_dial_boot_and_charge_on_ticks_alone() -> None:
    """AC-5: a whole site without sockets, threads or clock."""
    daemon = Daemon()
    daemon.run(1.0)
    assert daemon.log == ["open CP-01", "open CP-02"]
    daemon.site.world.stations["CP-01"].plug(1, car(), "A", daemon.now, delay=0.0)
    daemon.run(10.0)
    assert daemon.site.truth()[ZoneId("garage")] == pytest.approx((32.0, 32.0, 32.0))
    daemon.site.world.stations["CP-01"].unplug(1, daemon.now)
    daemon.run(1.0)
    assert [session.id_tag for session in daemon.site.book(delivered_only=True)] == ["A"]


def test_a_cut_station_charges_on_and_dials_again_when_it_can() -> None:
    daemon = Daemon()
    daemon.run(1.0)
    daemon.site.world.stations["CP-01"].plug(1, car(), "A", daemon.now, delay=0.0)
    daemon.run(10.0)
    daemon.site.cut("CP-01", daemon.now)
    daemon.site.to_station("CP-01", json.dumps([2, "1", "Reset", {"type": "Hard"}]), daemon.now)
    daemon.run(30.0)
    assert daemon.log[2:] == ["close CP-01"]
    assert daemon.site.truth()[ZoneId("garage")] == pytest.approx((32.0, 32.0, 32.0))
    daemon.site.restore("CP-01", daemon.now)
    daemon.run(1.0)
    assert daemon.log[3:] == ["open CP-01"]


def test_a_reboot_closes_the_link_and_opens_it_again() -> None:
    daemon = Daemon()
    daemon.run(1.0)
    daemon.site.world.stations["CP-02"].reboot(daemon.now, "PowerLoss")
    daemon.run(12.0)
    assert daemon.log[2:] == ["close CP-02", "open CP-02"]
    assert len(daemon.centrals["CP-02"].seen("BootNotification")) == 2


def test_meters_are_read_at_wire_addresses() -> None:
    """MT-2: the same registers as on the wire."""
    daemon = Daemon()
    daemon.run(1.0)
    assert len(daemon.site.read_registers("m1", 2999, 6)) == 6
    daemon.site.world.meters["m1"].fault = MeterFault.SILENT
    with pytest.raises(MeterSilentError):
        daemon.site.read_registers("m1", 2999, 6)


def test_two_runs_of_one_seed_are_alike() -> None:
    first, again = Daemon(arrivals_factor=200.0, seed=4), Daemon(arrivals_factor=200.0, seed=4)
    for daemon in (first, again):
        daemon.run(120.0)
    assert first.site.truth() == again.site.truth()
    assert first.site.book() == again.site.book()
