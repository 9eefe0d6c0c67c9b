"""Tests of how reports are made."""

import io
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from actors.messages import RecordEvent
from evce.units import BoxIdentity
from evce.views import UplinkView
from tests.evce.reports.samples import inside
from tests.web.fake_site import FakeSite
from web import report_maker
from web.report_maker import ReportMaker, TooLargeError
from web.report_shelf import ReportKind, ReportShelf
from web.site import NoAnswerError, Site

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
BOX = BoxIdentity("CP-01")
MARKED = "s3cr3t-mark"


def maker_of(app: Flask | None, site: FakeSite, now: Callable[[], datetime], folder: Path) -> ReportMaker:
    """A maker over the invented site, given to the application."""
    shelf = ReportShelf(folder / "reports")
    made = ReportMaker("1.0", Site(site.ask, site.tell, 1.0), shelf, inside, now)
    if app is not None:
        app.extensions["evce_reports"] = made
    return made


@pytest.fixture
def site() -> FakeSite:
    return FakeSite(now=lambda: AT)


@pytest.fixture
def maker(site: FakeSite, tmp_path: Path) -> ReportMaker:
    return maker_of(None, site, lambda: AT, tmp_path)


def test_a_report_on_demand_is_kept_and_audited(maker: ReportMaker, site: FakeSite) -> None:
    """LG-2, LG-3"""
    made = [maker.make("", "olivia"), maker.make(BOX, "olivia")]
    assert [(one.station, one.kind) for one in made] == [
        ("", ReportKind.REQUESTED),
        (BOX, ReportKind.REQUESTED),
    ]
    assert b"EVCE maintenance report" in maker.shelf.read(made[0])
    assert b"Station report" in maker.shelf.read(made[1])
    lines = [m for _, m in site.told if isinstance(m, RecordEvent)]
    assert [(one.device, one.type, one.author) for one in lines] == [
        ("evce", "audit", "olivia"),
        (BOX, "audit", "olivia"),
    ]


def test_nothing_is_made_for_a_station_that_is_not_there(maker: ReportMaker) -> None:
    """LG-3: the stations that are there are named."""
    with pytest.raises(LookupError, match=r"station='CP-99': know CP-01"):
        maker.make("CP-99")
    assert maker.shelf.kept() == []


def test_one_that_cannot_be_made_keeps_no_other_from_being_made(maker: ReportMaker, site: FakeSite) -> None:
    """LG-3: a station whose actor is silent has its report, too."""
    site.silent.add(f"station/{BOX}")
    registered = [one for one in site.snapshot.stations.values() if one.registered]
    assert maker.make_all() == len(registered) + 1
    assert {one.station for one in maker.shelf.kept()} == {"", *(one.box_identity for one in registered)}
    assert {one.kind for one in maker.shelf.kept()} == {ReportKind.PERIODIC}
    site.silent.add("view")
    with pytest.raises(NoAnswerError):
        maker.make_all()


def test_several_go_into_one_zip_up_to_a_bound(maker: ReportMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    """LG-3: refused above it, with the size and what is allowed."""
    kept = [maker.make("CP-01"), maker.make("CP-02")]
    chosen = maker.chosen([one.id for one in kept] + ["gone"])
    with zipfile.ZipFile(io.BytesIO(maker.zipped(chosen))) as zipped:
        assert sorted(zipped.namelist()) == sorted(one.name for one in kept)
        assert zipped.read(kept[0].name) == maker.shelf.read(kept[0])
    monkeypatch.setattr(report_maker, "ZIP_MOST", sum(one.size for one in kept))
    maker.zipped(chosen)
    monkeypatch.setattr(report_maker, "ZIP_MOST", sum(one.size for one in kept) - 1)
    with pytest.raises(
        TooLargeError, match=r"2 reports have 0\.0 MB, and one zip may have .* MB: choose fewer"
    ):
        maker.zipped(chosen)


def test_no_secret_gets_into_a_report(site: FakeSite, tmp_path: Path) -> None:
    """LG-2: secrets are marked wherever the site could have one; the page has none of the marks."""
    for login, user in site.users.items():
        site.users[login] = replace(user, password_hash=f"$argon2id${MARKED}")
    address = f"wss://evce:{MARKED}@cpo.example/ocpp"
    uplink = UplinkView(BOX, "waiting", failure=f"{address} refused")
    site.snapshot = replace(site.snapshot, uplinks={BOX: uplink}, site_name=address)
    shelf = ReportShelf(tmp_path)
    told = inside(f"the operator at {address} and http://h:1/files/{MARKED}/x $argon2id${MARKED}")
    maker = ReportMaker("1.0", Site(site.ask, site.tell, 1.0), shelf, lambda: told, lambda: AT)
    page = maker.of_site()
    assert "cpo.example" in page
    assert MARKED not in page
    assert MARKED not in maker.of_station(BOX)


def test_the_first_ones_are_made_once_the_stations_are_back_and_then_each_day(
    maker: ReportMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LG-3: at EVCE's start, and every 24 hours."""
    waits: list[float] = []
    done = threading.Event()

    class Ended(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            if len(waits) == 3:
                done.set()
            return len(waits) > 2

    monkeypatch.setattr(maker, "_ended", Ended())
    maker.start()
    assert done.wait(30)
    maker.stop()
    assert waits == [60.0, 24 * 3600.0, 24 * 3600.0]
    assert sum(not one.station for one in maker.shelf.kept()) >= 1
