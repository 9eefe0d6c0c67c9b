"""The file of the site's own meter models: giving some or all out, and taking a file in (MT-3)."""

import json
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, request

from evce.configuration.document import SiteDocument
from evce.errors import Refusal
from web.labels import path_words
from web.languages import gettext
from web.pages.proposing import Plain, configuration_page, in_force, propose
from web.security import Access, access
from web.sentences import told

__all__ = ["meter_models_pages"]

meter_models_pages = Blueprint("meter_models", __name__)

_HERE = "/configuration/meter_models"
_KIND = "evce meter models"
"""Says what the file is."""


@meter_models_pages.get("/configuration/meter_models/export.json")
@access(Access.ADMIN)
def export() -> Response:
    """The models that are named, or all."""
    wanted = request.args.getlist("name")
    models = [one for one in in_force()[1].plain()["meter_models"] if not wanted or one["id"] in wanted]
    if wanted and len(models) < len(wanted):
        abort(404)
    text = json.dumps({"kind": _KIND, "meter_models": models}, indent=2, ensure_ascii=False) + "\n"
    answer = Response(text, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="meter-models.json"'
    return answer


@meter_models_pages.post("/configuration/meter_models/import")
@access(Access.ADMIN)
def take_in() -> Response:
    """The models of a file beside those that are there; one with a short name that is there replaces it."""
    upload = request.files.get("file")
    text = request.form.get("text", "") if upload is None else upload.read().decode(errors="replace")
    models = _models_in(text)
    title = gettext("Import meter models")
    if models is None:
        fault = gettext("This is not a file of meter models that EVCE has given out.")
        return _refused(title, [fault])

    def edit(plain: Plain) -> None:
        known = {one["id"]: one for one in plain["meter_models"]}
        plain["meter_models"] = list((known | {one["id"]: one for one in models}).values())

    def again(_: SiteDocument, __: int, refused: Sequence[Refusal]) -> Response:
        return _refused(
            title, [f"{path_words(refusal.field)}: {told(refusal.allowed)}" for refusal in refused]
        )

    return propose(
        edit,
        again,
        title=title,
        here="meter_models",
        back=_HERE,
        comment=title,
        editable=False,
        sent=[("text", text)],
    )


def _refused(title: str, faults: Sequence[str]) -> Response:
    return configuration_page(
        "configuration/refused.html", "meter_models", 422, title=title, others=faults, back=_HERE
    )


def _models_in(text: str) -> list[dict[str, Any]] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    models = found.get("meter_models") if isinstance(found, dict) and found.get("kind") == _KIND else None
    if not isinstance(models, list) or not all(isinstance(one, dict) and "id" in one for one in models):
        return None
    return models if all(isinstance(one["id"], str) for one in models) else None
