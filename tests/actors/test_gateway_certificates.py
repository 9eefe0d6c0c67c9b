"""The authority on disk: made once, private, renewed in time, and exchanged without a gap."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from actors import gateway_certificates
from actors.gateway_certificates import CertificateStore, ServerFiles, own_hosts
from evce.security.authority import CsrError, pem
from evce.units import BoxIdentity

NOW = datetime.now(UTC)
CP = BoxIdentity("CP-1")
HOSTS = ("localhost", "127.0.0.1")


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of 3072 bits takes half a second."""
    monkeypatch.setattr(gateway_certificates, "_ROOT_BITS", 2048)


def csr(name: str) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def test_the_root_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    """OC-7: at its first use."""
    store = CertificateStore(tmp_path, "Yard")
    assert list(tmp_path.iterdir()) == []
    first = store.authority(NOW)
    assert CertificateStore(tmp_path).authority(NOW).certificate == first.certificate
    folder = tmp_path / "authority"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {"root.pem": 0o600}


def test_a_station_is_signed_for_by_name_only(tmp_path: Path) -> None:
    """OC-7."""
    store = CertificateStore(tmp_path, "Yard")
    chain, record = store.sign(csr("CP-1"), CP, ("CP-1",), NOW)
    assert store.authority(NOW).made(x509.load_pem_x509_certificate(chain.encode()))
    assert record.station == CP
    with pytest.raises(CsrError, match="CP-2"):
        store.sign(csr("CP-2"), CP, ("CP-1",), NOW)


def test_the_servers_certificate_is_renewed_when_its_time_or_its_names_are_over(tmp_path: Path) -> None:
    """OC-7, TC_086."""
    store = CertificateStore(tmp_path, "Yard")
    first = store.server(NOW, HOSTS)
    assert store.server(NOW + timedelta(days=700), HOSTS) == first
    later = store.server(NOW + timedelta(days=800), HOSTS)
    assert later != first
    wider = store.server(NOW + timedelta(days=800), (*HOSTS, "evce.local"))
    assert wider != later
    assert store.server(NOW + timedelta(days=800), HOSTS) == wider


def test_the_next_root_is_trusted_before_and_the_old_one_after_it_takes_over(tmp_path: Path) -> None:
    """OC-7: nobody is left out in between."""
    store = CertificateStore(tmp_path, "Yard")
    old = store.authority(NOW).certificate
    with pytest.raises(ValueError, match="no next root"):
        store.switch(NOW)
    following = store.prepare_next(NOW).certificate
    assert store.prepare_next(NOW).certificate == following
    assert store.authority(NOW).certificate == old
    assert set(store.trusted(NOW)) == {old, following}
    assert store.switch(NOW).certificate == following
    assert store.next_authority() is None
    assert store.authority(NOW).made(store.server(NOW, HOSTS))
    assert set(store.trusted(NOW)) == {old, following}
    assert set(store.trusted(old.not_valid_after_utc)) == {following}


def test_tls_asks_for_a_certificate_without_insisting(tmp_path: Path) -> None:
    """OC-7: the profile decides; TLS 1.2 at least."""
    store = CertificateStore(tmp_path, "Yard")
    context = store.context(NOW, HOSTS)
    assert context.verify_mode is ssl.CERT_OPTIONAL
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) == 1
    store.prepare_next(NOW)
    store.trust(context, NOW)
    assert len(context.get_ca_certs()) == 2


def test_a_certificate_of_ones_own_is_used_as_it_is(tmp_path: Path) -> None:
    """OC-7: and further authorities count beside EVCE's."""
    other = CertificateStore(tmp_path / "other", "Maker")
    other.server(NOW, HOSTS)
    own = tmp_path / "other" / "authority" / "server.pem"
    maker = tmp_path / "maker.pem"
    maker.write_text(pem(other.authority(NOW).certificate))
    store = CertificateStore(tmp_path, "Yard")
    context = store.context(NOW, HOSTS, ServerFiles(own, own), maker)
    assert len(context.get_ca_certs()) == 2
    assert not (tmp_path / "authority" / "server.pem").exists()


def test_this_machine_is_called_by_its_name_and_its_addresses() -> None:
    names = own_hosts("0.0.0.0", "evce.example")  # noqa: S104
    assert {"localhost", "127.0.0.1", "evce.example"} <= set(names)
    assert "0.0.0.0" not in names  # noqa: S104
