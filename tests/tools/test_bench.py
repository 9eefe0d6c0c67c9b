"""The script beside the others in `tools`."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "bench.py"


def test_the_script_runs_from_anywhere_and_writes_the_page(tmp_path: Path) -> None:
    """LM-6: the figures in the documentation can be made anew with one command."""
    page = tmp_path / "docs" / "benchmarks.md"
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "allocation", "--sizes", "10", "--out", str(page)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    table = done.stdout[done.stdout.index("## Allocation") :].strip()
    assert table.count("\n| 10 ") == 3
    assert table in page.read_text()


def test_the_script_names_itself(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith("Usage: bench.py [OPTIONS]")
