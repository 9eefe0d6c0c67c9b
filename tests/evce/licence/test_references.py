"""Tests of the capacity references."""

from dataclasses import astuple

import pytest

from evce.licence import OPEN, REFERENCES

TABLE = """
ESS | 15  | no  | no  | 1  | 1 | no  | no
ESM | 50  | no  | yes | 10 | 3 | yes | yes
EDB | 5   | yes | no  | 2  | 2 | no  | no
EDS | 15  | yes | yes | 2  | 2 | no  | no
EDM | 50  | yes | yes | 10 | 3 | yes | yes
EDL | 100 | yes | yes | 20 | 3 | yes | yes
"""
"""Reference, stations, dynamic, TOU and DI, zones, levels, other loads, VIP: as the specification has it."""


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_each_reference_allows_what_its_row_says(line: str) -> None:
    """LIC-1"""
    name, stations, dynamic, tariff, zones, levels, loads, vip = (part.strip() for part in line.split("|"))
    yes = {"yes": True, "no": False}
    assert astuple(REFERENCES[name]) == (
        *(name, int(stations), int(zones), int(levels)),
        *(yes[dynamic], yes[tariff], yes[loads], yes[vip]),
    )


def test_the_open_one_has_no_limit_and_no_licence_names_it() -> None:
    """LIC-1: without a licence, everything."""
    assert astuple(OPEN) == ("open", None, None, None, True, True, True, True)
    assert len(REFERENCES) == 6
    assert OPEN.name not in REFERENCES
