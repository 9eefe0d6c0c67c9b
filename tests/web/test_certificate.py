"""Tests of the certificate of the first start."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from web.certificate import ensure_certificate, ensure_secret_key

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_the_first_start_makes_a_certificate_for_this_host(tmp_path: Path) -> None:
    """US-4: localhost, the host's name and the loopback addresses."""
    files = ensure_certificate(tmp_path / "tls", NOW)
    names = load(files.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    assert "127.0.0.1" in [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    assert len(files.fingerprint.split(":")) == 32


def test_the_files_are_private(tmp_path: Path) -> None:
    """US-4: 0600, from the first byte on."""
    files = ensure_certificate(tmp_path / "tls", NOW)
    for path in (files.key, files.certificate):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(path.name for path in files.key.parent.iterdir()) == ["certificate.pem", "key.pem"]


def test_the_second_start_keeps_it(tmp_path: Path) -> None:
    """US-4: browsers that trust it go on trusting it."""
    assert ensure_certificate(tmp_path, NOW) == ensure_certificate(tmp_path, NOW + timedelta(days=700))


def test_it_is_renewed_before_it_ends(tmp_path: Path) -> None:
    """US-4: nobody stands before an expired certificate."""
    first = ensure_certificate(tmp_path, NOW)
    second = ensure_certificate(tmp_path, NOW + timedelta(days=800))
    assert first.fingerprint != second.fingerprint
    assert load(second.certificate).not_valid_after_utc > NOW + timedelta(days=1000)


@pytest.mark.parametrize("missing", ["key.pem", "certificate.pem"])
def test_half_a_pair_is_made_anew(tmp_path: Path, missing: str) -> None:
    """US-4: a lost key must not keep the interface down."""
    first = ensure_certificate(tmp_path, NOW)
    (tmp_path / missing).unlink()
    assert ensure_certificate(tmp_path, NOW).fingerprint != first.fingerprint


def test_the_form_secret_is_kept_and_private(tmp_path: Path) -> None:
    """RELIABILITY 4.4: open pages survive a restart."""
    secret = ensure_secret_key(tmp_path)
    assert len(secret) == 32
    assert ensure_secret_key(tmp_path) == secret
    assert stat.S_IMODE((tmp_path / "form-secret").stat().st_mode) == 0o600
    (tmp_path / "form-secret").write_bytes(b"short")
    assert len(ensure_secret_key(tmp_path)) == 32
