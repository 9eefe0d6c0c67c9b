"""A station's certificate request: passed on, answered, and followed by the certificate."""

from evce.station_control.effects import AskSignature
from tests.evce.station_control.bench import Bench

CSR = "-----BEGIN CERTIFICATE REQUEST-----"


def test_what_the_authority_signs_is_accepted_and_sent() -> None:
    """OC-7, TC_074: the answer first, then the certificate."""
    bench = Bench(chain="-----BEGIN CERTIFICATE-----\r\n")
    bench.connect()
    assert bench.say("SignCertificate", csr=CSR) == {"status": "Accepted"}
    assert bench.csrs == [CSR]
    sent = [payload for _, _, action, payload in bench.calls if action == "CertificateSigned"]
    assert sent == [{"certificateChain": "-----BEGIN CERTIFICATE-----\n"}]


def test_what_it_refuses_is_rejected_and_nothing_follows() -> None:
    """OC-7."""
    bench = Bench()
    bench.connect()
    assert bench.say("SignCertificate", csr=CSR) == {"status": "Rejected"}
    assert all(action != "CertificateSigned" for _, _, action, _ in bench.calls)
    assert any(line.type == "security" and "no chain here" in line.message for line in bench.logs)


def test_a_late_answer_of_the_authority_sends_nothing_over_another_connection() -> None:
    """OC-6, OC-7: the station has made another key by then."""
    bench = Bench(recorder="away")
    bench.connect()
    bench.say("SignCertificate", csr=CSR)
    asked = [effect.request for effect in bench.effects if isinstance(effect, AskSignature)]
    bench.recorder = "works"
    bench.disconnect()
    bench.connect()
    bench.control.certificate_signed(asked[0], "chain", "", bench.moment)
    bench.control.certificate_signed("never asked", "chain", "", bench.moment)
    bench.carry_out()
    assert all(action != "CertificateSigned" for _, _, action, _ in bench.calls)
