"""`evce licence`."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evce import vendor
from evce.configuration.toml_source import write_toml
from evce.licence import read_licence
from tests.evce.licence.signing import MAC
from tools.cli import main
from tools.commands import config, licence
from tools.demo import demo_document


def evce(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], env={"COLUMNS": "200"})


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site that is stored, on a machine of this address."""
    for module in (licence, config):
        monkeypatch.setattr(module, "unique_identifier", lambda: MAC)
    site = tmp_path / "site.toml"
    site.write_text(write_toml(demo_document()))
    folder = tmp_path / "data"
    result = evce("config", "apply", site, "--data", folder, "--yes", "--accept-unproven")
    assert result.exit_code == 0, result.output
    return folder


def test_a_vendor_makes_a_key_signs_a_licence_and_a_site_takes_it(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LIC-1, LIC-2: from the key to what is shown, a larger site told what is beyond."""
    shown = evce("licence", "show", "--data", data).output
    assert "Reference:   open" in shown
    assert MAC in shown
    assert "of any number" in shown
    key = tmp_path / "key.pem"
    public = evce("licence", "key", key).output.strip()
    assert key.stat().st_mode & 0o777 == 0o600
    assert evce("licence", "key", key).exit_code == 1  # never written over
    monkeypatch.setattr(vendor, "PUBLIC_KEYS", (public,))
    sign = ("licence", "sign", "--key", key, "--reference", "EDS", "--holder", "Harbour Ltd", "--identifier")
    text = evce(*sign, MAC).output
    assert read_licence(text).holder == "Harbour Ltd"
    file = tmp_path / "evce.licence"
    file.write_text(text)
    result = evce("licence", "install", file, "--data", data, "--yes")
    assert result.exit_code == 0, result.output
    shown = evce("licence", "show", "--data", data).output
    assert "Reference:   EDS" in shown
    assert f"for {MAC}, Harbour Ltd" in shown
    assert "Stations:    24 of 15" in shown
    assert "VIP:         no" in shown
    assert "beyond the licence, and left as it is: stations = 24: at most 15" in shown

    file.write_text(evce(*sign, "02:aa:bb:cc:dd:ee").output)
    result = evce("licence", "install", file, "--data", data, "--yes")
    assert result.exit_code == 1
    assert "it is for the EVCE 02:aa:bb:cc:dd:ee" in result.output


def test_what_cannot_be_signed_is_told(tmp_path: Path) -> None:
    """LIC-1"""
    key = tmp_path / "key.pem"
    key.write_text("no key")
    told = evce("licence", "sign", "--key", key, "--reference", "EDS", "--identifier", MAC)
    assert (told.exit_code, "no private key" in told.output) == (1, True)
    key.unlink()
    evce("licence", "key", key)
    told = evce("licence", "sign", "--key", key, "--reference", "EDS", "--identifier", "seven")
    assert (told.exit_code, "identifier='seven': a MAC address" in told.output) == (1, True)
