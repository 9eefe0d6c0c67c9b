"""Who makes this EVCE: where its releases are, and the keys that sign them and licences (Ed25519)."""

from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = ["PUBLIC_KEYS", "RELEASES", "signed_by"]

PUBLIC_KEYS: tuple[str, ...] = ("251a889717fa5293b86ffd705faa26a2dcc1ccf6d84112fdd840b5e5ece757f1",)
"""In hexadecimal; a vendor that builds EVCE puts its own here (`evce licence key`)."""

RELEASES: str | None = None
"""Address of the page with releases, https; None where a site's own settings have to tell it."""


def signed_by(keys: Iterable[str], content: bytes, signature: bytes) -> bool:
    """Whether one of these public keys has made the signature over the content."""
    return any(_signed(key, content, signature) for key in keys)


def _signed(key: str, content: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, content)
    except InvalidSignature:
        return False
    return True
