"""The source files that the house rules read, and what is written in them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["PACKAGES", "ROOT", "modules", "modules_of_tests", "parse"]

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = ("evce", "actors", "web", "tools")
"""The packages of the product, DESIGN §2."""

MIGRATIONS = "evce/storage/migrations"
"""Alembic runs these by itself, from files with its own names."""


def modules(*packages: str, migrations: bool = False) -> Iterator[str]:
    """The product's modules, as paths below the checkout with forward slashes."""
    for package in packages or PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if migrations or not name.startswith(MIGRATIONS):
                yield name


def modules_of_tests() -> Iterator[str]:
    """The modules of tests."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        yield path.relative_to(ROOT).as_posix()


@cache
def parse(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), filename=name)
