"""Tests of the manual: chapters made from Markdown, their links, and the search."""

from pathlib import Path

import pytest
from flask import Flask

from web.manual import CHAPTERS, Manual, help_address, manual_folder, prose
from web.pages.configuration import configuration_nav

TEXT = """# Looking after it

See [the settings](configuration.md#site), [here](#when-it-is-dark), [the code](../evce/pledges.py) and
[elsewhere](https://example.org).

## When it is dark

Press the *green* button `twice`. <script>alert(1)</script>

| lamp | meaning |
|---|---|
| red | degraded setpoint |

![The lamp](images/lamp.png)

```
evce light on
```
"""


@pytest.fixture
def manual(tmp_path: Path) -> Manual:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "operations.md").write_text(TEXT, encoding="utf-8")
    (folder / "configuration.md").write_text(
        "# Settings\n\n## `[site]`\n\nA lamp of its own.\n", encoding="utf-8"
    )
    (folder / "private.md").write_text("# Private\n", encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text("# What changed\n", encoding="utf-8")
    return Manual(folder)


def test_the_chapters_that_are_there_come_in_their_order(manual: Manual) -> None:
    """UI-5: the changes lie beside the folder; what is no chapter is not told."""
    assert [one.title for one in manual.chapters] == ["Looking after it", "Settings", "What changed"]
    assert manual.chapter("private") is None
    assert manual.chapter("../private") is None


def test_links_lead_to_pages_and_a_link_to_a_file_is_only_its_text(manual: Manual) -> None:
    """UI-5: nobody clicks into nothing."""
    chapter = manual.chapter("operations")
    assert chapter is not None
    assert '<a href="/manual/configuration#site">the settings</a>' in chapter.html
    assert '<a href="#when-it-is-dark">here</a>' in chapter.html
    assert ", the code and" in chapter.html
    assert '<a href="https://example.org">elsewhere</a>' in chapter.html
    assert 'src="/manual/images/lamp.png"' in chapter.html
    assert '<h2 id="when-it-is-dark">When it is dark</h2>' in chapter.html


def test_what_looks_like_a_script_is_text(manual: Manual) -> None:
    """RELIABILITY 4: nothing of the documentation runs on a page."""
    chapter = manual.chapter("operations")
    assert chapter is not None
    assert "<script>" not in chapter.html
    assert "&lt;script&gt;" in chapter.html


def test_a_section_is_found_by_all_of_its_words(manual: Manual) -> None:
    """UI-5: in prose, tables and commands, whatever their case; marks don't part words."""
    assert [one.heading.anchor for one in manual.find("Degraded SETPOINT lamp")] == ["when-it-is-dark"]
    assert [one.heading.anchor for one in manual.find("green button twice")] == ["when-it-is-dark"]
    assert [one.heading.anchor for one in manual.find("light on")] == ["when-it-is-dark"]
    assert manual.find("degraded banana") == []
    assert manual.find("  ") == []


def test_a_word_in_the_heading_comes_first_and_the_excerpt_shows_where(manual: Manual) -> None:
    """UI-5."""
    found = manual.find("site")
    assert (found[0].chapter, found[0].heading.anchor) == ("configuration", "site")
    assert "degraded setpoint" in manual.find("degraded")[0].excerpt


def test_an_evce_without_its_documentation_has_an_empty_manual() -> None:
    """UI-5."""
    assert Manual(None).chapters == []
    assert Manual(None).find("lamp") == []


def test_this_checkout_has_every_chapter() -> None:
    """UI-5: the real files, each with its title."""
    folder = manual_folder()
    assert [one.name for one in Manual(folder).chapters] == list(CHAPTERS)


def test_each_part_of_the_settings_has_its_place_in_the_manual(app: Flask) -> None:
    """UI-5: a link from the settings that leads nowhere, or to no heading, is noticed."""
    manual = Manual(manual_folder())
    with app.test_request_context():
        parts = [name for name, _, _ in configuration_nav()]
    for part in parts:
        name, _, anchor = help_address(part).removeprefix("/manual/").partition("#")
        chapter = manual.chapter(name)
        assert chapter is not None, part
        assert not anchor or anchor in {one.anchor for one in chapter.headings}, part


def test_markdown_of_somebody_else_runs_nothing() -> None:
    """SR-4, RELIABILITY 4: what is new in a release is shown as text."""
    shown = prose("**New** <script>alert(1)</script> [x](javascript:alert(1)) [y](https://evce.example)")
    assert "<strong>New</strong>" in shown
    assert "<script" not in shown
    assert 'href="javascript' not in shown
    assert 'href="https://evce.example"' in shown
    assert prose("with the same `why`", inline=True) == "with the same <code>why</code>"
