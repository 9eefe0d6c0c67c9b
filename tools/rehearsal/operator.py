"""The remote operator of the simulated house: what its system answers, over uplinks in virtual time."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from actors.messages import Message, UplinkConnected, UplinkHeard, UplinkLost
from actors.runtime import SimulatedRuntime
from evce.cpo.settings import UplinkSettings
from evce.ocppj import parse
from evce.units import BoxIdentity, Seconds
from tools.simulation.cpo import Operator
from tools.simulation.cpo_book import Book

__all__ = ["VirtualOperator"]

ON_THE_WAY: Seconds = 0.05
"""One way through the internet."""


class VirtualOperator:
    """A `CpoLink` for the actors. It outlives the house, as its book does; `down`, it answers no call.

    How it behaves is in `system.habits`. The book is kept in `folder`.
    """

    def __init__(self, folder: Path) -> None:
        self.system = Operator(Book(folder / "operator.book"))
        self._down = False
        self._runtime: SimulatedRuntime
        self._lines: dict[BoxIdentity, tuple[int, Callable[[Message], object]]] = {}

    @property
    def down(self) -> bool:
        return self._down

    @down.setter
    def down(self, down: bool) -> None:
        self._down = down
        if down:
            for station, (session, _) in list(self._lines.items()):
                self.hang_up(station, session, "the operator's system is gone")

    def serve(self, runtime: SimulatedRuntime, now: Callable[[], datetime]) -> None:
        """From now on the uplinks of this house are served; those of a former one are gone.

        `now` is the true time, whatever the house's own clock shows.
        """
        self._lines.clear()
        self._runtime = runtime
        self.system.now = now

    def dial(
        self,
        station: BoxIdentity,
        session: int,
        settings: UplinkSettings,
        ping_interval: Seconds,
        deliver: Callable[[Message], object],
    ) -> None:
        """See `CpoLink.dial`."""
        del settings, ping_interval
        self.hang_up(station, None, "another connection takes its place")

        def answer() -> None:
            if self.down:
                deliver(UplinkLost(session, "connection refused"))
            else:
                self._lines[station] = (session, deliver)
                deliver(UplinkConnected(session))

        self._runtime.call_after(ON_THE_WAY, answer)

    def send(self, station: BoxIdentity, session: int, text: str) -> None:
        """See `CpoLink.send`."""

        def arrive() -> None:
            line = self._lines.get(station)
            if line is None or line[0] != session:
                return
            answer = self.system.receive(str(station), text)
            if answer is not None:
                back = ON_THE_WAY + self.system.habits.slow
                self._runtime.call_after(back, lambda: self._say(station, session, answer))

        self._runtime.call_after(ON_THE_WAY, arrive)

    def hang_up(self, station: BoxIdentity, session: int | None, reason: str) -> None:
        """See `CpoLink.hang_up`."""
        line = self._lines.get(station)
        if line is not None and session in (None, line[0]):
            del self._lines[station]
            known, deliver = line
            self._runtime.call_after(ON_THE_WAY, lambda: deliver(UplinkLost(known, reason)))

    def _say(self, station: BoxIdentity, session: int, text: str) -> None:
        line = self._lines.get(station)
        if line is not None and line[0] == session:
            line[1](UplinkHeard(session, parse(text)))
