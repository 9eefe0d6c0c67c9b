"""Tests of the messages to systemd."""

import socket
from pathlib import Path

import pytest

from tools.notify import notify, notify_ready, notify_restarting, watchdog_period


def test_a_state_reaches_the_service_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-3: starts under systemd (notify)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        assert notify("READY=1")
        assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
def test_without_a_service_manager_nothing_happens(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-3: the daemon also runs by hand."""
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert not notify("READY=1")


@pytest.mark.parametrize(("text", "period"), [("20000000", 10.0), ("", None), ("0", None), ("soon", None)])
def test_the_watchdog_is_fed_twice_as_often_as_it_wants(
    text: str, period: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-3: watchdog."""
    monkeypatch.setenv("WATCHDOG_USEC", text)
    assert watchdog_period() == period


@pytest.mark.parametrize(("usec", "ready"), [("", b"READY=1"), ("400000", b"READY=1\nWATCHDOG_USEC=400000")])
def test_a_new_beginning_in_the_process_is_no_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usec: str, ready: bytes
) -> None:
    """SR-3, SR-4: systemd kills who says that it stops, and goes on to; it has patience until then."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        notify_restarting()
        told = manager.recv(200).split(b"\n")
        assert told[0] == b"RELOADING=1"
        assert told[1].startswith(b"MONOTONIC_USEC=")
        assert told[2:] == ([b"WATCHDOG_USEC=300000000"] if usec else [])
        notify_ready()
        assert manager.recv(200) == ready
