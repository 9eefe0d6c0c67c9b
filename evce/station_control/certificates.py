"""A station's certificate: its request is passed on, answered once decided, and what was made is sent."""

from collections.abc import Mapping
from typing import Any

from evce.ocppj import call_result
from evce.security.calls import certificate_signed
from evce.station_control.calls import Order
from evce.station_control.effects import AskSignature, Transmit
from evce.station_control.state import Command, State

__all__ = ["Certificates"]

_AUTHOR = "EVCE"


class Certificates:
    """SignCertificate and CertificateSigned (security white paper, A02).

    The answer waits for the authority, so that Accepted means that a certificate follows. Of several requests
    the newest counts: a station that asks again has made a new key.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._waiting: dict[str, tuple[int, str]] = {}
        self._number = 0

    def asked(self, incarnation: int, message_id: str, payload: Mapping[str, Any]) -> None:
        """The station wants a certificate."""
        self._number += 1
        request = f"{self._state.prefix}-csr-{self._number}"
        self._waiting[request] = (incarnation, message_id)
        self._state.do(AskSignature(request, str(payload["csr"])))

    def signed(self, request: str, chain: str | None, reason: str) -> None:
        """It was made, or not; a station that reconnected meanwhile asks again."""
        state = self._state
        asked = self._waiting.pop(request, None)
        if asked is None:
            return
        incarnation, message_id = asked
        if chain is None:
            state.log(f"no certificate was made: {reason}", "security")
        status = "Rejected" if chain is None else "Accepted"
        state.do(Transmit(incarnation, call_result(message_id, {"status": status})))
        if chain is not None and state.connected and incarnation == state.incarnation:
            state.log("a certificate was made for the station", "security")
            payload = certificate_signed(chain)
            state.call("CertificateSigned", payload, Order.LATER, Command(_AUTHOR), "certificate")
