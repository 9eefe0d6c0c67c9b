"""Tests of what the command line is told, and tells, about charging sessions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actors.messages import (
    FindSession,
    GetRevision,
    ListSessions,
    Message,
    Question,
    RecordEvent,
    RecordStatement,
    SessionRecord,
)
from actors.runtime import ThreadRuntime
from actors.supervised import Context, Supervised
from actors.supervisor import ChildSpec, Supervisor
from evce.configuration.revisions import next_revision
from evce.configuration.toml_source import parse_toml
from evce.departures import UNSTATED, Statement
from evce.units import BoxIdentity, ConnectorKey, TransactionId
from tools.control.server import Deed
from tools.control.sessions import session_deeds

NOW = datetime.now(UTC)
PARIS = ZoneInfo("Europe/Paris")
DOCUMENT = parse_toml('[site]\nname = "Harbour"\ntime_zone = "Europe/Paris"\n')
REVISION = next_revision(None, DOCUMENT, author="test", comment="", now=NOW)
RUNNING = SessionRecord(
    TransactionId(7), ConnectorKey(BoxIdentity("CP-01"), 1), "Garage 1", "04A1", False, NOW, 0.0
)


class Scripted(Supervised):
    """Site and recorder in one: keeps what is stated, unless its session is over or it is `deaf`."""

    def __init__(self, context: Context, kept: dict[str, Any]) -> None:
        super().__init__(context)
        self.kept = kept

    def on_message(self, message: Message) -> None:
        match message:
            case RecordStatement(reply_to, transaction, statement) if not self.kept["deaf"]:
                self.kept["told"] = reply_to
                if transaction == self.kept["session"].transaction:
                    self.kept["session"] = replace(self.kept["session"], statement=statement)
            case RecordEvent(type="audit"):
                self.kept["audit"].append((message.author, message.message))

    def on_question(self, question: Question) -> object:
        match question:
            case GetRevision():
                return REVISION
            case ListSessions(running_only=True):
                return [self.kept["session"]]
            case FindSession():
                return self.kept["session"]
        return super().on_question(question)


@pytest.fixture
def kept() -> dict[str, Any]:
    return {"session": RUNNING, "told": "", "audit": [], "deaf": False}


@pytest.fixture
def do(kept: dict[str, Any]) -> Iterator[dict[str, Deed]]:
    runtime = ThreadRuntime(seed=1)
    children = [ChildSpec(name, lambda context: Scripted(context, kept)) for name in ("recorder", "site")]
    runtime.spawn("supervisor", lambda context: Supervisor(context, children))
    assert runtime.wait_until(
        lambda: runtime.directory.find("site") is not None, runtime.clock.monotonic() + 5
    )
    yield session_deeds(runtime)
    runtime.close()


def test_running_sessions_are_told_with_what_was_stated(do: dict[str, Deed], kept: dict[str, Any]) -> None:
    """LM-4."""
    kept["session"] = replace(RUNNING, energy=1_234.5, statement=Statement(NOW, 20_000.0))
    (told,) = do["sessions"]({})["sessions"]
    assert told == {
        "transaction": 7,
        "connector": "CP-01/1",
        "id_tag": "04A1",
        "vip": False,
        "started_at": NOW.isoformat(),
        "energy_kwh": 1.234,
        "departure": NOW.isoformat(),
        "energy_stated_kwh": 20.0,
    }


def test_a_plan_is_kept_with_the_session_and_the_station_learns_of_it(
    do: dict[str, Deed], kept: dict[str, Any]
) -> None:
    """LM-4: a time of day by the site's clock; what isn't stated anew stays; all of it can be taken back."""
    at = (NOW.astimezone(PARIS) + timedelta(hours=3)).replace(second=0, microsecond=0)
    request = {"connector": "CP-01/1", "departure": f"{at:%H:%M}", "author": "ann"}
    told = do["plan_session"](request)["session"]
    assert told["departure"] == at.astimezone(UTC).isoformat()
    assert kept["told"] == "station/CP-01"
    do["plan_session"]({"connector": "CP-01/1", "energy_kwh": 20})
    assert kept["session"].statement == Statement(at.astimezone(UTC), 20_000.0)
    do["plan_session"]({"connector": "CP-01/1", "forget": True})
    assert kept["session"].statement == UNSTATED
    assert kept["audit"][0][0] == "ann"
    assert [what.partition(": ")[2].partition(" at ")[0] for _, what in kept["audit"]][:2] == [
        "leaves",
        "leaves",
    ]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"connector": "CP-09/1", "energy_kwh": 5}, "no session runs there"),
        ({"connector": "CP-01/1"}, "must be given"),
        ({"connector": "CP-01/1", "departure": "soon"}, "a time such as 17:30"),
        ({"connector": "CP-01/1", "departure": "2020-01-01T10:00"}, "later than now"),
        ({"connector": "CP-01/1", "energy_kwh": -1}, "more than 0"),
        ({"connector": "CP-01/1", "energy_kwh": "much"}, "a number of kWh"),
        ({"connector": "CP-01/1", "energy_kwh": True}, "a number of kWh"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused(
    do: dict[str, Deed], kept: dict[str, Any], request_: dict[str, Any], words: str
) -> None:
    """LM-4: nothing of it is kept."""
    with pytest.raises((ValueError, LookupError), match=words):
        do["plan_session"](request_)
    assert kept["session"].statement == UNSTATED


def test_what_does_not_reach_the_disk_is_no_success(
    do: dict[str, Deed], kept: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """LM-4: the disk refuses, or the session ends meanwhile."""
    monkeypatch.setattr("web.plans.PATIENCE", 0.2)
    kept["deaf"] = True
    with pytest.raises(TimeoutError, match="not on disk"):
        do["plan_session"]({"connector": "CP-01/1", "energy_kwh": 5})
    kept["session"] = replace(RUNNING, stopped_at=NOW)
    with pytest.raises(LookupError, match="just ended"):
        do["plan_session"]({"connector": "CP-01/1", "energy_kwh": 5})
