"""The meter actor, on a link that the test plays, under both runtimes."""

import struct
from collections.abc import Callable, Sequence

import pytest

from actors.messages import (
    AlarmCleared,
    AlarmRaised,
    Message,
    MeterLost,
    MeterSampled,
    MeterShown,
    RecordEvent,
)
from actors.meter import MeterActor, PollAnswered, PollFailed, PollKey, meter_name
from actors.runtime import Runtime, SimulatedRuntime
from evce.configuration.choices import MeterModel
from evce.configuration.sections import MeterSettings
from evce.registers import BUILT_IN, Quantity, ReadRequest
from tests.actors.ears import listen
from tests.actors.runtimes import BOTH, running, wait

__all__ = ["running"]

Answer = float | str | None
"""Amperes on each phase; a text is a failure, None is silence."""


class PlayedLink:
    """Answers at once with what `answer` says about this poll (from 1); counts what was asked for."""

    def __init__(self, answer: Callable[[int], Answer]) -> None:
        self.answer = answer
        self.polls: list[tuple[PollKey, tuple[ReadRequest, ...]]] = []
        self.energy = 0
        self.kept: list[tuple[Callable[[Message], object], PollAnswered]] = []

    def read(
        self, poll: PollKey, requests: Sequence[ReadRequest], deliver: Callable[[Message], object]
    ) -> None:
        self.polls.append((poll, tuple(requests)))
        answer = self.answer(len(self.polls))
        if isinstance(answer, str):
            deliver(PollFailed(poll, answer))
            return
        self.energy += 1
        answered = PollAnswered(poll, {request: self.words(request, answer or 0.0) for request in requests})
        if answer is None:
            self.kept.append((deliver, answered))
        else:
            deliver(answered)

    def words(self, request: ReadRequest, amps: float) -> list[int]:
        registers = BUILT_IN[MeterModel.PM5320].registers
        if request.covers(registers[Quantity.CURRENT_L1]):
            packed = struct.pack(">fff", amps, amps, amps)
        elif request.covers(registers[Quantity.ACTIVE_POWER]):
            packed = struct.pack(">f", amps * 0.69)
        else:
            packed = struct.pack(">q", self.energy)
        return list(struct.unpack(f">{request.count}H", packed))


SETTINGS = MeterSettings.model_validate(
    {"id": "main", "name": "Main", "role": "zone", "zone": "a", "model": "pm5320", "host": "10.0.0.9"}
)


def start(runtime: Runtime, link: PlayedLink, settings: MeterSettings = SETTINGS) -> None:
    registers = BUILT_IN[MeterModel.PM5320]
    runtime.spawn(
        meter_name("main"), lambda context: MeterActor(context, settings, link, ("zone/a",), registers)
    )


def steady(_number: int) -> Answer:
    return 20.0


def fails_between(first: int, last: int) -> Callable[[int], Answer]:
    return lambda number: "no answer" if first <= number <= last else 20.0 + number


@BOTH
def test_good_readings_reach_the_zone_and_the_people(running: Runtime) -> None:
    """MT-1, MT-2, MT-8: A per phase, W and Wh; what the pages show comes from the same reading."""
    zone, view = listen(running, "zone/a"), listen(running, "view")
    start(running, PlayedLink(steady))
    wait(running, lambda: bool(zone.of(MeterSampled)))
    sampled = zone.of(MeterSampled)[0]
    assert (sampled.amps, sampled.power, sampled.energy) == ((20.0, 20.0, 20.0), pytest.approx(13_800.0), 1.0)
    wait(running, lambda: any(shown.view and shown.view.amps for shown in view.of(MeterShown)))
    shown = view.of(MeterShown)[-1].view
    assert shown is not None
    assert (shown.state, shown.connection, shown.amps) == (
        "connected",
        "TCP 10.0.0.9:502#255",
        (20.0, 20.0, 20.0),
    )


@BOTH
def test_three_missed_polls_stop_raises_and_three_good_ones_bring_the_meter_back(running: Runtime) -> None:
    """MT-7, RELIABILITY invariant 8: nothing is sampled in between, a sample would allow raises."""
    zone = listen(running, "zone/a")
    link = PlayedLink(fails_between(4, 7))
    start(running, link, SETTINGS.model_copy(update={"poll_ms": 100}))
    wait(running, lambda: len(zone.of(MeterSampled)) >= 4)
    (lost,) = zone.of(MeterLost)
    assert (lost.raises_only, lost.reason) == (True, "no answer")
    told = [message for _, message in zone if isinstance(message, MeterLost | MeterSampled)]
    # Polls 1-3 good, 4-7 missed, 8 and 9 not yet trusted, 10 is.
    assert [getattr(message, "amps", (0.0,))[0] for message in told[:5]] == [21.0, 22.0, 23.0, 0.0, 30.0]


def simulated(
    answer: Callable[[int], Answer], settings: MeterSettings = SETTINGS
) -> tuple[SimulatedRuntime, PlayedLink]:
    runtime = SimulatedRuntime(seed=3)
    link = PlayedLink(answer)
    start(runtime, link, settings)
    return runtime, link


def test_the_schedule_does_not_drift() -> None:
    """MT-1: 500 ms is 500 ms, for an hour."""
    runtime, link = simulated(steady)
    runtime.run_for(3600.0)
    assert len(link.polls) == 7201


