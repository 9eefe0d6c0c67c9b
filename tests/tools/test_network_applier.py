"""Tests of applying network settings: on trial, kept, put back, and after a cut in the middle."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evce.configuration.network import NetworkSettings
from evce.network.course import CONFIRMED, STATE, WANTED, NetworkState, Stage, Wish
from evce.network.networkd import UNIT, networkd_unit
from tools.network_applier import NetworkApplier, NetworkError, run_networkctl

FIXED = NetworkSettings.model_validate({"mode": "fixed"})
OTHER = NetworkSettings.model_validate({"mode": "fixed", "address": "192.168.0.77"})
HOST = NetworkSettings()


class Machine:
    """A folder of EVCE's, one of networkd's, a networkctl that may refuse, a clock that sleeping moves."""

    def __init__(self, folder: Path) -> None:
        self.data, self.into = folder / "network", folder / "units"
        self.data.mkdir()
        self.into.mkdir()
        self.moment = datetime(2026, 5, 1, 12, tzinfo=UTC)
        self.calls: list[list[str]] = []
        self.refuses = ""
        self.meanwhile: Callable[[], None] = lambda: None

    def networkctl(self, arguments: Sequence[str]) -> None:
        self.calls.append(list(arguments))
        if self.refuses in arguments:
            raise NetworkError("Interface eth0 not found")

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.meanwhile()

    def wish(self, mark: int, settings: NetworkSettings, at_once: bool = False) -> None:
        (self.data / WANTED).write_text(Wish(mark, settings, at_once).text())

    def confirm(self, mark: int) -> None:
        (self.data / CONFIRMED).write_text(f'{{"mark": {mark}}}')

    def apply(self) -> Stage | None:
        applier = NetworkApplier(self.data, self.into, self.networkctl, lambda: self.moment, self.sleep)
        state = applier.apply()
        assert state == self.told()
        assert [path.name for path in self.into.iterdir()] in ([], [UNIT])
        return None if state is None else state.stage

    def told(self) -> NetworkState | None:
        path = self.data / STATE
        return NetworkState.read(path.read_text()) if path.exists() else None

    @property
    def unit(self) -> str:
        path = self.into / UNIT
        return path.read_text() if path.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_settings_that_are_confirmed_stay(machine: Machine) -> None:
    """NW-1: tried, told when they would be put back, kept."""
    told: list[NetworkState | None] = []

    def look() -> None:
        told.append(machine.told())
        assert machine.unit == networkd_unit(FIXED)
        machine.confirm(1)

    machine.wish(1, FIXED)
    machine.meanwhile = look
    assert machine.apply() is Stage.IN_FORCE
    assert told == [NetworkState(1, Stage.WAITING, datetime(2026, 5, 1, 12, 2, tzinfo=UTC))]
    assert machine.unit == networkd_unit(FIXED)
    assert machine.calls == [["reload"], ["reconfigure", "eth0"]]


def test_settings_that_nobody_confirms_are_put_back(machine: Machine) -> None:
    """NW-1: the former unit, or none where there was none; and they are not tried again by themselves."""
    machine.wish(1, FIXED)
    assert machine.apply() is Stage.PUT_BACK
    assert machine.unit == ""
    calls = len(machine.calls)
    assert machine.apply() is Stage.PUT_BACK
    assert len(machine.calls) == calls
    machine.wish(2, FIXED)
    machine.meanwhile = lambda: machine.confirm(2)
    assert machine.apply() is Stage.IN_FORCE
    machine.meanwhile = lambda: None
    machine.wish(3, OTHER)
    assert machine.apply() is Stage.PUT_BACK
    assert machine.unit == networkd_unit(FIXED)


def test_an_old_confirmation_counts_for_nothing(machine: Machine) -> None:
    """NW-1: it was for other settings."""
    machine.confirm(1)
    machine.wish(2, FIXED)
    assert machine.apply() is Stage.PUT_BACK


@pytest.mark.parametrize("refuses", ["reload", "reconfigure"])
def test_settings_that_the_service_refuses_are_put_back_at_once(machine: Machine, refuses: str) -> None:
    """NW-1: with its own words."""
    machine.wish(1, FIXED)
    machine.refuses = refuses
    assert machine.apply() is Stage.FAILED
    assert machine.unit == ""
    told = machine.told()
    assert told is not None
    assert "eth0 not found" in told.text


@pytest.mark.parametrize(("confirmed", "stage"), [(False, Stage.PUT_BACK), (True, Stage.IN_FORCE)])
def test_a_power_cut_during_the_trial_is_no_confirmation(
    machine: Machine, confirmed: bool, stage: Stage
) -> None:
    """NW-1: the next start of the machine puts back what nobody had confirmed."""

    def cut() -> None:
        raise KeyboardInterrupt

    machine.wish(1, FIXED)
    machine.meanwhile = cut
    with pytest.raises(KeyboardInterrupt):
        machine.apply()
    assert machine.unit == networkd_unit(FIXED)
    if confirmed:
        machine.confirm(1)
    assert machine.apply() is stage
    assert machine.unit == (networkd_unit(FIXED) if confirmed else "")


def test_another_wish_during_the_trial_begins_from_the_former_settings(machine: Machine) -> None:
    """NW-1: what was never confirmed is not what the next one falls back to."""

    def change() -> None:
        if machine.moment.second == 5:
            machine.wish(2, OTHER)

    machine.wish(1, FIXED)
    machine.meanwhile = change
    assert machine.apply() is Stage.PUT_BACK
    assert machine.unit == ""
    told = machine.told()
    assert told is not None
    assert told.mark == 2


def test_back_to_the_machines_own_set_up_removes_the_unit(machine: Machine) -> None:
    """NW-1, SR-3: on trial like any other change; at once after a factory reset."""
    (machine.into / UNIT).write_text(networkd_unit(FIXED))
    machine.wish(1, HOST)
    assert machine.apply() is Stage.PUT_BACK
    assert machine.unit == networkd_unit(FIXED)
    machine.wish(2, HOST, at_once=True)
    assert machine.apply() is Stage.IN_FORCE
    assert machine.unit == ""


def test_what_is_in_place_already_needs_no_trial(machine: Machine) -> None:
    """NW-1."""
    (machine.into / UNIT).write_text(networkd_unit(FIXED))
    machine.wish(1, FIXED)
    assert machine.apply() is Stage.IN_FORCE
    assert machine.calls == []


@pytest.mark.parametrize("text", ["", "{", '{"mark": 1, "settings": {"interface": "x\\ny"}}'])
def test_a_wish_that_is_none_changes_nothing(machine: Machine, text: str) -> None:
    """NW-1, RELIABILITY 3: the folder belongs to a service without rights."""
    (machine.data / WANTED).write_text(text)
    assert machine.apply() is None
    assert machine.calls == []


def test_a_link_in_the_folder_leads_nowhere(machine: Machine, tmp_path: Path) -> None:
    """RELIABILITY 4: root replaces a link that the service has put there, and doesn't write through it."""
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (machine.data / STATE).symlink_to(victim)
    (machine.data / f".{STATE}.new").symlink_to(victim)
    machine.wish(1, FIXED)
    assert machine.apply() is Stage.PUT_BACK
    assert victim.read_text() == "kept"


def test_networkctl_is_called_and_its_refusal_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NW-1: what it says; and that it is missing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NetworkError, match="not installed"):
        run_networkctl(["reload"])
    fake = tmp_path / "networkctl"
    fake.write_text('#!/bin/sh\n[ "$1" = reload ] && exit 0\necho "Interface $2 not found" >&2\nexit 1\n')
    fake.chmod(0o755)
    run_networkctl(["reload"])
    with pytest.raises(NetworkError, match="Interface eth9 not found"):
        run_networkctl(["reconfigure", "eth9"])
