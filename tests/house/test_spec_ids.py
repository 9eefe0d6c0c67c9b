"""What a test says it proves exists in the specification."""

import ast
import re

from tests.house.source import ROOT, modules_of_tests, parse

KNOWN = tuple((ROOT / "tests" / "house" / "spec_ids.txt").read_text(encoding="utf-8").split())
AREAS = sorted({name.rpartition("-")[0] for name in KNOWN})
MENTION = re.compile(rf"\b(?:{'|'.join(AREAS)})-\d+\b")


def mentioned(tree: ast.Module) -> set[str]:
    """The ids that the docstrings of a module's tests name."""
    documented = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
    texts = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, documented)]
    return {found for text in texts for found in MENTION.findall(text)}


def test_an_id_is_found_in_a_docstring() -> None:
    tree = ast.parse('def test_a():\n    """LM-4, DG-1: what holds; UTF-8 is none, LM-99 is unknown."""')
    assert mentioned(tree) == {"LM-4", "DG-1", "LM-99"}
    assert {"LM-4", "DG-1"} <= set(KNOWN)
    assert "LM-99" not in KNOWN


def test_every_id_that_a_test_names_exists() -> None:
    unknown = [
        f"{name}: {i}" for name in modules_of_tests() for i in sorted(mentioned(parse(name)) - set(KNOWN))
    ]
    assert [entry for entry in unknown if not entry.startswith("tests/house/test_spec_ids.py")] == []
