"""Tests of the words of drills."""

from evce.drill.kinds import LONGEST, USUAL, Kind, Stage


def test_the_words_are_those_of_the_command_line_and_the_usual_drill_is_a_short_one() -> None:
    """AC-4: `evce drill meter|station|cpo|inputs`; a drill lasts five minutes at most."""
    assert [*Kind] == ["meter", "station", "cpo", "inputs"]
    assert [*Stage] == ["cut", "restored"]
    assert 0.0 < USUAL <= LONGEST == 300.0
