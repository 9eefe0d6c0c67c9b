"""Tests of the history of the configuration."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from actors.messages import RevisionRecord
from tests.web.fake_site import FakeSite
from web.revisions import document_of


def test_every_revision_is_listed_with_who_when_and_why(admin: FlaskClient) -> None:
    """CF-1: the one in force first."""
    text = admin.get("/configuration/history").text
    rows = text.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    assert len(rows) == 7
    for words in ("<b>7</b>", "in force", "olivia", "garage, step 7", "2026-11-21"):
        assert words in rows[0]
    assert "rollback" not in rows[0]
    assert "/configuration/history/6/rollback" in rows[1]


def test_a_long_history_comes_in_pages(admin: FlaskClient, site: FakeSite) -> None:
    """CF-1: fifty at a time."""
    first = site.revisions[0]
    for number in range(8, 108):
        site.revisions.insert(0, replace(first, number=number))
    assert admin.get("/configuration/history").text.count('name="old"') == 50
    assert admin.get("/configuration/history?page=3").text.count('name="old"') == 7


@pytest.mark.parametrize("query", ["old=5&new=7", "old=7&new=5"])
def test_two_revisions_are_compared(admin: FlaskClient, query: str) -> None:
    """CF-1: from the older to the newer, however they were chosen."""
    text = admin.get(f"/configuration/history/difference?{query}").text
    assert "From revision 5 to 7" in text
    assert "zones[garage].maximum_a" in text
    assert text.index(">92<") < text.index(">100<")


@pytest.mark.parametrize("query", ["", "old=1", "old=x&new=1", "old=1&new=99"])
def test_what_can_not_be_compared_is_not_there(admin: FlaskClient, query: str) -> None:
    """RELIABILITY 3: 404, not 500."""
    assert admin.get(f"/configuration/history/difference?{query}").status_code == 404


def test_one_goes_back_after_seeing_what_that_changes(admin: FlaskClient, site: FakeSite) -> None:
    """CF-1: as a new revision; nothing of the history is lost."""
    review = admin.post("/configuration/history/3/rollback", data={"based_on": "7"})
    assert review.status_code == 200
    assert "zones[garage].maximum_a" in review.text
    assert "Back to the form" not in review.text
    assert site.revisions[0].number == 7
    done = admin.post("/configuration/history/3/rollback", data={"based_on": "7", "confirmed": "1"})
    assert done.location == "/configuration/history"
    assert [record.number for record in site.revisions] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert (site.revisions[0].document, site.revisions[0].comment) == (
        site.revisions[5].document,
        "back to revision 3",
    )
    assert document_of(site.revisions[0].document).zones[1].maximum_a == 84


def test_going_back_is_caught_between_two_people_as_well(admin: FlaskClient, site: FakeSite) -> None:
    """CF-1: 409 with both versions."""
    site.apply(replace(site.revisions[1], number=8, author="bob"))
    assert (
        admin.post("/configuration/history/3/rollback", data={"based_on": "7", "confirmed": "1"}).status_code
        == 409
    )
    assert site.revisions[0].author == "bob"


def test_a_document_that_this_release_refuses_stays_in_the_past(admin: FlaskClient, site: FakeSite) -> None:
    """CF-1: with every reason."""
    site.revisions[-1] = RevisionRecord(1, '{"site":{"name":""}}', "old", "", site.now())
    answer = admin.post("/configuration/history/1/rollback", data={"based_on": "7"})
    assert answer.status_code == 422
    assert "site.name" in answer.text
    assert admin.get("/configuration/history/difference?old=1&new=7").status_code == 422
    assert admin.post("/configuration/history/99/rollback", data={"based_on": "7"}).status_code == 404
