"""A licence as a line of text: what it gives to whom, and an Ed25519 signature over it (RFC 8032)."""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evce import vendor
from evce.errors import EvceError
from evce.licence.references import REFERENCES, Reference

__all__ = ["LONGEST", "Licence", "LicenceError", "read_licence", "sign_licence"]

LONGEST: Final = 2000
"""Characters of a licence."""

_BEGINS: Final = "EVCE1"
_IDENTIFIER = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


class LicenceError(EvceError, ValueError):
    """A text is no licence, or not one for this EVCE; the message says why."""


@dataclass(frozen=True, slots=True)
class Licence:
    """`identifier` is that of the EVCE which it is for: the MAC address of its network interface."""

    reference: Reference
    identifier: str
    holder: str
    issued_on: date

    def is_for(self, identifier: str) -> bool:
        """Whether it is for the EVCE of this identifier."""
        return self.identifier == identifier.strip().lower()


def read_licence(text: str, keys: Iterable[str] | None = None) -> Licence:
    """The licence in this text, once its signature is found good. Raises `LicenceError`.

    `keys` are the public keys to trust, in place of those of the product.
    """
    parts = "".join(text.split()).split(".")
    if len(text) > LONGEST or len(parts) != 3 or parts[0] != _BEGINS:
        raise LicenceError("it is no licence: one begins with EVCE1 and has three parts with dots between")
    try:
        payload, signature = (_decoded(part) for part in parts[1:])
    except (binascii.Error, ValueError):
        raise LicenceError("the licence is damaged: copy it again, all of it") from None
    if not vendor.signed_by(keys or vendor.PUBLIC_KEYS, f"{_BEGINS}.{parts[1]}".encode(), signature):
        raise LicenceError("its signature is not the vendor's: it was changed, or made by somebody else")
    return _licence(json.loads(payload))


def sign_licence(key: Ed25519PrivateKey, reference: str, identifier: str, holder: str, on: date) -> str:
    """The text of a licence. Raises `LicenceError` for a reference or an identifier that there can't be."""
    told = {
        "reference": reference,
        "identifier": identifier.strip().lower().replace("-", ":"),
        "holder": holder,
        "issued_on": on.isoformat(),
    }
    _licence(told)
    signed = f"{_BEGINS}.{_encoded(json.dumps(told, separators=(',', ':')).encode())}"
    return f"{signed}.{_encoded(key.sign(signed.encode()))}"


def _licence(told: Any) -> Licence:
    if not isinstance(told, dict) or told.get("reference") not in REFERENCES:
        there_are = ", ".join(REFERENCES)
        named = told.get("reference") if isinstance(told, dict) else told
        raise LicenceError(f"reference={named!r}: there are {there_are}")
    identifier = str(told.get("identifier"))
    if _IDENTIFIER.fullmatch(identifier) is None:
        raise LicenceError(f"identifier={identifier!r}: a MAC address, such as 02:42:ac:11:00:02")
    issued_on = date.fromisoformat(str(told.get("issued_on")))
    return Licence(REFERENCES[told["reference"]], identifier, str(told.get("holder") or ""), issued_on)


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
