"""The whole simulated site on the wire, in its own thread, and as a program."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pymodbus.client import ModbusTcpClient
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from evce.units import ZoneId
from tests.tools.simulation.scripted import SITE, Central, site
from tools.referee.books import compare_sessions
from tools.referee.referee import Referee
from tools.simulation.__main__ import main as program
from tools.simulation.client import BackOff
from tools.simulation.site import SimulatedSite
from tools.simulation.world import WorldOptions

QUICK = BackOff(0.01, 0.1)


class Server:
    """A central system for a whole site; each station gets a script of its own."""

    def __init__(self) -> None:
        self.centrals: dict[str, Central] = {}
        self.news = threading.Condition()
        self.url = ""

    def handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        name = connection.request.path.rsplit("/", 1)[-1]
        central = self.centrals.setdefault(name, Central())
        for frame in connection:
            answer = central.take(str(frame))
            if answer is not None:
                connection.send(answer)
            with self.news:
                self.news.notify_all()

    def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        with self.news:
            assert self.news.wait_for(condition, seconds)

    def booted(self) -> bool:
        return len([c for c in self.centrals.values() if c.statuses()]) == 2


@contextmanager
def central() -> Iterator[Server]:
    server = Server()
    with serve(server.handle, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")]) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        server.url = f"ws://127.0.0.1:{listening.socket.getsockname()[1]}/ocpp"
        yield server
        listening.shutdown()
        thread.join(10)


def test_a_site_on_the_wire_agrees_with_itself() -> None:
    """OC-1, MT-2, LM-8: stations dial, a car charges, the meter's registers show the true current."""
    with central() as server:
        at = SimulatedSite(
            site(), WorldOptions(arrivals_factor=0.0), free_ports=True, control_port=0, back_off=QUICK
        )
        referee = Referee(at.world.model)
        try:
            ports = at.start_meters()
            assert set(ports) == {"m1", "pv", "lift"}
            at.start(server.url)
            referee.watch(at.truth, period=0.05)
            server.until(server.booted)
            assert at.obey("plug CP-01/1 CARD-A 3 20") == "ok"
            server.until(lambda: "Charging" in server.centrals["CP-01"].statuses())
            client = ModbusTcpClient("127.0.0.1", port=ports["m1"], timeout=5)
            assert client.connect()  # type: ignore[no-untyped-call]
            words = client.read_holding_registers(2999, count=2, device_id=255)
            client.close()  # type: ignore[no-untyped-call]
            amps = client.convert_from_registers(words.registers, client.DATATYPE.FLOAT32)
            consumed = at.truth()[ZoneId("main")][0] + at.call(
                lambda: at.world.meters["pv"]._source().currents[0]
            )
            assert amps == pytest.approx(consumed, abs=8.0)
            with socket.create_connection(("127.0.0.1", at.control_port or 0), 5) as line:
                line.sendall(b"truth\n")
                assert b"garage" in line.makefile("rb").readline()
            at.obey("unplug CP-01/1")
            server.until(lambda: bool(server.centrals["CP-01"].seen("StopTransaction")))
            (session,) = at.book()
            assert compare_sessions([session], [session]) == []
            assert at.complaints() == []
        finally:
            referee.stop()
            at.stop()
            at.stop()
        assert referee.clean
        assert referee.observations > 3


def test_it_says_so_when_it_is_not_running() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        SimulatedSite(site(), WorldOptions(arrivals_factor=0.0)).obey("truth")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_program_plays_a_site_file(tmp_path: Path) -> None:
    """AC-5: `python -m tools.simulation`, orders on standard input."""
    text = SITE
    for port in (15021, 15022, 15023):
        text = text.replace(f"port = {port}", f"port = {free_port()}")
    path = tmp_path / "site.toml"
    path.write_text(text)
    inputs = tmp_path / "inputs.json"
    with central() as server:
        program = subprocess.Popen(
            [
                *(sys.executable, "-m", "tools.simulation", str(path), "--ocpp", server.url),
                *("--arrivals", "0", "--back-off", "0.1", "--control", "0", "--inputs", str(inputs)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert program.stdin is not None
            assert program.stdout is not None
            assert program.stdout.readline().startswith("control port ")
            server.until(server.booted)
            program.stdin.write("input 1 on\nstations\n")
            program.stdin.flush()
            assert program.stdout.readline() == "ok\n"
            assert json.loads(program.stdout.readline())["CP-01/1"]["online"] is True
            assert json.loads(inputs.read_text()) == {"1": True}
        finally:
            program.terminate()
            assert program.wait(20) == 0
            for stream in (program.stdin, program.stdout):
                if stream is not None:
                    stream.close()


def test_a_wrong_site_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("[site]\n")
    ended = subprocess.run(
        [sys.executable, "-m", "tools.simulation", str(path), "--ocpp", "ws://127.0.0.1:1/ocpp"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 2
    assert "name" in ended.stderr


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ('protocol = "rtu"\ndevice = "/dev/ttyUSB0"\nunit = 1\nmodel = "iem3x5x"', "speak tcp"),
        ('host = "127.0.0.1"\nmodel = "owl"', "have the registers of pm5320"),
    ],
)
def test_a_meter_that_cannot_be_simulated_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: str, expected: str
) -> None:
    """MT-1, MT-3: nothing is begun."""
    file = tmp_path / "site.toml"
    file.write_text(
        f"""
[site]
name = "Yard"
time_zone = "Europe/Paris"
[[meter_models]]
id = "owl"
name = "Owl"
registers = [
    {{ quantity = "current_l1", address = 1 }},
    {{ quantity = "current_l2", address = 3 }},
    {{ quantity = "current_l3", address = 5 }},
]
[[meters]]
id = "m"
name = "M"
role = "reporting"
{change}
""",
        encoding="utf-8",
    )
    assert program([str(file), "--ocpp", "ws://127.0.0.1:9/ocpp"]) == 2
    told = capsys.readouterr().err
    assert "meters[m]" in told
    assert expected in told
