"""One allocation from beginning to end: set-asides, VIPs, admission, fair filling, rounding, reasons."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evce.allocation.admission import (
    Crowd,
    Rank,
    Refusal,
    admit,
    contested,
    queue,
    still_paused,
)
from evce.allocation.grid import PHASES, TENTHS, Ints, Site, load, rows_of, site_of, tenths_down, tenths_up
from evce.allocation.problem import Allocation, Priority, Problem
from evce.allocation.reasons import Reason, ReasonKind
from evce.allocation.rounding import share
from evce.units import ConnectorKey

__all__ = ["allocate"]


def allocate(problem: Problem) -> Allocation:
    """Share the limits in force among the claims: a target in A per phase for each, and why (LM-1…LM-6).

    A pure function of the problem; exact in tenths of an ampere; the order of zones and claims makes no
    difference. For every zone and grid phase targets and set-asides stay within the limit, nobody gets
    more than 0 and less than its floor, and no car could get 0.1 A more. VIPs are served as if nobody
    else were there, the others share what that leaves, and cars that rest what is left then.

    Raises ValueError for zones that form no tree, and for claims twice on one connector, in no zone
    or on no phase.
    """
    return _Sharing(problem).run()


class _Sharing:
    """The working state of one allocation; claims go by their number in the order of their keys."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.claims = sorted(problem.claims, key=lambda claim: claim.key)
        self.keys = [claim.key for claim in self.claims]
        if len(set(self.keys)) != len(self.keys):
            raise ValueError("a connector claims twice")
        self.site: Site = site_of(problem.zones, problem.set_asides)
        self.rows = rows_of(self.site, self.claims)
        self.steps = np.array([TENTHS if claim.whole_amps else 1 for claim in self.claims], dtype=np.int64)
        self.floors = tenths_up(_array([claim.floor for claim in self.claims]), self.steps)
        self.caps = tenths_down(_array([claim.cap for claim in self.claims]), self.steps)
        self.weights = self._weights()
        self.left = self.site.limits.copy()
        self.targets = np.zeros(len(self.claims), dtype=np.int64)
        self.stopped = np.full(len(self.claims), -1, dtype=np.int64)
        self.crowd = Crowd(len(self.left))
        self.ranks: dict[int, Rank] = {}
        self.reasons: dict[int, Reason] = {}
        self.refused: dict[tuple[object, ...], Reason] = {}
        self.passed_over: list[int] = []

    def run(self) -> Allocation:
        able = self._able()
        vip = np.array([claim.vip for claim in self.claims], dtype=bool)
        vips = np.flatnonzero(able & vip)
        resting = np.array([claim.rests for claim in self.claims], dtype=bool)
        self._serve(vips)
        self._serve(np.flatnonzero(able & ~vip & ~resting))
        self._serve(np.flatnonzero(able & ~vip & resting))
        return self._answer()

    def _weights(self) -> Ints | None:
        """What each claim counts for above its floor; None where all count the same."""
        if self.problem.priority is not Priority.DEPARTURE:
            return None
        urgency = _array([0.0 if claim.vip else claim.urgency for claim in self.claims])
        known = np.clip(np.nan_to_num(urgency), 0.0, 1.0)
        return np.asarray(np.rint((1.0 + _URGENT * known) ** 2), dtype=np.int64)

    def _able(self) -> NDArray[np.bool_]:
        """Who takes part: wants current, may have its floor, and its floor fits into every limit."""
        low: NDArray[np.bool_] = np.less(self.site.limits[self.rows], self.floors[:, None])
        hopeless: list[bool] = np.any(low, axis=1).tolist()
        small = self.caps < self.floors
        able = np.ones(len(self.claims), dtype=bool)
        for number, claim in enumerate(self.claims):
            if not claim.wants:
                self.reasons[number] = Reason(ReasonKind.WANTS_NOTHING)
            elif small[number]:
                self.reasons[number] = Reason(
                    ReasonKind.CAP_BELOW_FLOOR, floor=claim.floor, cap=claim.cap, capped_by=claim.capped_by
                )
            elif hopeless[number]:
                row = int(self.rows[number, np.argmax(low[number])])
                self.reasons[number] = self._at(row, ReasonKind.FLOOR_DOES_NOT_FIT, floor=claim.floor)
                self.passed_over.append(number)
            elif claim.paused_at is not None and (wait := still_paused(claim, self.problem)) > 0.0:
                self.reasons[number] = Reason(ReasonKind.PAUSED, wait=wait)
                self.passed_over.append(number)
            else:
                continue
            able[number] = False
        return able

    def _serve(self, numbers: Ints) -> None:
        """Admission, filling and rounding for these claims, on what those served before leave."""
        if not len(numbers):
            return
        self.crowd = Crowd(len(self.left))
        for number in np.flatnonzero(self.targets > 0).tolist():
            self.crowd.add(number, set(self.rows[number].tolist()))
        tight = contested(self.rows[numbers], self.floors[numbers], self.left)
        if tight.any():
            pushed = numbers[tight[self.rows[numbers]].any(axis=1)].tolist()
            patience = self.problem.rules.patience
            reserving = {number for number in pushed if self.claims[number].passed_over >= patience}
            line = queue(pushed, self.claims, self.problem)
            self.ranks.update(line)
            refusals = admit(list(line), self.rows, self.floors, self.left, tight, reserving, self.crowd)
            served = np.ones(len(self.claims), dtype=bool)
            for refusal in refusals:
                self.reasons[refusal.claim] = self._passed_over(refusal)
            left_out = [refusal.claim for refusal in refusals]
            self.passed_over += left_out
            served[left_out] = False
            numbers = numbers[served[numbers]]
        rows = self.rows[numbers]
        caps = self.caps[numbers]
        weights = None if self.weights is None else self.weights[numbers]
        targets, stopped = share(rows, self.floors[numbers], caps, self.left, self.steps[numbers], weights)
        self.targets[numbers] = targets
        self.stopped[numbers] = np.where(targets < caps, stopped, -1)
        self.left -= load(len(self.left), rows, targets)

    def _passed_over(self, refusal: Refusal) -> Reason:
        """Most of those left out on one row are so for the same reason, and share it."""
        claim, row, left, ahead, last, reserved = refusal
        anybody = last >= 0
        floor = self.claims[claim].floor
        rule = self._rule(last, claim) if anybody else ""
        situation = (row, floor, left, ahead, last, rule, reserved)
        reason = self.refused.get(situation)
        if reason is None:
            reason = self.refused[situation] = self._at(
                row,
                ReasonKind.PASSED_OVER,
                floor=floor,
                left=left / TENTHS,
                shared=ahead,
                first=self.keys[last] if anybody else None,
                rule=rule,
                reserved=reserved,
            )
        return reason

    def _rule(self, first: int, claim: int) -> str:
        """Why the one came before the other."""
        if self.claims[claim].rests and not self.claims[first].rests:
            return "its car doesn't pause by itself"
        rank = self.ranks.get(first, Rank.VIP)
        if rank < self.ranks[claim]:
            return _RULES[rank]
        if rank is Rank.WELCOME:
            return "newly plugged too"
        if rank is Rank.PASSED_OVER and self.claims[first].passed_over > self.claims[claim].passed_over:
            return "left out for longer"
        return _FIRST[self.problem.priority]

    def _at(
        self,
        row: int,
        kind: ReasonKind,
        *,
        amps: float = 0.0,
        vip: bool = False,
        floor: float = 0.0,
        left: float = 0.0,
        shared: int = 0,
        first: ConnectorKey | None = None,
        rule: str = "",
        reserved: bool = False,
    ) -> Reason:
        zone = self.site.zones[row // PHASES]
        return Reason(
            kind,
            amps=amps,
            vip=vip,
            zone=zone.zone,
            name=zone.name,
            phase=row % PHASES,
            limit=float(self.site.limits[row]) / TENTHS,
            set_aside=float(self.site.asides[row]) / TENTHS,
            bound_by=zone.bound_by,
            shared=shared,
            left=left,
            floor=floor,
            first=first,
            rule=rule,
            reserved=reserved,
        )

    def _answer(self) -> Allocation:
        amps = (self.targets / TENTHS).tolist()
        self._reasons_of_served(amps)
        used = (load(len(self.left), self.rows, self.targets) / TENTHS).tolist()
        return Allocation(
            targets=dict(zip(self.keys, amps, strict=True)),
            binding={key: self.reasons[number] for number, key in enumerate(self.keys)},
            used={
                zone.zone: (used[first], used[first + 1], used[first + 2])
                for first, zone in zip(range(0, len(used) - 1, PHASES), self.site.zones, strict=True)
            },
            passed_over=tuple(self.keys[number] for number in sorted(self.passed_over)),
        )

    def _reasons_of_served(self, amps: Sequence[float]) -> None:
        """Cars in the same situation share one reason."""
        charging = load(len(self.left), self.rows, (self.targets > 0).astype(np.int64)).tolist()
        known: dict[tuple[object, ...], Reason] = {}
        for number, (claim, row) in enumerate(zip(self.claims, self.stopped.tolist(), strict=True)):
            if number in self.reasons:
                continue
            situation = (row, amps[number], claim.vip, claim.capped_by if row < 0 else "")
            reason = known.get(situation)
            if reason is None:
                if row < 0:
                    reason = Reason(
                        ReasonKind.CAP,
                        amps=amps[number],
                        vip=claim.vip,
                        cap=amps[number],
                        capped_by=claim.capped_by,
                    )
                else:
                    reason = self._at(
                        row,
                        ReasonKind.ZONE_LIMIT,
                        amps=amps[number],
                        vip=claim.vip,
                        shared=charging[row],
                        rule="" if self.weights is None or claim.vip else _BY_DEPARTURE,
                    )
                known[situation] = reason
            self.reasons[number] = reason


_RULES = {
    Rank.VIP: "VIP",
    Rank.WELCOME: "newly plugged",
    Rank.MINIMUM_GRANT: "let in a short while ago",
    Rank.PASSED_OVER: "left out before",
    Rank.CHARGING: "charging already, next review pending",
    Rank.ROTATION: "its turn",
}


_FIRST = {
    Priority.ENERGY: "less energy",
    Priority.DURATION: "shorter charge",
    Priority.DEPARTURE: "less time to spare",
}

_URGENT = 100.0
"""How fast a share grows with the urgency of its car: tried out on recorded weeks (docs/benchmarks.md)."""

_BY_DEPARTURE = "most to who has least time to spare"


def _array(values: list[float]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)
