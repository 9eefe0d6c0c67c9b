"""The table of cases is complete, and whatever it calls applicable is proven."""

import ast
import re
from collections import Counter
from pathlib import Path

from tests.octt.cases import CASES, Status


def proven() -> dict[str, str]:
    """The tests by the number of their case."""
    found: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            named = re.match(r"test_octt_(\d{3}(?:_\d)?)_", getattr(node, "name", ""))
            if named:
                assert named[1] not in found, f"{named[1]} is proven twice"
                found[named[1]] = node.name  # type: ignore[attr-defined]
    return found


def test_the_table_names_each_case_once() -> None:
    """OC-1: 77 cases."""
    assert len(CASES) == 77
    assert [number for number, times in Counter(case.number for case in CASES).items() if times > 1] == []


def test_exactly_the_applicable_cases_have_a_test() -> None:
    """OC-1, OC-3, OC-7: none is called proven that isn't, and none is proven that the table forgets."""
    applicable = {case.number for case in CASES if case.status is Status.APPLICABLE}
    assert applicable == proven().keys()


def test_what_is_not_proven_says_why() -> None:
    """OC-1: and is counted: none at present."""
    silent = [case.number for case in CASES if case.status is not Status.APPLICABLE and not case.reason]
    assert silent == []
    assert Counter(case.status for case in CASES) == {Status.APPLICABLE: 77}
