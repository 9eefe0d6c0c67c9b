"""How much of what could be delivered a rule delivers: recorded weeks on a tight site."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from evce.allocation import Priority
from evce.units import Seconds
from tools.benchmarks.quality_course import Rule, live
from tools.benchmarks.quality_optimum import optimum
from tools.benchmarks.quality_planner import PlannedRule
from tools.benchmarks.quality_rivals import EarliestDeadline, EqualShare, FirstCome, LeastLaxity
from tools.benchmarks.quality_site import TightSite, peak_wish
from tools.benchmarks.quality_weeks import Week, weeks
from tools.benchmarks.report import Section

__all__ = ["RULES", "SHARES", "QualityRow", "bench_quality", "quality_section"]

SHARES = (0.15, 0.2, 0.3)
"""What the feeder holds, as shares of what all cars would take together at the peak of the week."""

RULES: dict[str, Callable[[TightSite, Week], Rule]] = {
    "first come, first served": lambda site, _: FirstCome(site),
    "equal share, fluid": lambda site, _: EqualShare(site),
    "earliest deadline, as stated": lambda site, _: EarliestDeadline(site),
    "least laxity, as stated": lambda site, _: LeastLaxity(site),
    "EVCE by energy": lambda site, week: PlannedRule(site, Priority.ENERGY, week.history),
    "EVCE by duration": lambda site, week: PlannedRule(site, Priority.DURATION, week.history),
    "EVCE by departure": lambda site, week: PlannedRule(site, Priority.DEPARTURE, week.history),
}


@dataclass(frozen=True, slots=True)
class QualityRow:
    """One rule in one week: `energy` as a share of the optimum, the rest as in `Outcome`."""

    week: str
    share: float
    rule: str
    energy: float
    whole: float
    fairness: float
    waits: Seconds
    suspensions: float
    violations: int


def bench_quality(
    count: int, shares: Sequence[float] = SHARES, only: Sequence[str] = tuple(RULES)
) -> list[QualityRow]:
    """Let each rule live through so many recorded weeks at each capacity; progress goes to standard error."""
    rows = []
    for week in weeks(count):
        wish = peak_wish(week)
        for share in shares:
            site = TightSite(share * wish)
            best = optimum(week.sessions, site)
            for name in only:
                begin = time.monotonic()
                outcome = live(week.sessions, site, RULES[name](site, week))
                row = QualityRow(
                    week=week.name,
                    share=share,
                    rule=name,
                    energy=outcome.energy / best,
                    whole=outcome.whole,
                    fairness=outcome.fairness,
                    waits=outcome.waits,
                    suspensions=outcome.suspensions,
                    violations=outcome.violations,
                )
                rows.append(row)
                took = time.monotonic() - begin
                print(
                    f"{week.name}, {share:.0%}: {name} {row.energy:.1%} ({took:.0f} s)",
                    file=sys.stderr,
                    flush=True,
                )
    return rows


def quality_section(rows: Sequence[QualityRow]) -> Section:
    """Make the table: means over the weeks, and the worst week's energy."""
    lines = []
    for share in dict.fromkeys(row.share for row in rows):
        for rule in dict.fromkeys(row.rule for row in rows):
            some = [row for row in rows if (row.share, row.rule) == (share, rule)]
            lines.append(
                [
                    f"{share:.0%}",
                    rule,
                    f"{100.0 * fmean(row.energy for row in some):.1f}",
                    f"{100.0 * min(row.energy for row in some):.1f}",
                    f"{100.0 * fmean(row.whole for row in some):.0f}",
                    f"{fmean(row.fairness for row in some):.3f}",
                    f"{fmean(row.waits for row in some) / 60.0:.0f}",
                    f"{fmean(row.suspensions for row in some):.2f}",
                    str(sum(row.violations for row in some)),
                ]
            )
    names = list(dict.fromkeys(row.week for row in rows))
    return Section(
        "Quality: energy delivered in recorded weeks, as a share of the optimum",
        (
            "capacity",
            "rule",
            "energy %",
            "worst week %",
            "served whole %",
            "Jain",
            "wait min",
            "suspensions per session",
            "violations",
        ),
        lines,
        (
            f"Weeks of the JPL site of 2019, 52 outlets of 32 A on one phase each: {'; '.join(names)}.",
            "Capacity: the feeder's limit as a share of what the cars of that week would take together at "
            "their peak, if each charged at once; three rows below it hold 45 % of it each. The same limits, "
            "per phase, hold for all rules and for the optimum.",
            "Optimum: a linear program over the week that knows every departure and need.",
            "EVCE's rules run through the planner of the root zone: floors of 6 A, tenths of an ampere, "
            "reviews every 15 min, minimum grants, raises that wait for reductions. The others are fluid and "
            "immediate: no floors, any current at any moment, and they know when a car is full.",
            "As stated: by what drivers stated, who often err. By departure EVCE has the same statements and "
            "the sessions of that season that had ended; it doesn't know who the drivers are, because the "
            "recording doesn't tell.",
            "Served whole: 99 % of the need. Wait: until the first current, the whole stay where none came. "
            "Jain: fairness of the shares served, 1 where all are alike. Violations: moments with any zone "
            "and phase above its limit.",
            "No time is measured: these figures don't depend on the machine.",
        ),
    )
