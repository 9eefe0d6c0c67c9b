"""Tests of what the debug shell can have a running daemon tell and do."""

import logging
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from actors.messages import (
    AskFailed,
    GetLedger,
    GetSnapshot,
    Message,
    MeterLost,
    NewestRevision,
    Question,
    RecordEvent,
    Settle,
)
from actors.runtime import ThreadRuntime
from actors.supervised import Context, Supervised
from actors.supervisor import ChildSpec, Supervisor
from evce.facts import ConnectorStatus, Link
from evce.planning.ledger import ledger
from evce.planning.planner import Planner
from evce.planning.settings import PlanSettings
from evce.units import BoxIdentity, ConnectorKey, MeterId, TransactionId, ZoneId
from evce.views import ConnectorView, SiteSnapshot, StationView, TransactionView, ZoneView
from tests.conftest import TIMEOUT_FACTOR
from tests.evce.builders import charging, site, station, zone
from tools.log import RecentLines
from tools.shell.deeds import shell_deeds
from tools.shell.workload import Gauge

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MODEL = site([zone("main", 80), zone("sub", 40, "main")], [station("CP-1", "sub")])
KEY = ConnectorKey(BoxIdentity("CP-1"), 1)


def even(amps: float) -> tuple[float, float, float]:
    return (amps, amps, amps)


def shown() -> SiteSnapshot:
    car = TransactionView(TransactionId(7), KEY, "04AB", False, NOW, 0.0)
    connector = ConnectorView(KEY, "TRI123", 32.0, ConnectorStatus.CHARGING, 16.0, even(15.5), car)
    seen = StationView(
        KEY.station, "Gate", "parking", ZoneId("sub"), False, Link.CONNECTED, True, connectors=(connector,)
    )
    lone = ConnectorView(
        ConnectorKey(BoxIdentity("CP-2"), 1), "TRI123", 32.0, ConnectorStatus.UNKNOWN, None, None, None
    )
    other = StationView(
        BoxIdentity("CP-2"), "Yard", "parking", None, False, Link.LOST, False, connectors=(lone,)
    )
    zones = {
        ZoneId(name): ZoneView(
            ZoneId(name),
            name.title(),
            ZoneId(parent) if parent else None,
            maximum,
            False,
            None,
            even(maximum),
            even(16.0),
            even(20.0),
            bound_by="maximum",
            reasons={KEY: f"because of {name}"},
        )
        for name, parent, maximum in (("main", "", 80.0), ("sub", "main", 40.0))
    }
    return SiteSnapshot(
        1, "Yard", "UTC", NOW, zones=zones, stations={s.box_identity: s for s in (seen, other)}
    )


class World:
    """What scripted actors share with the test."""

    def __init__(self) -> None:
        self.told: list[Message] = []
        self.news = threading.Condition()

    def heard(self, count: int) -> list[Message]:
        with self.news:
            assert self.news.wait_for(lambda: len(self.told) >= count, 5.0 * TIMEOUT_FACTOR)
            return list(self.told)

    def audited(self) -> list[tuple[str, str]]:
        return [(each.author, each.message) for each in self.told if isinstance(each, RecordEvent)]


class Scripted(Supervised):
    """The view, the recorder, the root zone or a mere listener, by its name."""

    longest_pause_s = 60.0

    def __init__(self, context: Context, world: World) -> None:
        super().__init__(context)
        self.world = world
        self.password = "SECRET"
        self.facts = {KEY: charging("CP-1", 16.0)}
        self.heir.put("plan", 4)

    def on_begin(self) -> None:
        self.after(3600.0, Settle(), key="wake")

    def on_message(self, message: Message) -> None:
        if isinstance(message, RecordEvent | MeterLost):
            with self.world.news:
                self.world.told.append(message)
                self.world.news.notify_all()

    def on_question(self, question: Question) -> object:
        match question:
            case GetSnapshot():
                return shown()
            case GetLedger(zone=asked):
                planner = Planner(MODEL, ZoneId("main"), PlanSettings())
                planner.learn([charging("CP-1", 16.0)])
                return ledger(planner, asked, 100.0)
            case NewestRevision():
                return None
        return super().on_question(question)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def runtime(world: World) -> Iterator[ThreadRuntime]:
    runtime = ThreadRuntime(seed=1)
    names = ("view", "recorder", "zone/main", "zone/sub")
    specs = [ChildSpec(name, lambda context: Scripted(context, world)) for name in names]
    runtime.spawn("supervisor", lambda context: Supervisor(context, specs))
    until(runtime, lambda: line_of(runtime, "zone/sub").get("state") == "running")
    yield runtime
    runtime.close()


