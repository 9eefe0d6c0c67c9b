"""Tests of how a long proof ends."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tools.commands.prove_results import end_with, keep_page


def test_a_page_is_kept_where_it_was_asked_for(tmp_path: Path) -> None:
    said = Console(file=StringIO(), width=300)
    keep_page("<page>", tmp_path / "new" / "page.html", said)
    keep_page("<page>", None, said)
    assert (tmp_path / "new" / "page.html").read_text() == "<page>"


def test_problems_are_told_and_end_with_1() -> None:
    said = StringIO()
    end_with([], Console(file=said))
    with pytest.raises(SystemExit) as end:
        end_with(["a session is [lost]"], Console(file=said, width=300))
    assert end.value.code == 1
    assert said.getvalue() == "  a session is [lost]\n"
