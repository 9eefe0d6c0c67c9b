"""Scripted neighbours for the tests of zones: stations that follow, a recorder that commits."""

from dataclasses import replace

from actors.messages import (
    AssignSetpoints,
    CommitPledges,
    FindPledges,
    Message,
    PledgeRecord,
    PledgesCommitted,
    PledgesFound,
    ReportDemand,
    RequestAction,
    StationReported,
)
from actors.supervised import Context, Supervised
from evce.facts import Acknowledged, ConnectorFacts

__all__ = ["ListeningActor", "ScriptedRecorder", "ScriptedStation"]


class ListeningActor(Supervised):
    """Keeps every message that it gets."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.heard: list[Message] = []

    def on_message(self, message: Message) -> None:
        self.heard.append(message)


class ScriptedRecorder(ListeningActor):
    """Commits at once; `pledges` is what it has on disk, `writable` whether it answers at all."""

    def __init__(
        self, context: Context, pledges: tuple[PledgeRecord, ...] = (), *, writable: bool = True
    ) -> None:
        super().__init__(context)
        self.pledges = {record.connector: record for record in pledges}
        self.writable = writable

    def on_message(self, message: Message) -> None:
        super().on_message(message)
        match message:
            case FindPledges(reply_to=name):
                self.send(name, PledgesFound(tuple(self.pledges.values()), 100))
            case CommitPledges(reply_to=name, plan=plan, pledges=pledges) if self.writable:
                self.pledges.update({record.connector: record for record in pledges})
                self.send(name, PledgesCommitted(plan))


class ScriptedStation(ListeningActor):
    """Accepts every setpoint at once and draws it, unless `deaf`: then it never answers."""

    def __init__(self, context: Context, zone: str, facts: ConnectorFacts, *, deaf: bool = False) -> None:
        super().__init__(context)
        self.zone, self.facts, self.deaf = zone, facts, deaf
        self.stops = 0

    def on_message(self, message: Message) -> None:
        super().on_message(message)
        match message:
            case ReportDemand():
                self.report()
            case AssignSetpoints(plan=plan, orders=orders):
                self.facts = replace(self.facts, plan=plan)
                for order in orders:
                    if self.deaf:
                        self.facts = replace(self.facts, outstanding=(*self.facts.outstanding, order.amps))
                    else:
                        self.accept(order.amps)
                self.report()
            case RequestAction(action="stop"):
                self.stops += 1
            case StationReported(connectors=(facts,)):
                self.facts = facts
                self.report()

    def accept(self, amps: float) -> None:
        """Take the setpoint over, as a station does with its answer."""
        now = self.now()
        past = [replace(a, superseded_at=a.superseded_at or now) for a in self.facts.acknowledged]
        self.facts = replace(
            self.facts, acknowledged=(*past[-3:], Acknowledged(amps, now)), lease_ends_at=now + 120.0
        )

    def report(self) -> None:
        """Tell the zone."""
        self.send(self.zone, StationReported(self.facts.key.station, (self.facts,)))
