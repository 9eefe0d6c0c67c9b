"""The pages in the network folder of Windows (UPnP Device Architecture 1.1), by async-upnp-client."""

import socket
from xml.etree.ElementTree import Element  # nosec  # made here, nothing is parsed

from async_upnp_client.const import DeviceInfo
from async_upnp_client.server import UpnpServer, UpnpServerDevice
from async_upnp_client.ssdp import SSDP_IP_V4, SSDP_PORT

from web.announcing.card import Card

__all__ = ["SsdpNotice", "device_of"]

_BASIC = "urn:schemas-upnp-org:device:Basic:1"


class SsdpNotice:
    """A device without services at one address; its description is a link to the pages."""

    def __init__(self, card: Card, address: str, port: int = SSDP_PORT) -> None:
        self.card, self.address = card, address
        self._group = (SSDP_IP_V4, port)
        self._server: UpnpServer | None = None

    async def begin(self) -> None:
        """Announce, and answer who searches. Raises `OSError` where the port of SSDP is taken."""
        self._server = UpnpServer(
            device_of(self.card, self.address),
            (self.address, 0),
            self._group,
            http_port=_free_port(self.address),
        )
        await self._server.async_start()

    async def end(self) -> None:
        """Say goodbye."""
        if self._server is not None:
            await self._server.async_stop()


def device_of(card: Card, address: str) -> type[UpnpServerDevice]:
    """The description of the device, as Windows shows it."""
    info = DeviceInfo(
        device_type=_BASIC,
        friendly_name=card.name,
        manufacturer="EVCE",
        manufacturer_url=None,
        model_description="Controller for EV-charging sites",
        model_name="EVCE",
        model_number=card.version,
        model_url=None,
        serial_number=card.identifier or None,
        udn=f"uuid:{card.device}",
        upc=None,
        presentation_url=card.link(address),
        url="/device.xml",
        icons=[],
        xml=Element("server_device"),
    )

    class Device(UpnpServerDevice):
        DEVICE_DEFINITION = info
        EMBEDDED_DEVICES = ()
        SERVICES = ()

    return Device


def _free_port(address: str) -> int:
    with socket.socket() as found:
        found.bind((address, 0))
        return int(found.getsockname()[1])
