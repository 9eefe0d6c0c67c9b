"""The physical site: stations, cars, building, sun and meters, and what truly flows through every feeder."""

import heapq
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evce.configuration.choices import MeterRole
from evce.configuration.document import SiteDocument
from evce.electrical import Wiring
from evce.units import NO_AMPS, NOMINAL_VOLTAGE, Amps, Monotonic, PhaseAmps, Seconds, WattHours, ZoneId
from tools.referee.books import BookedSession
from tools.simulation.arrivals import Arrival, Badge, Temperament, arrivals, badges
from tools.simulation.building import BuildingLoad, SolarPlant, recorded_profiles
from tools.simulation.meters import Reading, SimulatedMeter
from tools.simulation.quirks import Quirks
from tools.simulation.station import Station, StationSpec
from tools.simulation.vehicle import Vehicle

__all__ = ["World", "WorldOptions"]

_PULLED_OUT = 0.3
"""Share of the drivers who pull the cable without showing the badge first."""

_BADGE_TO_CABLE: Seconds = 2.0


@dataclass(frozen=True, slots=True)
class WorldOptions:
    """How the site behaves. Shares are of the zone's maximum per phase.

    `arrivals_factor` makes cars come that many times as often (0: none come by themselves), `stay_share`
    shortens their stays, `speed` runs the recordings of building and sun faster; the physics stays in real
    time. All recordings begin `begin` s after Monday 00:00. `step_every` s on average
    the building takes a step of up to `step_share`. `meters_read_net`: a zone's meter sits on the incoming
    feeder, where local production has been taken off already; else it reads everything that is consumed
    in the zone. `wired` is the true wiring of connectors ("CP-01/1") that aren't wired as the document says.
    """

    seed: int = 0
    arrivals_factor: float = 1.0
    begin: Seconds = 14 * 3600.0
    stay_share: float = 1.0
    speed: float = 1.0
    utc_at_zero: float = 0.0
    building_share: float = 0.5
    reporting_share: float = 0.08
    solar_share: float = 0.15
    step_every: Seconds | None = None
    step_share: float = 0.15
    meters_read_net: bool = False
    temperament: Temperament = field(default_factory=Temperament)
    drivers: Sequence[Badge] | None = None
    quirks: Mapping[str, Quirks] = field(default_factory=dict)
    wired: Mapping[str, Wiring] = field(default_factory=dict)


@dataclass
class _Source:
    """Something in a zone with a current of its own."""

    zone: ZoneId
    amps: Callable[[Monotonic], PhaseAmps]


@dataclass(frozen=True, slots=True)
class _Departure:
    """A car that will leave; `polite` shows the badge first."""

    station: str
    connector: int
    vehicle: Vehicle
    polite: bool


def _plus(a: PhaseAmps, b: PhaseAmps, sign: float = 1.0) -> PhaseAmps:
    return (a[0] + sign * b[0], a[1] + sign * b[1], a[2] + sign * b[2])