@pytest.fixture
def recent() -> RecentLines:
    return RecentLines()


@pytest.fixture
def do(runtime: ThreadRuntime, recent: RecentLines) -> Mapping[str, Any]:
    return shell_deeds(runtime, recent, Gauge(runtime))


def until(runtime: ThreadRuntime, condition: Any) -> None:
    assert runtime.wait_until(condition, runtime.clock.monotonic() + 5.0 * TIMEOUT_FACTOR)


def line_of(runtime: ThreadRuntime, name: str) -> dict[str, Any]:
    lines = shell_deeds(runtime, RecentLines(), Gauge(runtime))["actors"]({})
    assert isinstance(lines, dict)
    return next((line for line in lines["actors"] if line["name"] == name), {})


def test_the_tree_is_told_with_mailboxes_and_work(do: Mapping[str, Any], runtime: ThreadRuntime) -> None:
    """AC-4: state, restarts, last failure, mailbox depth and age, rate, p50 and p99."""
    runtime.ask("view", GetSnapshot(), 5.0)
    lines = {line["name"]: line for line in do["actors"]({})["actors"]}
    assert set(lines) == {"supervisor", "view", "recorder", "zone/main", "zone/sub"}
    view = lines["view"]
    assert (view["supervisor"], view["state"], view["restarts"]) == ("supervisor", "running", 0)
    assert (view["inbox"]["urgent"], view["inbox"]["oldest"], view["incarnation"]) == (0, 0.0, 1)
    assert view["per_s"] > 0
    assert 0 < view["p50_s"] <= view["p99_s"]


def test_the_top_measures_over_its_own_time_and_ends(do: Mapping[str, Any]) -> None:
    """AC-4: as many frames as wanted, busiest first; meanwhile the client is looked for."""
    answers = list(do["top"]({"seconds": 0.3, "count": 2}))
    frames = [answer for answer in answers if answer is not None]
    assert (len(frames), None in answers) == (2, True)
    assert frames[0]["window_s"] >= 0.3
    assert len(frames[0]["actors"]) == 5
    assert frames[0]["process"]["threads"] > 3


def test_an_actor_is_shown_without_what_every_actor_has_and_without_secrets(do: Mapping[str, Any]) -> None:
    """AC-4: state, timers and heir; read-only, redacted."""
    shown_ = do["inspect"]({"name": "zone/sub"})
    assert set(shown_["value"]) == {"world", "password", "facts"}
    assert shown_["value"]["password"] == "(redacted)"
    assert (shown_["kind"], shown_["timers"], shown_["heir"]) == ("Scripted", ["wake"], {"plan": 4})
    part = do["inspect"]({"name": "zone/sub", "path": "facts.CP-1/1"})
    assert (part["value"]["link"], part["heir"]) == ("connected", None)
    assert do["inspect"]({"name": "zone/sub", "path": "facts.CP-1/1.acknowledged.0.amps"})["value"] == 16.0


