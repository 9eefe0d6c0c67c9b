"""`evce network`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from evce.configuration.network import NetworkSettings
from evce.network.course import STATE, WANTED, NetworkState, Stage, Wish
from evce.network.networkd import UNIT, networkd_unit
from tools.cli import main

FIXED = NetworkSettings.model_validate({"mode": "fixed"})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a site."""
    site = tmp_path / "site.toml"
    site.write_text('[site]\nname = "Yard"\n[network]\nmode = "fixed"\n')
    run("config", "apply", str(site), "--data", str(tmp_path), "--yes")
    return tmp_path


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == code, result.output
    return result.output


def test_the_settings_in_force_are_printed_as_their_unit(data: Path) -> None:
    """NW-1: to be given to whoever looks after the network."""
    assert run("network", "show", "--data", str(data)) == networkd_unit(FIXED)


def test_without_settings_it_says_that_there_is_no_unit(tmp_path: Path) -> None:
    """NW-1."""
    site = tmp_path / "site.toml"
    site.write_text('[site]\nname = "Yard"\n')
    run("config", "apply", str(site), "--data", str(tmp_path), "--yes")
    assert "keeps its own set-up" in run("network", "show", "--data", str(tmp_path))


def test_what_was_put_back_ends_with_one(tmp_path: Path) -> None:
    """NW-1: the unit of systemd sees it, and so does whoever calls it by hand."""
    (tmp_path / "network").mkdir()
    units = tmp_path / "units"
    units.mkdir()
    arguments = ("network", "apply", "--data", str(tmp_path), "--into", str(units))
    assert "nothing is wished" in run(*arguments)
    (tmp_path / "network" / WANTED).write_text(Wish(1, FIXED).text())
    (tmp_path / "network" / STATE).write_text(NetworkState(1, Stage.PUT_BACK).told())
    assert "put back: nobody confirmed" in run(*arguments, code=1)


def test_what_is_in_place_is_in_force(tmp_path: Path) -> None:
    """NW-1: a start of the machine changes nothing."""
    (tmp_path / "network").mkdir()
    (tmp_path / UNIT).write_text(networkd_unit(FIXED))
    (tmp_path / "network" / WANTED).write_text(Wish(1, FIXED).text())
    assert "in force" in run("network", "apply", "--data", str(tmp_path), "--into", str(tmp_path))
