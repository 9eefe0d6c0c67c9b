"""The invented site's meters, inputs, actors and alarms."""

from datetime import datetime, timedelta

from actors.messages import ListEvents, RecordEvent
from evce.records import SessionPoint, SessionRecord
from evce.units import MeterId, ZoneId
from evce.views import ActorView, AlarmView, InputView, MeterView
from tests.web.fake_plant import zone_views

__all__ = ["actor_views", "alarm_views", "found_events", "input_views", "meter_views", "some_course"]


def meter_views(now: datetime) -> dict[MeterId, MeterView]:
    """The main meter, solar production, and two meters that only report."""
    views = [
        MeterView(
            MeterId("main-meter"),
            "Main meter",
            "zone",
            "pm5320",
            "TCP 192.168.0.40:502#255",
            ZoneId("main"),
            "connected",
            (118.2, 107.4, 127.9),
            80500.0,
            1_204_778_000.0,
            now,
        ),
        MeterView(
            MeterId("solar"),
            "Roof solar",
            "production",
            "iem3x5x",
            "TCP 192.168.0.41:502#1",
            ZoneId("main"),
            "connected",
            (18.4, 18.1, 18.6),
            12650.0,
            48_211_400.0,
            now,
        ),
        MeterView(
            MeterId("lift"),
            "Lift and lighting",
            "reporting",
            "powertag",
            "TCP 192.168.0.42:502#3",
            None,
            "connected",
            (6.2, 4.8, 7.1),
            3900.0,
            9_120_000.0,
            now,
        ),
        MeterView(
            MeterId("kiosk"),
            "Kiosk",
            "reporting",
            "iem3x5x",
            "TCP 192.168.0.43:502#7",
            None,
            "not connected",
            None,
            None,
            None,
            now - timedelta(minutes=31),
        ),
    ]
    return {view.id: view for view in views}


def input_views() -> tuple[InputView, ...]:
    """Two inputs, none active."""
    return (
        InputView("Grid operator", enabled=True, active=False, percent=50),
        InputView("Fire alarm", True, False, 0),
    )


def actor_views(now: datetime) -> dict[str, ActorView]:
    """A supervision tree in which something has happened."""
    views = [
        ActorView("supervisor", "", "running", since=now - timedelta(days=3)),
        ActorView("view", "supervisor", "running", since=now - timedelta(days=3)),
        ActorView(
            "recorder",
            "supervisor",
            "running",
            1,
            "sqlite3.OperationalError: disk I/O error",
            now - timedelta(hours=5),
        ),
        ActorView("inputs", "supervisor", "running", since=now - timedelta(days=3)),
    ]
    for folder in ("zones", "stations", "meters"):
        views.append(
            ActorView(f"supervisor/{folder}", "supervisor", "running", since=now - timedelta(days=3))
        )
    views += [
        ActorView(f"zone/{zone}", "supervisor/zones", "running", since=now - timedelta(days=3))
        for zone in zone_views()
    ]
    views += [
        ActorView(f"station/CP-{n:02d}", "supervisor/stations", "running", since=now - timedelta(days=3))
        for n in range(1, 21)
    ]
    views[-3] = ActorView(
        "station/CP-18",
        "supervisor/stations",
        "running",
        2,
        "KeyError: 'connectorId'",
        now - timedelta(minutes=2),
    )
    views += [
        ActorView(f"meter/{m}", "supervisor/meters", "running", since=now - timedelta(days=3))
        for m in ("main-meter", "solar", "lift")
    ]
    views.append(
        ActorView(
            "meter/kiosk",
            "supervisor/meters",
            "backing off",
            14,
            "ConnectionRefusedError: 192.168.0.43:502",
            now - timedelta(seconds=40),
        )
    )
    return {view.name: view for view in views}


def found_events(events: list[RecordEvent], question: ListEvents) -> list[RecordEvent]:
    """What the recorder finds in these lines."""
    text = question.text.lower()
    found = [
        event
        for event in events
        if (not question.devices or event.device in question.devices)
        and question.type in (None, event.type)
        and question.author.lower() in event.author.lower()
        and (text in event.message.lower() or text in event.device.lower())
        and (question.since is None or event.at >= question.since)
        and (question.before is None or event.at < question.before)
        and (question.audit or event.type != "audit")
    ]
    return found[question.offset :][: question.limit]


def alarm_views(now: datetime) -> tuple[AlarmView, ...]:
    """One grave, one warning."""
    return (
        AlarmView(
            "station-disconnected",
            "CP-10",
            "the station is not connected",
            "Its share stays reserved: check its power and its network.",
            "warning",
            now - timedelta(minutes=12),
        ),
        AlarmView(
            "meter-lost",
            "kiosk",
            "Meter Kiosk can't be read: no answer until the next poll",
            "Check its power, the connection to 192.168.0.43:502 and the unit id 3.",
            "error",
            now - timedelta(minutes=31),
        ),
    )


def some_course(session: SessionRecord, end: datetime) -> list[SessionPoint]:
    """Plugged in, charging with less and less, suspended, resumed, and the car that has enough."""
    begin, span = session.started_at, end - session.started_at
    share = "Gets %s A: its share of what zone Main switchboard has, 63 A on L1 (meter), among 5 cars"
    parts = (
        (0.0, 16.0, 15.7, "Charging", share % "16"),
        (0.2, 10.0, 9.8, "Charging", share % "10"),
        (0.25, 6.5, 6.3, "Charging", share % "6.5"),
        (0.4, 0.0, 0.0, "SuspendedEVSE", "Gets 0 A: zone Main switchboard has 4 A on L1 (meter)"),
        (0.55, 16.0, 15.8, "Charging", share % "16"),
        (0.6, 16.0, None, "Away", None),
        (0.65, 32.0, 29.1, "Charging", "Gets all that it may have"),
        (0.9, 32.0, 0.0, "SuspendedEV", None),
    )
    charged = [session.energy * share for share, *_ in parts]
    plugged = begin - timedelta(seconds=40)
    return [
        SessionPoint(session.transaction, plugged, 0.0, 0.0, 0.0, "Preparing", None),
        *(
            SessionPoint(
                session.transaction, session.started_at + share * span, allowed, drawn, energy, state, why
            )
            for (share, allowed, drawn, state, why), energy in zip(parts, charged, strict=True)
        ),
    ]
