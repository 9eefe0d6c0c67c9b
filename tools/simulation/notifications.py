"""What a station tells of its own accord: boot, heartbeat, status and meter values."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evce.units import Monotonic
from tools.simulation.metering import sampled_values
from tools.simulation.outbox import Call
from tools.simulation.outlet import Outlet

if TYPE_CHECKING:
    from tools.simulation.station import Station

__all__ = ["boot", "heartbeat", "report_status", "sample"]


def sample(station: "Station", outlet: Outlet, now: Monotonic, context: str) -> None:
    """Send a MeterValues with what the outlet measures now."""
    values = sampled_values(
        outlet, station.keys.names("MeterValuesSampledData"), context, station.quirks.current_style
    )
    if not values:
        return
    if station.quirks.misspells_celsius:
        values.append(
            {
                "value": "31",
                "context": context,
                "measurand": "Temperature",
                "location": "Body",
                "unit": "Celcius",
            }
        )
    session = outlet.session
    reading = [{"timestamp": station.written(station.clock(now)), "sampledValue": values}]

    def payload() -> dict[str, Any]:
        known = session is not None and session.transaction is not None
        known = known and not station.quirks.forgets_transaction
        transaction = {"transactionId": session.transaction} if known and session is not None else {}
        return {"connectorId": outlet.number, **transaction, "meterValue": reading}

    station.outbox.put(Call("MeterValues", payload, lasting=session is not None, tried_again=False))


def boot(station: "Station") -> None:
    """Send BootNotification."""

    def answered(payload: Mapping[str, Any], at: Monotonic) -> None:
        interval = int(payload.get("interval", 0))
        station.set_clock(payload, at)
        if payload.get("status") == "Accepted":
            station.accepted = True
            if interval > 0:
                station.keys.set("HeartbeatInterval", str(interval))
            station.heartbeat_at = at + max(1, station.keys.number("HeartbeatInterval"))
            report_status(station, 0, "Available", at)
            station.confirmed.clear()
            for outlet in station.outlets.values():
                outlet.reported = None
            station.report(at)
            if station.after_boot is not None and station.reboots_at is None:
                station.after_boot()
                station.after_boot = None
        else:
            station.boot_at = at + (interval if interval > 0 else 30.0)

    spec = station.spec
    request = {
        "chargePointVendor": spec.vendor[:20],
        "chargePointModel": spec.model[:20],
        "chargePointSerialNumber": (spec.serial or spec.box_identity)[:25],
        "chargeBoxSerialNumber": spec.box_identity[:25],
        "firmwareVersion": station.firmware[:50],
    }
    station.outbox.put(Call("BootNotification", lambda: request, on_answer=answered))


def heartbeat(station: "Station") -> None:
    """Send Heartbeat."""
    station.outbox.put(Call("Heartbeat", dict, on_answer=station.set_clock))


def report_status(station: "Station", number: int, status: str, now: Monotonic) -> None:
    """Send StatusNotification; number 0 is the station itstation."""
    request = {
        "connectorId": number,
        "errorCode": "InternalError" if status == "Faulted" else "NoError",
        "status": status,
        "timestamp": station.written(station.clock(now)),
    }

    def answered(_payload: Mapping[str, Any], _at: Monotonic) -> None:
        station.confirmed[number] = status

    station.outbox.put(Call("StatusNotification", lambda: request, on_answer=answered))
