"""Which addresses a scan asks, and what an answer tells."""

import pytest

from evce.station_scan import MOST, ScanRefusedError, addresses, hint_of


def test_a_range_leaves_networks_and_broadcasts_out() -> None:
    """OC-5."""
    assert addresses("192.168.0.253", " 192.168.1.2 ") == (
        "192.168.0.253",
        "192.168.0.254",
        "192.168.1.1",
        "192.168.1.2",
    )
    assert addresses("10.0.0.7", "10.0.0.7") == ("10.0.0.7",)
    assert len(addresses("10.0.0.0", "10.0.3.255")) == MOST - 8


@pytest.mark.parametrize(
    ("lowest", "highest", "field", "words"),
    [
        ("8.8.8.8", "8.8.8.9", "lowest", "private"),
        ("172.32.0.1", "172.32.0.2", "lowest", "private"),
        ("10.255.255.250", "11.0.0.1", "highest", "10.0.0.0/8"),
        ("192.168.0.9", "192.168.0.8", "highest", "below"),
        ("10.0.0.0", "10.0.4.0", "highest", "at most 10.0.3.255"),
        ("station", "192.168.0.9", "lowest", "'station'"),
        ("192.168.0.9", "", "highest", "''"),
        ("fe80::1", "fe80::2", "highest", "IPv4"),
    ],
)
def test_a_range_that_is_nobodys_to_scan_is_refused(
    lowest: str, highest: str, field: str, words: str
) -> None:
    """OC-5, RELIABILITY 3."""
    with pytest.raises(ScanRefusedError) as refused:
        addresses(lowest, highest)
    assert words in refused.value.faults[field]


@pytest.mark.parametrize(
    ("headers", "body", "told"),
    [
        (
            {},
            "<html><TITLE lang='en'>EVlink\n Parking &amp; more</title>",
            ("EVlink Parking & more", "Schneider Electric"),
        ),
        ({"server": "KEBA"}, "", ("", "KEBA")),
        ({"www-authenticate": 'Basic realm="Charge Point"'}, "", ("", "?")),
        ({}, "<title>Router</title>", ("Router", "")),
        ({}, "<title>" + "x" * 200 + "\x00</title>", ("x" * 80, "")),
        ({}, "\x00\xff", ("", "")),
    ],
)
def test_a_web_page_tells_its_title_and_perhaps_its_maker(
    headers: dict[str, str], body: str, told: tuple[str, str]
) -> None:
    """OC-5."""
    assert hint_of(headers, body) == told