def test_why_a_connector_has_its_setpoint(do: Mapping[str, Any]) -> None:
    """AC-4: the sentence of the dashboard, its zones up to the root, and the pledge."""
    for name in ("CP-1/1", "CP-1"):
        answer = do["why"]({"connector": name})
        assert (answer["reason"], answer["setpoint"]) == ("because of sub", 16.0)
        assert [each["id"] for each in answer["zones"]] == ["sub", "main"]
        assert max(answer["pledge"]["pledge"]) == 16.0
    lone = do["why"]({"connector": "CP-2"})
    assert (lone["zones"], lone["pledge"], lone["link"]) == ([], None, "lost")


def test_the_pledges_of_a_zone_come_from_its_root(do: Mapping[str, Any], runtime: ThreadRuntime) -> None:
    """AC-4: DESIGN 4.5; without the root there is no ledger to show."""
    answer = do["pledges"]({"zone": "sub"})
    assert (answer["limit"], [line["connector"] for line in answer["lines"]]) == ([40.0] * 3, ["CP-1/1"])
    assert do["pledges"]({"zone": "zone/main"})["zone"] == "main"
    runtime.kill("supervisor")
    until(runtime, lambda: not runtime.living())
    with pytest.raises(AskFailed):
        do["pledges"]({"zone": "sub"})


def test_log_lines_are_those_that_were_asked_for(do: Mapping[str, Any], recent: RecentLines) -> None:
    """AC-4: the newest, of a level or worse, with a text; and the traceback."""
    logger = logging.getLogger("evce.test")
    logger.addHandler(recent)
    logger.setLevel(logging.INFO)
    try:
        for level, text in (
            (logging.INFO, "meter read"),
            (logging.WARNING, "meter lost"),
            (logging.INFO, "x"),
        ):
            logger.log(level, text)
        try:
            raise ValueError("odd")
        except ValueError:
            logger.exception("broken")
    finally:
        logger.removeHandler(recent)

    def lines(**request: Any) -> list[str]:
        return [line["message"] for line in do["log"](request)["lines"]]

    assert lines() == ["meter read", "meter lost", "x", "broken"]
    assert lines(count=1) == ["broken"]
    assert lines(level="warning") == ["meter lost", "broken"]
    assert lines(text="METER") == ["meter read", "meter lost"]
    assert "ValueError: odd" in do["log"]({"count": 1})["lines"][0]["traceback"]
    with pytest.raises(ValueError, match="use debug, info"):
        lines(level="loud")


def test_names_are_told_for_completion_also_without_a_view(
    do: Mapping[str, Any], runtime: ThreadRuntime
) -> None:
    names = do["names"]({})
    assert "zone/main" in names["actors"]
    assert (names["zones"], names["connectors"]) == (["main", "sub"], ["CP-1/1", "CP-2/1"])
    assert names["messages"]["MeterLost"] == ["meter", "since", "reason", "[raises_only]"]
    runtime.kill("supervisor")
    until(runtime, lambda: not runtime.living())
    assert (do["names"]({})["zones"], do["names"]({})["messages"]) == ([], names["messages"])


def test_a_trace_and_a_profile_are_streams(do: Mapping[str, Any]) -> None:
    """AC-4: as JSON objects, and None where there is nothing to tell."""
    assert [answer for answer in do["trace"]({"name": "view", "seconds": 0.1}) if answer] == []
    assert set(list(do["profile"]({"seconds": 0.1}))[-1]) >= {"looks", "threads"}
    assert do["stacks"]({"threads": "view"})["stacks"][0]["threads"] == ["view"]


