"""Trying a power meter from its form or that of its model: what it reads now, or what to change (MT-6)."""

import secrets
from time import time

from flask import Blueprint, Response, abort, make_response, render_template, request
from pydantic import ValidationError

from actors.messages import TRIALS, GetTrial, TryMeter
from evce.configuration.choices import MeterProtocol
from evce.configuration.document import SiteDocument
from evce.configuration.meter_models import MeterModelSettings, register_map
from evce.configuration.sections import MeterSettings
from evce.meter_trial import TrialOutcome, Verdict
from evce.registers import BUILT_IN, RegisterMap
from evce.units import MeterId, Seconds
from web.forms import packed, read_form
from web.labels import choice_word, label_of
from web.languages import gettext
from web.pages.proposing import in_force
from web.rendering import site
from web.security import Access, access
from web.sentences import told

__all__ = ["advice_of", "meter_trials_pages"]

meter_trials_pages = Blueprint("meter_trials", __name__)

ROUNDS = 60
"""A page that is forgotten open stops reading the meter after two minutes."""

LONGEST_TRIAL: Seconds = 30.0
"""Several unit ids of a slow gateway, one after another."""

STOP = 286
"""Tells htmx to swap this answer in and to ask no more."""

_NAMELESS = {"id": "tried", "name": "tried"}
"""What a thing is called doesn't matter for trying it."""

_GOOD = (Verdict.READ, Verdict.ZERO)


@meter_trials_pages.post("/configuration/meters/try")
@access(Access.ADMIN)
def try_meter() -> Response:
    """Begin a trial of the meter in the form, or of the model in the form on the meter named beside it."""
    document = in_force()[1]
    try:
        if _of_model():
            read = read_form(MeterModelSettings, packed(MeterModelSettings, request.form))
            registers = MeterModelSettings.model_validate({**read, **_NAMELESS}).map
            meter = document.meter(MeterId(request.form.get("tried_on", "")))
        else:
            read = read_form(MeterSettings, request.form)
            meter = MeterSettings.model_validate({**read, **_NAMELESS, "role": "reporting", "zone": None})
            registers = register_map(meter.model, document.meter_models)
    except ValidationError as error:
        setting = "meter_models[]" if _of_model() else "meters[]"
        names = dict.fromkeys(label_of(f"{setting}.{one['loc'][0]}") for one in error.errors())
        return _fragment(fault=gettext("First put right: %(fields)s.", fields=", ".join(names)))
    except KeyError:
        return _fragment(fault=gettext("Choose a meter to try it on, and a model."))
    needed = "host" if meter.protocol is MeterProtocol.TCP else "device"
    if getattr(meter, needed) is None:
        return _fragment(fault=gettext("First put right: %(fields)s.", fields=label_of(f"meters[].{needed}")))
    name = secrets.token_hex(8)
    others = {} if _of_model() else _others(document)
    sent = site().tell(TRIALS, TryMeter(name, meter.endpoint, meter.unit, registers, others))
    if not sent:
        return _fragment(fault=gettext("Meters can't be tried at this moment. Try again."))
    return _fragment(trial=name, since=int(time()))


@meter_trials_pages.get("/configuration/meters/trial")
@access(Access.ADMIN)
def outcome() -> Response:
    """What came of it; asked again until there is something."""
    answer = site().ask(TRIALS, GetTrial(request.args.get("trial", "")[:32]))
    if isinstance(answer, TrialOutcome):
        good = answer.verdict in _GOOD
        return _fragment(STOP, outcome=answer, advice=advice_of(answer), good=good)
    if time() - _count("since") > LONGEST_TRIAL:
        return _fragment(STOP, fault=gettext("Meters can't be tried at this moment. Try again."))
    return make_response("", 204)


def _fragment(status: int = 200, **values: object) -> Response:
    rounds = _count("rounds")
    html = render_template(
        "configuration/trial.html",
        **{"outcome": None, "fault": "", "trial": "", **values},
        of="model" if _of_model() else "meter",
        rounds=rounds,
        most=ROUNDS,
    )
    return make_response(html, status)


def _of_model() -> bool:
    return request.args.get("of") == "model"


def _count(name: str) -> int:
    text = request.args.get(name, "0")
    if not text.isascii() or not text.isdecimal() or len(text) > 12:
        abort(400)
    return int(text)


def _others(document: SiteDocument) -> dict[str, RegisterMap]:
    built_in = {str(model): registers for model, registers in BUILT_IN.items()}
    return built_in | {model.id: model.map for model in document.meter_models}


def advice_of(outcome: TrialOutcome) -> str:
    """What the outcome says of the settings, and what to do, in the reader's language."""
    detail = told(outcome.detail)
    match outcome.verdict:
        case Verdict.READ:
            return gettext("It is read. Compare with its display.")
        case Verdict.ZERO:
            return gettext(
                "It is read, and no current flows. Switch something on behind it to see that it measures."
            )
        case Verdict.WORD_ORDER:
            return gettext(
                "These figures come out with the words in the other order: change the word order of its "
                "model, or set the meter itself to the order of its factory."
            )
        case Verdict.OTHER_MODEL:
            model = choice_word(outcome.model)
            return gettext("It reads like a %(model)s: choose that model.", model=model)
        case Verdict.OTHER_UNIT:
            return gettext("Unit id %(unit)d answers there: enter that one.", unit=outcome.unit or 0)
        case Verdict.ODD:
            return gettext(
                "It answers, but no feeder reads like this: choose another model, or define its registers as "
                "a meter model."
            )
        case Verdict.REFUSED:
            return gettext(
                "The device is there, but has none of these registers: choose another model, or define its "
                "registers as a meter model. %(detail)s",
                detail=detail,
            )
        case Verdict.SILENT:
            return gettext(
                "Something takes the connection, but answers to none of the usual unit ids: look up the unit "
                "id at the meter, and the gateway's serial settings. %(detail)s",
                detail=detail,
            )
        case Verdict.UNREACHABLE:
            return gettext(
                "Nobody is at this address and port: check the address, that the meter has power, its "
                "network cable, and that Modbus TCP is switched on. %(detail)s",
                detail=detail,
            )
        case Verdict.NO_LINE:
            return gettext(
                "The serial line can't be used: check that its adapter is plugged in, its name, and that no "
                "other program has it. %(detail)s",
                detail=detail,
            )
        case Verdict.FAILED:
            return gettext(
                "Something answers, but refuses to be read, with this unit id and with the usual ones: look "
                "up the unit id at the meter, or in the list of its gateway. %(detail)s",
                detail=detail,
            )
