"""Tests of what can go wrong between a confirmed change and its coming into force."""

import pytest
from flask.testing import FlaskClient

from evce.errors import RevisionConflictError
from tests.web.fake_site import FakeSite
from web.revisions import RunningRevisions

FORM = {"based_on": "7", "confirmed": "1", "name": "Other name", "time_zone": "Europe/Paris"}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RevisionConflictError("revision 8 by bob came first"), 409),
        (TimeoutError("not in force after 5 s"), 503),
    ],
)
def test_what_did_not_come_into_force_is_said_with_the_change_kept(
    admin: FlaskClient, site: FakeSite, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    """CF-1, RELIABILITY 3: the reason, and the form to try again."""

    def fail(self: RunningRevisions, record: object) -> None:
        raise error

    monkeypatch.setattr(RunningRevisions, "append", fail)
    answer = admin.post("/configuration/section/site", data=FORM)
    assert answer.status_code == status
    assert str(error) in answer.text
    assert 'value="Other name"' in answer.text
    assert site.revisions[0].number == 7


def test_the_comment_is_cut_to_a_length_that_fits(admin: FlaskClient, site: FakeSite) -> None:
    """RELIABILITY 4.19: a limit for everything that is kept."""
    admin.post("/configuration/section/site", data={**FORM, "comment": "c" * 900})
    assert site.revisions[0].comment == "c" * 200


def test_an_empty_comment_is_kept_empty_and_a_missing_one_tells_the_part(
    admin: FlaskClient, site: FakeSite
) -> None:
    """CF-1: the history says at least what was changed."""
    admin.post("/configuration/section/site", data=FORM)
    assert site.revisions[0].comment == "Site"
