"""Keeps the announcements in step with the site's name and with the addresses that the machine has."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

import ifaddr

from evce.units import Seconds
from web.announcing.card import Card
from web.announcing.mdns import MdnsNotice
from web.announcing.ssdp import SsdpNotice

__all__ = ["Announcer", "Notice", "notices_of", "own_addresses"]

log = logging.getLogger(__name__)

LOOK_EVERY: Seconds = 20.0
"""An address that DHCP gave meanwhile is announced within this time, and what failed is tried again."""

_BEGUN_WITHIN: Seconds = 15.0
_GOODBYE_WITHIN: Seconds = 3.0


class Notice(Protocol):
    """One announcement by one protocol."""

    async def begin(self) -> None:
        """Announce. Raises `OSError`."""

    async def end(self) -> None:
        """Take it back."""


def own_addresses(host: str) -> tuple[str, ...]:
    """The IPv4 addresses at which somebody else reaches a server that listens on `host`, sorted."""
    found = {
        str(one.ip)
        for adapter in ifaddr.get_adapters()
        for one in adapter.ips
        if one.is_IPv4 and not str(one.ip).startswith(("127.", "169.254."))
    }
    return tuple(sorted(found if host in ("0.0.0.0", "::") else found & {host}))  # noqa: S104


def notices_of(card: Card) -> Iterable[tuple[str, Notice]]:
    """What there is to announce, each with its name for the log."""
    yield "mDNS", MdnsNotice(card)
    for address in card.addresses:
        yield f"SSDP on {address}", SsdpNotice(card, address)


class Announcer:
    """A thread of its own; without it, or where an announcement fails, the pages work all the same.

    `addresses` are asked for again and again; `notices` makes the announcements for a card.
    """

    def __init__(
        self,
        addresses: Callable[[], tuple[str, ...]],
        notices: Callable[[Card], Iterable[tuple[str, Notice]]] = notices_of,
        look_every: Seconds = LOOK_EVERY,
    ) -> None:
        self._addresses = addresses
        self._notices = notices
        self._look_every = look_every
        self._wanted: Callable[[tuple[str, ...]], Card] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._leaving = False
        self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)
        self._begun = threading.Event()
        self._told: dict[str, str] = {}

    def start(self) -> None:
        """Begin; nothing is announced before `announce`."""
        self._thread.start()
        self._begun.wait()

    def announce(self, wanted: Callable[[tuple[str, ...]], Card] | None) -> None:
        """From now on announce the card that `wanted` makes of the addresses; nothing where it is None."""
        self._wanted = wanted
        self._wake()

    def stop(self) -> None:
        """Say goodbye, and end."""
        self._leaving = True
        self._wake()
        self._thread.join()

    def _wake(self) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._news.set)

    def _run(self) -> None:
        asyncio.run(self._follow())

    async def _follow(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._begun.set()
        card: Card | None = None
        standing: dict[str, Notice] = {}
        while True:
            self._news.clear()
            wanted = None if self._leaving else self._card()
            if wanted != card:
                await _end(standing.values())
                standing, card = {}, wanted
            if self._leaving:
                return
            if card is not None:
                await self._complete(card, standing)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), self._look_every)

    def _card(self) -> Card | None:
        wanted = self._wanted
        try:
            addresses = self._addresses()
        except Exception as error:  # the thread must outlive whatever the machine says of its network
            self._tell("addresses", f"the addresses of this machine can't be read: {error}")
            return None
        return wanted(addresses) if wanted is not None and addresses else None

    async def _complete(self, card: Card, standing: dict[str, Notice]) -> None:
        for name, notice in self._notices(card):
            if name in standing:
                continue
            try:
                await asyncio.wait_for(notice.begin(), _BEGUN_WITHIN)
            except Exception as error:  # the libraries tell of a network in many ways
                self._tell(name, f"not announced by {name}: {str(error) or 'no answer in time'}")
                await _end([notice])
            else:
                standing[name] = notice
                self._told.pop(name, None)
                log.info("announced by %s as %s, %s.local", name, card.instance, card.host)

    def _tell(self, name: str, text: str) -> None:
        """Once, however often it is tried."""
        if self._told.get(name) != text:
            self._told[name] = text
            log.warning("%s", text)


async def _end(notices: Iterable[Notice]) -> None:
    async def one(notice: Notice) -> None:
        with suppress(Exception):
            await asyncio.wait_for(notice.end(), _GOODBYE_WITHIN)

    ending: Sequence[asyncio.Task[None]] = [asyncio.ensure_future(one(notice)) for notice in notices]
    if ending:
        await asyncio.wait(ending)
