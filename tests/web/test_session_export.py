"""Tests of the charging data records as CSV."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from actors.messages import SessionRecord
from evce.configuration.toml_source import parse_toml
from evce.energy_split import Split
from evce.tariff import NO_PERIOD
from evce.units import BoxIdentity, ConnectorKey, TransactionId
from web.session_export import SessionExport

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
KEY = ConnectorKey(BoxIdentity("CP-01"), 1)
SESSION = SessionRecord(
    TransactionId(7),
    KEY,
    "Garage 1",
    "04A1",
    True,
    NOW,
    0.0,
    stopped_at=NOW + timedelta(hours=2),
    energy=9000.0,
    stop_reason="Local",
    split=Split(5400.0, {"Peak": 2500.0, "Gone": 1500.0, NO_PERIOD: 5000.0}),
)
EXPORT = SessionExport({KEY: "T2 TE"}, {"04a1": "The porter"}, ("Peak", "Night"))


def read(*sessions: SessionRecord) -> list[dict[str, str]]:
    text = EXPORT.head() + EXPORT.lines(sessions, NOW + timedelta(hours=3))
    return list(csv.DictReader(io.StringIO(text)))


def test_a_session_has_all_that_a_bill_needs() -> None:
    """CDR-2, TOU-1: energy of a period that was deleted counts outside all."""
    (row,) = read(SESSION)
    assert row == {
        "transaction": "7",
        "station": "CP-01",
        "station_name": "Garage 1",
        "connector": "1",
        "socket": "T2 TE",
        "id_tag": "04A1",
        "comment": "The porter",
        "charge_type": "vip",
        "started_at": "2026-01-05T12:00:00Z",
        "stopped_at": "2026-01-05T14:00:00Z",
        "duration_s": "7200",
        "charged_s": "5400",
        "energy_kwh": "9.000",
        "stop_reason": "Local",
        "flags": "",
        "NoPeriod_kwh": "6.500",
        "Peak_kwh": "2.500",
        "Night_kwh": "0.000",
    }


def test_what_was_not_kept_is_empty_and_no_zero() -> None:
    """CDR-2: sessions of before tell their energy only; one that runs lasts until now."""
    stranger = ConnectorKey(BoxIdentity("CP-99"), 2)
    running = replace(SESSION, connector=stranger, stopped_at=None, split=None, id_tag="X", vip=False)
    (row,) = read(running)
    assert (row["charged_s"], row["NoPeriod_kwh"], row["Peak_kwh"]) == ("", "", "")
    assert (row["socket"], row["comment"], row["charge_type"]) == ("", "", "normal")
    assert (row["stopped_at"], row["duration_s"]) == ("", "10800")


def test_sockets_comments_and_periods_come_from_the_site() -> None:
    """CDR-2, AU-7: whatever the case of a badge."""
    document = parse_toml("""
[site]
name = "Yard"
time_zone = "Europe/Paris"
[[zones]]
id = "main"
name = "Main"
maximum_a = 100
[[stations]]
box_identity = "CP-01"
name = "Garage 1"
family = "smart_wallbox"
zone = "main"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
  sockets = ["T2", "TE"]
[tariff]
enabled = true
[[tariff.periods]]
name = "Peak"
percent = 50
days = ["mon"]
slots = ["17:00-20:00"]
""")
    assert SessionExport.of(document, {"04A1": "The porter"}) == replace(EXPORT, periods=("Peak",))
