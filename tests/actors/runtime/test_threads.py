"""What only real threads can show."""

import threading
import time
from collections.abc import Iterator

import pytest

from actors.messages.base import Message, Question
from actors.messages.supervision import NoAnswer
from actors.runtime import ThreadRuntime
from actors.runtime.threads import ThreadTimers
from actors.supervised import Supervised
from tests.actors.runtimes import Note, Notes, Probe, wait
from tests.conftest import TIMEOUT_FACTOR


@pytest.fixture
def runtime() -> Iterator[ThreadRuntime]:
    runtime = ThreadRuntime()
    yield runtime
    runtime.close(timeout=2.0)


def test_every_hook_runs_on_the_actors_own_daemon_thread(runtime: ThreadRuntime) -> None:
    """Named after it, so that a stack dump can be read."""
    seen: list[threading.Thread] = []

    class Where(Supervised):
        def on_begin(self) -> None:
            seen.append(threading.current_thread())

        def on_message(self, message: Message) -> None:
            seen.append(threading.current_thread())

        def on_end(self) -> None:
            seen.append(threading.current_thread())

    runtime.spawn("where", Where)
    runtime.tell("where", Note("a"))
    wait(runtime, lambda: len(seen) == 2)
    assert runtime.close(timeout=2.0)
    assert len(seen) == 3
    assert {thread.name for thread in seen} == {"where"}
    assert all(thread.daemon for thread in seen)
    seen[0].join(timeout=5)
    assert not seen[0].is_alive()


def test_a_question_whose_asker_went_away_is_not_worked_on(runtime: ThreadRuntime) -> None:
    """A page that is reloaded all the time doesn't pile up work."""
    go = threading.Event()
    answered: list[Question] = []

    class Slow(Supervised):
        def on_message(self, message: Message) -> None:
            go.wait(timeout=5)

        def on_question(self, question: Question) -> object:
            answered.append(question)
            return len(answered)

    runtime.spawn("slow", Slow, hang_budget_s=60.0)
    runtime.tell("slow", Note("work"))
    with pytest.raises(NoAnswer):
        runtime.ask("slow", Notes(), timeout=0.05)
    go.set()
    assert runtime.ask("slow", Notes(), timeout=5.0) == 1


def test_two_runtimes_draw_differently_unless_seeded(runtime: ThreadRuntime) -> None:
    """Jitter must not be the same on every start of the daemon."""
    other = ThreadRuntime()
    owner = ("probe", 1)
    assert runtime.random_for(owner).random() != other.random_for(owner).random()
    other.close()


def test_timers_ring_in_order_and_survive_one_that_fails() -> None:
    """An earlier timer wakes the thread that waits for a later one."""
    timers = ThreadTimers(ThreadRuntime().clock.monotonic)
    rung: list[str] = []
    done = threading.Event()

    def fails() -> None:
        rung.append("fails")
        raise RuntimeError("bad timer")

    def last() -> None:
        rung.append("last")
        done.set()

    owner = ("a", 1)
    timers.after(0.1, owner, "last", last)
    timers.after(0.02, owner, "fails", fails)
    timers.after(0.03, owner, "cancelled", lambda: rung.append("cancelled"))
    timers.after(0.03, ("b", 1), "others", lambda: rung.append("others"))
    timers.cancel(owner, "cancelled")
    timers.cancel_all(("b", 1))
    assert done.wait(timeout=5)
    assert rung == ["fails", "last"]
    timers.close()


def test_many_messages_pass_quickly(runtime: ThreadRuntime) -> None:
    """The mailbox is no brake: 10,000 messages from 4 threads well within their time."""
    notes: list[str] = []
    runtime.spawn("probe", lambda context: Probe(context, notes))

    def tell() -> None:
        for number in range(2500):
            runtime.tell("probe", Note(str(number)))

    threads = [threading.Thread(target=tell, daemon=True) for _ in range(4)]
    began = runtime.clock.monotonic()
    for thread in threads:
        thread.start()
    wait(runtime, lambda: sum(note.isdigit() for note in tuple(notes)) == 10_000, seconds=10)
    assert runtime.clock.monotonic() - began < 10


@pytest.mark.parametrize("how", ["sleeps", "computes", "waits for a lock"])
def test_a_handler_that_hangs_is_found_while_another_one_works(runtime: ThreadRuntime, how: str) -> None:
    """RELIABILITY invariant 17: within 3 s; whoever merely handles much is left alone."""
    over = threading.Event()
    held = threading.Lock()
    held.acquire()

    class Hangs(Supervised):
        def on_message(self, message: Message) -> None:
            match how:
                case "sleeps":
                    over.wait(timeout=30)
                case "computes":
                    while not over.is_set():
                        pass
                case _:
                    held.acquire(timeout=30)

    notes: list[str] = []
    runtime.spawn("hangs", Hangs, hang_budget_s=0.5)
    runtime.spawn("works", lambda context: Probe(context, notes), hang_budget_s=0.5)
    runtime.tell("hangs", Note("go"))
    began = runtime.clock.monotonic()
    while not runtime.failures and runtime.clock.monotonic() - began < 30:
        runtime.tell("works", Note("more"))
        runtime.wait_until(lambda: bool(runtime.failures), runtime.clock.monotonic() + 0.02)
    took = runtime.clock.monotonic() - began
    over.set()
    held.release()
    assert [died.name for died in runtime.failures] == ["hangs"]
    assert took < 3.0 * TIMEOUT_FACTOR


def test_handlers_that_share_one_interpreter_are_not_taken_for_hung(runtime: ThreadRuntime) -> None:
    """Twelve want a quarter of a second each at once: on the wall every one of them takes over two."""
    done: list[float] = []

    class Computes(Supervised):
        def on_message(self, message: Message) -> None:
            began = time.monotonic()
            computed = time.thread_time()
            while time.thread_time() - computed < 0.25:
                pass
            done.append(time.monotonic() - began)

    names = [f"computes/{number}" for number in range(12)]
    for name in names:
        runtime.spawn(name, Computes, hang_budget_s=1.0)
    for name in names:
        runtime.tell(name, Note("go"))
    wait(runtime, lambda: len(done) == len(names), seconds=30)
    assert max(done) > 1.5
    assert list(runtime.failures) == []
