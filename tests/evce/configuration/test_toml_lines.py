"""On which line of a TOML text each of its values stands."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from evce.configuration.document import SiteDocument
from evce.configuration.toml_lines import line_of, lines_of
from evce.configuration.toml_source import write_toml
from tests.evce.configuration.sites import documents

EVERYTHING = (
    r'''
# A comment with [[brackets]] and "quotes"
title = "a # no comment" # a comment
"quoted key" . 'another.one' . "esc\u0041ped\t" = 1
date = 1979-05-27 07:32:00
number = -1_000.5e+3

[owner]
  name = """
[not.a.table]
x = 1 \
"""
  raw = '''
    + """'''
also = "not"'''
"""
    + r"""  empty = ""
  tricky = "\"]}#"

[owner.deep."er"]
dotted.key = true

[[fruit]]
name = "apple"
list = [ # a comment ]
  1, [2, 3],
  "four", # five
]
[[fruit.kinds]]
name = "red"
[[fruit.kinds]]
name = "green"
[fruit.kinds.taste]
sour = { very = true, points = [ { a = 1 },
  { b = 2 } ] }

[[fruit]]
[[fruit.kinds]]
name = "long"
"""
)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every path of parsed TOML."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))


def test_every_value_of_every_shape_is_found() -> None:
    assert set(lines_of(EVERYTHING)) == set(paths(tomllib.loads(EVERYTHING)))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("title",), 'title = "a # no comment"'),
        (("quoted key", "another.one", "escAped\t"), '"quoted key"'),
        (("owner",), "[owner]"),
        (("owner", "raw"), "raw ="),
        (("owner", "tricky"), "tricky ="),
        (("owner", "deep", "er", "dotted", "key"), "dotted.key"),
        (("fruit", 0), "[[fruit]]"),
        (("fruit", 0, "list", 1, 1), "1, [2, 3],"),
        (("fruit", 0, "list", 2), '"four"'),
        (("fruit", 0, "kinds", 1, "name"), 'name = "green"'),
        (("fruit", 0, "kinds", 1, "taste"), "[fruit.kinds.taste]"),
        (("fruit", 0, "kinds", 1, "taste", "sour", "points", 1, "b"), "{ b = 2 }"),
        (("fruit", 1, "kinds", 0, "name"), 'name = "long"'),
        (("fruit", 1, "kinds", 0, "missing", "deeper"), "[[fruit.kinds]]"),
        (("missing",), ""),
    ],
)
def test_the_line_is_that_of_the_value(path: tuple[str | int, ...], text: str) -> None:
    assert text in EVERYTHING.splitlines()[line_of(lines_of(EVERYTHING), path) - 1]


def test_the_second_of_two_like_entries_has_a_line_of_its_own() -> None:
    lines = lines_of("[[a]]\nx = 1\n[[a]]\nx = 1\n[[a]]\n")
    assert [lines[("a", place)] for place in range(3)] == [1, 3, 5]
    assert line_of(lines, ("a", 1, "x")) == 4


@given(documents())
@settings(max_examples=30, deadline=None)
def test_every_setting_of_any_site_file_is_found(document: SiteDocument) -> None:
    text = write_toml(document)
    assert set(lines_of(text)) == set(paths(tomllib.loads(text)))
