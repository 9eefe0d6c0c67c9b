"""Forms made from the sections of the configuration document, so that a new setting has its field at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from evce.configuration.reference import Kind, choices, field_at, section_at
from evce.errors import Refusal
from web.labels import CHOSEN_ONCE, REFERENCES, SELDOM, choice_word, in_words, label_of, path_words, unit_of
from web.languages import gettext
from web.sentences import told

__all__ = [
    "CONTROLS",
    "Field",
    "Form",
    "Group",
    "Option",
    "Slot",
    "as_form",
    "faults_at",
    "field_names",
    "form_fields",
    "packed",
    "read_form",
]

CONTROLS = ("csrf_token", "based_on", "onto", "confirmed", "edit", "comment", "accept_unproven")
"""Names that a form carries beside the settings."""

_LISTS_WITH_PAGES = ("zones[]", "stations[]", "meters[]", "meter_models[]", "tariff.periods[]")
_MORE_SLOTS = 1

_SAID_PLAINLY = ("authentication.offline",)
"""Settings whose explanation uses the words of their choices as words."""
_PROTOCOLS = ("tcp", "rtu")
"""Choices that the explanations of other settings name."""

Form = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Option:
    """One of the things to choose from."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """One setting on a form. `values` are texts as typed; `widget` names the macro that draws it."""

    name: str
    label: str
    help: str
    widget: str
    """text, number, switch, choice, ticks or words"""
    values: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    suggestions: tuple[str, ...] = ()
    unit: str = ""
    fault: str = ""
    required: bool = False
    fixed: bool = False
    seldom: bool = False
    """few sites touch it, and here it is as nobody set it: it can be folded away"""

    @property
    def value(self) -> str:
        """The one value."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a short list; `required` ones are always there."""

    name: str
    label: str
    required: bool
    present: bool
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A short list that is edited on the page of what it belongs to: a station's connectors."""

    name: str
    slots: tuple[Slot, ...]
    fault: str = ""


def form_fields(
    model: type[BaseModel],
    setting: str,
    form: Form,
    known: Mapping[str, Sequence[Option]],
    faults: Mapping[str, str],
    *,
    new: bool = False,
    prefix: str = "",
) -> tuple[Field | Group, ...]:
    """The fields of a section in its order; `setting` is its path as in `zones[]`.

    `known` are the zones and meters to choose from, `faults` texts by field name, `form` what was typed or
    what is in force.
    """
    found: list[Field | Group] = []
    for name, info in model.model_fields.items():
        path = f"{setting}.{name}"
        if f"{path}[]" in _LISTS_WITH_PAGES:
            continue
        item = section_at(model, (name, 0))
        if item is not None:
            found.append(_group(model, name, item, path, form, known, faults, prefix))
            continue
        found.append(
            _field(
                _kind(model, name),
                field_at(model, (name, 0)),
                path,
                f"{prefix}{name}",
                info.description or "",
                form,
                known,
                faults,
                required=info.is_required() and not info.json_schema_extra and path not in CHOSEN_ONCE,
                leaves_out=info.default is None and not info.is_required(),
                fixed=path in CHOSEN_ONCE and not new,
                untouched=path in CHOSEN_ONCE
                or tuple(form.getlist(f"{prefix}{name}")) in _unset(info.default),
            )
        )
    return tuple(found)


def _group(
    model: type[BaseModel],
    name: str,
    item: type[BaseModel],
    setting: str,
    form: Form,
    known: Mapping[str, Sequence[Option]],
    faults: Mapping[str, str],
    prefix: str,
) -> Group:
    least, most = _bounds(model, name)
    there = [place for place in range(100) if f"{prefix}{name}.{place}" in form]
    count = most if most is not None else max(len(there), least) + _MORE_SLOTS
    slots = []
    for place in range(max(count, len(there))):
        slot = f"{prefix}{name}.{place}"
        fields = form_fields(
            item, f"{setting}[]", form, known, faults, new=slot not in form, prefix=f"{slot}."
        )
        slots.append(
            Slot(
                slot,
                f"{label_of(setting)} {place + 1}",
                place < least,
                place < least or slot in form,
                tuple(field for field in fields if isinstance(field, Field)),
            )
        )
    return Group(f"{prefix}{name}", tuple(slots), faults.get(f"{prefix}{name}", ""))


