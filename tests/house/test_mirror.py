"""Every module says what it is for, names what it offers, and has its test in the same place."""

import ast
import re
from pathlib import PurePosixPath

import pytest

from tests.house.source import PACKAGES, ROOT, modules, modules_of_tests, parse

ELSEWHERE = (
    "tests/web/browser/",
    "tests/house/",
    "tests/scenarios/",
    "tests/browser/",
    "tests/integration/",
    "tests/octt/",
    "tests/properties/",
)
"""Tests that are not one module's."""


def mirror(module: str) -> str:
    path = PurePosixPath(module)
    return str(PurePosixPath("tests", path.parent, f"test_{path.name}"))


def one_sentence(text: str) -> bool:
    """Whether the first paragraph is one sentence: a full stop at its end, none before a capital letter."""
    first = " ".join(text.strip().split("\n\n")[0].split())
    return first.endswith(".") and re.search(r"(?<!e\.g)(?<!i\.e)[.!?] +[A-Z]", first) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What it is for.", True),
        ("What it is for: OCPP 1.6 frames, e.g. CALL.", True),
        ("Runs over\ntwo lines.\n\nMore below. Several sentences.", True),
        ("No full stop", False),
        ("Two. Sentences.", False),
        ("", False),
    ],
)
def test_one_sentence_is_told_from_several(text: str, expected: bool) -> None:
    assert one_sentence(text) is expected


def test_every_module_opens_with_one_sentence() -> None:
    silent = [name for name in modules() if not one_sentence(ast.get_docstring(parse(name)) or "")]
    assert silent == []


def test_every_module_names_what_it_offers() -> None:
    def offers(name: str) -> bool:
        body = [node for node in parse(name).body if not isinstance(node, ast.Expr)]
        targets = [t for node in body if isinstance(node, ast.Assign) for t in node.targets]
        # A package that only groups others has nothing of its own to offer.
        groups = name.endswith(("__init__.py", "__main__.py"))
        return groups or any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets)

    assert [name for name in modules() if not offers(name)] == []


def test_every_module_has_its_test() -> None:
    own = [name for name in modules() if not name.endswith(("__init__.py", "__main__.py"))]
    assert len(own) > len(PACKAGES)
    assert [f"{name} lacks {mirror(name)}" for name in own if not (ROOT / mirror(name)).is_file()] == []


def test_every_test_has_its_module() -> None:
    known = {mirror(name) for name in modules()} | {"tests/test_conftest.py"}
    assert [name for name in modules_of_tests() if name not in known and not name.startswith(ELSEWHERE)] == []


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert sorted(str(folder) for folder in folders if not (folder / "__init__.py").is_file()) == []
