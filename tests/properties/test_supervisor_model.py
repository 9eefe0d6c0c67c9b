"""The supervisor against a simple model: all strategies, restart types and ways to fail, in any order."""

from __future__ import annotations

from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from actors.messages.base import Message
from actors.messages.supervision import RestartChild, StartChild, StopChild
from actors.runtime import SimulatedRuntime
from actors.supervised import Context, HangForDrill, Supervised
from actors.supervisor import ChildKind, ChildSpec, Supervisor
from evce.restarts import Intensity, RestartType, Strategy
from tests.actors.runtimes import Fail, Note

NAMES = ("a", "b", "c", "d", "e")
PATIENT = Intensity(10_000, 10.0)
QUIET_S = 300.0
"""Longer than all back-offs of the failures that one step plans."""

names = st.sampled_from(NAMES)


@dataclass
class Plan:
    """How the next starts of a child fail; shared by its incarnations."""

    fails: int = 0
    where: str = ""


class Fated(Supervised):
    """Fails as planned, and writes down its births (after the plan) and orderly ends."""

    def __init__(self, context: Context, plan: Plan, log: list[str]) -> None:
        super().__init__(context)
        self.plan = plan
        self.log = log
        self._perhaps("constructor", RuntimeError("planned"))

    def on_begin(self) -> None:
        self._perhaps("begin", SystemExit("planned"))
        self._perhaps("hang in begin", HangForDrill())
        self.log.append(f"+{self.name}")

    def on_message(self, message: Message) -> None:
        match message:
            case Fail(error):
                raise error("told")
            case Note():
                self.stop()

    def on_end(self) -> None:
        self.log.append(f"-{self.name}")

    def _perhaps(self, where: str, error: BaseException) -> None:
        if self.plan.where == where and self.plan.fails > 0:
            self.plan.fails -= 1
            raise error


@dataclass
class ModelChild:
    """What the model knows: its type, and whether it runs once everything is quiet."""

    restart: RestartType
    alive: bool = False


@dataclass
class Model:
    """Start order is the order of the dict. `log` is what the step should have written."""

    strategy: Strategy
    children: dict[str, ModelChild] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def start_in_order(self, names: list[str], plans: dict[str, Plan]) -> None:
        """Start these; a planned failure of a start is a failure like any other."""
        pending = list(names)
        while pending:
            name = pending[0]
            if plans[name].fails == 0:
                self.children[name].alive = True
                self.log.append(f"+{name}")
                del pending[0]
                continue
            plans[name].fails -= 1
            if self.children[name].restart is RestartType.TEMPORARY:
                del self.children[name]
                del pending[0]
                continue
            stopped = self.stop_group(self.sharing_fate(name))
            pending = [each for each in self.children if each in pending or each in stopped]

    def sharing_fate(self, name: str) -> list[str]:
        """The others that stop and start with it."""
        order = list(self.children)
        match self.strategy:
            case Strategy.ONE_FOR_ONE:
                return []
            case Strategy.ONE_FOR_ALL:
                return [each for each in order if each != name]
            case Strategy.REST_FOR_ONE:
                return order[order.index(name) + 1 :]

    def stop_group(self, names: list[str]) -> list[str]:
        """Stop the living of these, last first; returns those that come back: not the temporary ones."""
        stopped = [name for name in names if self.children[name].alive]
        for name in reversed(stopped):
            self.log.append(f"-{name}")
            self.children[name].alive = False
            if self.children[name].restart is RestartType.TEMPORARY:
                del self.children[name]
        return [name for name in stopped if name in self.children]

    def ended(self, name: str, failed: bool, plans: dict[str, Plan]) -> None:
        """A living child failed, or ended by itself in good order."""
        child = self.children[name]
        child.alive = False
        if not failed:
            self.log.append(f"-{name}")
        if child.restart is RestartType.TEMPORARY:
            del self.children[name]
            return
        if child.restart is RestartType.TRANSIENT and not failed:
            return
        stopped = self.stop_group(self.sharing_fate(name))
        self.start_in_order([each for each in self.children if each == name or each in stopped], plans)


