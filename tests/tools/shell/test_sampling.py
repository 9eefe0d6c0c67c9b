"""Tests of looks at the threads of this process."""

import threading
from collections.abc import Iterator

import pytest

from tools.shell.answers import Profile
from tools.shell.sampling import LONGEST_S, profile, stacks


@pytest.fixture
def working() -> Iterator[None]:
    """A thread that only computes, and two that wait for it to be over."""
    over = threading.Event()

    def toil() -> None:
        while not over.is_set():
            sum(range(500))

    threads = [threading.Thread(target=toil, name="zone/busy")]
    threads += [threading.Thread(target=over.wait, name=f"station/{n}") for n in (1, 2)]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join()


@pytest.mark.usefixtures("working")
def test_threads_at_the_same_place_stand_together_and_busy_ones_first() -> None:
    """AC-4: three hundred idle stations are one line."""
    found = [stack for stack in stacks().stacks if not {"zone/busy", "station/1"}.isdisjoint(stack.threads)]
    assert [(stack.threads, stack.idle) for stack in found] == [
        (("zone/busy",), False),
        (("station/1", "station/2"), True),
    ]
    assert any("toil" in frame and "test_sampling.py" in frame for frame in found[0].frames)
    assert [stack.threads for stack in stacks("zone/*").stacks] == [("zone/busy",)]
    assert stacks("nobody").stacks == ()


@pytest.mark.usefixtures("working")
def test_a_profile_shows_who_works_and_where() -> None:
    """AC-4: those that wait don't count; it looks often enough, and lets its client be looked for."""
    answers = list(profile(0.5))
    result = answers[-1]
    assert isinstance(result, Profile)
    assert set(answers[:-1]) <= {None}
    assert result.looks >= 5
    shares = {line.what: line.share for line in result.threads}
    assert shares["zone/busy"] > 0.9
    assert not {"station/1", "station/2"} & set(shares)
    assert any("toil" in line.what for line in result.inclusive)
    assert result.functions[0].share > 0.5


@pytest.mark.usefixtures("working")
def test_a_profile_of_idle_threads_is_empty() -> None:
    result = list(profile(0.1, "station/*"))[-1]
    assert result is not None
    assert (result.threads, result.functions) == ((), ())


@pytest.mark.parametrize("seconds", [0.0, -1.0, LONGEST_S + 1])
def test_a_profile_is_bounded(seconds: float) -> None:
    """AC-4: it costs something while it runs."""
    with pytest.raises(ValueError, match="up to 60 s"):
        next(profile(seconds))
