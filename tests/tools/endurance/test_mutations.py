"""Tests of the catalogue of mutations: it must fit the code as it is now."""

from collections import Counter
from pathlib import Path

import pytest

from tools.endurance.mutations import CATALOGUE, INVARIANTS, Mutation

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("mutation", CATALOGUE, ids=lambda mutation: mutation.name)
def test_a_mutation_applies_to_the_code_once_and_leaves_python(mutation: Mutation) -> None:
    text = (ROOT / mutation.file).read_text()
    mutated = mutation.applied(text)
    assert mutated != text
    compile(mutated, mutation.file, "exec")
    for test in mutation.tests:
        path, _, name = test.partition("::")
        assert (ROOT / path).is_file(), test
        assert f"def {name}(" in (ROOT / path).read_text() or not name, test


def test_every_invariant_has_a_mutation_and_every_mutation_its_own_name() -> None:
    assert {mutation.invariant for mutation in CATALOGUE} == set(INVARIANTS)
    assert [name for name, times in Counter(m.name for m in CATALOGUE).items() if times > 1] == []


@pytest.mark.parametrize("text", ["nothing of it", "x = 1\nx = 1\n"])
def test_a_mutation_that_fits_nowhere_or_twice_says_so(text: str) -> None:
    mutation = Mutation("m", 1, "evce/x.py", "x = 1", "x = 2", ("tests/evce/test_x.py",))
    with pytest.raises(ValueError, match=r"m: its text occurs [02] times in evce/x.py, once is right"):
        mutation.applied(text)
