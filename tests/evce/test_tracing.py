"""Tests of what is caught for a reader: bounded in number, size and rate, and filtered by name."""

import pytest

from evce import tracing
from evce.tracing import FORSAKEN_AFTER, Catch, matches


def test_what_was_caught_is_taken_once_and_in_its_order() -> None:
    """AC-4: live."""
    catch: Catch[str] = Catch(0.0)
    for word in "abc":
        catch.offer(0.0, word)
    assert catch.take(0.0) == [("a", 0), ("b", 0), ("c", 0)]
    assert catch.take(0.0) == []


def test_a_slow_reader_loses_some_and_is_told_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-4: it is shed instead of growing."""
    monkeypatch.setattr(tracing, "WAITING", 2)
    catch: Catch[int] = Catch(0.0)
    for number in range(5):
        catch.offer(0.0, number)
    assert catch.take(0.0) == [(0, 0), (1, 0)]
    catch.offer(0.0, 5)
    assert catch.take(0.0) == [(5, 3)]


def test_more_than_can_be_read_in_a_second_is_shed(monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-4: also while the reader keeps up."""
    monkeypatch.setattr(tracing, "MOST_PER_S", 3)
    catch: Catch[int] = Catch(0.0)
    for number in range(5):
        catch.offer(number / 10, number)
    assert [number for number, _ in catch.take(0.5)] == [0, 1, 2]
    catch.offer(1.0, 7)
    assert catch.take(1.0) == [(7, 2)]


def test_large_things_count_by_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-4: one of any size is seen; many don't fill the memory."""
    monkeypatch.setattr(tracing, "WAITING_SIZE", 100)
    catch: Catch[str] = Catch(0.0)
    catch.offer(0.0, "huge", 500)
    catch.offer(0.0, "more", 1)
    assert catch.take(0.0) == [("huge", 0)]
    for word in "abc":
        catch.offer(0.0, word, 50)
    assert catch.take(0.0) == [("a", 1), ("b", 0)]


def test_who_does_not_come_any_more_is_gone() -> None:
    """AC-4: it stops by itself."""
    catch: Catch[str] = Catch(10.0)
    assert not catch.forsaken(10.0 + FORSAKEN_AFTER)
    assert catch.forsaken(10.1 + FORSAKEN_AFTER)
    catch.take(30.0)
    assert not catch.forsaken(31.0)
    assert not Catch[str](0.0, patience=100.0).forsaken(99.0)


@pytest.mark.parametrize(
    ("word", "pattern", "fits"),
    [
        ("zone/main", "", True),
        ("zone/main", "zone/*", True),
        ("zone/main", "ZONE/MAIN", True),
        ("zone/main", "zone", False),
        ("MeterRead", "*ter[AR]ead", True),
        ("view", "v?ew", True),
    ],
)
def test_a_name_fits_a_pattern(word: str, pattern: str, fits: bool) -> None:
    """AC-4: as file names do, whatever the case."""
    assert matches(word, pattern) is fits
