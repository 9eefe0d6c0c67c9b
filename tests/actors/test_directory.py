"""Names to current actors: incarnations, sending without risk, back-pressure."""

import threading

from actors.directory import Directory, Entry
from actors.runtime import SimulatedRuntime
from tests.actors.runtimes import Note, Probe


def entry(name: str, incarnation: int) -> Entry:
    runtime = SimulatedRuntime()
    ref = runtime.spawn(name, Probe)
    found = runtime.directory.find(name)
    assert found is not None
    return Entry(name, ref, found.inbox, incarnation)


def test_incarnations_rise_and_are_never_used_twice() -> None:
    """Also when the actor was never made."""
    directory = Directory(threading.Lock())
    assert [directory.next_incarnation("a") for _ in range(3)] == [1, 2, 3]
    assert directory.next_incarnation("b") == 1


def test_the_younger_holder_keeps_the_name() -> None:
    """A zombie that wakes up can neither take the name back nor free it."""
    directory = Directory(threading.Lock())
    old, young = entry("a", 1), entry("a", 2)
    assert directory.bind(old)
    assert directory.bind(young)
    assert not directory.bind(old)
    assert not directory.unbind("a", 1)
    assert directory.find("a") is young
    assert directory.names() == ("a",)
    assert directory.unbind("a", 2)
    assert directory.find("a") is None


def test_send_to_nobody_is_false_and_counted() -> None:
    """An unknown name, and one whose inbox is closed already."""
    directory = Directory(threading.Lock())
    assert not directory.send("nobody", Note("a"))
    holder = entry("a", 1)
    directory.bind(holder)
    assert directory.send("a", Note("a"))
    holder.inbox.close()
    assert not directory.send("a", Note("b"))
    assert directory.undelivered == 2


def test_full_asks_the_inbox_behind_the_name() -> None:
    """Nobody there isn't full."""
    directory = Directory(threading.Lock())
    holder = entry("a", 1)
    directory.bind(holder)
    assert not directory.full("a")
    for _ in range(Probe.event_bound):
        directory.send("a", Note("x"))
    assert directory.full("a")
    assert not directory.full("nobody")