class World:
    """Everything physical at the site of a document.

    Driven by `tick`; single-threaded. `truth` is what flows into each zone through its feeder, A per grid
    phase: positive into the zone, negative where local production is more than what is used.
    """

    def __init__(self, document: SiteDocument, options: WorldOptions | None = None) -> None:
        self.document = document
        self.options = options or WorldOptions()
        self.model = document.model()
        self.now: Monotonic = 0.0
        self.turned_away = 0
        self.stations = {
            str(station.box_identity): Station(
                StationSpec(
                    box_identity=str(station.box_identity),
                    connectors=tuple(
                        replace(outlet, wiring=self.options.wired.get(str(outlet.key), outlet.wiring))
                        for outlet in station.connectors
                    ),
                    utc_at_zero=self.options.utc_at_zero,
                    quirks=self.options.quirks.get(str(station.box_identity), Quirks()),
                    model=f"EVlink {station.family.value}",
                )
            )
            for station in self.model.stations.values()
        }
        self.buildings: dict[ZoneId, BuildingLoad] = {}
        self._loads: list[_Source] = []
        self._plants: list[_Source] = []
        self._meter_amps: dict[str, PhaseAmps] = {}
        self._meter_energy: dict[str, WattHours] = {}
        self._metered: dict[str, Callable[[Monotonic], PhaseAmps]] = {}
        self._net: dict[ZoneId, PhaseAmps] = dict.fromkeys(self.model.zones, NO_AMPS)
        self._consumed: dict[ZoneId, PhaseAmps] = dict(self._net)
        self._rng = random.Random(f"world/{self.options.seed}")  # noqa: S311 - a simulation, no secret
        self._begun: Monotonic | None = None
        self._last: Monotonic | None = None
        self._next_step: Monotonic | None = None
        self._leaving: list[tuple[Monotonic, int, _Departure]] = []
        self._parked = 0
        self.drivers = list(self.options.drivers) if self.options.drivers is not None else badges()
        self._coming: Iterator[Arrival] | None = None
        self._next: Arrival | None = None
        if self.options.arrivals_factor > 0:
            self._coming = arrivals(
                self.options.seed,
                self.options.arrivals_factor,
                self.drivers,
                self.options.temperament,
                self.options.begin,
                self.options.stay_share,
            )
            self._next = next(self._coming)
        self._furnish()
        self.meters = {
            meter.id: SimulatedMeter(str(meter.model), self._reader(meter.id)) for meter in document.meters
        }

    def _furnish(self) -> None:
        """Put buildings, other loads and the sun where the document has meters for them."""
        options = self.options
        profiles = recorded_profiles()
        dynamic = [zone for zone in self.model.zones.values() if zone.dynamic]
        for number, zone in enumerate(dynamic):
            above = [self.model.zones[z].dynamic for z in self.model.path(zone.id)[1:]]
            share = options.building_share if not any(above) else options.building_share / 2
            load = BuildingLoad(
                profiles[number % len(profiles)], share * zone.maximum, options.speed, options.begin
            )
            self.buildings[zone.id] = load
            self._loads.append(_Source(zone.id, load.amps))
            if zone.meter is not None:
                self._metered[zone.meter] = self._zone_meter(zone.id)
        for number, meter in enumerate(self.document.meters):
            if meter.role is MeterRole.PRODUCTION and meter.zone is not None:
                zone_id = ZoneId(meter.zone)
                peak = options.solar_share * self.model.zones[zone_id].maximum
                plant = SolarPlant(
                    peak, seed=options.seed + number, speed=options.speed, offset=options.begin
                )
                self._plants.append(_Source(zone_id, plant.amps))
                self._metered[meter.id] = plant.amps
            elif meter.role is MeterRole.REPORTING:
                self._metered[meter.id] = self._other_load(number, meter.zone)

    def _zone_meter(self, zone: ZoneId) -> Callable[[Monotonic], PhaseAmps]:
        return lambda _now: (self._net if self.options.meters_read_net else self._consumed)[zone]

    def _other_load(self, number: int, shown_in: str | None) -> Callable[[Monotonic], PhaseAmps]:
        """A load that is only reported: it flows in the nearest dynamic zone, whose meter sees it too."""
        profiles = recorded_profiles()
        path = self.model.path(ZoneId(shown_in)) if shown_in is not None else ()
        at = next((zone for zone in path if self.model.zones[zone].dynamic), None)
        if at is None:
            at = next((zone for zone in self.buildings if self.model.zones[zone].parent is None), None)
        maximum: Amps = 100.0 if at is None else self.model.zones[at].maximum
        peak = self.options.reporting_share * maximum
        profile = profiles[(number + 1) % len(profiles)]
        load = BuildingLoad(profile, peak, self.options.speed, self.options.begin)
        if at is not None:
            self._loads.append(_Source(at, load.amps))
        return load.amps

    def _reader(self, meter: str) -> Callable[[], Reading]:
        def read() -> Reading:
            amps = self._meter_amps.get(meter, NO_AMPS)
            return Reading(
                currents=(abs(amps[0]), abs(amps[1]), abs(amps[2])),
                power=sum(amps) * NOMINAL_VOLTAGE,
                energy=self._meter_energy.get(meter, 0.0),
            )

        return read

    # ---- truth ----

    def truth(self) -> dict[ZoneId, PhaseAmps]:
        """A per grid phase into each zone, as of the last tick. The mapping is never changed afterwards."""
        return self._net

    def _measure(self, now: Monotonic) -> None:
        own_load: dict[ZoneId, PhaseAmps] = dict.fromkeys(self.model.zones, NO_AMPS)
        own_sun: dict[ZoneId, PhaseAmps] = dict.fromkeys(self.model.zones, NO_AMPS)
        for source in self._loads:
            own_load[source.zone] = _plus(own_load[source.zone], source.amps(now))
        for source in self._plants:
            own_sun[source.zone] = _plus(own_sun[source.zone], source.amps(now))
        for station in self.model.stations.values():
            if station.zone is not None:
                drawn = self.stations[str(station.box_identity)].grid_currents
                own_load[station.zone] = _plus(own_load[station.zone], drawn)
        net: dict[ZoneId, PhaseAmps] = {}
        consumed: dict[ZoneId, PhaseAmps] = {}

        def sum_up(zone: ZoneId) -> PhaseAmps:
            total = own_load[zone]
            for child in self.model.children[zone]:
                total = _plus(total, sum_up(child))
            consumed[zone] = total
            net[zone] = _plus(total, own_sun[zone], -1.0)
            return net[zone]

        for root in self.model.roots:
            sum_up(root)
        self._net, self._consumed = net, consumed
        dt = 0.0 if self._last is None else now - self._last
        for meter, amps_at in self._metered.items():
            amps = amps_at(now)
            self._meter_amps[meter] = amps
            gained = max(0.0, sum(amps)) * NOMINAL_VOLTAGE * dt / 3600.0
            self._meter_energy[meter] = self._meter_energy.get(meter, 0.0) + gained
        self._last = now

    # ---- time ----

    def tick(self, now: Monotonic, *, stations: bool = True) -> None:
        """Let time pass until `now`. `stations=False` where somebody else ticks them."""
        self.now = now
        if self._begun is None:
            self._begun = now
        if stations:
            for station in self.stations.values():
                station.tick(now)
        self._come(now)
        self._leave(now)
        self._step_now_and_then(now)
        self._measure(now)

    def _come(self, now: Monotonic) -> None:
        begun = now if self._begun is None else self._begun
        while self._coming is not None and self._next is not None and begun + self._next.at <= now:
            arrival, self._next = self._next, next(self._coming)
            free = [
                (name, number)
                for name, station in self.stations.items()
                for number, outlet in station.outlets.items()
                if outlet.vehicle is None and outlet.operative and not outlet.faulted and not station.dark
            ]
            if not free:
                self.turned_away += 1
                continue
            name, number = self._rng.choice(free)
            self._park(name, number, arrival, now)

    def _park(self, name: str, number: int, arrival: Arrival, now: Monotonic) -> None:
        spec = arrival.vehicle
        room = min(arrival.needs * spec.efficiency, spec.battery)
        vehicle = Vehicle(spec, stored=spec.battery - room)
        self.stations[name].plug(number, vehicle, arrival.badge.id_tag, now)
        polite = self._rng.random() >= _PULLED_OUT
        self._leave_at(now + arrival.stay, _Departure(name, number, vehicle, polite))

    def _leave_at(self, when: Monotonic, departure: "_Departure") -> None:
        self._parked += 1
        heapq.heappush(self._leaving, (when, self._parked, departure))

    def _leave(self, now: Monotonic) -> None:
        while self._leaving and self._leaving[0][0] <= now:
            _, _, departure = heapq.heappop(self._leaving)
            station = self.stations[departure.station]
            outlet = station.outlets[departure.connector]
            if outlet.vehicle is not departure.vehicle:
                continue
            if departure.polite and outlet.session is not None:
                station.present(outlet.number, outlet.session.id_tag, now)
                self._leave_at(now + _BADGE_TO_CABLE, replace(departure, polite=False))
                continue
            station.unplug(outlet.number, now)

    def _step_now_and_then(self, now: Monotonic) -> None:
        every = self.options.step_every
        if every is None or not self.buildings:
            return
        if self._next_step is None:
            self._next_step = now + every * self._rng.uniform(0.5, 1.5)
        if now < self._next_step:
            return
        self._next_step = now + every * self._rng.uniform(0.5, 1.5)
        zone = self._rng.choice(list(self.buildings))
        seconds = self._rng.uniform(0.3, 0.5) * every
        largest = self.options.step_share * self.model.zones[zone].maximum
        self.step(zone, self._rng.uniform(0.4, 1.0) * largest, seconds)

    # ---- what one can do to it ----

    def step(self, zone: ZoneId, amps: Amps, seconds: Seconds) -> Amps:
        """The building of a dynamic zone takes this much more per phase for a while.

        It is cut so that the other loads alone stay 10 % below the zone's maximum and those above it;
        returns what it was cut to.
        """
        load = self.buildings[zone]
        room = amps
        for above in self.model.path(zone):
            others = max(self._without_cars(above))
            room = min(room, 0.9 * self.model.zones[above].maximum - others)
        cut = max(0.0, room)
        load.step(cut, seconds, self.now)
        return cut

    def _without_cars(self, zone: ZoneId) -> PhaseAmps:
        inside = set(self.model.subtree(zone))
        total = NO_AMPS
        for source in self._loads:
            if source.zone in inside:
                total = _plus(total, source.amps(self.now))
        return total

    def plug(self, name: str, number: int, arrival: Arrival) -> None:
        """Put this car on this connector now; it leaves after its stay."""
        self._park(name, number, arrival, self.now)

    def book(self, *, delivered_only: bool = False) -> list[BookedSession]:
        """Every session that ended, as it truly was; `delivered_only` leaves out those whose end the
        central system has not acknowledged yet."""
        return [
            BookedSession(
                station=session.station,
                connector=session.connector,
                id_tag=session.id_tag,
                started=session.started,
                stopped=session.stopped,
                energy=session.energy,
                transaction=session.transaction,
            )
            for station in self.stations.values()
            for session in station.sessions
            if session.stopped is not None and (session.delivered or not delivered_only)
        ]
