"""Tests of the answers as text."""

import pytest

from actors.inbox import InboxStats
from evce.planning.ledger import LedgerLine
from tools.shell.answers import (
    ActorLine,
    Done,
    Inspection,
    Ledger,
    Log,
    LogLine,
    Names,
    Process,
    Profile,
    ProfileLine,
    Stacks,
    ThreadStack,
    Top,
    Traced,
    Tree,
    Why,
    ZoneOnPath,
)
from tools.shell.rendering import TOP_LINES, duration, table, text

BUSY = ActorLine(
    "zone/main",
    "supervisor/zones",
    "running",
    2,
    "ValueError: odd",
    inbox=InboxStats(1, 2, 3, 0.5, 41, 4, 5, 6),
    busy_s=1.5,
    per_s=12.34,
    p50_s=0.000_012,
    p99_s=0.034,
    share=0.071,
)
LINE = LedgerLine(
    connector="CP-1/1",
    zone="garage",
    pledge=(20.0, 20.0, 20.0),
    rating=32.0,
    link="connected",
    verified=True,
    charging=True,
    setpoint=6.0,
    settling=(20.0,),
    unanswered=(8.0,),
    measured=(7.04, 7.0, 7.0),
    fallback=6.6,
    lease=100.0,
)
LOST = LedgerLine("CP-2/1", "garage", (6.6,) * 3, 32.0, "lost", False, False, 0.0, (), (), None, 6.6, 61.0)
EVEN = (40.0, 40.0, 40.0)
ZONE = ZoneOnPath("garage", "Garage", EVEN, "maximum", EVEN, EVEN, (0.0, 0.0, 0.0), None)


