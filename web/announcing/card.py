"""What EVCE tells the local network of itself: one description, whichever the protocol."""

import re
import unicodedata
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

__all__ = ["Card"]

_LABEL_LENGTH = 63
"""Bytes of one label of a name (RFC 1035 §2.3.4)."""


@dataclass(frozen=True, slots=True)
class Card:
    """`name` is the site's, `identifier` the MAC address by which this EVCE is known.

    The pages are reached at `port` of the `addresses`, IPv4.
    """

    name: str
    identifier: str
    version: str
    port: int
    addresses: tuple[str, ...]

    @property
    def instance(self) -> str:
        """The name as it is shown in lists, cut to what a label holds."""
        return self.name.encode()[:_LABEL_LENGTH].decode(errors="ignore").strip() or "EVCE"

    @property
    def host(self) -> str:
        """A name for a browser's address line, without `.local`: no other EVCE has the same."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
        mark = self.identifier.replace(":", "")[-4:]
        return "-".join(part for part in (slug[: _LABEL_LENGTH - 10].strip("-") or "evce", mark) if part)

    @property
    def device(self) -> str:
        """The UUID of the device: the same as long as the machine is."""
        return str(uuid5(NAMESPACE_OID, f"evce {self.identifier or self.name}"))

    def link(self, address: str) -> str:
        """Where the pages are."""
        return f"https://{address}:{self.port}/"
