"""The invented site's zones on three levels and its stations of all families."""

from datetime import datetime, timedelta

from evce.electrical import Wiring
from evce.facts import ConnectorStatus, Link
from evce.units import BoxIdentity, ConnectorKey, MeterId, PhaseAmps, TransactionId, ZoneId
from evce.views import (
    ConnectorView,
    StationView,
    TransactionView,
    ZoneView,
)

__all__ = ["station_views", "zone_views"]

_S = ConnectorStatus
Slot = tuple[str, ConnectorStatus, float | None, float]
"""Wiring, status, setpoint A, drawn A."""

# Zone → stations: (number, name, family, VIP, link, connectors).
_STATIONS: dict[str, list[tuple[int, str, str, bool, Link, list[Slot]]]] = {
    "garage": [
        (
            1,
            "Garage 1",
            "parking",
            False,
            Link.CONNECTED,
            [("TRI123", _S.CHARGING, 16, 15.8), ("TRI231", _S.AVAILABLE, 0, 0)],
        ),
        (
            2,
            "Garage 2",
            "parking",
            False,
            Link.CONNECTED,
            [("TRI231", _S.CHARGING, 14.5, 14.2), ("TRI312", _S.CHARGING, 14.5, 13.9)],
        ),
        (
            3,
            "Garage 3",
            "parking",
            True,
            Link.CONNECTED,
            [("TRI312", _S.CHARGING, 32, 31.4), ("TRI123", _S.AVAILABLE, 0, 0)],
        ),
        (
            4,
            "Garage 4",
            "parking",
            False,
            Link.CONNECTED,
            [("TRI123", _S.SUSPENDED_EVSE, 0, 0), ("TRI231", _S.PREPARING, 0, 0)],
        ),
        (5, "Garage 5", "smart_wallbox", False, Link.CONNECTED, [("MONO2", _S.CHARGING, 13.4, 13.1)]),
        (6, "Garage 6", "smart_wallbox", False, Link.CONNECTED, [("MONO3", _S.SUSPENDED_EV, 10, 0.1)]),
    ],
    "deck-north": [
        (7, "Deck north 1", "pro_ac", False, Link.CONNECTED, [("TRI123", _S.CHARGING, 20.3, 16.1)]),
        (8, "Deck north 2", "pro_ac", False, Link.CONNECTED, [("TRI231", _S.AVAILABLE, 0, 0)]),
        (9, "Deck north 3", "pro_ac", False, Link.CONNECTED, [("TRI312", _S.CHARGING, 20.3, 20.2)]),
        (
            10,
            "Deck north 4",
            "pro_ac_metal",
            False,
            Link.LOST,
            [("TRI123", _S.CHARGING, 20.3, 19.8), ("TRI231", _S.AVAILABLE, 0, 0)],
        ),
        (
            11,
            "Deck north 5",
            "pro_ac_metal",
            False,
            Link.CONNECTED,
            [("TRI312", _S.FAULTED, 0, 0), ("TRI123", _S.AVAILABLE, 0, 0)],
        ),
    ],
    "deck-south": [
        (12, "Deck south 1", "pro_ac", False, Link.CONNECTED, [("MONO1", _S.CHARGING, 31.9, 31.2)]),
        (13, "Deck south 2", "pro_ac", True, Link.CONNECTED, [("TRI123", _S.AVAILABLE, 0, 0)]),
        (14, "Deck south 3", "pro_ac", False, Link.LOST, [("TRI231", _S.UNKNOWN, None, 0)]),
        (15, "Deck south 4", "generic", False, Link.CONNECTED, [("TRI312", _S.UNAVAILABLE, 0, 0)]),
    ],
    "street": [
        (
            16,
            "Quay street 1",
            "city",
            False,
            Link.CONNECTED,
            [("TRI123", _S.CHARGING, 24, 23.6), ("TRI231", _S.CHARGING, 24, 11.3)],
        ),
        (
            17,
            "Quay street 2",
            "city",
            False,
            Link.CONNECTED,
            [("TRI312", _S.AVAILABLE, 0, 0), ("TRI123", _S.AVAILABLE, 0, 0)],
        ),
        (
            18,
            "Quay street 3",
            "city",
            False,
            Link.CONNECTED,
            [("TRI231", _S.FINISHING, 0, 0), ("TRI312", _S.AVAILABLE, 0, 0)],
        ),
        (19, "Fast charger", "dc_24", False, Link.CONNECTED, [("TRI123", _S.CHARGING, 32, 30.9)]),
        (20, "Taxi stand", "dc_24", False, Link.NEVER_SEEN, [("TRI123", _S.UNKNOWN, None, 0)]),
    ],
}

_MODELS = {
    "parking": "EVlink Parking",
    "city": "EVlink City",
    "smart_wallbox": "EVlink Smart Wallbox",
    "pro_ac": "EVlink Pro AC",
    "pro_ac_metal": "EVlink Pro AC Metal",
    "dc_24": "DC 24 kW",
    "generic": "Nordic 22",
}


def _reason(status: ConnectorStatus, amps: float | None) -> str:
    match status, amps:
        case (_S.SUSPENDED_EVSE, _):
            return (
                "Suspended: it needs 6 A and zone Garage has 4.2 A left of 100 A on L1 (maximum); "
                "3 cars came first."
            )
        case (_S.CHARGING, 32):
            return "VIP: gets 32 A: its rating allows no more."
        case (_S.CHARGING, 24):
            return "Gets 24 A: its rating allows no more."
        case (_S.CHARGING, a) if a is not None:
            return f"Gets {a:g} A: zone Main switchboard has 189.4 A on L3 (meter) for 4 cars."
        case (_S.SUSPENDED_EV, _):
            return "Gets 6 A: its floor while the car itself pauses allows no more."
    return ""


