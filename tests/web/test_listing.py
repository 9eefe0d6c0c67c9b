"""Tests of lists for programs; their addresses are tested with the resources."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from web.listing import Page, Query, choice, flag, moment, page_of, text, versioned
from web.problems import Problem


@pytest.mark.parametrize(
    ("items", "page", "cut", "more"),
    [
        (range(5), Page(2, 0), [0, 1], True),
        (range(5), Page(2, 4), [4], False),
        (range(4), Page(2, 2), [2, 3], False),
        (range(5), Page(5, 9), [], False),
    ],
)
def test_a_page_of_a_list(items: range, page: Page, cut: list[int], more: bool) -> None:
    """API-2."""
    found, rest = page.cut(items)
    assert (list(found), rest) == (cut, more)


def test_values_are_read_and_a_missing_one_is_none(app: Flask) -> None:
    """API-2."""
    address = "/x?limit=7&vip=false&since=2026-11-22T19:00:00%2B01:00&mode=b&text=Ann"
    with app.test_request_context(address):
        query = Query(vip=flag, since=moment, mode=choice(["a", "b"]), text=text, zone=text)
    assert query.page == Page(7, 0)
    assert query.values == {
        "vip": False,
        "since": datetime.fromisoformat("2026-11-22T19:00:00+01:00"),
        "mode": "b",
        "text": "Ann",
        "zone": None,
    }
    assert query["since"].astimezone(UTC).hour == 18


def test_a_plus_that_became_a_blank_is_still_a_time(app: Flask) -> None:
    """API-2: what people paste."""
    with app.test_request_context("/x?since=2026-11-22T19:00:00+01:00"):
        assert Query(since=moment)["since"].hour == 19


def test_every_fault_is_told_with_what_is_allowed(app: Flask) -> None:
    """API-2: at once."""
    with app.test_request_context("/x?limit=0&vip=yes&mode=c&other=1"), pytest.raises(Problem) as refused:
        Query(vip=flag, mode=choice(["a", "b"]))
    told = {one["parameter"]: one["detail"] for one in refused.value.errors}
    assert told == {
        "limit": "'0': a whole number from 1 to 500",
        "vip": "'yes': true or false",
        "mode": "'c': one of a, b",
        "other": "unknown; there are limit, offset, vip, mode",
    }


def test_the_next_page_keeps_what_was_asked_for(app: Flask) -> None:
    """API-2."""
    with app.test_request_context("/x?text=a%26b&limit=2"):
        told = page_of([1, 2], Page(2, 4), more=True).get_json()
    assert told == {"items": [1, 2], "limit": 2, "offset": 4, "next": "/x?text=a%26b&limit=2&offset=6"}


def test_a_version_of_its_own_or_of_what_is_told(app: Flask) -> None:
    """API-2: If-None-Match."""
    with app.test_request_context("/x", headers={"If-None-Match": '"16.000"'}):
        assert versioned({"a": 1}, "16.000").status_code == 304
        assert versioned({"a": 1}, "17.000").status_code == 200
        first, same, other = (versioned(plain).headers["ETag"] for plain in ({"a": 1}, {"a": 1}, {"a": 2}))
    assert first == same != other
