"""Tests of the actor that tries meters."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from actors.messages import TRIALS, GetTrial, Message, TryMeter
from actors.meter import PollAnswered, PollFailed, PollKey
from actors.meter_trials import KEPT, MeterTrials
from actors.modbus_link import ModbusHub
from actors.runtime import SimulatedRuntime, ThreadRuntime
from evce.configuration.choices import MeterModel
from evce.endpoints import Endpoint, SerialLine, TcpEndpoint
from evce.meter_trial import PollFault, TrialOutcome, Verdict
from evce.registers import BUILT_IN, ReadRequest
from tests.actors.test_modbus_link import meter, wait

REGISTERS = BUILT_IN[MeterModel.PM5320]


class Link:
    """Answers with this fault, or with zeros; remembers whom it was asked for."""

    def __init__(self, asked: list[int], unit: int, right: int) -> None:
        self._asked, self._unit, self._right = asked, unit, right

    def read(
        self, poll: PollKey, requests: Sequence[ReadRequest], deliver: Callable[[Message], object]
    ) -> None:
        self._asked.append(self._unit)
        if self._unit == self._right:
            deliver(PollAnswered(poll, {request: [0] * request.count for request in requests}))
        else:
            deliver(PollFailed(poll, "no answer", PollFault.SILENT))


def started(right: int) -> tuple[SimulatedRuntime, list[int]]:
    runtime, asked = SimulatedRuntime(seed=1), list[int]()
    runtime.spawn(TRIALS, lambda context: MeterTrials(context, lambda _, unit: Link(asked, unit, right)))
    return runtime, asked


def order(request: str, unit: int = 255) -> TryMeter:
    return TryMeter(request, TcpEndpoint("10.0.0.9"), unit, REGISTERS, {})


def test_the_unit_id_that_answers_is_found() -> None:
    """MT-6: one after another, until one answers; asked twice for the same, it is tried once."""
    runtime, asked = started(right=2)
    runtime.tell(TRIALS, order("a"))
    runtime.tell(TRIALS, order("a"))
    runtime.run_for(1.0)
    outcome = runtime.ask(TRIALS, GetTrial("a"), 1.0)
    assert isinstance(outcome, TrialOutcome)
    assert (outcome.verdict, outcome.unit) == (Verdict.OTHER_UNIT, 2)
    assert asked == [255, 1, 2]


def test_old_trials_are_forgotten() -> None:
    """MT-6: the actor doesn't grow."""
    runtime, _ = started(right=255)
    for number in range(KEPT + 1):
        runtime.tell(TRIALS, order(str(number)))
    runtime.run_for(1.0)
    assert runtime.ask(TRIALS, GetTrial("0"), 1.0) is None
    assert isinstance(runtime.ask(TRIALS, GetTrial(str(KEPT)), 1.0), TrialOutcome)


@pytest.fixture
def hub() -> Iterator[ModbusHub]:
    made = ModbusHub()
    yield made
    made.close()


def test_a_real_meter_is_tried(hub: ModbusHub) -> None:
    """MT-6: over Modbus TCP; a closed port and a serial line that isn't there are told apart."""
    runtime = ThreadRuntime(seed=1)
    runtime.spawn(TRIALS, lambda context: MeterTrials(context, hub.meter_probe))

    def tried(request: str, endpoint: Endpoint) -> TrialOutcome:
        runtime.tell(TRIALS, TryMeter(request, endpoint, 255, REGISTERS, {}))
        wait(runtime, lambda: runtime.ask(TRIALS, GetTrial(request), 1.0) is not None)
        outcome = runtime.ask(TRIALS, GetTrial(request), 1.0)
        assert isinstance(outcome, TrialOutcome)
        return outcome

    try:
        with meter() as endpoint:
            there = tried("a", endpoint)
        gone = tried("b", endpoint)
        unplugged = tried("c", SerialLine("/dev/does-not-exist"))
    finally:
        runtime.close()
    assert there.reading is not None
    assert there.reading.amps == (10.0, 20.0, 30.0)
    assert gone.verdict is Verdict.UNREACHABLE
    assert unplugged.verdict is Verdict.NO_LINE
