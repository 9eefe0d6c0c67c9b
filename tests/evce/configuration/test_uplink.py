"""The section for the remote operator."""

from typing import Any

import pytest

from evce.configuration.document import SiteDocument
from evce.errors import ConfigurationError

SITE = {"site": {"name": "Yard"}}


def refusals(**cpo: Any) -> str:
    with pytest.raises(ConfigurationError) as refused:
        SiteDocument.parse({**SITE, "cpo": cpo})
    return str(refused.value)


def test_the_uplink_is_off_by_default() -> None:
    """CPO-1, CPO-2, CPO-5: off, 500 attempts, 120 s, no plug numbering."""
    cpo = SiteDocument.parse(SITE).cpo
    assert (cpo.enabled, cpo.transaction_attempts, cpo.ping_interval_s, cpo.plug_numbering) == (
        False,
        500,
        120,
        False,
    )


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("ws://operator.test/ocpp", "ws://operator.test/ocpp"),
        ("wss://operator.test:8443/a/b/", "wss://operator.test:8443/a/b"),
        ("wss://[::1]:9000", "wss://[::1]:9000"),
    ],
)
def test_addresses_are_taken(url: str, kept: str) -> None:
    """CPO-1: ws:// or wss://."""
    assert SiteDocument.parse({**SITE, "cpo": {"enabled": True, "url": url}}).cpo.url == kept


@pytest.mark.parametrize(
    "url",
    [
        "http://x/",
        "ws://",
        "ws://user:secret@x/",
        "ws://x/?a=b",
        "ws://x/#y",
        "ws://x:0/",
        "ws://x y/",
        "ws://x:y/",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    assert "url" in refusals(url=url)


@pytest.mark.parametrize(
    ("proxy", "kept"),
    [("http://proxy.test:3128", "http://proxy.test:3128"), ("http://proxy.test/", "http://proxy.test:80")],
)
def test_a_proxy_has_port_80_unless_named(proxy: str, kept: str) -> None:
    """CPO-6, NW-1."""
    assert SiteDocument.parse({**SITE, "cpo": {"proxy": proxy}}).cpo.proxy == kept


@pytest.mark.parametrize(
    ("cpo", "named"),
    [
        ({"enabled": True}, "url"),
        ({"proxy": "socks5://x:1"}, "proxy"),
        ({"url": "wss://x", "certificate_file": "a.pem"}, "key_file"),
        ({"url": "wss://x", "key_file": "a.pem"}, "certificate_file"),
        ({"url": "ws://x", "ca_file": "a.pem"}, "ca_file"),
        ({"credentials_file": " x"}, "credentials_file"),
        ({"transaction_attempts": 0}, "transaction_attempts"),
        ({"passwort": "x"}, "passwort"),
    ],
)
def test_what_doesn_t_fit_is_named(cpo: dict[str, Any], named: str) -> None:
    """RELIABILITY §3: the field, the value and what is allowed."""
    assert named in refusals(**cpo)