def station_views(now: datetime) -> dict[BoxIdentity, StationView]:
    """All stations, and one that is detected but not registered."""
    found: dict[BoxIdentity, StationView] = {}
    for zone, rows in _STATIONS.items():
        for number, name, family, vip, link, slots in rows:
            identity = BoxIdentity(f"CP-{number:02d}")
            found[identity] = StationView(
                box_identity=identity,
                name=name,
                family=family,
                zone=ZoneId(zone),
                vip=vip,
                link=link,
                verified=link is Link.CONNECTED,
                vendor="Schneider Electric" if family != "generic" else "Nordic Charge",
                model=_MODELS[family],
                serial_number=f"3N2205{number:04d}",
                firmware="3.4.0.16" if family in ("parking", "city", "smart_wallbox") else "01.07.00",
                last_seen_at=None
                if link is Link.NEVER_SEEN
                else now - timedelta(seconds=4 if link is Link.CONNECTED else 760),
                connectors=tuple(
                    _connector(identity, slot + 1, *slots[slot], vip=vip, now=now)
                    for slot in range(len(slots))
                ),
            )
    stranger = BoxIdentity("00-1E-C0-9A-41-7F")
    found[stranger] = StationView(
        stranger,
        str(stranger),
        "generic",
        None,
        vip=False,
        link=Link.CONNECTED,
        verified=False,
        registered=False,
        last_seen_at=now,
    )
    return found


def _connector(
    station: BoxIdentity,
    number: int,
    wiring: str,
    status: ConnectorStatus,
    setpoint: float | None,
    drawn: float,
    *,
    vip: bool,
    now: datetime,
) -> ConnectorView:
    mask = Wiring(wiring).mask
    measured: PhaseAmps = tuple(round(drawn - 0.3 * p, 1) if m and drawn else 0.0 for p, m in enumerate(mask))  # type: ignore[assignment]
    seed = int(station[-2:]) * 2 + number
    active = status in (_S.CHARGING, _S.SUSPENDED_EV, _S.SUSPENDED_EVSE)
    return ConnectorView(
        key=ConnectorKey(station, number),
        wiring=wiring,
        rating=32.0,
        status=status,
        setpoint=setpoint,
        measured=None if setpoint is None else measured,
        transaction=TransactionView(
            id=TransactionId(470 + seed),
            connector=ConnectorKey(station, number),
            id_tag=f"04A1B{seed:02X}7C",
            vip=vip,
            started_at=now - timedelta(minutes=11 + seed * 17 % 260),
            energy=1180.0 + seed * 1913 % 24000,
        )
        if active
        else None,
        reason=_reason(status, setpoint),
    )


def zone_views() -> dict[ZoneId, ZoneView]:
    """A dynamic root with building load, a deck below it, and a static street feeder."""
    views = [
        ZoneView(
            ZoneId("main"),
            "Main switchboard",
            None,
            250,
            dynamic=True,
            meter=MeterId("main-meter"),
            limit=(189.4, 196.1, 178.8),
            setpoints=(117.6, 104.1, 130.2),
            pledged=(141.1, 124.4, 150.5),
            lost=(20.3, 20.3, 20.3),
            measured=(118.2, 107.4, 127.9),
            stations_measured=(76.1, 66.4, 84.9),
            bound_by="meter",
            optimal=4,
            reduced=4,
            suspended=2,
        ),
        ZoneView(
            ZoneId("garage"),
            "Garage",
            ZoneId("main"),
            100,
            dynamic=False,
            meter=None,
            limit=(100, 100, 100),
            setpoints=(77, 90.4, 97.8),
            pledged=(80.2, 90.4, 97.8),
            stations_measured=(60.3, 74.2, 61.0),
            bound_by="maximum",
            optimal=1,
            reduced=4,
            suspended=2,
        ),
        ZoneView(
            ZoneId("deck"),
            "Parking deck",
            ZoneId("main"),
            125,
            dynamic=False,
            meter=None,
            limit=(125, 125, 125),
            setpoints=(72.5, 40.6, 40.6),
            pledged=(92.8, 60.9, 60.9),
            lost=(20.3, 20.3, 20.3),
            stations_measured=(67.1, 35.8, 35.4),
            bound_by="maximum",
            optimal=3,
            reduced=0,
            suspended=0,
        ),
        ZoneView(
            ZoneId("deck-north"),
            "Deck north",
            ZoneId("deck"),
            63,
            dynamic=False,
            meter=None,
            limit=(63, 63, 63),
            setpoints=(40.6, 40.6, 40.6),
            pledged=(60.9, 60.9, 60.9),
            lost=(20.3, 20.3, 20.3),
            stations_measured=(36.3, 35.8, 35.4),
            bound_by="maximum",
            optimal=2,
            reduced=0,
            suspended=0,
        ),
        ZoneView(
            ZoneId("deck-south"),
            "Deck south",
            ZoneId("deck"),
            80,
            dynamic=False,
            meter=None,
            limit=(80, 80, 80),
            setpoints=(31.9, 0, 0),
            pledged=(31.9, 0, 0),
            stations_measured=(31.2, 0, 0),
            bound_by="maximum",
            optimal=1,
            reduced=0,
            suspended=0,
        ),
        ZoneView(
            ZoneId("street"),
            "Quay street",
            None,
            125,
            dynamic=False,
            meter=None,
            limit=(125, 125, 125),
            setpoints=(80, 80, 80),
            pledged=(80, 80, 80),
            stations_measured=(65.8, 65.2, 64.5),
            bound_by="maximum",
            optimal=3,
            reduced=0,
            suspended=0,
        ),
    ]
    return {view.id: view for view in views}
