"""Windows finds the site in its network folder."""

import asyncio
import socket
import urllib.request
from xml.etree import ElementTree as ET

import pytest

from tests.web.announcing.multicast import needs_multicast
from web.announcing.card import Card
from web.announcing.ssdp import SsdpNotice, device_of

CARD = Card("Harbour <P2>", "02:00:5e:10:1a:2b", "1.0", 8443, ("127.0.0.1",))
SEARCH = (
    b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
    b'MAN: "ssdp:discover"\r\nST: upnp:rootdevice\r\n\r\n'
)
RUBBISH = (
    b"",
    b"\x00\xff" * 100,
    b"M-SEARCH * HTTP/1.1\r\n\r\n",
    SEARCH.replace(b"upnp:", b"dial:"),
    SEARCH[:-9],
)


@needs_multicast
@pytest.mark.timeout(30)
def test_a_search_leads_to_the_description_and_that_to_the_pages() -> None:
    """NW-2: whatever else is said on the port."""

    async def play() -> tuple[str, bytes]:
        port = _free_port()
        notice = SsdpNotice(CARD, "127.0.0.1", port)
        await notice.begin()
        try:
            answer = await asyncio.to_thread(_search, port)
            (where,) = (line[9:].strip() for line in answer.splitlines() if line.startswith("LOCATION:"))
            return answer, await asyncio.to_thread(_fetch, where)
        finally:
            await notice.end()

    answer, described = asyncio.run(play())
    assert f"uuid:{CARD.device}::upnp:rootdevice" in answer
    device = ET.fromstring(described).find("{*}device")  # noqa: S314  # our own
    assert device is not None
    told = {child.tag.rpartition("}")[2]: child.text for child in device}
    assert told["friendlyName"] == "Harbour <P2>"
    assert told["presentationURL"] == "https://127.0.0.1:8443/"
    assert (told["serialNumber"], told["UDN"]) == (CARD.identifier, f"uuid:{CARD.device}")


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _search(port: int) -> str:
    """The first answer to a search after rubbish; asked again, since datagrams may be lost."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asks:
        asks.bind(("127.0.0.1", 0))
        asks.settimeout(1.0)
        for _ in range(10):
            for datagram in (*RUBBISH, SEARCH):
                asks.sendto(datagram, ("127.0.0.1", port))
            try:
                return asks.recv(4_096).decode()
            except TimeoutError:
                continue
    raise AssertionError("no answer")


def _fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10.0) as answer:  # noqa: S310  # on the loopback interface
        return bytes(answer.read())


def test_a_machine_without_an_identifier_has_a_device_too() -> None:
    """NW-2"""
    nameless = device_of(Card("A", "", "1.0", 8443, ()), "192.0.2.7").DEVICE_DEFINITION
    assert nameless.serial_number is None
    assert nameless.presentation_url == "https://192.0.2.7:8443/"