def _field(
    kind: Kind,
    item: Kind | None,
    setting: str,
    name: str,
    help_text: str,
    form: Form,
    known: Mapping[str, Sequence[Option]],
    faults: Mapping[str, str],
    *,
    required: bool,
    leaves_out: bool,
    fixed: bool,
    untouched: bool,
) -> Field:
    widget, options = _widget(kind, item, setting, known)
    if widget == "choice" and leaves_out:
        options = (Option("", gettext("none")), *options)
    return Field(
        name=name,
        label=label_of(setting),
        help=_help(help_text, setting, kind, chosen_now=setting in CHOSEN_ONCE and not fixed),
        widget=widget,
        values=tuple(form.getlist(name)),
        options=_with_unknown(options, form.getlist(name)) if widget == "choice" else options,
        suggestions=tuple(sorted(available_timezones())) if setting.endswith(".time_zone") else (),
        unit=unit_of(setting),
        fault=faults.get(name, ""),
        required=required,
        fixed=fixed,
        seldom=setting in SELDOM and untouched and name not in faults,
    )


def _unset(default: object) -> tuple[tuple[str, ...], ...]:
    """The texts of a field that nobody has set: left empty, or what it is without being set."""
    many = default if isinstance(default, tuple) else (default,)
    return (), ("",), ("1",) if default is True else tuple(_text(one) for one in many)


def _help(text: str, setting: str, kind: Kind, *, chosen_now: bool) -> str:
    codes = () if setting in _SAID_PLAINLY else choices(kind) or _PROTOCOLS
    own = in_words(gettext(text), codes) if text else ""
    if not chosen_now:
        return own
    more = gettext("Left empty, it is made of the name.")
    return f"{own} {more}"


def _widget(
    kind: Kind, item: Kind | None, setting: str, known: Mapping[str, Sequence[Option]]
) -> tuple[str, tuple[Option, ...]]:
    words = choices(kind)
    if words:
        return "choice", tuple(Option(word, choice_word(word)) for word in words)
    if setting in REFERENCES:
        return "choice", tuple(known.get(REFERENCES[setting], ()))
    if item is not None:
        if f"{setting}[]" in REFERENCES:
            return "ticks", tuple(known.get(REFERENCES[f"{setting}[]"], ()))
        if words := choices(item):
            return "ticks", tuple(Option(word, choice_word(word)) for word in words)
        return "words", ()
    if kind.of is bool:
        return "switch", ()
    if kind.of in (int, float):
        return "number", ()
    return "text", ()


def _with_unknown(options: tuple[Option, ...], values: Iterable[str]) -> tuple[Option, ...]:
    """What was named stays to be seen, also when it is no choice any more."""
    there = {option.value for option in options}
    return (*options, *(Option(value, value) for value in values if value and value not in there))


def read_form(model: type[BaseModel], form: Form, prefix: str = "") -> dict[str, Any]:
    """The plain values of a section as its form gives them; a field left empty is left out.

    What is no number where one is wanted stays a text, for the validation to refuse it in its own words.
    """
    values: dict[str, Any] = {}
    for name in model.model_fields:
        item = section_at(model, (name, 0))
        if item is not None:
            slots = sorted(_slots(form, f"{prefix}{name}."))
            if slots:
                values[name] = [read_form(item, form, f"{prefix}{name}.{place}.") for place in slots]
            continue
        texts = [text.strip() for text in form.getlist(f"{prefix}{name}")]
        value = _value(_kind(model, name), field_at(model, (name, 0)), texts)
        if value is not None:
            values[name] = value
    return values


def _slots(form: Form, prefix: str) -> Iterable[int]:
    for key in form:
        place = key.removeprefix(prefix)
        if key.startswith(prefix) and place.isascii() and place.isdecimal() and len(place) < 4:
            yield int(place)


