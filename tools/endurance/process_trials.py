"""The faults of the daemon's process: stopped, killed, out of memory, under a stand-in for systemd."""

import signal
import socket
from contextlib import suppress
from itertools import pairwise
from typing import Final

from evce.units import Seconds
from tools.control.server import AT_ONCE
from tools.control.wire import SOCKET_NAME
from tools.endurance.acts import Act, comes, leaves
from tools.endurance.ground import CARS, LEASE
from tools.endurance.looks import back, fallen, no_alarm, not_raised, same_sessions, watch
from tools.endurance.trial import Look, Scene, Trial
from tools.faults.fault import When
from tools.service import WATCHDOG

__all__ = ["PROCESS_TRIALS"]

_BACK_WITHIN: Final[Seconds] = 10.0
"""From a kill to the last station verified, the second before the restart included."""

_SEEN_WITHIN: Final[Seconds] = 1.0
"""What the pages show of a station may be seen so much earlier or later than what its car is offered."""

_ASKING: Final = AT_ONCE - 2
"""As many as the control socket serves at once, but for those who watch."""

_SPARE: Final = 2 * 1024 * 1024
"""Bytes of memory that are left when it runs out: no new thread's stack, no larger buffer."""


def _signalled(number: signal.Signals) -> Act:
    return lambda scene: scene.ground.service.send(number)


def _stopped(watchdog: Seconds | None) -> Act:
    def strike(scene: Scene) -> None:
        scene.ground.service.watchdog = watchdog
        scene.ground.service.send(signal.SIGSTOP)

    return strike


def _goes_on(scene: Scene) -> None:
    scene.ground.service.send(signal.SIGCONT)


def _nothing(_: Scene) -> None:
    """The service manager mends it."""


class _Crowd:
    """Memory runs out, and some who ask want a thread's stack each."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def come(self, scene: Scene) -> None:
        """Take the memory away, then connect to the control socket, and say nothing."""
        scene.ground.service.limit_memory(_SPARE)
        for _ in range(_ASKING):
            one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._sockets.append(one)
            one.settimeout(1.0)
            with suppress(OSError):
                one.connect(str(scene.ground.data / SOCKET_NAME))

    def go(self, _: Scene) -> None:
        """Hang up."""
        while self._sockets:
            self._sockets.pop().close()


_CROWD: Final = _Crowd()


def _rises_when_verified(scene: Scene) -> bool:
    """Whoever is offered more than his fall-back, and more than a moment ago, was verified about then."""
    glances = scene.ground.since(max(scene.struck, scene.notes.get("judged", 0.0) - _SEEN_WITHIN))
    for before, after in pairwise(glances):
        if after.at <= scene.notes.get("judged", scene.struck):
            continue
        if after.at > scene.now.at - _SEEN_WITHIN:
            break  # what the pages show of it may still come
        about = [glance for glance in glances if abs(glance.at - after.at) <= _SEEN_WITHIN]
        for name in CARS:
            rises = after.pilots[name] > max(before.pilots[name] + 1.0, scene.ground.fallback(name) + 0.1)
            if rises and not any(glance.up and name in glance.verified for glance in about):
                return False
        scene.notes["judged"] = after.at
    return True


def _no_raise_before_verified(during: Seconds) -> Look:
    return Look("nobody is raised before being verified", during, _rises_when_verified, kept=True)


def _ended(within: Seconds, code: int | None = None) -> Look:
    """The process ends, with this code."""

    def so(scene: Scene) -> bool:
        ends = [end for end in scene.ground.service.ends if end.at >= scene.struck]
        return bool(ends) and code in (None, ends[0].code)

    return watch("it ends" if code is None else f"it ends with {code}", within, so)


def _ready(within: Seconds, times: int = 1, when: When = When.STRIKE) -> Look:
    """A new process says that it is ready."""

    def so(scene: Scene) -> bool:
        return sum(at > scene.struck for at in scene.ground.service.ready) >= times

    return watch("a new process is ready", within, so, when)


PROCESS_TRIALS: Final[tuple[Trial, ...]] = (
    Trial(
        "killed",
        "kill -9",
        "the process is killed; a car leaves and another comes before it is back",
        _signalled(signal.SIGKILL),
        (
            _ended(1.0, -signal.SIGKILL),
            back(CARS, _BACK_WITHIN, When.STRIKE),
            _no_raise_before_verified(20.0),
            same_sessions(("G1", "G2", "O1", "S1"), 20.0),
        ),
        _nothing,
        steps=((0.3, leaves("S2")), (1.0, comes("S2"))),
        least=10.0,
    ),
    Trial(
        "killed-again",
        "kill -9",
        "the process is killed, and twice more while it starts",
        _signalled(signal.SIGKILL),
        (
            _no_raise_before_verified(30.0),
            same_sessions(during=30.0),
            back(CARS, _BACK_WITHIN),
        ),
        _signalled(signal.SIGKILL),
        steps=((2.0, _signalled(signal.SIGKILL)),),
        lasts=4.5,
        least=4.5,
    ),
    Trial(
        "stopped-briefly",
        "actor hang",
        "the process is stopped (SIGSTOP) for less than its watchdog waits",
        _stopped(WATCHDOG),
        (
            same_sessions(during=20.0),
            not_raised(CARS, 20.0),
            no_alarm("disconnected", 20.0),
            Look(
                "it is not restarted",
                20.0,
                lambda scene: not any(end.at > scene.struck for end in scene.ground.service.ends),
                kept=True,
            ),
        ),
        _goes_on,
        lasts=5.0,
        least=5.0,
    ),
    Trial(
        "stopped",
        "actor hang",
        "the process is stopped for longer than the leases, and nobody watches it",
        _stopped(None),
        (
            fallen(LEASE + 10.0),
            not_raised(CARS),
            _no_raise_before_verified(LEASE + 45.0),
            same_sessions(during=LEASE + 45.0),
            back(CARS, 60.0),
        ),
        _goes_on,
        lasts=LEASE + 12.0,
        least=LEASE + 12.0,
    ),
    Trial(
        "stopped-watched",
        "actor hang",
        "the process is stopped, and the service manager watches it",
        _stopped(WATCHDOG),
        (
            _ended(WATCHDOG + 2.0, -signal.SIGABRT),
            _ready(WATCHDOG + 2.0 + _BACK_WITHIN),
            back(CARS, _BACK_WITHIN),
            _no_raise_before_verified(40.0),
            same_sessions(during=40.0),
        ),
        _goes_on,
        lasts=WATCHDOG + 3.0,
        least=WATCHDOG + 3.0,
    ),
    Trial(
        "out-of-memory",
        "OOM",
        "the process has no memory left; a car leaves and another comes",
        _CROWD.come,
        (
            _ended(_BACK_WITHIN),
            back(CARS, _BACK_WITHIN, When.STRIKE),
            _no_raise_before_verified(45.0),
            same_sessions(("G1", "G2", "O1", "S1"), 45.0),
        ),
        _CROWD.go,
        steps=((1.0, leaves("S2")), (3.0, comes("S2"))),
        lasts=45.0,
        least=45.0,
    ),
)
"""What is played by `evce prove process`, in this order."""
