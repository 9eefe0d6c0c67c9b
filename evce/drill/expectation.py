"""What a drill expects to be seen, when, and what was seen instead."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from evce.drill.kinds import Stage, Verdict
from evce.planning.ledger import LedgerLine
from evce.units import Seconds
from evce.views import SiteSnapshot

__all__ = ["Expectation", "Observer", "Result", "Sight"]


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen of the site at one moment: what people see, and the pledges by connector."""

    snapshot: SiteSnapshot
    pledges: Mapping[str, LedgerLine] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expectation:
    """`look` tells in words what is seen and whether that is as `predicted`.

    It must become so `within` seconds; with `holds` it must be so from then on until the stage is over.
    """

    stage: Stage
    what: str
    predicted: str
    within: Seconds
    look: Callable[[Sight], tuple[str, bool]]
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table: `after` is when it was seen, seconds into its stage, None if it never was."""

    stage: Stage
    what: str
    predicted: str
    within: Seconds
    observed: str
    after: Seconds | None
    verdict: Verdict


class Observer:
    """Looks again and again until every expectation of a stage has its result."""

    def __init__(self, expectations: Iterable[Expectation]) -> None:
        self._open = list(expectations)
        self._seen: dict[int, str] = {}
        self.results: list[Result] = []

    @property
    def good(self) -> bool:
        """Whether nothing was seen that differs from what was predicted."""
        return all(result.verdict in (Verdict.AS_PREDICTED, Verdict.ENDED_BEFORE) for result in self.results)

    def waits(self, stage: Stage, since: Seconds) -> bool:
        """Whether anything of this stage may still come in its time."""
        return any(each.stage is stage and not each.holds and since <= each.within for each in self._open)

    def look(self, stage: Stage, sight: Sight, since: Seconds) -> list[Result]:
        """Look once, `since` seconds into the stage; returns what is settled by it."""
        settled = []
        for each in [each for each in self._open if each.stage is stage]:
            observed, so = each.look(sight)
            self._seen[id(each)] = observed
            if each.holds:
                if since >= each.within and not so:
                    settled.append(self._settle(each, since, Verdict.DIFFERS))
            elif so:
                verdict = Verdict.AS_PREDICTED if since <= each.within else Verdict.LATE
                settled.append(self._settle(each, since, verdict))
        return settled

    def over(self, stage: Stage, since: Seconds) -> list[Result]:
        """The stage is over after `since` seconds; returns what is settled by that."""
        settled = []
        for each in [each for each in self._open if each.stage is stage]:
            if since < each.within or id(each) not in self._seen:
                settled.append(self._settle(each, None, Verdict.ENDED_BEFORE))
            elif each.holds:
                settled.append(self._settle(each, since, Verdict.AS_PREDICTED))
            else:
                settled.append(self._settle(each, None, Verdict.DIFFERS))
        return settled

    def _settle(self, each: Expectation, after: Seconds | None, verdict: Verdict) -> Result:
        self._open.remove(each)
        observed = self._seen.get(id(each), "not looked at")
        result = Result(each.stage, each.what, each.predicted, each.within, observed, after, verdict)
        self.results.append(result)
        return result
