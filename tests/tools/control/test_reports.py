"""Tests of what the command line can have a daemon report."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.web.fake_site import FakeSite
from tests.web.test_report_maker import maker_of
from tools.control.reports import report_deeds

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


def test_a_report_is_made_and_listed_with_where_it_is(tmp_path: Path) -> None:
    """LG-2, LG-3"""
    deeds: dict[str, Any] = report_deeds(maker_of(None, FakeSite(now=lambda: AT), lambda: AT, tmp_path))
    made = deeds["report"]({"station": "CP-01", "author": "ada"})["report"]
    assert (made["station"], made["kind"], made["made_at"]) == ("CP-01", "requested", AT.isoformat())
    assert len(Path(made["path"]).read_bytes()) == made["size"]
    assert deeds["reports"]({})["reports"] == [made]
    with pytest.raises(LookupError, match="station='CP-99': know CP-01"):
        deeds["report"]({"station": "CP-99"})
