"""Tests of a report's page."""

from datetime import UTC, datetime

import pytest

from evce.reports.page import Section, Table, html_page, in_mb, moment, rows_of, span

MARKED = "s3cr3t-mark"


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    """LG-2: what a station calls itself is text, and no script or address of it is ever followed."""
    wicked = '<script src="//evil"></script><img src=x onerror=alert(1)>'
    page = html_page(
        wicked,
        "today",
        [Section(wicked, ((wicked, wicked),), (Table((wicked,), ((wicked,),), wicked),), (wicked,), wicked)],
    )
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script" in page
    assert "default-src 'none'" in page
    for loads in ("<link", 'src="', 'href="http', "url(", "@import"):
        assert loads not in page.replace("&quot;", "'")


def test_every_section_is_in_the_contents_and_an_empty_one_says_so() -> None:
    """LG-2"""
    page = html_page("T", "", [Section("First", (("a", ""),)), Section("Second")])
    assert '<a href="#s1">First</a>' in page
    assert '<h2 id="s2">Second</h2>\n<p class="note">none</p>' in page
    assert "<dt>a</dt><dd>-</dd>" in page


@pytest.mark.parametrize(
    "text",
    [
        f"wss://evce:{MARKED}@cpo.example/ocpp",
        f"http://10.0.0.1:8888/files/{MARKED}/diag.zip",
        f"$argon2id$v=19$m=65536${MARKED}",
        f"user ada has $argon2id$v=19${MARKED} now",
        f"called with password={MARKED}",
        f"AuthorizationKey: {MARKED}",
    ],
)
def test_a_secret_in_any_text_is_redacted(text: str) -> None:
    """LG-2: wherever it stands."""
    section = Section(text, ((text, text),), (Table((text,), ((text,),)),), (text,), text)
    assert MARKED not in html_page(text, text, [section])


def test_a_tree_becomes_rows_by_dotted_names() -> None:
    """LG-2"""
    tree = {"a": {"b": 1, "c": [1, 2]}, "d": [{"id": "x", "e": True}, {"f": None}]}
    assert list(rows_of(tree)) == [
        ("a.b", "1"),
        ("a.c", "1, 2"),
        ("d[x].id", "x"),
        ("d[x].e", "True"),
        ("d[2].f", ""),
    ]


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "5 s"), (65.9, "1 min 5 s"), (7260, "2 h 1 min"), (90_000, "1 d 1 h")]
)
def test_lengths_of_time_are_told_in_two_units(seconds: float, words: str) -> None:
    """LG-2"""
    assert span(seconds) == words


def test_moments_are_utc_and_sizes_decimal() -> None:
    """LG-2"""
    assert moment(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02 03:04:05 UTC"
    assert moment(None) == "never"
    assert in_mb(1_234_567_890) == "1,234.6 MB"
