"""The actor that tries meters for people who set them up: one read, and what it tells of the settings."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from actors.messages import GetTrial, Message, Question, TryMeter
from actors.meter import MeterLink, PollAnswered, PollFailed
from actors.supervised import Context, Supervised
from evce.endpoints import Endpoint
from evce.meter_trial import Trial

__all__ = ["MeterProbe", "MeterTrials"]

MeterProbe = Callable[[Endpoint, int], MeterLink]
"""A way to the meter with this unit id at an endpoint."""

KEPT = 20
"""Trials, and their outcomes; a page asks for its own within seconds."""


@dataclass(slots=True)
class _Running:
    trial: Trial
    endpoint: Endpoint
    links: dict[int, MeterLink]


class MeterTrials(Supervised):
    """Runs on its own thread and never waits; a death loses the trials, and people press the button again."""

    def __init__(self, context: Context, probe: MeterProbe) -> None:
        super().__init__(context)
        self._probe = probe
        self._trials: OrderedDict[str, _Running] = OrderedDict()
        self._polls: dict[tuple[int, int], str] = {}
        self._number = 0

    def on_message(self, message: Message) -> None:
        match message:
            case TryMeter() if message.request not in self._trials:
                trial = Trial(message.unit, message.registers, message.others)
                self._trials[message.request] = _Running(trial, message.endpoint, {})
                while len(self._trials) > KEPT:
                    self._trials.popitem(last=False)
                self._ask(message.request)
            case TryMeter():
                pass  # a browser that sent its form twice
            case PollAnswered(poll=poll):
                self._note(poll, message)
            case PollFailed(poll=poll):
                self._note(poll, message)
            case _:
                super().on_message(message)

    def on_question(self, question: Question) -> object:
        match question:
            case GetTrial(request=request):
                running = self._trials.get(request)
                return None if running is None else running.trial.outcome
        return super().on_question(question)

    def _ask(self, request: str) -> None:
        running = self._trials[request]
        probe = running.trial.probe
        link = running.links.get(probe.unit)
        if link is None:
            link = running.links[probe.unit] = self._probe(running.endpoint, probe.unit)
        self._number += 1
        poll = (self.context.incarnation, self._number)
        self._polls[poll] = request
        link.read(poll, probe.requests, self.deliver)

    def _note(self, poll: tuple[int, int], message: PollAnswered | PollFailed) -> None:
        request = self._polls.pop(poll, None)
        running = None if request is None else self._trials.get(request)
        if request is None or running is None:
            return
        if isinstance(message, PollAnswered):
            running.trial.answered(message.answers)
        else:
            running.trial.failed(message.fault, message.reason)
        if running.trial.outcome is None:
            self._ask(request)
        else:
            running.links.clear()
