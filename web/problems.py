"""What programs are told when something is refused: problem details, with a pointer to what is wrong."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, jsonify

__all__ = ["Problem", "Wrong", "in_body", "in_query", "problem_response", "refused"]

Wrong = Mapping[str, str]
"""One fault: `detail`, with the `pointer` (RFC 6901) into the body or the `parameter` of the query."""


class Problem(Exception):  # noqa: N818  # the word of RFC 9457
    """A request that isn't fulfilled; `web.errors` answers it. `more` are further members of the answer."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        *,
        errors: Sequence[Wrong] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail or title)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.more = more

    def response(self) -> Response:
        """The answer."""
        more = self.more | ({"errors": [dict(one) for one in self.errors]} if self.errors else {})
        answer = problem_response(self.status, self.title, self.detail, **more)
        answer.headers.update(self.headers)
        return answer


def problem_response(status: int, title: str, detail: str = "", **more: Any) -> Response:
    """Problem details of the type about:blank; `more` are further members."""
    answer = jsonify(type="about:blank", title=title, status=status, detail=detail or title, **more)
    answer.status_code = status
    answer.mimetype = "application/problem+json"
    return answer


def refused(status: int, faults: Mapping[str, str]) -> tuple[Response, int]:
    """The answer to a body with these faults, each by its field (`stations[0].zone`, empty for all)."""
    errors = [_at(re.findall(r"[^.\[\]]+", field), fault) for field, fault in faults.items()]
    detail = next(iter(faults.values()), "")
    return problem_response(status, HTTPStatus(status).phrase, detail, errors=errors), status


def in_body(field: str, detail: str) -> Wrong:
    """A fault of a field of the body; empty for the body as a whole."""
    return _at((field,) if field else (), detail)


def in_query(parameter: str, detail: str) -> Wrong:
    """A fault of a parameter of the query."""
    return {"parameter": parameter, "detail": detail}


def _at(steps: Sequence[str], detail: str) -> Wrong:
    way = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    return {"pointer": f"#{way}", "detail": detail}
