"""The kinds of text that a setting can be."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from evce.configuration.kinds import (
    DeviceFile,
    Host,
    Identity,
    IpAddress,
    ListenHost,
    Name,
    SlotText,
    Slug,
    TimeZone,
    WebAddress,
)

GOOD: list[tuple[Any, list[str]]] = [
    (Name, ["x", "Garage 1", "Čárka & Söhne ⚡", "x" * 50]),
    (Slug, ["a", "garage-north", "0", "x" * 50]),
    (Identity, ["CP-01", "00:11:22:AA:BB:CC", "a|b@c", "x" * 48]),
    (ListenHost, ["0.0.0.0", "127.0.0.1", "::", "10.0.0.255"]),  # noqa: S104
    (WebAddress, ["https://evce.example/releases?a=1", "https://[::1]:8443/"]),
    (Host, ["192.168.0.40", "meter-1.local", "METER", "::1", "x" * 63, "2001:db8::fe"]),
    (IpAddress, ["10.0.0.1", "10.0.254.253", "::1"]),
    (DeviceFile, ["/dev/ttyUSB0", "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0", "/dev/pts/3"]),
    (SlotText, ["08:00-12:00", "22:00-06:00", "00:00-00:00", "23:59-00:00"]),
    (TimeZone, ["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires"]),
]
BAD: list[tuple[Any, list[str]]] = [
    (Name, ["", " ", " x", "x ", "x" * 51, "a\nb", "a\x00b", "\ud800"]),
    (Slug, ["", "-a", "Garage", "a b", "a_b", "ä", "x" * 51, "a\n"]),
    (Identity, ["", "CP 01", "CP/01", "CP?", "ü", "x" * 49, "CP\n", "../x"]),
    (
        WebAddress,
        [
            "",
            "http://evce.example",
            "https://",
            "https://a:b@evce.example",
            "https://a b",
            "https://[",
            "javascript:alert(1)",
            "https://evce.example/" + "x" * 200,
        ],
    ),
    (ListenHost, ["", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.256"]),
    (
        Host,
        [
            "",
            "10.0.0.0",
            "10.0.0.254",
            "10.0.0.255",
            "a b",
            "-a",
            "a-",
            "a..b",
            "1.2.3",
            "10.0.0.256",
            "x" * 64,
            ".".join(["x" * 60] * 5),
        ],
    ),
    (DeviceFile, ["", "ttyUSB0", "/etc/passwd", "/dev/../etc/passwd", "/dev/", "/dev/tty USB0"]),
    (IpAddress, ["", "meter", "10.0.0.0", "10.0.0.254", "10.0.0.255", "10.0.0.01"]),
    (SlotText, ["", "8:00-12:00", "08:00", "24:00-06:00", "08:00-12:60", "08:00 - 12:00", "08:00-12:00\n"]),
    (TimeZone, ["", "Paris", "europe/paris", "../../etc/passwd", "GMT+25"]),
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in GOOD for text in texts])
def test_texts_of_the_kind_are_taken_as_they_are(kind: Any, text: str) -> None:
    assert TypeAdapter(kind).validate_python(text) == text


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in BAD for text in texts])
def test_other_texts_are_refused(kind: Any, text: str) -> None:
    """MT-6, OC-4: no .0, .254, .255; no blanks in a box identity; names of at most 50 characters."""
    with pytest.raises(ValidationError, match="must be"):
        TypeAdapter(kind).validate_python(text)
