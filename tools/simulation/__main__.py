"""The simulated site as a program: `python -m tools.simulation SITE.toml --ocpp ws://host:port/ocpp`."""

import argparse
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from evce.configuration.choices import MeterModel, MeterProtocol
from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import parse_toml
from evce.errors import ConfigurationError
from tools.simulation.client import BackOff
from tools.simulation.control import HELP
from tools.simulation.inputs import write_input
from tools.simulation.quirks import PALETTE, Quirks
from tools.simulation.site import SimulatedSite
from tools.simulation.world import WorldOptions


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="evce simulate",
        description="Plays the site of a site file: stations on OCPP, meters on Modbus TCP, cars and sun.",
        epilog=f"Orders on standard input (and on the control port):\n{HELP}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("site", type=Path, help="site file (TOML)")
    parser.add_argument("--ocpp", required=True, metavar="URL", help="central system, ws://host:port/ocpp")
    parser.add_argument("--arrivals", type=float, default=1.0, metavar="N", help="cars come N times as often")
    parser.add_argument("--begin", type=float, default=14.0, metavar="H", help="hour of Monday to begin")
    parser.add_argument("--stay", type=float, default=1.0, metavar="SHARE", help="share of the recorded stay")
    parser.add_argument(
        "--speed", type=float, default=1.0, metavar="N", help="building and sun N times as fast"
    )
    parser.add_argument("--seed", type=int, default=0, help="same seed, same site")
    parser.add_argument("--steps", type=float, metavar="S", help="the building takes a step every S seconds")
    parser.add_argument("--back-off", type=float, default=35.0, metavar="S", help="longest wait to reconnect")
    parser.add_argument("--control", type=int, metavar="PORT", help="loopback port for orders (0: any free)")
    parser.add_argument("--inputs", type=Path, metavar="FILE", help="file that `input N on|off` writes to")
    parser.add_argument(
        "--quirk",
        action="append",
        default=[],
        type=_quirk,
        metavar="STATION=HABIT",
        help=f"a bad habit of the field, for one station or * for all: {', '.join(PALETTE)}",
    )
    parser.add_argument("--seconds", type=float, metavar="S", help="end by itself after S seconds")
    return parser


def _quirk(text: str) -> tuple[str, Quirks]:
    """Read STATION=HABIT."""
    station, _, habit = text.partition("=")
    if not station or habit not in PALETTE:
        habits = ", ".join(PALETTE)
        raise argparse.ArgumentTypeError(f"{text!r}: STATION=HABIT, where HABIT is one of {habits}")
    return station, PALETTE[habit]


def _quirks(given: Sequence[tuple[str, Quirks]], document: SiteDocument) -> dict[str, Quirks]:
    """Those of each station, what is said last counting."""
    quirks: dict[str, Quirks] = {}
    for station, habit in given:
        named = [str(s.box_identity) for s in document.stations] if station == "*" else [station]
        quirks.update(dict.fromkeys(named, habit))
    return quirks


def _unplayed(document: SiteDocument) -> Iterator[str]:
    """The meters that can't be simulated, and what to do."""
    for meter in document.meters:
        if meter.protocol is not MeterProtocol.TCP:
            yield (
                f'meters[{meter.id}].protocol = "{meter.protocol}": simulated meters speak tcp; simulate a '
                "copy of the file in which this one does, too"
            )
        if meter.model not in tuple(MeterModel):
            yield (
                f'meters[{meter.id}].model = "{meter.model}": simulated meters have the registers of '
                f"{', '.join(MeterModel)}; simulate a copy of the file in which this one is one of them"
            )


def main(argv: Sequence[str] | None = None) -> int:
    """Run until the end of `--seconds`, SIGINT or SIGTERM; returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        document = parse_toml(arguments.site.read_bytes())
    except (ConfigurationError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2
    if unplayed := list(_unplayed(document)):
        print("\n".join(unplayed), file=sys.stderr)
        return 2
    options = WorldOptions(
        seed=arguments.seed,
        arrivals_factor=arguments.arrivals,
        begin=arguments.begin * 3600.0,
        stay_share=arguments.stay,
        speed=arguments.speed,
        step_every=arguments.steps,
        utc_at_zero=time.time() - time.monotonic(),
        quirks=_quirks(arguments.quirk, document),
    )
    inputs: Path | None = arguments.inputs
    site = SimulatedSite(
        document,
        options,
        control_port=arguments.control,
        back_off=BackOff(min(1.0, arguments.back_off), arguments.back_off),
        on_input=None if inputs is None else lambda number, on: write_input(inputs, number, on),
    )
    over = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(ValueError):
            signal.signal(wanted, lambda *_: over.set())
    site.start(arguments.ocpp)
    if site.control_port is not None:
        print(f"control port {site.control_port}", flush=True)
    threading.Thread(target=_listen, args=(site,), name="orders", daemon=True).start()
    try:
        over.wait(arguments.seconds)
    finally:
        site.stop()
    return 0


def _listen(site: SimulatedSite) -> None:
    """Orders from standard input, until it ends."""
    for line in sys.stdin:
        if line.strip():
            with contextlib.suppress(RuntimeError):
                print(site.obey(line.strip()), flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
