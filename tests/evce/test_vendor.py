"""Tests of the vendor's keys."""

from evce import vendor
from tests.evce.licence.signing import KEY, PUBLIC


def test_a_signature_is_believed_under_any_of_the_keys_and_over_nothing_else() -> None:
    """LIC-1, SR-4"""
    signature = KEY.sign(b"text")
    assert vendor.signed_by([vendor.PUBLIC_KEYS[0], PUBLIC], b"text", signature)
    assert not vendor.signed_by([PUBLIC], b"texts", signature)
    assert not vendor.signed_by([PUBLIC], b"text", signature[:-1])
    assert not vendor.signed_by([], b"text", signature)
    assert not vendor.signed_by(vendor.PUBLIC_KEYS, b"text", signature)
