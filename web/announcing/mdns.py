"""The pages in the lists of mDNS and DNS-SD (RFC 6762, RFC 6763), by zeroconf."""

import socket

from zeroconf import IPVersion, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from web.announcing.card import Card

__all__ = ["MdnsNotice"]

_KIND = "_https._tcp.local."


class MdnsNotice:
    """One announcement, on the interfaces of the card's addresses."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self._zeroconf: AsyncZeroconf | None = None

    async def begin(self) -> None:
        """Announce; a name that somebody else has gets a number. Raises `OSError` without a network."""
        card = self.card
        self._zeroconf = AsyncZeroconf(interfaces=list(card.addresses), ip_version=IPVersion.V4Only)
        info = ServiceInfo(
            _KIND,
            f"{card.instance.replace('.', ' ')}.{_KIND}",
            port=card.port,
            properties={"path": "/", "version": card.version, "id": card.identifier},
            server=f"{card.host}.local.",
            addresses=[socket.inet_aton(address) for address in card.addresses],
        )
        await (await self._zeroconf.async_register_service(info, allow_name_change=True))

    async def end(self) -> None:
        """Say goodbye."""
        if self._zeroconf is not None:
            await self._zeroconf.async_unregister_all_services()
            await self._zeroconf.async_close()
