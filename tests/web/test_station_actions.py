"""Tests of beginning an action, whoever asks."""

import io
from pathlib import Path

import pytest

from actors.messages import RequestAction
from evce.units import BoxIdentity
from tests.web.fake_site import FakeSite
from web.file_exchange import FileExchange
from web.site import NoAnswerError, Site
from web.station_actions import ActionRefusedError, NamedFile, begin

BOX = BoxIdentity("CP-01")


def orders(fake: FakeSite) -> list[RequestAction]:
    return [message for _, message in fake.told if isinstance(message, RequestAction)]


def test_values_are_read_and_ids_differ(site: FakeSite) -> None:
    """OC-3."""
    door = Site(site.ask, site.tell, 1.0)
    ids = [begin(door, None, BOX, "unlock", {"connector": "1"}, "ada") for _ in range(2)]
    assert [order.request for order in orders(site)] == ids
    assert len(set(ids)) == 2
    assert orders(site)[0].given == {"connector": 1}


def test_a_named_place_is_used_as_it_is(site: FakeSite) -> None:
    """OC-3: somebody else's server."""
    given = {"location": "ftp://192.0.2.1/"}
    begin(Site(site.ask, site.tell, 1.0), None, BOX, "diagnostics", given, "ada")
    assert (orders(site)[0].given, orders(site)[0].awaits_file) == (given, False)


def test_a_file_gets_an_address_of_its_own(site: FakeSite, tmp_path: Path) -> None:
    """SR-4."""
    files = FileExchange(tmp_path, site.tell, lambda: 0.0)
    door = Site(site.ask, site.tell, 1.0)
    file = NamedFile("fw.bin", io.BytesIO(b"x"))
    with pytest.raises(ActionRefusedError, match="serves no files"):
        begin(door, files, BOX, "firmware", {}, "ada", file)
    files.published("http", 1)
    begin(door, files, BOX, "firmware", {}, "ada", file)
    assert orders(site)[0].given["location"].endswith("/fw.bin")


def test_what_won_t_do_is_told_with_all_its_faults(site: FakeSite) -> None:
    """RELIABILITY 3."""
    door = Site(site.ask, site.tell, 1.0)
    with pytest.raises(ActionRefusedError) as refused:
        begin(door, None, BOX, "start", {"connector": 3}, "ada")
    assert set(refused.value.faults) == {"connector", "card"}
    with pytest.raises(LookupError, match="know start"):
        begin(door, None, BOX, "fly", {}, "ada")
    site.gone.add("station/CP-01")
    with pytest.raises(ActionRefusedError, match="being restarted"):
        begin(door, None, BOX, "reset", {}, "ada")
    site.silent.add("station/CP-01")
    with pytest.raises(NoAnswerError):
        begin(door, FileExchange(Path("/nowhere"), site.tell, lambda: 0.0), BOX, "diagnostics", {}, "ada")
    assert [order.action for order in orders(site)] == ["reset"]  # tried, and nobody was there
