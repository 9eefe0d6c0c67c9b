"""What is done to the ground when a fault strikes, and while it lasts."""

from collections.abc import Callable
from typing import Final

from evce.units import Amps, Seconds
from tools.endurance.trial import Scene
from tools.faults.lane import CALM, Trouble

__all__ = ["HALF_OPEN", "UTF8", "Act", "building_rises", "comes", "disturbed", "gone", "leaves"]

Act = Callable[[Scene], object]

HALF_OPEN: Final = Trouble(swallow=True)

UTF8: Final = (7,)
"""JSON that is ASCII is never that with its highest bit set: a receiver must notice."""

_RISE: Final[Amps] = 15.0


def disturbed(proxy: str, who: str = "", *, onward: Trouble = CALM, back: Trouble = CALM) -> Act:
    """Disturb what goes through this proxy, towards who listens (`onward`) and back."""
    return lambda scene: scene.ground.proxies.disturb(proxy, who, onward=onward, back=back)


def gone(proxy: str, who: str = "") -> Act:
    """Reset the connections, and those of whoever comes again."""

    def strike(scene: Scene) -> None:
        scene.ground.proxies.refuse(proxy, who)
        scene.ground.proxies.reset(proxy, who)

    return strike


def building_rises(seconds: Seconds) -> Act:
    """The building takes more for a while: the cars must give way."""
    return lambda scene: scene.ground.step(_RISE, seconds)


def leaves(station: str) -> Act:
    """The car of this station drives away."""
    return lambda scene: scene.ground.unplug(station)


def comes(station: str) -> Act:
    """Another car comes to this station."""
    return lambda scene: scene.ground.plug(station)
