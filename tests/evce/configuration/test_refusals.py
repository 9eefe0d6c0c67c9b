"""What is wrong with a document, in the words of who wrote it."""

from typing import Any

import pytest
from pydantic import ValidationError

from evce.configuration.document import SiteDocument
from evce.configuration.refusals import (
    Refused,
    RefusedTextError,
    field_refusals,
    label,
    name_of,
    refusal,
    suggest,
    value_at,
    without,
)
from tests.evce.configuration.sites import small_site


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("maximun_a", ["maximum_a", "mode"], "maximum_a"),
        ("Static", ["static", "dynamic"], "static"),
        ("TRI12", ["TRI123", "TRI312"], "TRI123"),
        ("t2", ["T2", "TE"], "T2"),
        ("static", ["static", "dynamic"], ""),
        ("xyz", ["static"], ""),
        ("", ["static"], ""),
        (3, ["static"], ""),
        ("a", [], ""),
    ],
)
def test_the_word_that_was_probably_meant_is_suggested(word: object, known: list[str], meant: str) -> None:
    assert suggest(word, known) == meant


DATA: dict[str, Any] = {
    "site": {"name": "x"},
    "zones": [{"id": "garage"}, {"name": "No id"}, {}],
    "stations": [{"box_identity": "CP-1", "connectors": [{}, {"wiring": "TRI"}]}],
}


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        (("site", "name"), "x", "site.name"),
        (("zones", 0, "id"), "garage", "zones[garage].id"),
        (("zones", 1, "id"), None, "zones[No id].id"),
        (("zones", 2), {}, "zones[#3]"),
        (("zones", 9, "id"), None, "zones[#10].id"),
        (
            ("stations", 0, "connectors", 1, "wiring"),
            "TRI",
            "stations[CP-1].connectors[#2].wiring",
        ),
        (("site", "name", "more"), None, "site.name.more"),
        ((), DATA, ""),
    ],
)
def test_a_path_leads_to_its_value_and_reads_well(
    path: tuple[str | int, ...], value: object, text: str
) -> None:
    assert value_at(DATA, path) == value
    assert label(path, DATA) == text


def test_a_refusal_knows_the_value_and_the_field() -> None:
    told = refusal(DATA, ("zones", 0, "id"), "must be other", "street")
    assert (told.field, told.value, told.suggestion) == ("zones[garage].id", "garage", "street")
    assert name_of(3) == ""


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("site", "name"), 3, "site.name = 3: must be a text of 1 to 50 characters"),
        (("site", "name"), " x", 'site.name = " x": must be a text of 1 to 50 characters'),
        (
            ("site", "time_zone"),
            "Europe/Pari",
            'did you mean "Europe/Paris"?',
        ),
        (
            ("zones", 1, "maximum_a"),
            0,
            "zones[garage].maximum_a = 0: must be a number above 0, at most 10000",
        ),
        (("zones", 1, "maximum_a"), True, "zones[garage].maximum_a = true: must be a number above 0"),
        (("zones", 1, "maximum_a"), "63", 'zones[garage].maximum_a = "63": must be a number above 0'),
        (("zones", 1, "maximum_a"), float("nan"), "zones[garage].maximum_a = nan: must be a number above 0"),
        (("zones", 1, "maximum_a"), float("inf"), "zones[garage].maximum_a = inf: must be a number above 0"),
        (("zones", 1, "mode"), "dinamic", 'must be static or dynamic; did you mean "dynamic"?'),
        (
            ("zones", 1, "mod"),
            "static",
            'zones[garage].mod = "static": no such setting; did you mean "mode"?',
        ),
        (
            ("site", "colour"),
            "red",
            'site.colour = "red": no such setting (there are name, time_zone, licence)',
        ),
        (("zone",), [], 'zone = []: no such setting; did you mean "zones"?'),
        (("zones",), {}, "zones = { … }: must be a list of tables"),
        (("zones", 1), 7, "zones[#2] = 7: must be a table of settings"),
        (
            ("stations", 0, "connectors"),
            [],
            "stations[CP-01].connectors = []: must be a list of 1 to 2 tables",
        ),
        (("stations", 0, "vip"), "yes", 'stations[CP-01].vip = "yes": must be true or false'),
        (("stations", 0, "box_identity"), "CP 01", "stations[CP 01].box_identity"),
        (("meters", 0, "unit"), 0, "meters[main-meter].unit = 0: must be a whole number from 1 to 255"),
        (("meters", 0, "unit"), 256, "meters[main-meter].unit = 256: must be a whole number from 1 to 255"),
        (("meters", 0, "port"), 502.5, "meters[main-meter].port = 502.5: must be a whole number"),
        (
            ("inputs", "channels", 0, "percent"),
            101,
            "inputs.channels[Half].percent = 101: must be a whole number from 0 to 100",
        ),
        (("inputs", "channels", 0, "pin"), 28, "inputs.channels[Half].pin = 28: must be a whole number"),
    ],
)
def test_a_refused_field_tells_value_and_what_is_allowed(
    path: tuple[str | int, ...], value: object, expected: str
) -> None:
    """MT-1, MT-6, DI-1, OC-4: RELIABILITY §3, the field, the value, what would be right."""
    data = small_site()
    holder: Any = data
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    with pytest.raises(ValidationError) as caught:
        SiteDocument.model_validate(data)
    (told,) = field_refusals(caught.value, SiteDocument, data)
    assert expected in str(told)


def test_a_missing_field_is_named_with_what_it_takes() -> None:
    data = small_site()
    del data["zones"][1]["maximum_a"]
    with pytest.raises(ValidationError) as caught:
        SiteDocument.model_validate(data)
    (told,) = field_refusals(caught.value, SiteDocument, data)
    assert str(told) == "zones[garage].maximum_a: must be given: a number above 0, at most 10000"


def test_more_inputs_than_the_board_has_are_refused() -> None:
    """DI-1: three inputs."""
    data = small_site()
    data["inputs"]["channels"] = [{"name": f"I{n}", "percent": 50, "pin": n} for n in range(4)]
    with pytest.raises(ValidationError) as caught:
        SiteDocument.model_validate(data)
    (told,) = field_refusals(caught.value, SiteDocument, data)
    assert "must be a list of at most 3 tables" in str(told)


def test_refused_values_are_marked_and_families_filled_in_without_touching_the_original() -> None:
    data = small_site()
    kept = small_site()
    pruned = without(data, [("zones", 0, "meter"), ("zones", 2), ("nowhere", "x"), ("site", "missing")])
    assert isinstance(pruned["zones"][0]["meter"], Refused)
    assert isinstance(pruned["zones"][2], Refused)
    assert pruned["stations"][1]["connectors"][0]["sockets"] == ["T2", "TE"]
    assert "missing" not in pruned["site"]
    assert data == kept


def test_a_refused_text_says_what_it_must_be() -> None:
    error = RefusedTextError("a word", "word")
    assert (str(error), error.suggestion) == ("must be a word", "word")
