"""The gate before a revision."""

from datetime import UTC, datetime

import pytest

from evce.configuration.document import SiteDocument
from evce.configuration.proven import proof_of, proven, until_told
from evce.configuration.revisions import next_revision, rolled_back
from evce.errors import ConfigurationError, UnprovenError

NOW = datetime(2026, 3, 29, tzinfo=UTC)


def document(building: float | None, degraded: float = 20.0) -> SiteDocument:
    return SiteDocument.parse(
        {
            "site": {"name": "Harbour"},
            "zones": [
                {
                    "id": "main",
                    "name": "Main",
                    "maximum_a": 100,
                    "mode": "dynamic",
                    "meter": "m",
                    "degraded_setpoint_a": degraded,
                    **({} if building is None else {"building_maximum_a": building}),
                }
            ],
            "stations": [
                {"box_identity": "A", "name": "A", "zone": "main", "connectors": [{"wiring": "TRI123"}]}
            ],
            "meters": [{"id": "m", "name": "M", "role": "zone", "model": "pm5320", "host": "192.168.0.40"}],
        }
    )


@pytest.mark.parametrize("building", [None, 80.0])
def test_what_holds_or_is_not_declared_passes(building: float | None) -> None:
    """DG-6: an undeclared building is told, not refused."""
    assert proven(document(building), "why", False) == "why"
    assert proof_of(document(building)).holds is (building is not None)


def test_what_does_not_hold_is_refused_with_field_and_cure() -> None:
    """CF-1: nothing is stored."""
    with pytest.raises(UnprovenError) as refused:
        next_revision(None, document(85.0), author="ann", comment="", now=NOW)
    assert isinstance(refused.value, ConfigurationError)
    (refusal,) = refused.value.refusals
    assert (refusal.path, refusal.field, refusal.value) == (
        ("zones", 0, "maximum_a"),
        "zones[main].maximum_a",
        100.0,
    )
    assert "5 A too much, when meter m is lost" in refusal.allowed
    assert "lower degraded_setpoint_a of main to 15 A or less" in refusal.allowed


def test_what_a_person_accepts_stands_in_the_history() -> None:
    """CF-1, LG-1: once, also where the daemon makes the same revision again."""
    first = next_revision(
        None, document(85.0), author="ann", comment="new roof", now=NOW, accept_unproven=True
    )
    assert first.comment == "new roof (accepted unproven: main by 5.0 A)"
    assert proven(document(85.0), first.comment, True) == first.comment


def test_the_way_back_to_what_does_not_hold_is_accepted_anew() -> None:
    """CF-1."""
    first = next_revision(None, document(85.0), author="ann", comment="", now=NOW, accept_unproven=True)
    second = next_revision(first, document(80.0), author="ann", comment="", now=NOW)
    with pytest.raises(UnprovenError):
        rolled_back((second, first), 1, author="eve", now=NOW)
    back = rolled_back((second, first), 1, author="eve", now=NOW, accept_unproven=True)
    assert back.comment == "back to revision 1 (accepted unproven: main by 5.0 A)"


def test_until_a_station_is_told_its_old_fall_back_counts() -> None:
    """DG-6: 20 A for one outlet, 10 A each for two; whoever is away keeps 20 A."""

    def street(stations: int) -> SiteDocument:
        return SiteDocument.parse(
            {
                "site": {"name": "Harbour"},
                "zones": [{"id": "street", "name": "Street", "maximum_a": 20}],
                "stations": [
                    {
                        "box_identity": f"CP-{number}",
                        "name": f"Street {number}",
                        "zone": "street",
                        "connectors": [{"wiring": "TRI123"}],
                    }
                    for number in range(stations)
                ],
            }
        )

    (case,) = until_told(street(1), street(2))
    assert (case.zone, case.amps, case.stations) == ("street", 30.0, ("CP-0", "CP-1"))
    assert until_told(street(2), street(1)) == until_told(street(2), street(2)) == ()
    assert until_told(document(80.0), document(85.0)) == ()  # refused for good, not meanwhile
