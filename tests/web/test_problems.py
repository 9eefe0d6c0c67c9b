"""Tests of what programs are told when something is refused."""

from flask import Flask

from web.problems import Problem, in_body, in_query, problem_response, refused
from web.security import Access, access


def test_a_problem_has_its_members_and_its_kind(app: Flask) -> None:
    """API-2: RFC 9457; a detail even where there is none of its own."""
    with app.test_request_context():
        plain = problem_response(404, "Nothing here")
        assert plain.mimetype == "application/problem+json"
        assert plain.get_json() == {
            "type": "about:blank",
            "title": "Nothing here",
            "status": 404,
            "detail": "Nothing here",
        }
        wrong = [in_body("a/b~c", "too much"), in_body("", "no object"), in_query("limit", "too high")]
        told = Problem(422, "No", "too much", errors=wrong, headers={"Retry-After": "3"}, amps=1).response()
        assert told.status_code == 422
        assert told.headers["Retry-After"] == "3"
        assert told.get_json()["amps"] == 1
        assert told.get_json()["errors"] == [
            {"pointer": "#/a~1b~0c", "detail": "too much"},
            {"pointer": "#", "detail": "no object"},
            {"parameter": "limit", "detail": "too high"},
        ]


def test_a_problem_that_a_view_raises_is_its_answer(app: Flask) -> None:
    """API-2: wherever it is raised."""

    @app.get("/api/v1/broken")
    @access(Access.PUBLIC)
    def broken() -> str:
        raise Problem(409, "Busy", "later")

    answer = app.test_client().get("/api/v1/broken")
    assert (answer.status_code, answer.get_json()["detail"]) == (409, "later")


def test_faults_by_their_fields_become_pointers(app: Flask) -> None:
    """API-2: as the document and the forms name them."""
    with app.test_request_context():
        answer, status = refused(422, {"stations[1].zone": "unknown", "": "no object", "based_on": "old"})
    assert (status, answer.status_code) == (422, 422)
    told = answer.get_json()
    assert told["detail"] == "unknown"
    assert [one["pointer"] for one in told["errors"]] == ["#/stations/1/zone", "#", "#/based_on"]
