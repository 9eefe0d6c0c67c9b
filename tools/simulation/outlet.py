"""One connector of a station: cable, contactor, pilot, energy register and the session on it."""

from dataclasses import dataclass, field

from evce.electrical import Connector
from evce.units import NO_AMPS, NOMINAL_VOLTAGE, Amps, Monotonic, PhaseAmps, WattHours, Watts
from tools.simulation.profiles16 import Running
from tools.simulation.vehicle import Vehicle

__all__ = ["Outlet", "Session"]

MINIMUM_PILOT: Amps = 6.0
"""IEC 61851-1: the pilot can't announce less."""

_CONTACTOR_DELAY = 5.0
"""Seconds after the pilot was taken away until the contactor opens under a car that draws on."""

_DRAWING: Amps = 0.3


@dataclass
class Session:
    """One transaction as it truly was. Times are UTC seconds of the station's clock, energies Wh."""

    station: str
    connector: int
    id_tag: str
    started: float
    meter_start: WattHours
    began: Monotonic
    transaction: int | None = None
    stopped: float | None = None
    meter_stop: WattHours | None = None
    reason: str | None = None
    next_sample: Monotonic = 0.0
    answered: bool = False
    """The central system has answered its StartTransaction."""
    delivered: bool = False
    """The central system has answered its StopTransaction."""

    @property
    def energy(self) -> WattHours:
        return (self.meter_start if self.meter_stop is None else self.meter_stop) - self.meter_start


@dataclass
class Outlet:
    """The physics of one connector. Currents are A per phase."""

    connector: Connector
    vehicle: Vehicle | None = None
    id_tag: str | None = None
    register: WattHours = 0.0
    session: Session | None = None
    pilot: Amps = 0.0
    operative: bool = True
    faulted: bool = False
    finished: bool = False
    """The session is over and the cable still in: nothing starts by itself."""
    authorized_until: Monotonic | None = None
    authorizing: bool = False
    present_at: Monotonic | None = None
    """When the driver holds the badge to the reader."""
    inoperative_after: bool = False
    reserved_for: str | None = None
    reservation: int | None = None
    reported: str | None = None
    reports_at_most: Amps | None = None
    """What it tells of its currents is cut to this."""
    one_phase_below: Amps = 0.0
    """With a pilot lower than this the station closes one phase only; 0 never."""
    _no_pilot_since: Monotonic | None = field(default=None)
    _running: Running | None = field(default=None, repr=False)

    @property
    def number(self) -> int:
        return self.connector.key.number

    @property
    def idle(self) -> bool:
        """Nobody is there or expected, and the pilot is off: time changes nothing."""
        return (
            self.vehicle is None
            and self.session is None
            and self.authorized_until is None
            and self.present_at is None
            and not self.inoperative_after
            and self.pilot == 0.0
            and self._no_pilot_since is not None
            and self.reports_at_most is None
        )

    @property
    def phases(self) -> int:
        """How many phases the car on it uses; those of the wiring while there is none."""
        wired = len(self.connector.wiring.grid_phases)
        if 0.0 < self.pilot < self.one_phase_below:
            wired = 1
        return wired if self.vehicle is None else min(wired, self.vehicle.spec.phases)

    @property
    def currents(self) -> PhaseAmps:
        """True current on the station's phases."""
        if self.vehicle is None:
            return NO_AMPS
        amps, phases = self.vehicle.current, self.phases
        return (amps, amps if phases > 1 else 0.0, amps if phases > 2 else 0.0)

    @property
    def told_currents(self) -> PhaseAmps:
        """What the station says of `currents`."""
        first, second, third = self.currents
        most = self.reports_at_most
        return (
            (first, second, third)
            if most is None
            else (min(first, most), min(second, most), min(third, most))
        )

    @property
    def grid_currents(self) -> PhaseAmps:
        """True current on the grid's phases, after the wiring's rotation."""
        if self.vehicle is None or self.vehicle.current == 0.0:
            return NO_AMPS
        return self.connector.wiring.to_grid(self.currents)

    @property
    def power(self) -> Watts:
        return sum(self.currents) * NOMINAL_VOLTAGE

    def running(self, clock: float) -> Running | None:
        """The transaction as the profile logic knows it; `clock` is the station's UTC now."""
        session = self.session
        if session is None:
            return None
        began, known = min(session.started, clock), self._running
        if known is None or known.transaction != session.transaction or known.began != began:
            known = self._running = Running(session.transaction, began)
        return known

    def advance(self, limit: Amps | None, now: Monotonic) -> None:
        """Hold the pilot to this limit (None: unlimited) and let the car draw until `now`."""
        rating = self.connector.rating
        offered = 0.0
        if self.session is not None and self.operative and not self.faulted:
            offered = rating if limit is None else min(rating, limit)
        self.pilot = offered if offered >= MINIMUM_PILOT else 0.0
        if self.pilot > 0:
            self._no_pilot_since = None
        elif self._no_pilot_since is None:
            self._no_pilot_since = now
        if self.vehicle is None:
            return
        waited = self._no_pilot_since is not None and now - self._no_pilot_since >= _CONTACTOR_DELAY
        closed = self.session is not None and not waited
        self.vehicle.offer(self.pilot, now, closed=closed)
        self.register += self.vehicle.advance(now, self.phases)

    def status(self, *, hides_suspension: bool = False) -> str:
        """OCPP 1.6 ChargePointStatus."""
        if self.faulted:
            return "Faulted"
        if self.session is not None:
            drawing = self.vehicle is not None and self.vehicle.current > _DRAWING
            if self.pilot == 0 and not hides_suspension:
                return "SuspendedEVSE"
            if self.pilot > 0 and not drawing and (self.vehicle is None or not self.vehicle.wants):
                return "SuspendedEV"
            return "Charging"
        if not self.operative:
            return "Unavailable"
        if self.vehicle is not None:
            return "Finishing" if self.finished else "Preparing"
        if self.authorized_until is not None:
            return "Preparing"
        return "Reserved" if self.reserved_for is not None else "Available"
