"""An invented machine for the tests of reports."""

from datetime import UTC, datetime

from evce.reports import ActorFigures, HostFacts, Inside, LogLine

__all__ = ["AT", "inside"]

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


def inside(message: str = "site running", written: int | None = 10_000_000) -> Inside:
    """Two hours after its start."""
    host = HostFacts(
        name="edge-1",
        system="Linux 6.1 aarch64",
        python="3.11.2",
        processors=4,
        load=(0.5, 0.4, 0.3),
        memory_total=4_000_000_000,
        memory_available=3_000_000_000,
        disk_total=32_000_000_000,
        disk_free=20_000_000_000,
        host_up=90_000.0,
        utc=AT,
        pid=4242,
        process_up=7200.0,
        cpu=0.12,
        memory=150_000_000,
        threads=40,
        files=60,
        written=written,
    )
    actors = (
        ActorFigures(
            "zone/main", "supervisor/zones", "running", 2, "ValueError: odd", AT, 3, 0.5, 900, 7, 1, 0
        ),
        ActorFigures("meter/m", "supervisor/meters", "backing off", 1, "OSError", AT),
    )
    lines = (LogLine(AT, "warning", "actors.meter", message),)
    return Inside(host, actors, lines, {"evce.db": 2_500_000}, undelivered=4)
