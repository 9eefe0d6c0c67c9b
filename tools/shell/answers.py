"""What the daemon answers the debug shell: values for the wire, for machines and for the screen alike."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import TypeAdapter

from actors.inbox import InboxStats
from evce.planning.ledger import LedgerLine
from evce.tracing import Traced
from evce.units import Amps, PhaseAmps, Seconds

__all__ = [
    "ActorLine",
    "Done",
    "Inspection",
    "Ledger",
    "LedgerLine",
    "Log",
    "LogLine",
    "Names",
    "Process",
    "Profile",
    "ProfileLine",
    "Stacks",
    "ThreadStack",
    "Top",
    "Traced",
    "Tree",
    "Why",
    "ZoneOnPath",
    "from_json",
    "to_json",
]

Answer = TypeVar("Answer")

_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


@dataclass(frozen=True)
class ActorLine:
    """One actor. `per_s`, `p50_s`, `p99_s` and `share` are those of the tree's window.

    `per_s` counts messages handled a second, `p50_s` and `p99_s` are seconds in a handler (None: nothing was
    handled), `share` is the part of the time in which a handler ran. `busy_s` is how long the handler of this
    moment has run. `inbox` is None while the actor doesn't live.
    """

    name: str
    supervisor: str
    state: str
    restarts: int
    last_failure: str
    since: str | None = None
    incarnation: int = 0
    inbox: InboxStats | None = None
    busy_s: Seconds = 0.0
    per_s: float = 0.0
    p50_s: Seconds | None = None
    p99_s: Seconds | None = None
    share: float = 0.0


@dataclass(frozen=True)
class Tree:
    """The supervision tree; its rates are those of the last `window_s` seconds."""

    window_s: Seconds
    actors: tuple[ActorLine, ...]


@dataclass(frozen=True)
class Process:
    """The daemon's process. `cpu` is the part of one core that it used lately, `memory` bytes resident."""

    version: str
    pid: int
    up_s: Seconds
    cpu: float
    memory: int
    threads: int
    files: int
    undelivered: int
    """Messages that found nobody since the start."""
    zombies: int
    """Hung actors whose thread still lives."""


@dataclass(frozen=True)
class Top:
    """The process, and its busiest actors first."""

    process: Process
    window_s: Seconds
    actors: tuple[ActorLine, ...]


@dataclass(frozen=True)
class Inspection:
    """An actor from outside, while it goes on: fields of different moments may stand side by side.

    `path` names the part of the state that `value` is. Secrets are redacted, long values cut.
    """

    line: ActorLine
    kind: str
    hang_budget_s: Seconds
    timers: tuple[str, ...]
    path: str
    value: Any
    heir: Any = None


@dataclass(frozen=True)
class ZoneOnPath:
    """A zone above a connector: currents in A per grid phase, as the dashboard has them."""

    id: str
    name: str
    limit: PhaseAmps
    bound_by: str
    setpoints: PhaseAmps
    pledged: PhaseAmps
    lost: PhaseAmps
    measured: PhaseAmps | None


@dataclass(frozen=True)
class Why:
    """Why a connector has its setpoint: the dashboard's sentence, and the amounts behind it."""

    connector: str
    station: str
    reason: str
    status: str
    link: str
    verified: bool
    wiring: str
    rating: Amps
    setpoint: Amps | None
    measured: PhaseAmps | None
    session: str
    zones: tuple[ZoneOnPath, ...]
    pledge: LedgerLine | None


@dataclass(frozen=True)
class Ledger:
    """What may be drawn in a zone as far as the root knows: A per grid phase, and line by line."""

    zone: str
    name: str
    limit: PhaseAmps
    bound_by: str
    pledged: PhaseAmps
    lines: tuple[LedgerLine, ...]


@dataclass(frozen=True)
class LogLine:
    """One line of the daemon's log; `at` is UTC."""

    at: str
    level: str
    logger: str
    thread: str
    message: str
    traceback: str = ""


@dataclass(frozen=True)
class Log:
    """The newest lines, oldest first."""

    lines: tuple[LogLine, ...]


@dataclass(frozen=True)
class ThreadStack:
    """Threads that are at the same place; the innermost frame last."""

    threads: tuple[str, ...]
    frames: tuple[str, ...]
    idle: bool


@dataclass(frozen=True)
class Stacks:
    """Where every thread is now."""

    stacks: tuple[ThreadStack, ...]


@dataclass(frozen=True)
class ProfileLine:
    """`share` of all looks at which a thread that wasn't waiting was in `what`."""

    what: str
    share: float


@dataclass(frozen=True)
class Profile:
    """Looks at all threads over some seconds: where those were that didn't wait."""

    seconds: Seconds
    looks: int
    threads: tuple[ProfileLine, ...]
    functions: tuple[ProfileLine, ...]
    """By the innermost function."""
    inclusive: tuple[ProfileLine, ...]
    """By every function on the stack."""


@dataclass(frozen=True)
class Done:
    """Something was changed. `audited` tells whether the audit log has it on disk already."""

    text: str
    audited: bool = True


@dataclass(frozen=True)
class Names:
    """What can be named, for completion: `messages` with their fields."""

    actors: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    connectors: tuple[str, ...] = ()
    messages: dict[str, tuple[str, ...]] = field(default_factory=dict)


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    adapter = _ADAPTERS.get(kind)
    if adapter is None:
        adapter = _ADAPTERS[kind] = TypeAdapter(kind)
    return adapter


def to_json(answer: Any) -> dict[str, Any]:
    """The answer as a JSON object."""
    plain: dict[str, Any] = _adapter(type(answer)).dump_python(answer, mode="json")
    return plain


def from_json(kind: type[Answer], plain: dict[str, Any]) -> Answer:
    """The answer that was such a JSON object. Raises ValueError when another version of EVCE wrote it."""
    answer: Answer = _adapter(kind).validate_python(plain)
    return answer
