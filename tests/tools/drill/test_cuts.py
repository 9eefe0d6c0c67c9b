"""Tests of the switches between the links and the actors."""

from typing import Any

import pytest

from actors.input_board import PinsLost
from actors.messages import Message, UplinkLost
from actors.meter import PollAnswered, PollFailed
from actors.runtime import SimulatedRuntime
from evce.configuration.sections import MeterSettings
from evce.cpo.settings import UplinkSettings
from evce.drill.kinds import Kind
from evce.drill.target import Target
from evce.meter_trial import PollFault
from evce.units import BoxIdentity
from tests.evce.drill.yard import document
from tools.drill.cuts import Cuts

CP, OTHER = BoxIdentity("A"), BoxIdentity("B")
METER, STATION, INPUTS = Target(Kind.METER, "m"), Target(Kind.STATION, "A"), Target(Kind.INPUTS)
UPLINK = UplinkSettings("ws://127.0.0.1:9/ocpp")


class Ends:
    """Everything behind the links: answers, and keeps what reached it."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def bar(self, station: BoxIdentity) -> None:
        self.calls.append(("bar", station))

    def unbar(self, station: BoxIdentity) -> None:
        self.calls.append(("unbar", station))

    def read(self, poll: Any, requests: Any, deliver: Any) -> None:
        self.calls.append(("read", poll))
        deliver(PollAnswered(poll, {}))

    def open(self, session: Any, pins: Any, deliver: Any) -> None:
        self.calls.append(("open", session))

    def close(self) -> None:
        self.calls.append(("close",))

    def dial(self, station: BoxIdentity, session: int, *rest: Any) -> None:
        self.calls.append(("dial", station, session))

    def send(self, station: BoxIdentity, session: int, text: str) -> None:
        self.calls.append(("send", station, session, text))

    def hang_up(self, station: BoxIdentity, session: int | None, reason: str) -> None:
        self.calls.append(("hang_up", station, session))


@pytest.fixture
def runtime() -> SimulatedRuntime:
    return SimulatedRuntime()


@pytest.fixture
def ends() -> Ends:
    return Ends()


@pytest.fixture
def cuts(runtime: SimulatedRuntime, ends: Ends) -> Cuts:
    return Cuts(runtime, ends)


def settings(meter: str = "m") -> MeterSettings:
    return next(each for each in document().meters if each.id == meter)


def test_a_meter_that_is_cut_off_is_silent_and_its_neighbour_is_not(
    runtime: SimulatedRuntime, ends: Ends, cuts: Cuts
) -> None:
    """AC-4, RELIABILITY 2: no request goes out, and the poll fails when its time is over."""
    link, other = (cuts.meter_links(lambda _: ends)(settings(name)) for name in ("m", "kitchen"))
    heard: list[Message] = []
    link.read((1, 1), (), heard.append)
    cuts.cut(METER)
    link.read((1, 2), (), heard.append)
    other.read((9, 9), (), heard.append)
    assert heard == [PollAnswered((1, 1), {}), PollAnswered((9, 9), {})]
    runtime.run_for(0.44)
    assert len(heard) == 2
    runtime.run_for(0.02)
    failed = heard[-1]
    assert isinstance(failed, PollFailed)
    assert (failed.poll, failed.fault) == ((1, 2), PollFault.SILENT)
    assert "cut off for a drill" in failed.reason
    cuts.restore(METER)
    link.read((1, 3), (), heard.append)
    assert heard[-1] == PollAnswered((1, 3), {})
    assert ends.calls == [("read", (1, 1)), ("read", (9, 9)), ("read", (1, 3))]


def test_a_station_is_refused_at_the_door(ends: Ends, cuts: Cuts) -> None:
    """AC-4."""
    cuts.cut(STATION)
    cuts.restore(STATION)
    assert ends.calls == [("bar", CP), ("unbar", CP)]
    assert not cuts.off(STATION)


def test_a_board_that_is_cut_off_is_lost_and_can_t_be_opened(ends: Ends, cuts: Cuts) -> None:
    """AC-4: the actor tries again by itself, and finds it once it is restored."""
    link = cuts.inputs(ends)
    heard: list[Message] = []
    link.open((1, 1), {1: 17}, heard.append)
    cuts.cut(INPUTS)
    assert heard == [PinsLost((1, 1), "cut off for a drill")]
    link.close()
    link.open((1, 2), {1: 17}, heard.append)
    assert heard[-1] == PinsLost((1, 2), "cut off for a drill")
    cuts.restore(INPUTS)
    link.open((1, 3), {1: 17}, heard.append)
    assert [call for call in ends.calls if call[0] == "open"] == [("open", (1, 1)), ("open", (1, 3))]


def test_a_board_that_nobody_watches_is_cut_off_in_silence(ends: Ends, cuts: Cuts) -> None:
    """AC-4."""
    link = cuts.inputs(ends)
    link.open((1, 1), {1: 17}, lambda _: pytest.fail("its session was closed"))
    link.close()
    cuts.cut(INPUTS)


@pytest.mark.parametrize(("name", "hung_up"), [("", [CP, OTHER]), ("A", [CP])])
def test_uplinks_are_hung_up_and_dial_in_vain(
    ends: Ends, cuts: Cuts, name: str, hung_up: list[BoxIdentity]
) -> None:
    """AC-4: all of them, or that of one station."""
    link, target = cuts.uplinks(ends), Target(Kind.CPO, name)
    heard: list[Message] = []
    for station in (CP, OTHER):
        link.dial(station, 1, UPLINK, 0.0, heard.append)
    cuts.cut(target)
    assert [call[1] for call in ends.calls if call[0] == "hang_up"] == hung_up
    link.dial(CP, 2, UPLINK, 0.0, heard.append)
    assert heard == [UplinkLost(2, "cut off for a drill")]
    link.dial(OTHER, 2, UPLINK, 0.0, heard.append)
    assert len(heard) == len(hung_up)
    cuts.restore(target)
    link.dial(CP, 3, UPLINK, 0.0, heard.append)
    link.send(CP, 3, "[]")
    link.hang_up(CP, 3, "bye")
    assert ends.calls[-3:] == [("dial", CP, 3), ("send", CP, 3, "[]"), ("hang_up", CP, 3)]
