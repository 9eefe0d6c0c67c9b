"""How a station carries out what the central system asks of it: every action that OCPP 1.6 has."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from evce.units import NOMINAL_VOLTAGE, Monotonic, Seconds
from tools.simulation import notifications, security, transactions, transfers
from tools.simulation.outbox import Call
from tools.simulation.outlet import Outlet
from tools.simulation.profiles16 import print_time
from tools.simulation.wire import FrameError

if TYPE_CHECKING:
    from tools.simulation.station import Station

__all__ = ["execute"]

Payload = Mapping[str, Any]

_SOFT_RESET_DELAY: Seconds = 1.0


def execute(station: "Station", action: str, payload: Payload, now: Monotonic) -> dict[str, Any]:
    """The answer to one CALL. Raises FrameError with NotImplemented or NotSupported."""
    handler = _HANDLERS.get(action)
    if handler is None:
        raise FrameError("NotImplemented", f"{action} is not for a charging station")
    return handler(station, payload, now)


def _outlet(station: "Station", payload: Payload) -> Outlet | None:
    return station.outlets.get(int(payload["connectorId"]))


def _get_configuration(station: "Station", payload: Payload, _now: Monotonic) -> dict[str, Any]:
    return station.keys.read(payload.get("key", []))


def _change_configuration(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    key, value = str(payload["key"]), str(payload["value"])
    status = security.change_key(station, key, value) or station.keys.change(key, value)
    if status == "Accepted" and key == "HeartbeatInterval" and station.heartbeat_at is not None:
        station.heartbeat_at = now + max(1, station.keys.number(key))
    if status == "Accepted" and key == "MeterValueSampleInterval":
        for outlet in station.outlets.values():
            if outlet.session is not None:
                outlet.session.next_sample = now + station.sample_interval()
    return {"status": status}


def _set_profile(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    if station.quirks.profiles_not_supported:
        raise FrameError("NotSupported", "no smart charging here")
    if station.quirks.reject_profiles or now < station.started_at + station.quirks.outside_control_after:
        return {"status": "Rejected"}
    number = int(payload["connectorId"])
    if number != 0 and number not in station.outlets:
        return {"status": "Rejected"}
    if not _heeded(station, payload["csChargingProfiles"]):
        return {"status": "Accepted"}
    clock = station.clock(now)
    running = station.outlets[number].running(clock) if number else None
    status = station.profiles.install(number, payload["csChargingProfiles"], running, clock)
    return {"status": status}


def _heeded(station: "Station", profile: Payload) -> bool:
    highest, only = station.quirks.heeds_levels_to, station.quirks.heeds_only
    too_high = highest is not None and profile["stackLevel"] > highest
    return not too_high and only in ("", profile["chargingProfilePurpose"])


def _clear_profile(station: "Station", payload: Payload, _now: Monotonic) -> dict[str, Any]:
    if station.quirks.profiles_not_supported:
        raise FrameError("NotSupported", "no smart charging here")
    cleared = station.profiles.clear(
        payload.get("id"),
        payload.get("connectorId"),
        payload.get("chargingProfilePurpose"),
        payload.get("stackLevel"),
    )
    return {"status": "Accepted" if cleared else "Unknown"}


def _composite(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    quirks = station.quirks
    if quirks.profiles_not_supported:
        raise FrameError("NotSupported", "no smart charging here")
    number = int(payload["connectorId"])
    if quirks.no_composite or (number != 0 and number not in station.outlets):
        return {"status": "Rejected"}
    if quirks.empty_composite:
        return {"status": "Accepted"}
    clock = station.clock(now)
    outlets = list(station.outlets.values()) if number == 0 else [station.outlets[number]]
    phases = max(outlet.phases for outlet in outlets)
    rating = sum(outlet.connector.rating for outlet in outlets)
    running = outlets[0].running(clock) if number else None
    duration = float(payload["duration"])
    schedule = station.profiles.composite(number, clock, duration, running, phases, rating)
    default = "W" if quirks.watts_only else "A"
    unit = str(payload.get("chargingRateUnit", default))
    factor = NOMINAL_VOLTAGE * phases if unit == "W" else 1.0

    def limit(amps: float) -> float | str:
        value = round(amps * factor, 1)
        return str(value) if quirks.composite_strings else value

    return {
        "status": "Accepted",
        "connectorId": number,
        "scheduleStart": print_time(clock),
        "chargingSchedule": {
            "duration": int(duration),
            "startSchedule": print_time(clock),
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": [
                {"startPeriod": round(start), "limit": limit(amps)} for start, amps in schedule
            ],
        },
    }


def _remote_start(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    wanted = payload.get("connectorId")
    for number, outlet in station.outlets.items():
        if wanted not in (None, number):
            continue
        if outlet.session is None and outlet.operative and not outlet.faulted:
            outlet.finished = False
            transactions.start_remotely(station, outlet, str(payload["idTag"]), now)
            if "chargingProfile" in payload:
                clock = station.clock(now)
                running = outlet.running(clock)
                station.profiles.install(number, payload["chargingProfile"], running, clock)
            return {"status": "Accepted"}
    return {"status": "Rejected"}


def _remote_stop(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    for outlet in station.outlets.values():
        if outlet.session is not None and outlet.session.transaction == payload["transactionId"]:
            transactions.stop(station, outlet, now, "Remote")
            return {"status": "Accepted"}
    return {"status": "Rejected"}


def _availability(station: "Station", payload: Payload, _now: Monotonic) -> dict[str, Any]:
    number = int(payload["connectorId"])
    if number != 0 and number not in station.outlets:
        return {"status": "Rejected"}
    outlets = list(station.outlets.values()) if number == 0 else [station.outlets[number]]
    operative = payload["type"] == "Operative"
    scheduled = False
    for outlet in outlets:
        outlet.inoperative_after = not operative and outlet.session is not None
        scheduled |= outlet.inoperative_after
        if not outlet.inoperative_after:
            outlet.operative = operative
    return {"status": "Scheduled" if scheduled else "Accepted"}


def _reset(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    if payload["type"] == "Hard":
        for outlet in station.outlets.values():
            if outlet.session is not None:
                tag = outlet.session.id_tag
                transactions.stop(station, outlet, now, "HardReset")
                if station.quirks.resumes_after_reboot:
                    outlet.finished, outlet.id_tag = False, tag
                    outlet.present_at = now + station.quirks.reboot_time + _SOFT_RESET_DELAY
    station.reboots_at = now + _SOFT_RESET_DELAY
    return {"status": "Accepted"}


def _unlock(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    outlet = _outlet(station, payload)
    if outlet is None:
        return {"status": "NotSupported"}
    if outlet.session is not None:
        transactions.stop(station, outlet, now, "UnlockCommand")
    return {"status": "Unlocked"}


def _trigger(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    if station.quirks.no_trigger:
        raise FrameError("NotImplemented", "no TriggerMessage here")
    wanted = payload.get("connectorId")
    if wanted is not None and wanted != 0 and wanted not in station.outlets:
        return {"status": "Rejected"}
    outlets = [o for n, o in station.outlets.items() if wanted in (None, 0, n)]
    match payload["requestedMessage"]:
        case "BootNotification":
            notifications.boot(station)
        case "Heartbeat":
            notifications.heartbeat(station)
        case "StatusNotification":
            if wanted in (None, 0):
                notifications.report_status(station, 0, "Available", now)
            for outlet in outlets:
                status = outlet.status(hides_suspension=station.quirks.hides_suspension)
                outlet.reported = status
                notifications.report_status(station, outlet.number, status, now)
        case "MeterValues":
            if station.quirks.no_meter_values:
                return {"status": "Rejected"}
            for outlet in outlets:
                notifications.sample(station, outlet, now, "Trigger")
        case "DiagnosticsStatusNotification" as action:
            station.outbox.put(Call(action, lambda: {"status": "Idle"}))
        case "FirmwareStatusNotification" as action:
            station.outbox.put(Call(action, lambda: {"status": "Idle"}))
        case _:
            return {"status": "NotImplemented"}
    return {"status": "Accepted"}


def _extended_trigger(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    return security.trigger(station, payload, now) or _trigger(station, payload, now)


def _send_list(station: "Station", payload: Payload, _now: Monotonic) -> dict[str, Any]:
    status = station.authorization.update(
        int(payload["listVersion"]), str(payload["updateType"]), payload.get("localAuthorizationList", [])
    )
    return {"status": status}


def _list_version(station: "Station", _payload: Payload, _now: Monotonic) -> dict[str, Any]:
    enabled = station.keys.flag("LocalAuthListEnabled")
    return {"listVersion": station.authorization.version if enabled else -1}


def _clear_cache(station: "Station", _payload: Payload, _now: Monotonic) -> dict[str, Any]:
    if not station.keys.flag("AuthorizationCacheEnabled"):
        return {"status": "Rejected"}
    station.authorization.clear_cache()
    return {"status": "Accepted"}


def _reserve(station: "Station", payload: Payload, _now: Monotonic) -> dict[str, Any]:
    outlet = _outlet(station, payload)
    if outlet is None:
        return {"status": "Rejected"}
    if outlet.faulted:
        return {"status": "Faulted"}
    if not outlet.operative:
        return {"status": "Unavailable"}
    if outlet.session is not None or outlet.vehicle is not None:
        return {"status": "Occupied"}
    outlet.reserved_for, outlet.reservation = str(payload["idTag"]), int(payload["reservationId"])
    return {"status": "Accepted"}


def _cancel_reservation(station: "Station", payload: Payload, _now: Monotonic) -> dict[str, Any]:
    for outlet in station.outlets.values():
        if outlet.reservation == payload["reservationId"]:
            outlet.reserved_for = outlet.reservation = None
            return {"status": "Accepted"}
    return {"status": "Rejected"}


def _diagnostics(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    return {"fileName": transfers.send_diagnostics(station, str(payload["location"]), now)}


def _get_log(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    where, request = str(payload["log"]["remoteLocation"]), int(payload["requestId"])
    name = transfers.send_log(station, where, str(payload["logType"]), request, now)
    return {"status": "Accepted", "filename": name}


def _update_firmware(station: "Station", payload: Payload, now: Monotonic) -> dict[str, Any]:
    transfers.fetch_firmware(station, str(payload["location"]), now)
    return {}


def _data_transfer(_station: "Station", _payload: Payload, _now: Monotonic) -> dict[str, Any]:
    return {"status": "UnknownVendorId"}


_HANDLERS: dict[str, Callable[["Station", Payload, Monotonic], dict[str, Any]]] = {
    "CancelReservation": _cancel_reservation,
    "CertificateSigned": security.take_certificate,
    "ChangeAvailability": _availability,
    "ChangeConfiguration": _change_configuration,
    "ClearCache": _clear_cache,
    "ClearChargingProfile": _clear_profile,
    "DataTransfer": _data_transfer,
    "DeleteCertificate": security.delete_certificate,
    "ExtendedTriggerMessage": _extended_trigger,
    "GetCompositeSchedule": _composite,
    "GetConfiguration": _get_configuration,
    "GetDiagnostics": _diagnostics,
    "GetInstalledCertificateIds": security.installed_certificates,
    "GetLocalListVersion": _list_version,
    "GetLog": _get_log,
    "InstallCertificate": security.install_certificate,
    "RemoteStartTransaction": _remote_start,
    "RemoteStopTransaction": _remote_stop,
    "ReserveNow": _reserve,
    "Reset": _reset,
    "SendLocalList": _send_list,
    "SetChargingProfile": _set_profile,
    "SignedUpdateFirmware": security.signed_firmware,
    "TriggerMessage": _trigger,
    "UnlockConnector": _unlock,
    "UpdateFirmware": _update_firmware,
}
