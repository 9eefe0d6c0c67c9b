"""What the parts of an uplink share."""

from evce.cpo.effects import KeepNote
from evce.cpo.state import UplinkState
from evce.station_control.effects import AlarmCeased, AlarmStands
from evce.station_control.state import Moment
from evce.units import TransactionId
from tests.evce.cpo.bench import EPOCH, SETTINGS
from tests.evce.station_control.bench import make_station


def state() -> UplinkState:
    return UplinkState(make_station(), SETTINGS, "t", lambda: 0.0, Moment(0.0, EPOCH))


def test_an_alarm_is_raised_once_and_cleared_once() -> None:
    shared = state()
    for _ in range(2):
        shared.alarm("cpo_unreachable", "away", "wait")
    for _ in range(2):
        shared.cease("cpo_unreachable")
    assert [type(effect) for effect in shared.effects] == [AlarmStands, AlarmCeased]


def test_an_id_that_the_operator_gave_twice_is_the_newest_session_s() -> None:
    """A wrong operator confuses nobody but itself."""
    shared = state()
    shared.sessions = {TransactionId(1): 5, TransactionId(2): 5}
    assert (shared.local(5), shared.local(6)) == (2, None)


def test_a_note_is_an_effect() -> None:
    shared = state()
    shared.note("card", "A", None)
    assert shared.effects == [KeepNote("card", "A", None)]
