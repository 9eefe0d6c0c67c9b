"""Every setting of a document with what is allowed, its default and its help."""

from pathlib import Path

import pytest

from evce.configuration.document import SiteDocument
from evce.configuration.reference import Setting, allowed, choices, field_at, section_at, settings
from evce.configuration.sections import ConnectorSettings, ZoneSettings

MANUAL = Path(__file__).parents[3] / "docs" / "configuration.md"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("zones", 0, "maximum_a"), "a number above 0, at most 10000"),
        (("zones", 0, "degraded_setpoint_a"), "a number from 0 to 10000"),
        (("zones", 0, "mode"), "static or dynamic"),
        (("zones", 0, "parent"), "1 to 50 of a-z, 0-9 and -, beginning with a letter or digit"),
        (("zones",), "a list of tables"),
        (("zones", 3), "a table of settings"),
        (("stations", 0, "vip"), "true or false"),
        (("stations", 0, "connectors"), "a list of 1 to 2 tables"),
        (
            ("stations", 0, "connectors", 1, "sockets"),
            "a list of at least 1 of T2, T2S, TE, CCS or CHAdeMO",
        ),
        (("inputs", "channels"), "a list of at most 3 tables"),
        (("meters", 0, "unit"), "a whole number from 1 to 255"),
        (("nonsense",), "nothing"),
        (("zones", 0, "id", 3), "nothing"),
        (("zones", "id"), "nothing"),
    ],
)
def test_what_is_allowed_is_said_in_words(path: tuple[str | int, ...], text: str) -> None:
    assert allowed(field_at(SiteDocument, path)) == text


def test_sections_and_choices_are_found_by_their_path() -> None:
    assert section_at(SiteDocument, ("zones", 2)) is ZoneSettings
    assert section_at(SiteDocument, ("stations", 0, "connectors", 1)) is ConnectorSettings
    assert section_at(SiteDocument, ("site", "name")) is None
    mode = field_at(SiteDocument, ("zones", 0, "mode"))
    assert mode is not None
    assert choices(mode) == ("static", "dynamic")


@pytest.mark.parametrize(
    ("path", "default"),
    [
        ("site.name", None),
        ("zones[].parent", ""),
        ("zones[].mode", "static"),
        ("stations[].vip", "false"),
        ("stations[].connectors[].rating_a", "the family's"),
        ("meters[].port", "502"),
        ("meters[].unit", "255"),
        ("meters[].poll_ms", "500"),
        ("advanced.ramp_a_per_s", "2"),
    ],
)
def test_defaults_are_told(path: str, default: str | None) -> None:
    """MT-1: port 502, unit 255, 500 ms."""
    assert {setting.path: setting.default for setting in settings(SiteDocument)}[path] == default


@pytest.mark.parametrize("setting", tuple(settings(SiteDocument)), ids=lambda setting: setting.path)
def test_the_manual_tells_each_setting_as_the_program_does(setting: Setting) -> None:
    """CF-1: what is allowed, the default and the help stand in the manual word for word."""
    name = setting.path.rpartition(".")[2]
    default = "**must be given**" if setting.default is None else setting.default or "none"
    cells = [f"`{name}`", setting.allowed.replace("|", "\\|"), default, setting.help]
    row = f"| {' | '.join(cells)} |"
    assert row in MANUAL.read_text(encoding="utf-8").splitlines(), f"add to {MANUAL.name}: {row}"


def test_each_setting_has_a_help_that_ends_as_a_sentence() -> None:
    assert [setting.path for setting in settings(SiteDocument) if not setting.help.endswith(".")] == []
