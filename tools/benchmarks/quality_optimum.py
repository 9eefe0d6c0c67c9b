"""The most energy that anybody could have delivered in a recorded week who knew the future."""

from collections.abc import Sequence

import numpy as np

from evce.units import Seconds, WattHours
from tools.benchmarks.quality_site import TightSite
from tools.benchmarks.quality_weeks import POWER, RATING, RecordedSession

__all__ = ["optimum"]

_STEP: Seconds = 900.0


def optimum(sessions: Sequence[RecordedSession], site: TightSite) -> WattHours:
    """Solve the linear program over the week, with the true departures and needs.

    A current is free within each quarter of an hour of a stay, so this is what can't be exceeded, by no
    more than rounding the quarters. Raises ImportError without scipy, which the product doesn't need.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix

    begin = min(session.arrives for session in sessions) // _STEP * _STEP
    steps = int((max(session.leaves for session in sessions) - begin) // _STEP) + 1
    rows: list[int] = []
    columns: list[int] = []
    most: list[float] = []
    limits = len(site.limits)
    for number, session in enumerate(sessions):
        for step in range(int((session.arrives - begin) // _STEP), steps):
            since, until = begin + step * _STEP, begin + (step + 1) * _STEP
            there = min(session.leaves, until) - max(session.arrives, since)
            if session.leaves <= since:
                break
            column = len(most)
            most.append(max(there, 0.0) / 3_600.0 * POWER)
            for row in (
                number,
                *(len(sessions) + step * limits + load for load in site.loads[session.outlet]),
            ):
                rows.append(row)
                columns.append(column)
    table = coo_matrix(
        (np.ones(len(rows)), (rows, columns)), shape=(len(sessions) + steps * limits, len(most))
    ).tocsr()
    holds = site.limits / RATING * POWER * _STEP / 3_600.0
    right = np.concatenate([[session.need for session in sessions], np.tile(holds, steps)])
    answer = linprog(
        -np.ones(len(most)), A_ub=table, b_ub=right, bounds=[(0.0, top) for top in most], method="highs"
    )
    if answer.status != 0:
        raise ArithmeticError(f"the optimum was not found: {answer.message}")
    return -float(answer.fun)
