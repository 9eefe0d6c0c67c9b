"""Tests of the forms that are made from the configuration document."""

from typing import Any

import pytest
from flask import Flask
from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from evce.configuration.document import SiteDocument
from evce.configuration.reference import settings
from evce.configuration.sections import InputSettings, PeriodSettings, StationSettings, ZoneSettings
from evce.errors import ConfigurationError
from tests.web.conftest import Clock
from tests.web.fake_document import fake_document
from web.forms import (
    Field,
    Group,
    Option,
    as_form,
    faults_at,
    field_names,
    form_fields,
    packed,
    read_form,
)
from web.things import THINGS

KNOWN = {"zones": [Option("main", "Main")], "meters": [Option("m", "Meter")]}


def fields_of(
    app: Flask, model: type[BaseModel], setting: str, form: Any, **more: Any
) -> list[Field | Group]:
    with app.test_request_context():
        return list(form_fields(model, setting, form, KNOWN, more.pop("faults", {}), **more))


def test_every_setting_of_the_document_is_on_a_form(app: Flask) -> None:
    """UI-10, CF-1: one that is added to the document has its field by itself."""
    there: set[str] = set()

    def collect(model: type[BaseModel], setting: str) -> None:
        form: MultiDict[str, str] = MultiDict()
        for one in fields_of(app, model, setting, form):
            if isinstance(one, Group):
                inner = one.slots[0].fields
                there.update(f"{setting}.{one.name}[].{f.name.rpartition('.')[2]}" for f in inner)
            else:
                there.add(f"{setting}.{one.name}")

    for name, info in SiteDocument.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            collect(info.annotation, name)
    for things in THINGS.values():
        collect(things.model, things.setting)
    assert {s.path for s in settings(SiteDocument)} == there


def test_a_document_survives_its_forms(clock: Clock) -> None:
    """CF-1: opening a form and saving it changes nothing."""
    plain = fake_document(clock()).plain()
    for things in THINGS.values():
        for thing in things._list(plain):
            read = read_form(things.model, as_form(things.model, thing))
            assert things.model.model_validate(read).model_dump(mode="json") == thing
    for name, info in SiteDocument.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel) and name != "tariff":
            read = read_form(info.annotation, as_form(info.annotation, plain[name]))
            assert info.annotation.model_validate(read).model_dump(mode="json") == plain[name]


@pytest.mark.parametrize(
    ("typed", "read"),
    [("63", 63), ("62.5", 62.5), ("62,5", 62.5), (" 63 ", 63), ("much", "much"), ("", None)],
)
def test_numbers_are_read_as_people_type_them(typed: str, read: object) -> None:
    """RELIABILITY 3: what is no number is kept for the validation to refuse."""
    assert read_form(ZoneSettings, MultiDict({"maximum_a": typed})).get("maximum_a") == read


def test_time_slots_are_words_and_days_are_ticks(app: Flask) -> None:
    """TOU-1: 22:00-06:00, 12:00-14:00."""
    form = MultiDict([("slots", "22:00-06:00, 12:00-14:00"), ("days", "mon"), ("days", "sat"), ("zones", "")])
    read = read_form(PeriodSettings, form)
    assert read["slots"] == ["22:00-06:00", "12:00-14:00"]
    assert read["days"] == ["mon", "sat"]
    assert "zones" not in read
    widgets = {
        one.name: one.widget
        for one in fields_of(app, PeriodSettings, "tariff.periods[]", form)
        if isinstance(one, Field)
    }
    assert widgets == {
        "name": "text",
        "percent": "number",
        "slots": "words",
        "days": "ticks",
        "enabled": "switch",
        "zones": "ticks",
    }


def test_short_lists_have_a_slot_each(app: Flask) -> None:
    """EL-3: one connector is always there, the second may be."""
    form = MultiDict({"connectors.0": "1", "connectors.0.wiring": "MONO1"})
    group = fields_of(app, StationSettings, "stations[]", form)[-1]
    assert isinstance(group, Group)
    assert [(slot.required, slot.present) for slot in group.slots] == [(True, True), (False, False)]
    assert read_form(StationSettings, form)["connectors"] == [{"wiring": "MONO1"}]


def test_a_gap_in_a_short_list_closes() -> None:
    """DI-1: the second input alone becomes the first, its faults stand at it."""
    form = MultiDict(
        {"enabled": "1", "channels.1": "1", "channels.1.name": "b", "channels.2.name": "left over"}
    )
    dense = packed(InputSettings, form)
    assert dense.to_dict() == {"enabled": "1", "channels.0": "1", "channels.0.name": "b"}


def test_a_reference_that_is_gone_is_still_shown(app: Flask) -> None:
    """RELIABILITY 3: the input is preserved."""
    form = MultiDict({"parent": "nowhere"})
    parent = next(one for one in fields_of(app, ZoneSettings, "zones[]", form) if one.name == "parent")
    assert isinstance(parent, Field)
    assert [option.value for option in parent.options] == ["", "main", "nowhere"]


def test_faults_stand_at_their_fields(app: Flask, clock: Clock) -> None:
    """RELIABILITY 3: the others are told above the form, none is lost."""
    plain = fake_document(clock()).plain()
    plain["zones"][1]["maximum_a"] = 900
    plain["zones"][1]["parent"] = "mian"
    plain["stations"][0]["connectors"][0]["wiring"] = "TRI"
    with pytest.raises(ConfigurationError) as refused:
        SiteDocument.parse(plain)
    names = field_names(fields_of(app, ZoneSettings, "zones[]", MultiDict()))
    with app.test_request_context():
        faults, others = faults_at(refused.value.refusals, ("zones", 1), names)
    assert "Did you mean “main”?" in faults["parent"]
    assert len(others) == len(refused.value.refusals) - 1
    station = field_names(fields_of(app, StationSettings, "stations[]", MultiDict({"connectors.0": "1"})))
    with app.test_request_context():
        faults, _ = faults_at(refused.value.refusals, ("stations", 0), station)
    assert list(faults) == ["connectors.0.wiring"]


def test_what_a_thing_goes_by_is_chosen_once(app: Flask) -> None:
    """CF-1: others refer to it."""
    new = fields_of(app, ZoneSettings, "zones[]", MultiDict(), new=True)[0]
    known = fields_of(app, ZoneSettings, "zones[]", MultiDict())[0]
    assert isinstance(new, Field)
    assert isinstance(known, Field)
    assert (new.fixed, known.fixed) == (False, True)


def test_what_few_sites_touch_is_folded_away_until_somebody_did(app: Flask) -> None:
    """UI-6: what is set or wrong is always seen."""

    def folded(form: MultiDict[str, str], **more: Any) -> set[str]:
        fields = fields_of(app, StationSettings, "stations[]", form, **more)
        return {field.name for field in fields if isinstance(field, Field) and field.seldom}

    blank = THINGS["stations"].blank({})
    few = {"security_profile", "authentication", "offline", "profile_memory", "file_transfer"}
    assert folded(blank) == few
    assert folded(blank, faults={"offline": "wrong"}) == few - {"offline"}
    blank.setlist("authentication", ["all_cards"])
    assert folded(blank) == few - {"authentication"}
