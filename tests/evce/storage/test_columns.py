"""Columns take whatever a station may send."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from evce.storage.columns import FiniteFloat, SafeText, UtcTime, finite

DIALECT = create_engine("sqlite://").dialect


@given(st.datetimes(timezones=st.timezones(), allow_imaginary=False))
def test_a_time_comes_back_as_the_same_moment_in_utc(at: datetime) -> None:
    column = UtcTime()
    back = column.process_result_value(column.process_bind_param(at, DIALECT), DIALECT)
    assert back is not None
    assert back.tzinfo is UTC
    if datetime(2, 1, 1, tzinfo=UTC) < at < datetime(9999, 1, 1, tzinfo=UTC):
        assert back == at


@pytest.mark.parametrize(
    ("at", "kept"),
    [
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), datetime(1, 1, 2, tzinfo=UTC)),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))), datetime(9999, 12, 30, tzinfo=UTC)),
    ],
)
def test_a_time_beyond_the_calendar_is_kept_at_its_edge(at: datetime, kept: datetime) -> None:
    column = UtcTime()
    assert column.process_result_value(column.process_bind_param(at, DIALECT), DIALECT) == kept


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        UtcTime().process_bind_param(datetime(2026, 1, 1), DIALECT)  # noqa: DTZ001  (that is the point)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Garage 1", "Garage 1"),
        (json.loads('"\\ud83d\\ude97"'), "\N{AUTOMOBILE}"),
        (json.loads('"a\\ud800b"'), "a\N{REPLACEMENT CHARACTER}b"),
        ("nul\x00", "nul\N{REPLACEMENT CHARACTER}"),
        ("", ""),
        (None, None),
    ],
)
def test_text_that_no_database_takes_is_made_harmless(sent: str | None, kept: str | None) -> None:
    assert SafeText().process_bind_param(sent, DIALECT) == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(1.5, 1.5), (7, 7.0), (float("nan"), 0.0), (float("inf"), 0.0), (float("-inf"), 0.0), (10**400, 0.0)],
)
def test_a_number_that_is_none_becomes_zero(sent: float, kept: float) -> None:
    assert finite(sent) == kept
    assert FiniteFloat().process_bind_param(sent, DIALECT) == kept


def test_nothing_stays_nothing() -> None:
    for column in (UtcTime(), FiniteFloat()):
        assert column.process_bind_param(None, DIALECT) is None
        assert column.process_result_value(None, DIALECT) is None
