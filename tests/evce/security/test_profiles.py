"""Who is let in: every offer against every profile that may be needed."""

from itertools import product

import pytest

from evce.security.profiles import Offer, SecurityProfile, judge, profile_of

NONE, KEY, TLS, CERTIFICATE = SecurityProfile
OFFERS = [
    Offer(tls, key, certificate)
    for tls, key, certificate in product((False, True), (None, False, True), (None, False, True))
    if tls or certificate is None
]


@pytest.mark.parametrize(
    ("offer", "profile"),
    [
        (Offer(), NONE),
        (Offer(key=True), KEY),
        (Offer(key=False), NONE),
        (Offer(tls=True), NONE),
        (Offer(tls=True, key=True), TLS),
        (Offer(tls=True, certificate=True), CERTIFICATE),
        (Offer(tls=True, certificate=False), NONE),
        (Offer(tls=True, key=True, certificate=True), CERTIFICATE),
    ],
)
def test_a_connection_has_the_profile_that_it_proves(offer: Offer, profile: SecurityProfile) -> None:
    """OC-7."""
    assert profile_of(offer) is profile


@pytest.mark.parametrize("needed", list(SecurityProfile))
@pytest.mark.parametrize("offer", OFFERS)
def test_nobody_gets_in_with_less_than_is_needed(offer: Offer, needed: SecurityProfile) -> None:
    """OC-7: no downgrade, whatever is offered; what is enough and not wrong gets in."""
    refusal = judge(needed, offer, has_key=True)
    wrong = offer.certificate is False or (offer.key is False and not offer.certificate)
    assert (refusal is None) == (profile_of(offer) >= needed and not wrong)


@pytest.mark.parametrize(
    ("needed", "offer", "has_key", "why", "status", "guess"),
    [
        (NONE, Offer(key=False), True, "wrong", 401, True),
        (KEY, Offer(), True, "missing", 401, False),
        (KEY, Offer(), False, "set one", 401, False),
        (KEY, Offer(key=False), False, "set one", 401, False),
        (TLS, Offer(key=True), True, "wss://", 403, False),
        (TLS, Offer(key=False), True, "wrong", 401, True),
        (TLS, Offer(tls=True), True, "missing", 401, False),
        (CERTIFICATE, Offer(key=True), True, "wss://", 403, False),
        (CERTIFICATE, Offer(tls=True, key=True), True, "certificate", 403, False),
        (NONE, Offer(tls=True, certificate=False), False, "revoked", 403, False),
    ],
)
def test_a_refusal_says_what_is_wanted(
    needed: SecurityProfile, offer: Offer, has_key: bool, why: str, status: int, guess: bool
) -> None:
    """OC-7."""
    refusal = judge(needed, offer, has_key=has_key)
    assert refusal is not None
    assert why in refusal.why
    assert (refusal.status, refusal.guess) == (status, guess)


def test_a_password_that_nobody_asked_for_lets_in() -> None:
    """OC-7: many stations send one that was never told to EVCE."""
    assert judge(NONE, Offer(key=False), has_key=False) is None