class SupervisorMachine(RuleBasedStateMachine):
    """After each step, once everything is quiet: the same children run, and births and ends came in order."""

    @initialize(
        strategy=st.sampled_from(list(Strategy)),
        types=st.lists(st.sampled_from(list(RestartType)), min_size=3, max_size=3),
        seed=st.integers(0, 999),
        in_transit=st.booleans(),
    )
    def build(self, strategy: Strategy, types: list[RestartType], seed: int, in_transit: bool) -> None:
        self.gave_up: list[str] = []
        self.runtime = SimulatedRuntime(seed, in_transit=in_transit, on_give_up=self.gave_up.append)
        self.log: list[str] = []
        self.plans = {name: Plan() for name in NAMES}
        self.model_plans = {name: Plan() for name in NAMES}
        self.model = Model(strategy)
        specs = [self.spec(name, restart) for name, restart in zip(NAMES, types, strict=False)]

        def inner(context: Context) -> Supervised:
            return Supervisor(context, specs, strategy=strategy, intensity=PATIENT)

        outer = [ChildSpec("inner", inner, kind=ChildKind.SUPERVISOR)]
        self.runtime.spawn("top", lambda context: Supervisor(context, outer, intensity=PATIENT))
        for name, restart in zip(NAMES, types, strict=False):
            self.model.children[name] = ModelChild(restart)
        self.model.start_in_order(list(self.model.children), self.model_plans)
        self.quiet()

    def spec(self, name: str, restart: RestartType) -> ChildSpec:
        return ChildSpec(name, lambda context: Fated(context, self.plans[name], self.log), restart=restart)

    def plan(self, name: str, fails: int, where: str) -> None:
        self.plans[name].fails = self.model_plans[name].fails = fails
        self.plans[name].where = where

    def quiet(self) -> None:
        self.runtime.run_for(QUIET_S)
        for name in NAMES:
            self.plan(name, 0, "")

    def alive(self, name: str) -> bool:
        child = self.model.children.get(name)
        return child is not None and child.alive

    @rule(
        name=names,
        how=st.sampled_from(["exception", "exit", "hang", "message"]),
        again=names,
        fails=st.integers(0, 3),
        where=st.sampled_from(["constructor", "begin", "hang in begin"]),
    )
    def fail(self, name: str, how: str, again: str, fails: int, where: str) -> None:
        """A handler fails or hangs; perhaps a start in what follows fails as well."""
        if not self.alive(name):
            return
        self.plan(again, fails, where)
        if how == "message":
            self.runtime.tell(name, Fail())
        else:
            self.runtime.kill(name, how)
        self.model.ended(name, failed=True, plans=self.model_plans)
        self.quiet()

    @rule(name=names)
    def end(self, name: str) -> None:
        """It stops by itself."""
        if self.alive(name):
            self.runtime.tell(name, Note("leave"))
            self.model.ended(name, failed=False, plans=self.model_plans)
            self.quiet()

    @rule(name=names, remove=st.booleans())
    def stop(self, name: str, remove: bool) -> None:
        """Somebody has it stopped."""
        self.runtime.tell("inner", StopChild(name, remove))
        if self.alive(name):
            self.model.log.append(f"-{name}")
            self.model.children[name].alive = False
        if remove:
            self.model.children.pop(name, None)
        self.quiet()

    @rule(name=names)
    def restart(self, name: str) -> None:
        """Somebody has it restarted: only this one, whatever the strategy."""
        self.runtime.tell("inner", RestartChild(name))
        if name in self.model.children:
            if self.alive(name):
                self.model.log.append(f"-{name}")
            self.model.start_in_order([name], self.model_plans)
        self.quiet()

    @rule(name=names, restart=st.sampled_from(list(RestartType)))
    def start(self, name: str, restart: RestartType) -> None:
        """A new child comes last; a known one is replaced where it stands."""
        self.runtime.tell("inner", StartChild(self.spec(name, restart)))
        if self.alive(name):
            self.model.log.append(f"-{name}")
        self.model.children.setdefault(name, ModelChild(restart)).restart = restart
        self.model.start_in_order([name], self.model_plans)
        self.quiet()

    @precondition(lambda self: hasattr(self, "runtime"))
    @rule(how=st.sampled_from(["exception", "hang"]))
    def kill_supervisor(self, how: str) -> None:
        """All its children are rebuilt, in order, the stopped ones too; the old ones say nothing."""
        self.runtime.kill("inner", how)
        for child in self.model.children.values():
            child.alive = False
        self.log.clear()
        self.model.log.clear()
        self.quiet()
        # Abandoned children end without their `on_end`.
        self.model.start_in_order(list(self.model.children), self.model_plans)

    @invariant()
    def same_as_the_model(self) -> None:
        if not hasattr(self, "runtime"):
            return
        running = [name for name in NAMES if self.runtime.directory.find(name) is not None]
        assert running == [name for name in NAMES if self.alive(name)]
        assert self.log == self.model.log
        assert len(self.runtime.living()) == len(running) + 2
        assert self.runtime.zombies == 0
        assert not self.gave_up
        views = {line.view.name: line.view for line in self.runtime.tree()}
        assert {name for name in NAMES if name in views} == set(self.model.children)
        assert {views[name].state for name in running} <= {"running"}


TestSupervisorAgainstItsModel = SupervisorMachine.TestCase
TestSupervisorAgainstItsModel.settings = settings(max_examples=120, stateful_step_count=15, deadline=None)
