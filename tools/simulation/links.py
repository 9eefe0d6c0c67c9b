"""The simulated site without sockets, threads or clock: frames and registers against callables, on ticks."""

from collections.abc import Callable

from evce.configuration.document import SiteDocument
from evce.units import Monotonic, PhaseAmps, ZoneId
from tools.referee.books import BookedSession
from tools.simulation.world import World, WorldOptions

__all__ = ["InProcessSite"]

Deliver = Callable[[str, str], None]
"""Takes a box identity and a frame."""


class InProcessSite:
    """Drives a world under somebody else's clock.

    `opened` and `closed` are told when a station dials and hangs up; `deliver` takes each frame that a
    station sends. The other side answers through `to_station`. Nothing happens but in `tick` and
    `to_station`; `deliver` may call `to_station` back at once.
    """

    def __init__(
        self,
        document: SiteDocument,
        options: WorldOptions | None = None,
        *,
        deliver: Deliver,
        opened: Callable[[str], None],
        closed: Callable[[str], None],
    ) -> None:
        self.world = World(document, options)
        self._deliver = deliver
        self._opened = opened
        self._closed = closed
        self._cut: dict[str, bool] = {}
        self._up: dict[str, bool] = dict.fromkeys(self.world.stations, False)
        self._dial_at: dict[str, Monotonic] = dict.fromkeys(self.world.stations, 0.0)
        self.redial = 2.0
        """Seconds after which a station whose link broke dials again."""

    def tick(self, now: Monotonic) -> None:
        """Let time pass until `now`; stations dial, hang up and speak."""
        for name, station in self.world.stations.items():
            station.tick(now)
            if self._up[name] and station.dark:
                self.hang_up(name, now)
            elif not self._up[name] and self._may_dial(name, now):
                self._up[name] = True
                self._opened(name)
                station.connected(now)
        self.world.tick(now, stations=False)
        for name in self.world.stations:
            self._speak(name, now)

    def _may_dial(self, name: str, now: Monotonic) -> bool:
        dark = self.world.stations[name].dark
        return not dark and not self._cut.get(name, False) and now >= self._dial_at[name]

    def _speak(self, name: str, now: Monotonic) -> None:
        if self._up[name]:
            for frame in self.world.stations[name].frames(now):
                self._deliver(name, frame)

    def to_station(self, name: str, frame: str, now: Monotonic) -> None:
        """A frame of the central system reaches a station; dropped when its link is down."""
        if self._up[name]:
            self.world.stations[name].receive(frame, now)
            self._speak(name, now)

    def hang_up(self, name: str, now: Monotonic) -> None:
        """The link of a station breaks, whoever broke it; it dials again later."""
        if self._up[name]:
            self._up[name] = False
            self._dial_at[name] = now + self.redial
            self.world.stations[name].disconnected(now)
            self._closed(name)

    def cut(self, name: str, now: Monotonic) -> None:
        """Break a station's link and keep it broken."""
        self._cut[name] = True
        self.hang_up(name, now)

    def restore(self, name: str, now: Monotonic) -> None:
        """The link can be had again, and the station dials at its next tick."""
        self._cut[name] = False
        self._dial_at[name] = now

    def read_registers(self, meter: str, address: int, count: int) -> list[int]:
        """Read a meter at a wire address. Raises MeterSilentError or MeterRefusedError."""
        return self.world.meters[meter].read(address, count)

    def truth(self) -> dict[ZoneId, PhaseAmps]:
        """A per grid phase through each zone's feeder, as of the last tick."""
        return self.world.truth()

    def book(self, *, delivered_only: bool = False) -> list[BookedSession]:
        """Every session that ended, as it truly was."""
        return self.world.book(delivered_only=delivered_only)