def actor(name: str, supervisor: str) -> ActorLine:
    return ActorLine(name, supervisor, "running", 0, "")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0 µs"),
        (0.000_012_4, "12 µs"),
        (0.000_999_4, "999 µs"),
        (0.001, "1.0 ms"),
        (0.034, "34 ms"),
        (0.9994, "999 ms"),
        (1.0, "1.0 s"),
        (59.6, "60 s"),
        (180.0, "3 min"),
        (86_400.0, "24 h"),
    ],
)
def test_a_duration_has_two_or_three_digits(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_columns_are_aligned() -> None:
    """AC-4: numbers to the right, and no blanks at the end of a line."""
    assert table(("actor", "msg/s", "state"), [("a", "1.0", ""), ("long/name", "100.0", "x")]) == (
        "ACTOR      MSG/S  STATE\n"
        "a            1.0\n"
        "long/name  100.0  x"
    )  # fmt: skip


def test_the_tree_is_drawn_with_its_branches() -> None:
    """AC-4: children below their supervisor; who has none that is known stands at the left."""
    lines = (actor("a", ""), actor("b", "a"), actor("c", "b"), actor("d", "a"), actor("e", "gone"))
    drawn = text(Tree(20.0, lines)).splitlines()
    assert [line.split("  ")[0] for line in drawn[1:-1]] == ["a", "├ b", "│ └ c", "└ d", "e"]
    assert drawn[-1] == "rates of the last 20 s"


def test_a_line_of_the_tree_has_mailbox_work_and_failure() -> None:
    """AC-4: state, depth and age, messages a second, p50, p99, restarts, last failure."""
    line = text(Tree(20.0, (BUSY,))).splitlines()[1]
    assert " ".join(line.split()) == "zone/main running 6 500 ms 12.3 12 µs 34 ms 2 ValueError: odd"
    dead = text(Tree(20.0, (ActorLine("a", "", "backing off", 1, "x"),))).splitlines()[1]
    assert " ".join(dead.split()) == "a backing off - - 0.0 - - 1 x"


def test_the_top_is_one_screen() -> None:
    """AC-4: the process, a summary, the busiest; how many more there are."""
    process = Process("1.0", 7, 7300.0, 0.25, 180_000_000, 30, 40, 2, 1)
    many = (BUSY, ActorLine("dead", "", "given up", 9, ""), *(actor(f"a{n}", "") for n in range(TOP_LINES)))
    lines = text(Top(process, 1.0, many)).splitlines()
    assert lines[0] == (
        "evce 1.0  pid 7  up 2 h  cpu 25%  memory 180 MB  threads 30  files 40  undelivered 2  hung 1"
    )
    assert lines[1] == f"{TOP_LINES + 2} actors, 12.3 msg/s in the last 1.0 s, 1 not running"
    assert " ".join(lines[3].split()) == "zone/main running 7.1% 12.3 12 µs 34 ms 6 500 ms 1.5 s 2"
    assert (len(lines), lines[-1]) == (TOP_LINES + 4, "… 2 more")


def test_an_actors_state_is_an_outline() -> None:
    """AC-4: short things on a line, long ones below their name."""
    value = {"short": {"a": 1}, "long": {f"name{n}": "x" * 20 for n in range(5)}, "none": None, "list": []}
    shown = text(Inspection(BUSY, "RootZoneActor", 2.0, ("look",), "", value, {"plan": 4}))
    assert "running since its start, incarnation 0, 2 restarts" in shown
    assert "waiting    1 urgent, 2 events, 3 samples, the oldest for 500 ms" in shown
    assert "now busy for 1.5 s, hung after 2 s" in shown
    assert "failed     ValueError: odd" in shown
    assert "timers     look" in shown
    assert "  short: {a: 1}\n  long:\n    name0: xxxxx" in shown
    assert "kept for its successor:\n  plan: 4" in shown
    part = text(Inspection(actor("a", ""), "Probe", 2.0, (), "planner.facts", [1, [2]]))
    assert part.endswith("planner.facts:\n  - 1\n  - [2]")


def test_why_tells_the_sentence_first_and_the_amounts_below() -> None:
    """AC-4: what the dashboard says, then zone by zone."""
    why = Why(
        "CP-1/1",
        "Gate",
        "Gets 6 A: because.",
        "Charging",
        "connected",
        True,
        "TRI123",
        32.0,
        6.0,
        (5.5, 0.0, 0.0),
        "7 since 10:00:00 UTC",
        (ZONE,),
        LINE,
    )
    lines = text(why).splitlines()
    assert lines[0] == "CP-1/1 (Gate): Gets 6 A: because."
    assert lines[1] == "  setpoint   6 A, measured 5.5 0.0 0.0 A"
    assert "20.0 20.0 20.0 A: setpoint 6, 20 still settling, 8 not answered, draws 7.0" in lines[5]
    limit_to_pledged = "40.0 40.0 40.0 A maximum 40.0 40.0 40.0 A 40.0 40.0 40.0 A"
    assert " ".join(lines[7].split()) == f"garage {limit_to_pledged} 0.0 0.0 0.0 A nothing"
    bare = Why("CP-2/1", "Yard", "", "Unknown", "never_seen", False, "L1", 16.0, None, None, "", (), None)
    assert "no zone has planned for it yet" in text(bare)
    assert "never seen, not verified" in text(bare)


def test_the_ledger_adds_up_and_says_because_of_what() -> None:
    """AC-4, DESIGN 4.5: pledged of the limit, what is left, and each line."""
    shown = text(Ledger("garage", "Garage", EVEN, "meter", (26.6,) * 3, (LINE, LOST))).splitlines()
    assert shown[0] == (
        "garage (Garage): 26.6 26.6 26.6 A of 40.0 40.0 40.0 A pledged (meter), 13.4 13.4 13.4 A left"
    )
    assert shown[3].endswith("lost, not verified, lease ends in 61 s, falls back to 6.6")
    assert text(Ledger("x", "X", EVEN, "maximum", EVEN, ())).endswith("no connector")


def test_small_answers_are_single_lines() -> None:
    """AC-4: traces, log lines and what was done."""
    traced = Traced("2026-01-01T10:11:12.345+00:00", "view", "Note", {"text": "a"}, missed=3)
    assert text(traced) == "… 3 more than can be shown\n10:11:12.345  view  Note {text: a}"
    assert text(Traced("2026-01-01T10:11:12.345+00:00", "view", "Settle", {})) == "10:11:12.345  view  Settle"
    sent = Traced("2026-01-01T10:11:12.345+00:00", "view", "Settle", {}, sender="zone/a")
    assert text(sent) == "10:11:12.345  zone/a → view  Settle"
    log = Log((LogLine("2026-01-01T10:11:12.345+00:00", "error", "l", "view", "broke", "Traceback\n  x"),))
    assert text(log) == "2026-01-01T10:11:12Z ERROR    view: broke\n    Traceback\n      x"
    assert text(Log(())) == "no line"
    assert text(Done("done")) == "done"
    assert "in the log" in text(Done("done", audited=False))
    assert text(Names(("a",), (), ("c/1",))) == "a\nc/1"


def test_stacks_of_those_that_wait_are_one_line() -> None:
    """AC-4: a busy thread's whole; three hundred idle ones by who called the wait."""
    names = tuple(f"station/{n}" for n in range(9))
    idle = ThreadStack(names, ("get actors/inbox.py:9", "wait python3.11/threading.py:1"), idle=True)
    shown = text(
        Stacks((ThreadStack(("zone/main",), ("a x.py:1", "b x.py:2"), idle=False), idle))
    ).splitlines()
    assert shown[:3] == ["zone/main", "  a x.py:1", "  b x.py:2"]
    assert shown[3].endswith("station/5 and 3 more (waiting)")
    assert shown[4:] == ["  get actors/inbox.py:9"]
    assert text(Stacks(())) == "no thread of that name"


def test_a_profile_is_three_tables_or_a_sentence() -> None:
    """AC-4: by thread, by innermost function, by all functions."""
    part = (ProfileLine("decide evce/planning/planner.py", 0.254),)
    shown = text(Profile(5.0, 480, part, part, part))
    assert shown.startswith("480 looks in 5.0 s")
    assert shown.count("25.4%  decide evce/planning/planner.py") == 3
    assert text(Profile(5.0, 480, (), (), ())) == "480 looks in 5.0 s: every thread waited at each of them"


def test_an_answer_that_nobody_can_draw_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="int"):
        text(3)
