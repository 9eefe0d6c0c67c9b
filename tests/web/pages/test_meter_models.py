"""Tests of the file of meter models."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.fake_site import FakeSite
from web.revisions import document_of

PATH = "/configuration/meter_models"


def model(name: str, address: int = 100) -> dict[str, Any]:
    registers = [{"quantity": f"current_l{phase}", "address": address + 2 * phase} for phase in (1, 2, 3)]
    return {"id": name, "name": name.upper(), "registers": registers}


def file_of(*models: dict[str, Any]) -> str:
    return json.dumps({"kind": "evce meter models", "meter_models": list(models)})


def take_in(admin: FlaskClient, site: FakeSite, text: str) -> int:
    number = str(site.revisions[0].number)
    sent = {"based_on": number, "onto": number, "text": text, "confirmed": "1"}
    return admin.post(f"{PATH}/import", data=sent).status_code


def test_models_go_out_and_come_in(admin: FlaskClient, site: FakeSite) -> None:
    """MT-3: all or some; what has the same short name is replaced, others stay."""
    assert take_in(admin, site, file_of(model("a"), model("b"))) == 303
    out = admin.get(f"{PATH}/export.json?name=b")
    assert [one["id"] for one in json.loads(out.text)["meter_models"]] == ["b"]
    assert take_in(admin, site, file_of(model("b", 500), model("c"))) == 303
    models = document_of(site.revisions[0].document).meter_models
    assert [(one.id, one.registers[0].address) for one in models] == [("a", 102), ("b", 502), ("c", 102)]
    everything = admin.get(f"{PATH}/export.json").text
    assert [one["id"] for one in json.loads(everything)["meter_models"]] == ["a", "b", "c"]
    assert admin.get(f"{PATH}/export.json?name=z").status_code == 404
    assert "C" in admin.get(PATH).text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a file of meter models"),
        ("[]", "not a file of meter models"),
        (json.dumps({"kind": "evce meter models", "meter_models": [1]}), "not a file of meter models"),
        (json.dumps({"kind": "other", "meter_models": []}), "not a file of meter models"),
        (file_of(model("a", 65_535)), "from 1 to 65535"),
        (file_of({**model("a"), "registers": []}), "“a”, Register:"),
    ],
)
def test_a_file_that_won_t_do_changes_nothing(
    admin: FlaskClient, site: FakeSite, text: str, said: str
) -> None:
    """MT-3, RELIABILITY §3: the field is named."""
    answer = admin.post(f"{PATH}/import", data={"based_on": "7", "text": text})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert site.revisions[0].number == 7
