"""The site file: TOML to a document and back."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import LARGEST_FILE, parse_toml, write_toml
from evce.electrical import Family, Wiring
from evce.errors import ConfigurationError
from tests.evce.configuration.sites import documents

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "docs" / "examples" / "site.toml"
DEMO = ROOT / "tools" / "simulation" / "demo-site.toml"

FULL_OF_MISTAKES = """\
[site]
name = "Harbour"
time_zone = "Europe/Pariss"

[[zones]]
id = "main"
name = "Main"
maximum_a = 100
mode = "dynamic"
meter = "Main Meter"
maximun_a = 3

[[zones]]
id = "garage"
name = "main"
parent = "maim"
maximum_a = -120

[[stations]]
box_identity = "CP 1"
name = "One"
family = "parkin"
zone = "main"
connectors = [ { wiring = "TRI12" },
  { wiring = "MONO1", sockets = ["T3"], rating_a = 90 } ]

[[stations]]
box_identity = "CP-2"
name = "Two"
zone = "garage"
connectors = [
  { wiring = "TRI123", rating_a = 5 },
  { wiring = "MONO1", sockets = ["CCS"] },
]

[[meters]]
id = "roof"
role = "production"
name = "Roof"
model = "pm5321"
host = "10.0.0.255"
unit = 300

