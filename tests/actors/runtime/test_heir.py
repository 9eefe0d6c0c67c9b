"""What outlives an actor."""

import threading

from actors.runtime.heir import Heirs


def test_an_heir_keeps_values_per_name() -> None:
    """Until they are replaced or forgotten."""
    heirs = Heirs(threading.Lock())
    heirs.of("zone/a").put("plan", 7)
    heirs.of("zone/b").put("plan", 1)
    heirs.of("zone/a").put("plan", 8)
    heirs.of("zone/a").put("pledges", (1.0, 2.0))
    assert heirs.of("zone/a").get("plan") == 8
    assert heirs.of("zone/a").keys() == ("plan", "pledges")
    assert heirs.of("zone/b").get("pledges") is None
    assert heirs.of("zone/b").get("pledges", ()) == ()
    heirs.of("zone/a").forget("plan")
    heirs.of("zone/a").forget("never there")
    assert heirs.of("zone/a").keys() == ("pledges",)
    heirs.drop("zone/a")
    assert heirs.of("zone/a").keys() == ()
