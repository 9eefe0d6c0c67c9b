"""`evce certificate`: the authority's part on a data folder; stations' part is asked of the daemon."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actors import gateway_certificates
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision
from evce.security.authority import fingerprint, read_certificate
from tests.tools.commands.standin import standing_in
from tools.cli import main
from tools.data_folder import DataFolder

DONE = {"text": "done", "payload": None}
MADE = {
    "serial": "0A",
    "station": "CP-1",
    "issued_at": "2026-01-01T00:00:00+00:00",
    "expires_at": "2028-01-01T00:00:00+00:00",
    "fingerprint": "AA:BB",
    "revoked_at": None,
}
HELD = {"algorithm": "SHA256", "issuer_name_hash": "aa", "issuer_key_hash": "bb", "serial": "0C"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(gateway_certificates, "_ROOT_BITS", 2048)
    now = datetime.now(UTC)
    document = SiteDocument.parse({"site": {"name": "Yard"}})
    with DataFolder(tmp_path).write(now) as store:
        store.append_revision(next_revision(None, document, author="test", comment="", now=now))
    return tmp_path


def evce(folder: Path, *arguments: str) -> Result:
    command = ["certificate", *arguments, "--data", str(folder)]
    return CliRunner().invoke(main, command, env={"COLUMNS": "200"})


def test_the_root_is_given_out_and_exchanged(folder: Path, tmp_path: Path) -> None:
    """OC-7: without a daemon as well."""
    first = evce(folder, "root").output
    assert read_certificate(first).subject.rfc4514_string().startswith("O=Yard")
    output = tmp_path / "root.pem"
    assert fingerprint(read_certificate(first)) in evce(folder, "root", "-o", str(output)).output
    assert output.read_text() == first
    for command in (("root", "--next"), ("renew-root", "--switch")):
        assert "no next root" in evce(folder, *command).output
    assert "is prepared" in evce(folder, "renew-root").output
    following = evce(folder, "root", "--next").output
    assert evce(folder, "root").output == first != following
    assert evce(folder, "renew-root", "--switch").exit_code == 0
    assert evce(folder, "root").output == following


def test_the_certificate_toward_the_stations_is_made_anew(folder: Path) -> None:
    """OC-7, TC_086."""
    first, second = (evce(folder, "renew").output for _ in range(2))
    assert "next start" in first
    assert first != second


def test_what_is_in_use_is_a_table(folder: Path) -> None:
    """OC-7."""
    answers = {"security": {"stations": [], "certificates": [MADE, {**MADE, "revoked_at": "2026-02-01"}]}}
    with standing_in(folder, answers):
        lines = evce(folder, "show").output
    assert "O=Yard" in lines
    assert "2028-01-01" in lines
    assert "revoked" in lines


def test_stations_are_asked_through_the_daemon(folder: Path) -> None:
    """OC-7, TC_074, TC_075, TC_076: EVCE's own root unless another is named."""
    own = evce(folder, "root").output
    answers = {
        "install_certificate": DONE,
        "installed_certificates": {"certificates": [HELD]},
        "delete_certificate": DONE,
        "request_certificate": DONE,
        "revoke_certificate": DONE,
    }
    with standing_in(folder, answers) as asked:
        assert evce(folder, "install", "CP-1").output == "done\n"
        assert evce(folder, "request", "CP-1").output == "done\n"
        assert "0C" in evce(folder, "installed", "CP-1").output
        assert evce(folder, "delete", "CP-1", "0c").output == "done\n"
        assert "has 0C" in evce(folder, "delete", "CP-1", "FF").output
        assert evce(folder, "revoke", "0A", "--yes").output == "done\n"
        assert evce(folder, "revoke", "0A").exit_code == 1
    assert (asked[0]["certificate"], asked[0]["use"]) == (own, "CentralSystemRootCertificate")
    assert [request["do"] for request in asked].count("revoke_certificate") == 1
    assert asked[4]["certificate"] == HELD


def test_a_file_that_is_no_certificate_is_refused(folder: Path) -> None:
    path = folder / "x.pem"
    path.write_text("x")
    with standing_in(folder, {}) as asked:
        assert "no certificate in PEM" in evce(folder, "install", "CP-1", "--file", str(path)).output
    assert asked == []
