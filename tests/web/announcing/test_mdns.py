"""The site is found by a browser of mDNS."""

import asyncio
import os
import socket
from contextlib import suppress

import pytest
from zeroconf import IPVersion, Zeroconf
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from tests.web.announcing.multicast import needs_multicast
from web.announcing.card import Card
from web.announcing.mdns import MdnsNotice

KIND = "_https._tcp.local."
MACHINES = {"1a2b": "127.0.0.1", "1a2c": "127.0.0.2"}
"""The end of the name of each, and its address."""


@needs_multicast
@pytest.mark.timeout(30)
def test_the_name_leads_to_the_pages_and_a_second_one_gets_a_number() -> None:
    """NW-2"""

    async def play() -> None:
        mark = os.getpid()  # whoever else tests on this machine shares the group
        # As on two machines: an answer to an address that both have reaches whom the kernel chooses.
        first, second = (
            MdnsNotice(Card(f"Harbour. {mark}", f"02:00:5e:10:{end[:2]}:{end[2:]}", "1.0", 8443, (address,)))
            for end, address in MACHINES.items()
        )
        looker = AsyncZeroconf(zc=Zeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only))
        try:
            await first.begin()
            await second.begin()
            names = (f"Harbour  {mark}", f"Harbour  {mark}-2")
            for name, (end, address) in zip(names, MACHINES.items(), strict=True):
                found = AsyncServiceInfo(KIND, f"{name}.{KIND}")
                assert await found.async_request(looker.zeroconf, 5_000), name
                assert (found.port, found.server) == (8443, f"harbour-{mark}-{end}.local.")
                assert found.addresses == [socket.inet_aton(address)]
                assert found.properties[b"path"] == b"/"
        finally:
            for notice in (first, second):
                await notice.end()
            await looker.async_close()

    asyncio.run(play())


def test_one_that_never_began_may_end() -> None:
    with suppress(RuntimeError):
        asyncio.run(MdnsNotice(Card("A", "", "1.0", 1, ())).end())