def test_the_energy_register_is_read_every_ten_seconds_only() -> None:
    runtime, link = simulated(steady)
    runtime.run_for(60.2)
    asked = [len(requests) for _, requests in link.polls]
    assert (asked.count(3), set(asked)) == (7, {2, 3})


def test_five_seconds_without_a_reading_lose_the_meter() -> None:
    """MT-7, MT-6: the zone within 5 s, an alarm with it, and people see it; all of it ends with the loss."""
    runtime, _ = simulated(fails_between(5, 40))
    zone, view, recorder = (listen(runtime, name) for name in ("zone/a", "view", "recorder"))
    runtime.run_for(10.0)
    doubtful, lost = zone.of(MeterLost)[:2]
    assert (doubtful.raises_only, lost.raises_only, lost.since) == (True, False, 1.5)
    assert zone.times(MeterLost)[:2] == [3.0, 6.5]
    (raised,) = view.of(AlarmRaised)
    assert (raised.alarm.code, raised.alarm.source, raised.alarm.severity) == (
        "meter_lost",
        "main",
        "critical",
    )
    assert "no answer" in raised.alarm.message
    shown = view.of(MeterShown)[-1].view
    assert shown is not None
    assert (shown.state, shown.amps) == ("not connected", None)
    runtime.run_for(15.0)
    assert view.of(AlarmCleared)[-1].code == "meter_lost"
    first_again = next(sample.at for sample in zone.of(MeterSampled) if sample.at > 6.0)
    assert first_again == 21.0, "the third good poll after the loss"
    assert [event.message.split(":")[0] for event in recorder.of(RecordEvent)] == [
        "good -> doubtful",
        "doubtful -> lost",
        "lost -> good",
    ]


def test_a_loss_is_told_again_for_zones_that_restart() -> None:
    runtime, _ = simulated(fails_between(5, 200))
    runtime.run_for(20.0)
    zone = listen(runtime, "zone/a")
    runtime.run_for(10.0)
    assert [lost.raises_only for lost in zone.of(MeterLost)] == [False, False]


def test_a_link_that_says_nothing_at_all_loses_the_meter_too() -> None:
    """MT-7: stale."""
    runtime, link = simulated(lambda number: 20.0 if number <= 4 else None)
    zone = listen(runtime, "zone/a")
    runtime.run_for(8.0)
    assert [lost.raises_only for lost in zone.of(MeterLost)] == [True, False]
    for deliver, answered in link.kept[:-1]:
        deliver(answered)
    before = len(zone)
    runtime.settle()
    assert len(zone) == before, "answers to polls that were given up say nothing"


def test_frozen_figures_make_it_suspect() -> None:
    """MT-7: within 60 s, with an alarm and without raises; no sample until it has moved for a while."""
    runtime, link = simulated(steady)
    zone, view = listen(runtime, "zone/a"), listen(runtime, "view")
    link.words = lambda request, amps: PlayedLink(steady).words(request, amps)  # type: ignore[method-assign]
    runtime.run_for(70.0)
    (lost,) = zone.of(MeterLost)[:1]
    assert lost.raises_only
    assert 50.0 <= zone.times(MeterLost)[0] <= 60.0
    assert view.of(AlarmRaised)[-1].alarm.code == "meter_suspect"
    shown = view.of(MeterShown)[-1].view
    assert shown is not None
    assert shown.state == "suspect"
    assert max(sample.at for sample in zone.of(MeterSampled)) < 60.5
    del link.words
    link.answer = lambda number: 20.0 + number
    runtime.run_for(3.0)
    assert view.of(AlarmCleared)[-1].code == "meter_suspect"
    assert zone.of(MeterSampled)[-1].at > 70.0


def test_an_implausible_reading_is_a_missed_poll() -> None:
    """MT-7: a reversed current transformer, within 2 s."""
    runtime, _ = simulated(lambda number: 20.0 if number <= 4 else -20.0)
    zone = listen(runtime, "zone/a")
    runtime.run_for(3.2)
    (lost,) = zone.of(MeterLost)
    assert "can't be negative" in lost.reason


def test_people_see_a_fast_meter_at_most_twice_a_second() -> None:
    runtime, _ = simulated(lambda number: float(number), SETTINGS.model_copy(update={"poll_ms": 100}))
    view = listen(runtime, "view")
    runtime.run_for(10.0)
    assert len(view.of(MeterShown)) <= 22


def test_answers_to_a_dead_predecessor_are_ignored() -> None:
    """AC-2: a restarted actor begins on its own polls."""
    runtime, link = simulated(lambda _number: None)
    zone = listen(runtime, "zone/a")
    runtime.run_for(0.1)
    runtime.kill(meter_name("main"))
    runtime.run_for(0.1)
    start(runtime, link)
    runtime.run_for(0.1)
    (speak_for_old, old), (speak_for_new, new) = link.kept
    assert old.poll != new.poll
    speak_for_old(old)
    speak_for_old(new)
    speak_for_new(old)
    runtime.settle()
    assert zone.of(MeterSampled) == []
    speak_for_new(new)
    runtime.settle()
    assert len(zone.of(MeterSampled)) == 1


def test_the_alarm_of_a_dead_predecessor_is_cleared() -> None:
    """AC-2: an alarm must not stand for ever because who raised it was restarted."""
    runtime, _ = simulated(steady)
    view = listen(runtime, "view")
    runtime.run_for(1.0)
    assert {cleared.code for cleared in view.of(AlarmCleared)} == {"meter_lost", "meter_suspect"}