def _value(kind: Kind, item: Kind | None, texts: list[str]) -> Any:
    if kind.of is bool:
        return bool(texts)
    given = [text for text in texts if text]
    if item is not None:
        return (given if choices(item) else [word for text in given for word in _words(text)]) or None
    if not given:
        return None
    return _number(given[0]) if kind.of in (int, float) else given[0]


def _words(text: str) -> list[str]:
    return text.replace(",", " ").replace(";", " ").split()


def _number(text: str) -> int | float | str:
    plain = text.replace(",", ".")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return text


def packed(model: type[BaseModel], form: Form) -> Form:
    """The same form without gaps in its short lists, so that a fault finds the slot that it is about."""
    moved: dict[str, str] = {}
    for name in model.model_fields:
        if section_at(model, (name, 0)) is not None:
            places = sorted(_slots(form, f"{name}."))
            moved |= {f"{name}.{place}": f"{name}.{new}" for new, place in enumerate(places)}
    dense: Form = MultiDict()
    for key in form:
        group, _, rest = key.partition(".")
        place, dot, field = rest.partition(".")
        slot = f"{group}.{place}"
        if slot in moved:
            dense.setlist(f"{moved[slot]}{dot}{field}", form.getlist(key))
        elif not place or section_at(model, (group, 0)) is None:
            dense.setlist(key, form.getlist(key))
    return dense


def field_names(fields: Iterable[Field | Group]) -> list[str]:
    """Every name at which a fault can stand."""
    names: list[str] = []
    for field in fields:
        names.append(field.name)
        if isinstance(field, Group):
            names += [inner.name for slot in field.slots for inner in slot.fields]
    return names


def as_form(model: type[BaseModel], plain: Mapping[str, Any], prefix: str = "") -> Form:
    """The texts that a form shows for plain values; the other way of `read_form`."""
    form: Form = MultiDict()
    for name in model.model_fields:
        value, key = plain.get(name), f"{prefix}{name}"
        item = section_at(model, (name, 0))
        if item is not None:
            for place, thing in enumerate(value or ()):
                form.add(f"{key}.{place}", "1")
                form.update(as_form(item, thing, f"{key}.{place}."))
        elif isinstance(value, list | tuple):
            form.setlist(key, [_text(one) for one in value])
        elif value is True:
            form.add(key, "1")
        elif value is not None and value is not False:
            form.add(key, _text(value))
    return form


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def faults_at(
    refusals: Iterable[Refusal], place: Sequence[str | int], names: Iterable[str]
) -> tuple[dict[str, str], list[str]]:
    """What was refused, by the field of the form at this place of the document, and what lies elsewhere."""
    fields = set(names)
    faults: dict[str, str] = {}
    others: list[str] = []
    for refusal in refusals:
        inside = refusal.path[: len(place)] == tuple(place)
        name = _nearest([str(step) for step in refusal.path[len(place) :]], fields) if inside else ""
        if name:
            faults.setdefault(name, _sentence(refusal))
        else:
            others.append(f"{path_words(refusal.field)}: {_sentence(refusal)}")
    return faults, others


def _nearest(steps: list[str], fields: set[str]) -> str:
    """The field of a path, else the one that holds it: an item's fault stands at its list."""
    while steps and ".".join(steps) not in fields:
        steps = steps[:-1]
    return ".".join(steps)


def _sentence(refusal: Refusal) -> str:
    allowed = told(refusal.allowed)
    text = allowed[:1].upper() + allowed[1:]
    if refusal.suggestion:
        meant = gettext("Did you mean “%(meant)s”?", meant=refusal.suggestion)
        return f"{text}. {meant}"
    return f"{text}."


def _kind(model: type[BaseModel], name: str) -> Kind:
    kind = field_at(model, (name,))
    if kind is None:
        raise LookupError(f"{model.__name__} has no field {name}")
    return kind


def _bounds(model: type[BaseModel], name: str) -> tuple[int, int | None]:
    kind = _kind(model, name)
    return kind.annotated("min_length") or 0, kind.annotated("max_length")