[input]
enabled = true
"""


def mistakes(source: bytes | str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        parse_toml(source)
    return [str(refusal) for refusal in caught.value.refusals]


def test_a_file_full_of_mistakes_tells_all_of_them_with_their_lines() -> None:
    """MT-1, MT-6, OC-4, EL-1: RELIABILITY §3, field, value, what is allowed, line, what was meant."""
    assert mistakes(FULL_OF_MISTAKES) == [
        'line 3: site.time_zone = "Europe/Pariss": must be a time zone of the IANA database, such as '
        'Europe/Paris; did you mean "Europe/Paris"?',
        'line 10: zones[main].meter = "Main Meter": must be 1 to 50 of a-z, 0-9 and -, beginning with a '
        'letter or digit; did you mean "main-meter"?',
        'line 11: zones[main].maximun_a = 3: no such setting; did you mean "maximum_a"?',
        'line 15: zones[garage].name = "main": must be unique; zone #1 has it already',
        'line 16: zones[garage].parent = "maim": must be the id of a zone; did you mean "main"?',
        "line 17: zones[garage].maximum_a = -120: must be a number above 0, at most 10000",
        'line 20: stations[CP 1].box_identity = "CP 1": must be 1 to 48 letters, digits or any of '
        "- _ . : = * + | @, without blanks",
        'line 22: stations[CP 1].family = "parkin": must be city, parking, smart_wallbox, pro_ac, '
        'pro_ac_metal, dc_24 or generic; did you mean "parking"?',
        'line 24: stations[CP 1].connectors[#1].wiring = "TRI12": must be TRI123, TRI231, TRI312, MONO1, '
        'MONO2 or MONO3; did you mean "TRI123"?',
        'line 25: stations[CP 1].connectors[#2].sockets[#1] = "T3": must be T2, T2S, TE, CCS or CHAdeMO',
        "line 32: stations[CP-2].connectors[#1].rating_a = 5: must be at least 6, the floor of this outlet "
        "under iec61851",
        'line 33: stations[CP-2].connectors[#2].wiring = "MONO1": must be TRI123, TRI231 or TRI312 for a DC '
        "outlet",
        "line 36: meters[roof].zone: must be given: the zone that the production feeds",
        'line 40: meters[roof].model = "pm5321": must be pm5320, iem3x5x, powertag, nsx_legacy, nsx or mtz; '
        'did you mean "pm5320"?',
        'line 41: meters[roof].host = "10.0.0.255": must be a host name, or an IP address that doesn\'t end '
        "in .0, .254 or .255",
        "line 42: meters[roof].unit = 300: must be a whole number from 1 to 255",
        'line 44: input = { … }: no such setting; did you mean "inputs"?',
    ]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"", ["line 1: site: must be given: a table of settings"]),
        (
            b"[site\n",
            ["line 1: the file: must be TOML: Expected ']' at the end of a table declaration (column 6)"],
        ),
        (b"[site]\nname = \n", ["line 2: the file: must be TOML: Invalid value (column 8)"]),
        (
            b'[site]\nname = "a"\nname = "b"\n',
            ["line 3: the file: must be TOML: Cannot overwrite a value (column 11)"],
        ),
        (b"[site]\n\nname = 'x", ['line 3: the file: must be TOML: Expected "\'"']),
        (b'[site]\nname = "\xff"\n', ["line 2: the file: must be text in UTF-8; byte 0xff isn't"]),
        (b"x = " + b"[" * 100_000, ["line 1: the file: must not nest that deep"]),
        (b"#" * (LARGEST_FILE + 1), ["line 1: the file: must be a file of at most 4 MiB"]),
        (
            b"[site]\nname = 2020-01-01\n",
            ["line 2: site.name = 2020-01-01: must be a text of 1 to 50 characters"],
        ),
        (b"site = 3\n", ["line 1: site = 3: must be a table of settings"]),
        (b'zones = [3]\n[site]\nname = "x"\n', ["line 1: zones[#1] = 3: must be a table of settings"]),
    ],
)
def test_what_is_no_site_file_is_refused_with_the_place(source: bytes, told: list[str]) -> None:
    found = mistakes(source)
    assert len(found) == len(told)
    assert all(line.startswith(expected) for line, expected in zip(found, told, strict=True)), found


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    assert len(mistakes("[site]\nname = " + "9" * 10_000)) == 1


@pytest.mark.parametrize(
    "source", ['[site]\nname = "x"\n', '[site]\r\nname = "x"\r\n', '\ufeff[site]\nname = "x"\n']
)
def test_files_of_any_editor_are_read(source: str) -> None:
    assert parse_toml(source.encode()).site.name == "x"


def test_lines_are_right_with_carriage_returns_too() -> None:
    assert mistakes('[site]\r\nname = "x"\r\ntime_zone = 3\r\n')[0].startswith("line 3: ")


@given(documents())
@settings(max_examples=50, deadline=None)
def test_a_written_file_reads_back_as_the_same_document(document: SiteDocument) -> None:
    """CF-1: what `show` prints can be applied."""
    assert parse_toml(write_toml(document)) == document


@pytest.mark.parametrize("path", [EXAMPLE, DEMO], ids=lambda path: path.name)
def test_the_files_that_come_with_the_product_are_valid(path: Path) -> None:
    assert parse_toml(path.read_bytes()).stations


def test_the_demo_shows_every_family_wiring_and_kind_of_zone() -> None:
    """EL-1, EL-3, EL-5, MT-4, MT-5, DI-1: what the demo is there to show."""
    document = parse_toml(DEMO.read_bytes())
    model = document.model()
    assert len(model.stations) == 24
    assert {station.family for station in model.stations.values()} == set(Family)
    assert {connector.wiring for connector in model.connectors.values()} == set(Wiring)
    assert {len(station.connectors) for station in model.stations.values()} == {1, 2}
    assert any(station.vip for station in model.stations.values())
    assert max(len(model.path(zone)) for zone in model.zones) == 3
    assert sorted(model.zones[root].dynamic for root in model.roots) == [False, True]
    assert sorted(meter.role for meter in document.meters) == ["production", "reporting", "reporting", "zone"]
    assert [channel.percent for channel in document.inputs.channels] == [50, 30, 0]


def test_the_demo_needs_its_management() -> None:
    """LM-1: each terminal zone could draw well over its maximum."""
    model = parse_toml(DEMO.read_bytes()).model()
    for zone in model.zones.values():
        phases = [0.0, 0.0, 0.0]
        for identity in model.stations_of[zone.id]:
            for connector in model.stations[identity].connectors:
                for phase, loaded in enumerate(connector.wiring.mask):
                    phases[phase] += connector.rating if loaded else 0
        if model.stations_of[zone.id]:
            assert max(phases) > 1.5 * zone.maximum, zone.name
