"""The section of a site document for the remote operator (CPO), and what its settings can't be together."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from evce.configuration.kinds import FileName
from evce.configuration.reference import Allowed
from evce.configuration.refusals import RefusedTextError

__all__ = ["CpoSettings", "uplink_conflicts"]

_URL = "ws://HOST/PATH or wss://HOST/PATH, without user, query or fragment"
_PROXY = "http://HOST:PORT of an HTTP proxy"

_HTTP_PORT = 80


def _url(value: str) -> str:
    parts = _split(value, ("ws", "wss"), _URL)
    if parts.query or parts.fragment or value.endswith(("?", "#")):
        raise RefusedTextError(_URL)
    return value.rstrip("/")


def _proxy(value: str) -> str:
    parts = _split(value, ("http",), _PROXY)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise RefusedTextError(_PROXY)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"http://{host}:{parts.port or _HTTP_PORT}"


def _split(value: str, schemes: tuple[str, ...], allowed: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise RefusedTextError(allowed) from None
    sound = parts.scheme in schemes and parts.hostname and parts.username is None and port != 0
    if not sound or any(c.isspace() or not c.isprintable() for c in value) or len(value) > 500:
        raise RefusedTextError(allowed)
    return parts


CpoUrl = Annotated[str, Allowed(_URL), AfterValidator(_url)]
ProxyUrl = Annotated[str, Allowed(_PROXY), AfterValidator(_proxy)]


class CpoSettings(BaseModel):
    """The uplink of every station to a remote operator."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    enabled: bool = Field(
        default=False,
        description="Whether each station is connected to the operator; it then decides about cards.",
    )
    url: CpoUrl | None = Field(
        default=None,
        description="Address of the operator's system; stations connect to it with /BOX_IDENTITY added.",
    )
    transaction_attempts: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=500,
        description="How often a transaction message is tried that the operator answers with an error "
        "(TransactionMessageAttempts); the operator may change it for a station.",
    )
    retry_interval_s: Annotated[int, Field(ge=1, le=86_400)] = Field(
        default=60,
        description="Seconds by which the wait between two attempts grows (TransactionMessageRetryInterval); "
        "the operator may change it for a station.",
    )
    ping_interval_s: Annotated[int, Field(ge=0, le=86_400)] = Field(
        default=120,
        description="Seconds between two pings of the connection (WebSocketPingInterval), 0 for none; the "
        "operator may change it for a station.",
    )
    meter_interval_s: Annotated[int, Field(ge=0, le=86_400)] = Field(
        default=60,
        description="Seconds between two meter values that the operator gets of a session, 0 for none; the "
        "operator may change it for a station. Stations report to EVCE as ocpp.meter_interval_s says.",
    )
    time_from_operator: bool = Field(
        default=True,
        description="Whether the site's time is the operator's, as its answers tell it; otherwise it is the "
        "host's clock.",
    )
    plug_numbering: bool = Field(
        default=False,
        description="Whether the operator sees plugs instead of connectors: 11 for the T2 and 12 for the TE "
        "socket of connector 1, 21 and 22 for those of connector 2.",
    )
    proxy: ProxyUrl | None = Field(
        default=None, description="HTTP proxy through which the operator is reached; port 80 unless named."
    )
    credentials_file: FileName | None = Field(
        default=None,
        description="File with a line BOX_IDENTITY PASSWORD for each station, * for all others, sent as HTTP "
        "basic authentication.",
    )
    ca_file: FileName | None = Field(
        default=None,
        description="PEM file of the authorities trusted for wss://; those of the system without it.",
    )
    certificate_file: FileName | None = Field(
        default=None, description="PEM file of the certificate that EVCE shows the operator."
    )
    key_file: FileName | None = Field(default=None, description="PEM file of that certificate's private key.")


def uplink_conflicts(cpo: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong between the settings: the setting, and what it must be."""
    found = []
    url = cpo.get("url")
    if cpo.get("enabled") is True and url is None:
        found.append(("url", f"must be given where the uplink is enabled: {_URL}"))
    given = [cpo.get(name) is not None for name in ("certificate_file", "key_file")]
    if given == [True, False]:
        found.append(("key_file", "must be given with certificate_file"))
    if given == [False, True]:
        found.append(("certificate_file", "must be given with key_file"))
    if isinstance(url, str) and not url.startswith("wss:"):
        found += [
            (name, "must be left out of a connection without TLS, or its url be wss://")
            for name in ("ca_file", "certificate_file")
            if cpo.get(name) is not None
        ]
    return found