@pytest.mark.parametrize(
    ("deed", "request_", "told"),
    [
        ("inspect", {"name": "zone/mian"}, "did you mean zone/main.*`evce actors list`"),
        ("inspect", {}, "name: missing"),
        ("inspect", {"name": "view", "path": "fact"}, "there is no 'fact'; it has "),
        ("inspect", {"name": "view", "path": "password.x"}, "there is no 'x'$"),
        ("why", {"connector": "CP1"}, "there is none; did you mean CP-1?"),
        ("pledges", {"zone": "sbu"}, "no such zone; did you mean sub.*known are main, sub"),
        ("trace", {"name": "viewer"}, "did you mean view"),
        ("top", {"seconds": 0.01}, "from 0.1 to 60"),
        ("kill", {"name": "nobody", "author": "ann"}, "`evce actors list` shows them"),
        ("kill", {"name": "view", "how": "slowly"}, "use exception, exit or hang"),
        ("pause", {"name": "nobody"}, "no living actor"),
        ("pause", {"name": "recorder", "seconds": 7200}, "recorder may be paused for up to 60 s"),
        ("resume", {"name": "view"}, "isn't paused; nothing was done"),
        ("restart", {"name": "supervisor"}, "restart the daemon"),
        ("send", {"name": "view", "type": "MeterLost"}, "meter: field required"),
        ("send", {"name": "nobody", "type": "Settle"}, "no living actor"),
        ("send", {"name": "view", "type": "Settle", "fields": [1]}, "fields: a mapping"),
    ],
)
def test_what_can_not_be_is_refused_and_not_audited(
    do: Mapping[str, Any], world: World, deed: str, request_: dict[str, Any], told: str
) -> None:
    """RELIABILITY §3: what was wrong, and what would be right."""
    with pytest.raises((LookupError, ValueError), match=told):
        list(do[deed](request_))
    assert world.audited() == []


@pytest.mark.parametrize("how", ["exception", "exit"])
def test_a_killed_actor_comes_back_and_the_log_says_who_did_it(
    do: Mapping[str, Any], runtime: ThreadRuntime, world: World, how: str
) -> None:
    """AC-2, AC-4."""
    done = do["kill"]({"name": "zone/sub", "how": how, "author": "ann"})
    assert (done["audited"], world.audited()) == (True, [("ann", f"zone/sub was killed for a drill ({how})")])
    until(runtime, lambda: line_of(runtime, "zone/sub").get("restarts") == 1)
    until(runtime, lambda: line_of(runtime, "zone/sub")["state"] == "running")
    assert line_of(runtime, "zone/sub")["last_failure"] != ""


def test_even_the_recorders_own_death_is_audited(do: Mapping[str, Any], world: World) -> None:
    """RELIABILITY invariant 20: the line is on disk before it happens."""
    assert do["kill"]({"name": "recorder", "author": "ann"})["audited"]
    assert world.audited() == [("ann", "recorder was killed for a drill (exception)")]


def test_a_paused_actor_waits_and_is_shown_so_until_it_is_resumed(
    do: Mapping[str, Any], runtime: ThreadRuntime, world: World
) -> None:
    """AC-4: pause and resume."""
    do["pause"]({"name": "zone/sub", "seconds": 60, "author": "ann"})
    until(runtime, lambda: line_of(runtime, "zone/sub")["state"] == "paused")
    do["send"](
        {
            "name": "zone/sub",
            "type": "MeterLost",
            "fields": {"meter": "m", "since": "null", "reason": "drill"},
            "author": "bob",
        }
    )
    assert line_of(runtime, "zone/sub")["inbox"]["urgent"] == 1
    do["resume"]({"name": "zone/sub", "author": "ann"})
    heard = world.heard(4)
    assert MeterLost(MeterId("m"), None, "drill") in heard
    who, what = zip(*world.audited(), strict=True)
    assert who == ("ann", "bob", "ann")
    assert (what[0], "MeterLost was sent to zone/sub by hand" in what[1]) == (
        "zone/sub was paused for 60 s",
        True,
    )
    until(runtime, lambda: line_of(runtime, "zone/sub")["state"] == "running")


def test_a_restart_by_hand_is_no_failure(do: Mapping[str, Any], runtime: ThreadRuntime) -> None:
    """AC-4: in good order, by its supervisor."""
    before = line_of(runtime, "zone/sub")["incarnation"]
    do["restart"]({"name": "zone/sub", "author": "ann"})
    until(runtime, lambda: line_of(runtime, "zone/sub").get("incarnation", 0) > before)
    assert line_of(runtime, "zone/sub")["restarts"] == 0
