"""What the command line has a running daemon do with a station."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actors.messages import RequestAction
from evce.station_control.action_state import Action, ActionState
from evce.station_control.action_words import Saying, Words
from tests.web.fake_site import FakeSite
from tools.control import stations
from tools.control.stations import station_deeds
from web.file_exchange import FileExchange


class Runtime:
    """The invented site; each look at an action finds it one step further."""

    def __init__(self) -> None:
        self.site = FakeSite()
        self.steps = [ActionState.ASKED, ActionState.SENT, ActionState.SENT, ActionState.DONE]

    def ask(self, name: str, question: Any, timeout: float) -> Any:
        if self.site.actions and len(self.steps) > 1:
            self.site.actions = [replace(self.site.actions[0], state=self.steps.pop(0))]
        elif self.site.actions:
            self.site.actions = [replace(self.site.actions[0], state=self.steps[0])]
        return self.site.ask(name, question, timeout)

    def tell(self, name: str, message: Any) -> bool:
        if isinstance(message, RequestAction):
            words = Words(Saying.WAITS)
            self.site.actions = [
                Action(
                    message.request,
                    message.action,
                    message.given,
                    message.requested_by,
                    self.site.now(),
                    ActionState.ASKED,
                    words,
                )
            ]
        return self.site.tell(name, message)


@pytest.fixture
def deeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(stations, "ASKED_EVERY", 0.0)
    runtime = Runtime()
    files = FileExchange(tmp_path / "files", runtime.tell, lambda: 0.0)
    files.published("http", 1)
    return station_deeds(runtime, files)  # type: ignore[arg-type]


def test_an_action_is_told_step_by_step_until_its_end(deeds: dict[str, Any]) -> None:
    """OC-3."""
    request = {"station": "CP-01", "action": "unlock", "parameters": {"connector": 1}, "author": "ada"}
    told = [answer for answer in deeds["act"](request) if answer is not None]
    assert [answer["state"] for answer in told] == ["asked", "sent", "done"]
    assert told[0]["requested_by"] == "ada"
    assert [a["state"] for a in deeds["station_actions"]({"station": "CP-01"})["actions"]] == ["done"]


def test_a_firmware_is_read_from_this_machine(deeds: dict[str, Any], tmp_path: Path) -> None:
    """SR-4."""
    (tmp_path / "fw.bin").write_bytes(b"new")
    request = {"station": "CP-01", "action": "firmware", "file": str(tmp_path / "fw.bin")}
    assert next(a["action"] for a in deeds["act"](request) if a is not None) == "firmware"
    with pytest.raises(OSError, match=r"nothing\.bin"):
        deeds["act"]({**request, "file": str(tmp_path / "nothing.bin")})


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"station": "CP-99", "action": "reset"}, "station='CP-99': know CP-01"),
        ({"station": "CP-01", "action": "fly"}, "action='fly': know start"),
        ({"station": "CP-01", "action": "unlock"}, "connector: missing"),
    ],
)
def test_what_won_t_do_is_named(deeds: dict[str, Any], request_: dict[str, Any], words: str) -> None:
    """RELIABILITY 3."""
    with pytest.raises((LookupError, ValueError), match=words):
        deeds["act"](request_)


def test_every_station_is_listed_with_what_it_told_of_itself(deeds: dict[str, Any]) -> None:
    """OC-2, OC-4."""
    listed = deeds["stations"]({})["stations"]
    assert {"CP-01", "CP-14"} <= {station["box_identity"] for station in listed}
    assert set(listed[0]) >= {"vendor", "model", "serial_number", "firmware", "registered", "link"}
