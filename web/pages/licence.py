"""The page of the licence: the capacity reference, the unique identifier, asking for more, installing it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from evce.configuration.capacity import beyond, levels_of, licence_of, reference_of
from evce.configuration.document import SiteDocument
from evce.errors import Refusal
from evce.licence.signed import LONGEST
from web.labels import path_words
from web.languages import gettext
from web.pages.proposing import configuration_page, in_force, propose
from web.rendering import own_identifier
from web.security import Access, access
from web.sentences import told

__all__ = ["licence_pages"]

_PAGE = "/configuration/licence"

licence_pages = Blueprint("licence", __name__)


@licence_pages.get(_PAGE)
@access(Access.ADMIN)
def show() -> Response:
    """LIC-2: both can be copied, and be sent by mail."""
    record, document = in_force()
    return _page(document, record.number, ())


@licence_pages.post(_PAGE)
@access(Access.ADMIN)
def install() -> Response:
    """Put a licence in force as a revision; an empty one takes the present one away."""
    upload = request.files.get("file")
    text = request.form.get("licence", "")
    if upload is not None and upload.filename:
        text = upload.stream.read(LONGEST + 1).decode("ascii", "replace")
    text = "".join(text.split())

    def edit(plain: dict[str, Any]) -> None:
        plain["site"]["licence"] = text

    return propose(
        edit,
        _page,
        title=gettext("Licence"),
        here="licence",
        back=_PAGE,
        comment="licence installed" if text else "licence removed",
        editable=False,
        sent=[("licence", text)],
    )


def _page(document: SiteDocument, based_on: int, refused: Sequence[Refusal]) -> Response:
    reference, identifier = reference_of(document), own_identifier()
    body = f"{gettext('Unique identifier')}: {identifier}\n{gettext('Reference')}: {reference.name}\n"
    return configuration_page(
        "configuration/licence.html",
        "licence",
        422 if refused else 200,
        based_on=based_on,
        reference=reference,
        licence=licence_of(document),
        broken=bool(document.site.licence) and licence_of(document) is None,
        identifier=identifier,
        capacity=(
            (gettext("Stations"), len(document.stations), reference.stations),
            (gettext("Zones"), len(document.zones), reference.zones),
            (gettext("Levels of zones"), levels_of(document), reference.levels),
        ),
        features=(
            (gettext("Dynamic zones"), reference.dynamic),
            (gettext("Times of use and digital inputs"), reference.tariff_and_inputs),
            (gettext("Other loads"), reference.other_loads),
            (gettext("VIP stations"), reference.vip),
        ),
        beyond=[f"{path_words(refusal.field)}: {told(refusal.allowed)}" for refusal in beyond(document)],
        mail=f"mailto:?subject={quote(gettext('EVCE licence'))}&body={quote(body)}",
        faults=[f"{path_words(refusal.field)}: {told(refusal.allowed)}" for refusal in refused],
    )
