"""Tests of the report of one station."""

from dataclasses import replace

import pytest

from evce.records import StationMemory
from evce.reports import LogLine, StationRecords, html_page, station_sections
from evce.station_control.traffic import Dossier
from evce.units import BoxIdentity
from tests.evce.reports.samples import AT
from tests.web.fake_document import fake_document
from tests.web.fake_site import FakeSite

BOX = BoxIdentity("CP-01")
KEYS = {"chargeprofilemaxstacklevel": ("3", True), "meter_serial": ("M-77", False)}
DOSSIER = Dossier(
    memory=StationMemory(BOX, "Vendor", keys=KEYS, whole_amps=True),
    peer="10.0.0.7",
    connected_for=3700.0,
    waiting=2,
    unit="A",
    links=5,
    slowest=1.25,
    counted=(("SetChargingProfile", 0, 9, 7, 1, 1),),
    errors=((AT, "SetChargingProfile was refused: InternalError"),),
)


def page(records: StationRecords, box: BoxIdentity = BOX) -> str:
    site = FakeSite(now=lambda: AT)
    return html_page("", "", station_sections("1.2.3", site.snapshot, box, records))


def records() -> StationRecords:
    site = FakeSite(now=lambda: AT)
    return StationRecords(
        fake_document(AT),
        DOSSIER,
        (),
        tuple(site.sessions[:3]),
        (LogLine(AT, "", "system", "connection lost: silence"),),
        (("diag.zip", 1234, AT),),
    )


def test_it_tells_what_evce_knows_of_the_station() -> None:
    """LG-3: identity, keys, capability, messages, errors, sessions and files."""
    told = page(records())
    for word in (
        *("CP-01", "3.4.0.16", "10.0.0.7", "1 h 1 min", "meter_serial", "M-77", "chargeprofilemaxstacklevel"),
        *(
            "Whole amperes only</dt><dd>yes",
            "SetChargingProfile</td><td>0</td><td>9</td><td>7</td><td>1</td>",
        ),
        *("1.25 s", "was refused: InternalError", "connection lost: silence", "diag.zip", "1,234 bytes"),
    ):
        assert word in told, word


def test_who_does_not_answer_is_named_and_the_rest_is_told() -> None:
    """LG-3: a station that is away has a report all the same."""
    told = page(StationRecords(fake_document(AT)))
    assert told.count("did not answer") == 3
    assert "has not told its configuration keys" in told
    assert "3.4.0.16" in told


def test_a_station_of_nobody_has_no_report() -> None:
    """LG-3"""
    with pytest.raises(KeyError):
        page(records(), BoxIdentity("nobody"))


def test_no_secret_of_a_station_gets_in() -> None:
    """LG-3: not even where its keys were kept by somebody else."""
    keys = {"authorizationkey": ("s3cr3t-mark", False), "webpassword": ("s3cr3t-mark", False)}
    memory = StationMemory(BOX, keys=keys)
    assert "s3cr3t-mark" not in page(replace(records(), dossier=replace(DOSSIER, memory=memory)))
