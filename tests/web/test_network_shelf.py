"""Tests of the wished network settings and what became of them."""

from datetime import timedelta
from pathlib import Path

import pytest

from evce.configuration.network import NetworkSettings
from evce.network.course import CONFIRMED, STATE, WANTED, NetworkState, Stage, Wish, read_confirmed
from tests.web.conftest import Clock
from web.network_shelf import NetworkShelf, Shown

FIXED = NetworkSettings.model_validate({"mode": "fixed"})
HOST = NetworkSettings()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "network"


@pytest.fixture
def shelf(folder: Path, clock: Clock, tmp_path: Path) -> NetworkShelf:
    return NetworkShelf(folder, clock, tmp_path / "unit")


def wished(folder: Path) -> Wish | None:
    return Wish.read((folder / WANTED).read_text())


def tell(folder: Path, mark: int, stage: Stage, **more: str) -> None:
    (folder / STATE).write_text(NetworkState(mark, stage, **more).told())


def test_a_machine_that_keeps_its_own_addresses_wishes_nothing(shelf: NetworkShelf, folder: Path) -> None:
    """NW-1: nothing is written, nothing shown."""
    shelf.follow(HOST)
    assert not folder.exists()
    assert shelf.shown() is None
    assert not shelf.confirm()


def test_other_settings_are_another_wish_and_the_same_are_none(shelf: NetworkShelf, folder: Path) -> None:
    """NW-1: each revision of the configuration is told here, whatever it changes."""
    shelf.follow(FIXED)
    assert wished(folder) == Wish(1, FIXED)
    shelf.follow(FIXED)
    assert wished(folder) == Wish(1, FIXED)
    shelf.follow(HOST)
    assert wished(folder) == Wish(2, HOST)
    shelf.try_again()
    assert wished(folder) == Wish(3, HOST)


def test_a_start_of_evce_is_no_new_wish(shelf: NetworkShelf, folder: Path, clock: Clock) -> None:
    """NW-1: what was put back stays so."""
    shelf.follow(FIXED)
    tell(folder, 1, Stage.PUT_BACK)
    again = NetworkShelf(folder, clock, folder / "unit")
    again.follow(FIXED)
    assert wished(folder) == Wish(1, FIXED)
    assert again.shown() == Shown(FIXED, Stage.PUT_BACK)


def test_after_a_reset_the_machine_gets_its_own_addresses_at_once(
    folder: Path, clock: Clock, tmp_path: Path
) -> None:
    """SR-3: where the network service still has those of before."""
    (tmp_path / "unit").write_text("[Match]\n")
    NetworkShelf(folder, clock, tmp_path / "unit").follow(HOST)
    assert wished(folder) == Wish(1, HOST, at_once=True)


def test_who_applies_it_tells_how_it_stands(shelf: NetworkShelf, folder: Path, clock: Clock) -> None:
    """NW-1: being applied, nobody applies it, on trial, in force; what an older wish came to is not told."""
    shelf.follow(FIXED)
    assert shelf.shown() == Shown(FIXED, None)
    clock.advance(timedelta(seconds=16).total_seconds())
    assert shelf.shown() == Shown(FIXED, None, late=True)
    tell(folder, 1, Stage.FAILED, text="no eth0")
    assert shelf.shown() == Shown(FIXED, Stage.FAILED, "no eth0")
    shelf.try_again()
    assert shelf.shown() == Shown(FIXED, None)
    tell(folder, 2, Stage.IN_FORCE)
    assert shelf.shown() == Shown(FIXED, Stage.IN_FORCE)


def test_only_what_waits_is_confirmed(shelf: NetworkShelf, folder: Path) -> None:
    """NW-1."""
    shelf.follow(FIXED)
    assert not shelf.confirm()
    tell(folder, 1, Stage.WAITING)
    assert shelf.confirm()
    assert read_confirmed((folder / CONFIRMED).read_text()) == 1
    tell(folder, 1, Stage.PUT_BACK)
    assert not shelf.confirm()
