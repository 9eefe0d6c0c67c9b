"""Whether each meter can be reached as its settings say, and none is where another one is."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from evce.configuration.choices import MeterModel, MeterProtocol, Parity
from evce.configuration.refusals import Path, label, refusal
from evce.errors import Refusal

__all__ = ["check_meter_places"]

LAST_SERIAL_UNIT = 247
"""The last address on a Modbus serial line (Modbus over Serial Line V1.02, 2.2)."""

_LINE = {"baud": 19_200, "parity": Parity.EVEN, "stop_bits": 1}
"""What all meters on a line have in common, and the defaults of it."""

Plain = Mapping[str, Any]


def check_meter_places(data: Plain, meters: Iterable[tuple[Path, Plain]]) -> Iterator[Refusal]:
    """Refuse what a protocol lacks or can't have (MT-1), and two meters in one place.

    Values of the wrong type have been refused already; what depends on them is left out.
    """
    at_address: dict[tuple[str, int, int], Path] = {}
    on_line: dict[tuple[str, int], Path] = {}
    lines: dict[str, tuple[Path, Plain]] = {}
    for path, meter in meters:
        if not isinstance(meter.get("id"), str):
            continue
        unit = meter.get("unit", 255)
        if meter.get("protocol", MeterProtocol.TCP) != MeterProtocol.RTU:
            yield from _address(data, path, meter, unit, at_address)
            continue
        yield from _serial(path, meter, unit, data)
        device = meter.get("device")
        if not isinstance(device, str):
            continue
        if isinstance(unit, int) and (other := on_line.setdefault((device, unit), path)) != path:
            allowed = f"must differ from {label(other, data)} in device or unit: one meter can't be two"
            yield refusal(data, (*path, "unit"), allowed)
        beside, shared = lines.setdefault(device, (path, meter))
        for name, usual in _LINE.items():
            if meter.get(name, usual) != shared.get(name, usual):
                allowed = f"must be as for {label(beside, data)}, which is on the same line"
                yield refusal(data, (*path, name), allowed)


def _address(
    data: Plain, path: Path, meter: Plain, unit: object, known: dict[tuple[str, int, int], Path]
) -> Iterator[Refusal]:
    host, port = meter.get("host"), meter.get("port", 502)
    if host is None:
        yield refusal(data, (*path, "host"), "must be given: where the Modbus TCP meter is")
    if not isinstance(host, str) or not isinstance(port, int) or not isinstance(unit, int):
        return
    if (other := known.setdefault((host.lower(), port, unit), path)) != path:
        allowed = f"must differ from {label(other, data)} in host, port or unit: one meter can't be two"
        yield refusal(data, (*path, "host"), allowed)


def _serial(path: Path, meter: Plain, unit: object, data: Plain) -> Iterator[Refusal]:
    if meter.get("device") is None:
        yield refusal(data, (*path, "device"), "must be given: the serial line of the Modbus RTU meter")
    model = meter.get("model")
    if isinstance(model, str) and model in tuple(MeterModel) and model != MeterModel.IEM3X5X:
        allowed = f"must be {MeterModel.IEM3X5X} or a meter model of the site where the protocol is rtu"
        yield refusal(data, (*path, "model"), allowed)
    if isinstance(unit, int) and unit > LAST_SERIAL_UNIT:
        allowed = f"must be from 1 to {LAST_SERIAL_UNIT} where the protocol is rtu"
        yield refusal(data, (*path, "unit"), allowed)
