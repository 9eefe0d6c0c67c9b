"""Faults that strike half of a hundred stations at once, or all of them."""

from collections.abc import Callable
from functools import cache

from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import parse_toml
from evce.facts import Link
from tools.faults.fault import Fault, Sight
from tools.faults.sights import alarm, alarm_over, same_sessions
from tools.faults.stage import LEASE, Site, Stage
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap

__all__ = ["CROWDS", "hundred_stations"]

HUNDRED = 100


@cache
def hundred_stations() -> SiteDocument:
    """A hundred outlets at four switchboards of 25, below one feeder with a meter."""
    zones = "".join(
        f'[[zones]]\nid = "row{n}"\nname = "Row {n}"\nparent = "main"\nmaximum_a = 250\n' for n in range(4)
    )
    stations = "".join(
        f'[[stations]]\nbox_identity = "P{n:03}"\nname = "P{n:03}"\nfamily = "pro_ac"\nzone = "row{n % 4}"\n'
        '[[stations.connectors]]\nwiring = "TRI123"\n'
        for n in range(HUNDRED)
    )
    return parse_toml(
        '[site]\nname = "Depot"\ntime_zone = "Europe/Paris"\n'
        '[ocpp]\nprofile_memory = "ram"\nmeter_interval_s = 10\n'
        '[[zones]]\nid = "main"\nname = "Main"\nmaximum_a = 800\nmode = "dynamic"\nmeter = "main-meter"\n'
        f'{zones}{stations}[[meters]]\nid = "main-meter"\nname = "Main meter"\nrole = "zone"\nzone = "main"\n'
        'model = "pm5320"\nhost = "127.0.0.1"\n[authentication]\nmode = "all_cards"\n'
        f"[advanced]\nlease_dynamic_s = {LEASE}\nlease_static_s = {LEASE}\n"
    )


_OPERATED = Site(operated=True)

_DEPOT = Site(hundred_stations, tuple(f"P{n:03}" for n in range(0, HUNDRED, 4)), settled=30.0)
"""Every fourth outlet, those of row 0, has a car."""


def _switch_lost(stage: Stage) -> Mishap:
    names = sorted(stage.house.world.stations)[: HUNDRED // 2]

    def each(do: Callable[[House, str], None]) -> Callable[[House], None]:
        def all_of_them(house: House) -> None:
            for name in names:
                do(house, name)

        return all_of_them

    return Mishap(
        0.0,
        "link",
        f"a switch with {len(names)} stations is off",
        LEASE + 25.0,
        each(lambda house, name: house.site.cut(name, house.now)),
        each(lambda house, name: house.site.restore(name, house.now)),
    )


def _all_break(stage: Stage) -> Mishap:
    def strike(house: House) -> None:
        for name in house.world.stations:
            house.site.hang_up(name, house.now)

    return Mishap(0.0, "link", f"all {len(stage.house.world.stations)} stations reconnect", 0.0, strike)


def _away(stage: Stage) -> int:
    views = stage.house.snapshot().stations.values()
    return sum(view.link is not Link.CONNECTED for view in views)


def _reallocated(stage: Stage) -> bool:
    reachable = [
        where for where in stage.before if stage.house.outlet(where).pilot > stage.before[where] + 1.0
    ]
    return bool(reachable)


CROWDS: tuple[Fault, ...] = (
    Fault(
        "switch-lost",
        "switch loss, 100 stations",
        "a switch dies: half of a hundred stations are cut off at once",
        (
            alarm("disconnected", 1.0),
            Sight(
                "the pages show 50 stations as disconnected", 1.0, lambda stage: _away(stage) == HUNDRED // 2
            ),
            Sight(
                "what they had is given to others after their leases", LEASE + 10.0, _reallocated, alone=True
            ),
            alarm_over("disconnected", 40.0),
        ),
        _switch_lost,
        site=_DEPOT,
        alone="it is played at a site of its own",
    ),
    Fault(
        "reconnect-storm",
        "reconnect storm",
        "a hundred stations reconnect at the same moment",
        (
            Sight("some are away", 1.0, lambda stage: _away(stage) > 0),
            Sight("all are verified again", 60.0, lambda stage: stage.house.all_verified()),
            same_sessions(60.0),
        ),
        _all_break,
        watched=60.0,
        site=_DEPOT,
        alone="it is played at a site of its own",
    ),
)
"""What may happen to many."""
