"""Random allocation problems, and what must be true of any answer to them."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from random import Random

from hypothesis import strategies as st

from evce.allocation import Allocation, Claim, Priority, Problem, ReasonKind, ZoneLimit
from evce.units import NO_AMPS, ConnectorKey, PhaseAmps, ZoneId
from tests.evce.builders import key

__all__ = [
    "assert_feasible",
    "assert_nothing_idle",
    "claim",
    "constraints",
    "flat",
    "only",
    "problems",
    "spare",
    "tenths",
]

MASKS = (
    *((True, True, True),) * 4,
    (True, False, False),
    (False, True, False),
    (False, False, True),
    (True, True, False),
)
DEPTH = 4
NOW = 10_000.0
Row = tuple[ZoneId, int]


def claim(
    name: str,
    zone: str = "z",
    floor: float = 6.0,
    cap: float = 32.0,
    mask: tuple[bool, bool, bool] = (True, True, True),
    **more: object,
) -> Claim:
    """Make a claim of a car that charges already and had its first turn long ago."""
    settled: dict[str, object] = {"plugged_at": 0.0, "granted_at": 0.0, "held": floor}
    return Claim(key(name), ZoneId(zone), mask, floor, cap, **(settled | more))  # type: ignore[arg-type]


def flat(amps: float, *claims: Claim, now: float = NOW, **more: object) -> Problem:
    """Make the problem of one zone "z" with so many amperes on every phase."""
    zone = ZoneLimit(ZoneId("z"), None, (amps, amps, amps), bound_by="maximum", name="Garage")
    return Problem(zones=(zone,), claims=claims, now=now, **more)  # type: ignore[arg-type]


def tenths(amps: float) -> int:
    """Return amperes as whole tenths; fails where they are none."""
    exact = round(amps * 10)
    assert amps == exact / 10
    return exact


@st.composite
def problems(draw: st.DrawFn, *, claims: int = 60, fewest: int = 0, calm: bool = False) -> Problem:
    """Draw a tree of up to four levels; `calm` problems have no reservations and no pauses.

    Sizes and tightness are drawn, so that a failure shrinks; the details follow from a drawn seed.
    """
    size = draw(st.integers(fewest, claims))
    zones = draw(st.integers(1, 10))
    supply = draw(st.sampled_from((0.05, 0.2, 0.5, 1.0)))
    rng = Random(draw(st.integers(0, 2**32)))
    depths, made = [1], [_zone(rng, 0, None, size, supply)]
    for number in range(1, zones):
        parent = rng.choice([n for n, depth in enumerate(depths) if depth < DEPTH])
        depths.append(depths[parent] + 1)
        made.append(_zone(rng, number, parent, size * 2 // zones, supply))
    aside: dict[ZoneId, PhaseAmps] = {}
    for zone in made:
        if rng.random() < 0.2:
            aside[zone.zone] = (rng.randint(0, 300) / 10, rng.randint(0, 300) / 10, 0.0)
    return Problem(
        zones=tuple(made),
        claims=tuple(_claim(rng, number, zones, calm=calm) for number in range(size)),
        set_asides=aside,
        priority=rng.choice(list(Priority)),
        now=NOW,
        review=rng.random() < 0.5,
    )


def _zone(rng: Random, number: int, parent: int | None, cars: int, supply: float) -> ZoneLimit:
    top = max(1, int(320 * (cars + 2) * supply))
    return ZoneLimit(
        zone=ZoneId(f"z{number}"),
        parent=None if parent is None else ZoneId(f"z{parent}"),
        limit=(rng.randint(-20, top) / 10, rng.randint(0, top) / 10, rng.randint(top // 2, top) / 10),
        bound_by="maximum",
    )


def _claim(rng: Random, number: int, zones: int, *, calm: bool) -> Claim:
    held = rng.choice((0.0, 6.0, 16.0))
    granted_at = rng.choice((None, NOW - 2000.0, NOW - 100.0))
    return Claim(
        key=key(f"S{number // 2:02}", number % 2 + 1),
        zone=ZoneId(f"z{rng.randrange(zones)}"),
        mask=rng.choice(MASKS),
        floor=rng.choice((0.0, 6.0, 6.0, 6.0, 8.0, 10.0, 14.0)),
        cap=rng.choice((32.0, 32.0, 16.0, rng.randint(0, 630) / 10)),
        wants=rng.random() < 0.9,
        vip=rng.random() < 0.15,
        energy=float(rng.randint(0, 5)),
        charging_since=rng.choice((None, 100.0, 200.0)),
        plugged_at=rng.choice((None, NOW - 5000.0, NOW - 10.0)),
        held=held if granted_at is not None else 0.0,
        granted_at=granted_at,
        paused_at=rng.choice((None, NOW - 3000.0)) if calm else rng.choice((None, NOW - 10.0, NOW - 90.0)),
        passed_over=0 if calm else rng.choice((0, 0, 2, 5)),
        urgency=rng.random(),
        whole_amps=rng.random() < 0.1,
    )


def _paths(problem: Problem) -> dict[ZoneId, list[ZoneId]]:
    parents = {zone.zone: zone.parent for zone in problem.zones}
    paths = {}
    for name in parents:
        path, above = [name], parents[name]
        while above is not None:
            path.append(above)
            above = parents[above]
        paths[name] = path
    return paths


def constraints(problem: Problem) -> dict[Row, tuple[int, set[ConnectorKey]]]:
    """Return per zone and phase what is left after the set-asides, in whole tenths, and who loads it."""
    paths = _paths(problem)
    rows: dict[Row, tuple[int, set[ConnectorKey]]] = {}
    for zone in problem.zones:
        for phase in range(3):
            aside = sum(
                (
                    Fraction(str(problem.set_asides.get(below, NO_AMPS)[phase]))
                    for below, path in paths.items()
                    if zone.zone in path
                ),
                Fraction(0),
            )
            left = max(Fraction(str(zone.limit[phase])) - aside, Fraction(0))
            members = {c.key for c in problem.claims if c.mask[phase] and zone.zone in paths[c.zone]}
            rows[zone.zone, phase] = (int(left * 10), members)
    return rows


def spare(problem: Problem, answer: Allocation) -> dict[ConnectorKey, int]:
    """Return for each connector how many tenths the tightest of its zones and phases still has."""
    room = {c.key: 10**9 for c in problem.claims}
    for left, members in constraints(problem).values():
        rest = left - sum(tenths(answer.targets[member]) for member in members)
        for member in members:
            room[member] = min(room[member], rest)
    return room


def only(problem: Problem, kept: Iterable[Claim]) -> Problem:
    """Return the same problem with only these claims."""
    return replace(problem, claims=tuple(kept))


def assert_feasible(problem: Problem, answer: Allocation) -> None:
    """Every zone and phase holds, set-asides included, and nobody is between nothing and its floor."""
    for made in problem.claims:
        amps = answer.targets[made.key]
        assert amps == 0.0 or max(made.floor, 0.0) <= amps <= made.cap
        assert made.wants or amps == 0.0
        assert not made.whole_amps or amps == int(amps)
    for (zone, phase), (left, members) in constraints(problem).items():
        used = sum(tenths(answer.targets[member]) for member in members)
        assert used <= left
        assert tenths(answer.used[zone][phase]) == used


def assert_nothing_idle(problem: Problem, answer: Allocation) -> None:
    """Nobody could have a step more, nobody who waits could have its floor in what is left."""
    rest = spare(problem, answer)
    for made in problem.claims:
        step = 10 if made.whole_amps else 1
        floor, cap = -(-tenths(made.floor) // step) * step, tenths(made.cap) // step * step
        has = tenths(answer.targets[made.key])
        if not made.wants or cap < floor or has >= cap:
            continue
        waits = has == 0 and answer.binding[made.key].kind is not ReasonKind.ZONE_LIMIT
        assert rest[made.key] < (max(floor, 1) if waits else step)
