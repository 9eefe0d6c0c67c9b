"""Switches between the daemon's links and its actors: one that is cut says that the other end is gone."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from actors.cpo import CpoLink
from actors.input_board import InputLink, PinsLost, SessionKey
from actors.messages import Message, UplinkLost
from actors.meter import MeterLink, PollFailed, PollKey
from actors.runtime import Runtime
from evce.configuration.sections import MeterSettings
from evce.cpo.settings import UplinkSettings
from evce.drill.kinds import Kind
from evce.drill.target import Target
from evce.meter_trial import PollFault
from evce.registers import ReadRequest
from evce.units import BoxIdentity, Seconds

__all__ = ["Bars", "Cuts"]

Deliver = Callable[[Message], object]

WHY = "cut off for a drill"

SHARE_OF_PERIOD = 0.9
"""A poll without an answer is given up before the next one is due, as on the real link."""


class Bars(Protocol):
    """Who refuses stations; the gateway."""

    def bar(self, station: BoxIdentity) -> None:
        """Break its connection and refuse it."""

    def unbar(self, station: BoxIdentity) -> None:
        """Let it in again."""


class Cuts:
    """What is cut off now. `cut` and `restore` may be called from any thread, and twice."""

    def __init__(self, runtime: Runtime, gateway: Bars) -> None:
        self._runtime, self._gateway = runtime, gateway
        self._lock = threading.Lock()
        self._cut: set[Target] = set()
        self._uplinks: dict[BoxIdentity, CpoLink] = {}
        self._inputs: _Inputs | None = None

    def cut(self, target: Target) -> None:
        """Cut it off."""
        with self._lock:
            self._cut.add(target)
            uplinks = dict(self._uplinks)
        match target.kind:
            case Kind.STATION:
                self._gateway.bar(BoxIdentity(target.name))
            case Kind.CPO:
                for station, link in uplinks.items():
                    if target.name in ("", station):
                        link.hang_up(station, None, WHY)
            case Kind.INPUTS:
                if self._inputs is not None:
                    self._inputs.lose()
            case _:
                pass  # its next poll finds nobody

    def restore(self, target: Target) -> None:
        """Let it through again; actors find out with their own next try."""
        with self._lock:
            self._cut.discard(target)
        if target.kind is Kind.STATION:
            self._gateway.unbar(BoxIdentity(target.name))

    def off(self, *targets: Target) -> bool:
        """Whether any of these is cut off."""
        with self._lock:
            return any(target in self._cut for target in targets)

    # The links as actors see them.

    def meter_links(self, make: Callable[[MeterSettings], MeterLink]) -> Callable[[MeterSettings], MeterLink]:
        """The links to meters, each with a switch."""
        return lambda settings: _Meter(self, self._runtime, settings, make(settings))

    def inputs(self, link: InputLink) -> InputLink:
        """The link to the input board, with a switch."""
        self._inputs = _Inputs(self, link)
        return self._inputs

    def uplinks(self, link: CpoLink) -> CpoLink:
        """The links to the operator, with a switch for each station."""
        return _Uplinks(self, link)

    def dialled(self, station: BoxIdentity, link: CpoLink) -> None:
        """This station has an uplink, which a drill may cut."""
        with self._lock:
            self._uplinks[station] = link


class _Meter:
    """While it is cut no poll goes out, and none is answered in time."""

    def __init__(self, cuts: Cuts, runtime: Runtime, settings: MeterSettings, link: MeterLink) -> None:
        self._cuts, self._runtime, self._link = cuts, runtime, link
        self._target = Target(Kind.METER, settings.id)
        self._patience: Seconds = settings.poll_ms / 1000.0 * SHARE_OF_PERIOD

    def read(self, poll: PollKey, requests: Sequence[ReadRequest], deliver: Deliver) -> None:
        """See `MeterLink.read`."""
        if not self._cuts.off(self._target):
            self._link.read(poll, requests, deliver)
            return
        failed = PollFailed(poll, f"no answer within {self._patience:g} s ({WHY})", PollFault.SILENT)

        def ring() -> None:
            deliver(failed)

        self._runtime.timers.after(self._patience, (f"drill/{self._target.name}", 0), poll, ring)


class _Inputs:
    """While it is cut the board can't be opened."""

    def __init__(self, cuts: Cuts, link: InputLink) -> None:
        self._cuts, self._link = cuts, link
        self._open: tuple[SessionKey, Deliver] | None = None

    def open(self, session: SessionKey, pins: Mapping[int, int], deliver: Deliver) -> None:
        """See `InputLink.open`."""
        self._open = (session, deliver)
        if self._cuts.off(Target(Kind.INPUTS)):
            deliver(PinsLost(session, WHY))
        else:
            self._link.open(session, pins, deliver)

    def close(self) -> None:
        """See `InputLink.close`."""
        self._open = None
        self._link.close()

    def lose(self) -> None:
        """The board is gone in the middle of a session."""
        opened = self._open
        if opened is not None:
            self._link.close()
            session, deliver = opened
            deliver(PinsLost(session, WHY))


class _Uplinks:
    """While it is cut nobody answers a dial."""

    def __init__(self, cuts: Cuts, link: CpoLink) -> None:
        self._cuts, self._link = cuts, link

    def dial(
        self,
        station: BoxIdentity,
        session: int,
        settings: UplinkSettings,
        ping_interval: Seconds,
        deliver: Deliver,
    ) -> None:
        """See `CpoLink.dial`."""
        self._cuts.dialled(station, self._link)
        if self._cuts.off(Target(Kind.CPO), Target(Kind.CPO, station)):
            deliver(UplinkLost(session, WHY))
        else:
            self._link.dial(station, session, settings, ping_interval, deliver)

    def send(self, station: BoxIdentity, session: int, text: str) -> None:
        """See `CpoLink.send`."""
        self._link.send(station, session, text)

    def hang_up(self, station: BoxIdentity, session: int | None, reason: str) -> None:
        """See `CpoLink.hang_up`."""
        self._link.hang_up(station, session, reason)
