"""What only the running process knows of itself and of its machine, for a report."""

from dataclasses import dataclass, field
from datetime import datetime

from evce.units import Seconds

__all__ = ["ActorFigures", "HostFacts", "Inside", "LogLine"]


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The machine and the process at one moment. Sizes in bytes; `cpu` is cores since the start.

    `written` is what the process has had written to its disks since it was started, None where the system
    doesn't tell.
    """

    name: str
    system: str
    python: str
    processors: int
    load: tuple[float, float, float]
    memory_total: int
    memory_available: int
    disk_total: int
    disk_free: int
    host_up: Seconds
    utc: datetime
    pid: int
    process_up: Seconds
    cpu: float
    memory: int
    threads: int
    files: int
    written: int | None


@dataclass(frozen=True, slots=True)
class ActorFigures:
    """One actor with its mailbox: what waits, how long the oldest waits, what became of the rest.

    `depth` to `refused` are None while it doesn't live.
    """

    name: str
    supervisor: str
    state: str
    restarts: int
    last_failure: str
    since: datetime | None
    depth: int | None = None
    oldest: Seconds | None = None
    handled: int | None = None
    coalesced: int | None = None
    shed: int | None = None
    refused: int | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the process's own log."""

    at: datetime
    level: str
    logger: str
    message: str


@dataclass(frozen=True, slots=True)
class Inside:
    """All of it. `database` are the bytes of each file of the database by its name, `log` is oldest first."""

    host: HostFacts
    actors: tuple[ActorFigures, ...] = ()
    log: tuple[LogLine, ...] = ()
    database: dict[str, int] = field(default_factory=dict)
    undelivered: int = 0
    """Messages between actors that found nobody since the start."""
