"""The runtime seam: the same actor classes on threads or under a deterministic scheduler."""

from actors.runtime.base import ActorStats, Runtime, Start
from actors.runtime.clock import Clock, SystemClock, VirtualClock
from actors.runtime.heir import Heir, Heirs
from actors.runtime.simulated import SimulatedRuntime
from actors.runtime.threads import ThreadRuntime

__all__ = [
    "ActorStats",
    "Clock",
    "Heir",
    "Heirs",
    "Runtime",
    "SimulatedRuntime",
    "Start",
    "SystemClock",
    "ThreadRuntime",
    "VirtualClock",
]
