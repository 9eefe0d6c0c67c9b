"""`evce station scan`."""

import json

import pytest
from click.testing import CliRunner

from tools.cli import main


def test_a_scan_tells_how_far_it_came() -> None:
    """OC-5."""
    result = CliRunner().invoke(main, ["station", "scan", "127.0.0.77", "127.0.0.78", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout[result.stdout.index("{") :])
    assert (told["done"], told["total"], told["running"]) == (2, 2, False)
    table = CliRunner().invoke(main, ["station", "scan", "127.0.0.77", "127.0.0.78"])
    assert (table.exit_code, "Address" in table.output) == (0, True)


@pytest.mark.parametrize(
    ("lowest", "highest", "words"), [("8.8.8.8", "8.8.8.8", "private"), ("x", "y", "'x'")]
)
def test_a_range_that_will_not_do_is_refused(lowest: str, highest: str, words: str) -> None:
    """OC-5, RELIABILITY 3."""
    result = CliRunner().invoke(main, ["station", "scan", lowest, highest])
    assert (result.exit_code, words in result.output) == (1, True)
