"""What one look at a zone's subtree has decided."""

from dataclasses import dataclass, field

from evce.planning.budgets import Budget
from evce.planning.waking import Restarts
from evce.units import Amps, ConnectorKey, PhaseAmps, ZoneId

__all__ = ["Decision"]


@dataclass(frozen=True)
class Decision:
    """Setpoints in A per phase; sums in A per grid phase.

    `lowered` may go out at once; `raised` fits beside every pledge and goes out once it is on disk.
    """

    lowered: dict[ConnectorKey, Amps] = field(default_factory=dict)
    raised: dict[ConnectorKey, Amps] = field(default_factory=dict)
    targets: dict[ConnectorKey, Amps] = field(default_factory=dict)
    reasons: dict[ConnectorKey, str] = field(default_factory=dict)
    budgets: dict[ZoneId, Budget] = field(default_factory=dict)
    pledges: dict[ConnectorKey, Amps] = field(default_factory=dict)
    pledged: dict[ZoneId, PhaseAmps] = field(default_factory=dict)
    lost: dict[ZoneId, PhaseAmps] = field(default_factory=dict)
    setpoints: dict[ZoneId, PhaseAmps] = field(default_factory=dict)
    overcommitted: tuple[ZoneId, ...] = ()
    disobedient: tuple[ConnectorKey, ...] = ()
    to_stop: tuple[ConnectorKey, ...] = ()
    restarts: Restarts = field(default_factory=Restarts)
