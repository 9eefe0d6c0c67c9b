"""Tests of having a wiring checked through the control socket."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from actors.messages import CheckWiring, GetRevision, GetWiringReport, Message, Question
from actors.runtime import ThreadRuntime
from actors.supervised import Context, Supervised
from actors.supervisor import ChildSpec, Supervisor
from evce.configuration.revisions import next_revision
from evce.configuration.toml_source import parse_toml
from evce.electrical import Wiring
from evce.planning.wiring_course import WiringReport
from evce.units import BoxIdentity, ConnectorKey
from evce.wiring_check import Finding, WiringVerdict
from tools.control import wiring
from tools.control.server import StreamedDeed
from tools.control.wiring import wiring_deeds

DOCUMENT = b"""
[site]
name = "Corner"
[[zones]]
id = "main"
name = "Main"
maximum_a = 100
[[zones]]
id = "garage"
name = "Garage"
parent = "main"
maximum_a = 63
[[stations]]
box_identity = "G1"
name = "G1"
zone = "garage"
connectors = [{ wiring = "TRI123" }]
[[stations]]
box_identity = "X1"
name = "X1"
connectors = [{ wiring = "TRI123" }]
"""

KEY = ConnectorKey(BoxIdentity("G1"), 1)
WRONG = Finding(WiringVerdict.WRONG, "the step shows on L2", Wiring.TRI231)


@dataclass
class Script:
    """What the scripted root zone answers, one after the other; None once they are all told."""

    answers: list[WiringReport] = field(default_factory=list)
    begun: list[CheckWiring] = field(default_factory=list)


class ScriptedSite(Supervised):
    def on_question(self, question: Question) -> object:
        assert isinstance(question, GetRevision)
        return next_revision(
            None, parse_toml(DOCUMENT), author="", comment="", now=datetime(2026, 1, 1, tzinfo=UTC)
        )


class ScriptedRoot(Supervised):
    def __init__(self, context: Context, script: Script) -> None:
        super().__init__(context)
        self.script = script

    def on_message(self, message: Message) -> None:
        assert isinstance(message, CheckWiring)
        self.script.begun.append(message)

    def on_question(self, question: Question) -> object:
        assert isinstance(question, GetWiringReport)
        assert question.request == self.script.begun[-1].request
        return self.script.answers.pop(0) if self.script.answers else None


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def do(script: Script, monkeypatch: pytest.MonkeyPatch) -> Iterator[StreamedDeed]:
    monkeypatch.setattr(wiring, "ASKED_EVERY", 0.001)
    runtime = ThreadRuntime(seed=1)
    children = (
        ChildSpec("site", ScriptedSite),
        ChildSpec("zone/main", lambda context: ScriptedRoot(context, script)),
    )
    runtime.spawn("supervisor", lambda context: Supervisor(context, children))
    assert runtime.wait_until(
        lambda: runtime.directory.find("zone/main") is not None, runtime.clock.monotonic() + 5
    )
    yield wiring_deeds(runtime)["wiring"]
    runtime.close()


def test_the_course_is_told_and_then_the_result(do: StreamedDeed, script: Script) -> None:
    """EL-3: each bit of progress once; at the end the verdict and the line for the site file."""
    script.answers = [
        WiringReport(KEY, Wiring.TRI123, 0.0),
        WiringReport(KEY, Wiring.TRI123, 0.2),
        WiringReport(KEY, Wiring.TRI123, 0.2),
        WiringReport(KEY, Wiring.TRI123, 1.0, WRONG),
    ]
    told = [answer for answer in do({"station": "G1", "author": "ann"}) if answer is not None]
    assert [answer["text"] for answer in told[:-1]] == [
        "G1/1: the check of its wiring is 0 % through",
        "G1/1: the check of its wiring is 20 % through",
    ]
    assert told[-1] == {
        "text": "G1/1: wired TRI231, not TRI123 as configured; the step shows on L2",
        "verdict": "wrong",
        "correction": 'wiring = "TRI231"',
    }
    assert [(check.connector, check.requested_by) for check in script.begun] == [(KEY, "ann")]


def test_a_check_that_a_restart_ended_is_told(do: StreamedDeed, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-2: nobody waits for a root that knows nothing of it."""
    monkeypatch.setattr(wiring, "PATIENCE", 0.05)
    with pytest.raises(RuntimeError, match="zone/main was restarted"):
        list(do({"station": "G1"}))


@pytest.mark.parametrize(
    ("request_", "error", "told"),
    [
        ({}, LookupError, "station='': know G1, X1"),
        ({"station": "G9"}, LookupError, "know G1, X1"),
        ({"station": "G1", "connector": 2}, LookupError, "connector=2: G1 has 1"),
        ({"station": "X1"}, ValueError, "without a zone"),
    ],
)
def test_what_can_not_be_checked_is_refused_with_what_there_is(
    do: StreamedDeed, script: Script, request_: dict[str, object], error: type[Exception], told: str
) -> None:
    """RELIABILITY §3."""
    with pytest.raises(error, match=told):
        do(request_)
    assert script.begun == []
