"""Faults of whoever manages the energy from elsewhere."""

from actors.messages import REMOTE, HearRemote, SetRemoteLimit
from evce.configuration.document import SiteDocument
from evce.units import Amps, Seconds, ZoneId
from tools.faults.fault import Fault, Sight
from tools.faults.sights import alarm, alarm_over, same_sessions, under
from tools.faults.stage import LEASE, Site, Stage
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap
from tools.rehearsal.sites import small_site

__all__ = ["REMOTE_FAULTS"]

LAST_WORD: Amps = 14.0
"""For the street, whose own limit is 40 A: enough for the two cars there."""

HEARTBEAT: Seconds = 20.0
"""Short, so that the whole course is seen."""

_LOGIN = "service"
_STREET = ("S1", "S2")


def _document() -> SiteDocument:
    services = {"enabled": True, "remote_energy_management": True, "heartbeat_period_s": int(HEARTBEAT)}
    return SiteDocument.parse({**small_site(LEASE, LEASE).plain(), "webservices": services})


def _falls_silent(stage: Stage) -> Mishap:
    del stage

    def strike(house: House) -> None:
        house.runtime.tell(REMOTE, SetRemoteLimit("last", ZoneId("street"), LAST_WORD, _LOGIN))

    def mend(house: House) -> None:
        house.runtime.tell(REMOTE, HearRemote(_LOGIN))

    return Mishap(0.0, "remote", "the system that limits the street says nothing more", 50.0, strike, mend)


def _holds(stage: Stage) -> bool:
    """After a second in which the cars are told."""
    return stage.house.now < stage.struck + 1.0 or _told(stage) <= LAST_WORD + 0.05


def _ramped(stage: Stage) -> bool:
    """2 A a second and no faster, from the end of the heartbeat period on."""
    risen = 2.0 * max(0.0, stage.house.now - stage.struck - HEARTBEAT)
    return stage.house.now < stage.struck + 1.0 or _told(stage) <= LAST_WORD + risen + 1.5


def _whole_again(stage: Stage) -> bool:
    return stage.house.now > stage.struck + HEARTBEAT and max(stage.house.cars("street")) > 38.0


def _told(stage: Stage) -> Amps:
    return sum(stage.pilot(where) for where in _STREET)


REMOTE_FAULTS: tuple[Fault, ...] = (
    Fault(
        "remote-silent",
        "REST controller silent",
        "the system that manages the energy from elsewhere sets a limit and is never heard of again",
        (
            under("street", LAST_WORD + 0.2, 10.0),
            Sight("its limit holds a whole heartbeat period", HEARTBEAT - 1.0, _holds, kept=True, alone=True),
            alarm("remote_silent", HEARTBEAT + 2.0),
            Sight("the way back is a ramp", 45.0, _ramped, kept=True, alone=True),
            Sight("the street has its own limit again", 50.0, _whole_again, alone=True),
            same_sessions(50.0),
            alarm_over("remote_silent", 2.0),
        ),
        _falls_silent,
        site=Site(document=_document),
        part="remote",
    ),
)
