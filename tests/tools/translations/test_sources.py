"""Tests of finding the strings that people read."""

from pathlib import Path

from tools.translations.sources import core_strings, find_strings

ROOT = Path(__file__).parents[3]

MODULE = '''
"""A docstring is no sentence."""
import logging
log = logging.getLogger("a name")
NOTE: "str | None" = "a sentence of the core"
def say(reason, zone):
    """Nor is this one."""
    log.warning("only for the log %s", zone)
    if zone is None:
        raise RuntimeError("an internal error")
    first = f"; {reason.floor:.1f} A at {_where(zone)}, {reason.floor} again at 50 %"
    return first or "technical"
'''


def test_every_kind_of_string_of_the_pages_is_found() -> None:
    """UI-5: templates, code, plurals and tables of words."""
    texts = {found.text for found in find_strings(ROOT)}
    assert {"Station fleet", "Suspended by system", "There is nothing here", "just now"} <= texts
    assert ("%(num)d session", "%(num)d sessions") in texts


def test_the_sentences_of_the_core_are_found() -> None:
    """UI-5: reasons, alarms, refusals and help texts."""
    found = {one.text: one.file for one in core_strings(ROOT)}
    assert found["Gets 0 A: no car asks for current here."] == "evce/allocation/reasons.py"
    assert found["Meter %(name)s can't be read: %(reason)s"] == "actors/meter.py"
    assert "Weekdays on which the slots start." in found


def test_an_f_string_becomes_a_template_and_what_speaks_to_programs_is_left_out(tmp_path: Path) -> None:
    """UI-5: names that a translator understands, each once; per cent signs doubled."""
    (tmp_path / "said.py").write_text(MODULE)
    assert [found.text for found in core_strings(tmp_path, ["said.py"])] == [
        "a sentence of the core",
        "%(floor)s A at %(where)s, %(floor2)s again at 50 %%",
    ]
