"""The control language, order by order, and its loopback port."""

import asyncio
import json

import pytest

from tests.tools.simulation.scripted import site
from tools.simulation.control import ControlServer, obey
from tools.simulation.meters import MeterFault
from tools.simulation.world import World, WorldOptions


@pytest.fixture
def world() -> World:
    at = World(site(), WorldOptions(arrivals_factor=0.0))
    at.tick(1.0)
    return at


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("plug CP-01/2 CARD-A 1 5", "ok"),
        ("plug CP-02", "ok"),
        ("unplug CP-01/1", "ok"),
        ("badge CP-01/1 CARD-A", "ok"),
        ("fault CP-01/1 on", "ok"),
        ("reboot CP-01", "ok"),
        ("meter m1 silent", "ok"),
        ("step main 5 A 10 s", "ok: 5.0 A for 10 s"),
        ("step main 5 30", "ok: 5.0 A for 30 s"),
        ("meter m9 silent", "error: there is no 'm9'"),
        ("meter m1 asleep", "error: 'asleep' is not a valid MeterFault"),
        ("plug CP-09/1", "error: there is no 'CP-09'"),
        ("plug CP-01/9", "error: there is no 9"),
        ("step garage 5 10", "error: there is no 'garage'"),
        ("input 1 on", "error: nobody here switches inputs"),
        ("cut CP-01", "error: don't know 'cut CP-01'; try help"),
        ("dance", "error: don't know 'dance'; try help"),
    ],
)
def test_an_order_and_what_is_said_about_it(world: World, line: str, answer: str) -> None:
    """AC-5: faults on command."""
    assert obey(world, line) == answer


def test_orders_have_their_effect(world: World) -> None:
    obey(world, "plug CP-01/2 CARD-A 1 5")
    outlet = world.stations["CP-01"].outlets[2]
    assert outlet.vehicle is not None
    assert (outlet.vehicle.spec.phases, outlet.id_tag) == (1, "CARD-A")
    obey(world, "meter m1 nan")
    assert world.meters["m1"].fault is MeterFault.NAN
    obey(world, "unplug CP-01/2")
    assert world.stations["CP-01"].outlets[2].vehicle is None
    switched: list[tuple[int, bool]] = []
    obey(world, "input 2 on", on_input=lambda number, on: switched.append((number, on)))
    assert switched == [(2, True)]


def test_what_is_so_is_told_as_json(world: World) -> None:
    assert set(json.loads(obey(world, "truth"))["zones"]) == {"main", "garage"}
    assert json.loads(obey(world, "book")) == []
    assert json.loads(obey(world, "stations"))["CP-02/1"]["status"] == "Available"
    assert json.loads(obey(world, "complaints")) == {}
    assert "plug" in obey(world, "help")


def test_the_port_takes_a_line_and_ends_its_answer_with_a_dot(world: World) -> None:
    async def talk() -> list[bytes]:
        server = ControlServer(lambda line: obey(world, line))
        port = await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"meter m1 silent\ntruth\n")
        async with asyncio.timeout(10):
            lines = [await reader.readline() for _ in range(4)]
        writer.close()
        await server.stop()
        return lines

    lines = asyncio.run(talk())
    assert lines[:2] == [b"ok\n", b".\n"]
    assert lines[3] == b".\n"
    assert b"garage" in lines[2]
