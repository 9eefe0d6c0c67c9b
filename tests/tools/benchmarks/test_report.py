"""Tables on the screen and on the page."""

from pathlib import Path

import pytest

from tools.benchmarks.report import Section, as_markdown, percentile, write_page


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([1.0, 2.0, 3.0, 4.0], 50, 2.0),
        ([float(n) for n in range(1, 501)], 99, 495.0),
        ([float(n) for n in range(1, 101)], 95, 95.0),
        ([7.0], 99, 7.0),
        ([1.0, 9.0], 100, 9.0),
        ([1.0, 9.0], 0, 1.0),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(
    values: list[float], percent: float, expected: float
) -> None:
    assert percentile(values, percent) == expected


def test_a_table_is_aligned_and_says_where_it_comes_from() -> None:
    section = Section("Speed", ("what", "ms"), [("first", "1"), ("the second", "1000")], ["A note."])
    assert as_markdown(section, "a machine").splitlines() == [
        "## Speed",
        "",
        "| what       |   ms |",
        "|------------|-----:|",
        "| first      |    1 |",
        "| the second | 1000 |",
        "",
        "- A note.",
        "- Measured on: a machine.",
    ]


def test_a_row_that_lacks_a_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        as_markdown(Section("Speed", ("what", "ms", "goal"), [("first", "1")]), "a machine")


def test_the_page_keeps_what_was_not_measured_now(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "page.md"
    old = Section("Old", ("a",), [("1",)])
    write_page(page, [old, Section("Size", ("a",), [("2",)])], "an old machine")
    write_page(page, [Section("Size", ("a",), [("3",)]), Section("New", ("a",), [("4",)])], "a new machine")
    text = page.read_text()
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# What it takes",
        "## Old",
        "## Size",
        "## New",
    ]
    assert as_markdown(old, "an old machine") in text
    assert "| 3 |" in text
    assert "| 2 |" not in text


def test_writing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    sections = [Section("Old", ("a",), [("1",)]), Section("New", ("a",), [("2",)])]
    write_page(page, sections, "a machine")
    once = page.read_text()
    write_page(page, sections, "a machine")
    assert page.read_text() == once
