"""A vendor's key for tests, and licences signed with it."""

from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evce.licence import sign_licence

__all__ = ["KEY", "MAC", "PUBLIC", "signed"]

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
MAC = "02:42:ac:11:00:02"


def signed(reference: str = "EDS", identifier: str = MAC) -> str:
    """A good licence."""
    return sign_licence(KEY, reference, identifier, "Harbour Ltd", date(2026, 11, 23))
