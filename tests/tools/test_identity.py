"""Tests of the unique identifier."""

from pathlib import Path

import pytest

from tools.identity import unique_identifier


def interface(folder: Path, name: str, address: str, index: int, *, hardware: bool = True) -> None:
    made = folder / name
    made.mkdir()
    (made / "address").write_text(f"{address}\n")
    (made / "ifindex").write_text(f"{index}\n")
    if hardware:
        (made / "device").mkdir()


@pytest.mark.parametrize("order", [("lo", "docker0", "wlan0", "eth0"), ("eth0", "wlan0", "docker0", "lo")])
def test_it_is_the_address_of_the_first_interface_that_is_hardware(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    """LIC-1: the same after each start, whatever bridges come and go."""
    known = {
        "lo": ("00:00:00:00:00:00", 1, False),
        "docker0": ("02:42:00:00:00:01", 2, False),
        "wlan0": ("B8:27:EB:00:00:02", 4, True),
        "eth0": ("B8:27:EB:00:00:01", 3, True),
    }
    for name in order:
        address, index, hardware = known[name]
        interface(tmp_path, name, address, index, hardware=hardware)
    assert unique_identifier(tmp_path) == "b8:27:eb:00:00:01"


def test_without_hardware_another_counts_and_without_a_network_none(tmp_path: Path) -> None:
    """LIC-1: a container has a pair, a machine of its own may have nothing."""
    assert unique_identifier(tmp_path / "none") == ""
    interface(tmp_path, "lo", "00:00:00:00:00:00", 1, hardware=False)
    (tmp_path / "bonding_masters").write_text("")
    assert unique_identifier(tmp_path) == ""
    interface(tmp_path, "eth0", "02:42:ac:11:00:02", 7, hardware=False)
    assert unique_identifier(tmp_path) == "02:42:ac:11:00:02"
