"""The timings of an uplink fit together."""

from evce.cpo import settings
from evce.station_control.settings import ANSWER_WITHIN, OPERATOR_WITHIN


def test_who_waits_at_the_reader_gets_an_answer_in_time() -> None:
    """CPO-3: the uplink gives up before the station's control does, and that before the station itself."""
    assert settings.AUTHORISE_WITHIN < OPERATOR_WITHIN < ANSWER_WITHIN


def test_an_operator_that_is_back_finds_every_station_within_ten_minutes() -> None:
    """RELIABILITY: CPO down 24 h, drained within 10 min."""
    assert settings.BACK_OFF_MOST <= 300.0
