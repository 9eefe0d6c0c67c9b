"""Which checks run, in what surroundings, and when one has failed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tools import checks
from tools.environment import SetUpError


@pytest.mark.parametrize(
    ("only", "quick", "arguments", "names", "last"),
    [
        (
            [],
            False,
            [],
            ["lint", "format", "types", "house", "virtual", "tests"],
            "--ignore=tests/web/pages",
        ),
        (
            [],
            True,
            [],
            ["lint", "format", "types", "house", "virtual", "tests"],
            "not browser and not scenario",
        ),
        (["virtual"], False, [], ["virtual"], "tests/web/pages"),
        (["types"], False, [], ["types"], "mypy"),
        (["tests"], False, ["tests/evce", "-x"], ["tests"], "-x"),
    ],
)
def test_the_plan_follows_the_options(
    only: list[str], quick: bool, arguments: list[str], names: list[str], last: str
) -> None:
    plan = checks.planned(only, quick, arguments)
    assert [check.name for check in plan] == names
    assert plan[-1].command[-1] == last


def test_the_callers_surroundings_do_not_reach_the_checks(tmp_path: Path) -> None:
    inherited = {
        "HOME": "/root",
        "PATH": "/bin",
        "PYTHONPATH": "/x",
        "GPIOZERO_PIN_FACTORY": "mock",
        "CI": "true",
    }
    clean = checks.clean_environment(tmp_path / "venv" / "bin", tmp_path, inherited)
    assert clean["HOME"] == str(tmp_path)
    assert clean["PATH"] == f"{tmp_path / 'venv' / 'bin'}{os.pathsep}/bin"
    assert clean["CI"] == "true"
    assert "PYTHONPATH" not in clean
    assert "GPIOZERO_PIN_FACTORY" not in clean


RUN = """
import os, sys
from tools.checks import Check, run_check
print("\\n" + str(run_check(Check("any", tuple(sys.argv[1:])), dict(os.environ))))
"""


@pytest.mark.parametrize(
    ("command", "verdict"),
    [
        (["true"], "None"),
        (["sh", "-c", "exit 3"], "ended with 3"),
        (["no-such-program"], "no-such-program is not installed"),
    ],
)
def test_a_check_has_passed_when_it_ends_with_0(command: list[str], verdict: str) -> None:
    # In a process of its own: a check ends every process that it finds below itself.
    done = subprocess.run(
        [sys.executable, "-c", RUN, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == verdict


def test_without_a_browser_and_without_root_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetUpError, match="apt-get is not on this machine") as missing:
        checks.provide_chromium()
    assert "apt-get install chromium" in str(missing.value)
    (tmp_path / "apt-get").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "apt-get").chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SetUpError, match="only root may install it"):
        checks.provide_chromium()


def test_a_browser_that_is_there_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert checks.provide_chromium() == str(browser)


AGAIN = """
import os, sys
from pathlib import Path
from tools.checks import Check, run_check, second_try
cache = Path(sys.argv[1])
pytest = (sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-o", f"cache_dir={cache}")
tests = Check("tests", (*pytest, *sys.argv[2:]))
environment = dict(os.environ)
why = run_check(tests, environment, cwd=cache)
print("\\n" + str(second_try(tests, environment, cache, why or "")))
"""

ONCE = """
from pathlib import Path
def test_steady(): pass
def test_unsteady():
    before = Path(__file__).with_name("before")
    tried = before.exists()
    before.touch()
    assert tried
"""


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        (ONCE, "(None, 'ok, these at the second try: "),
        ("def test_red(): assert False", "('ended with 1', '')"),
        ("".join(f"def test_{n}(): assert False\n" for n in "abc"), "('ended with 1', '')"),
        ("no python", "('ended with 2', '')"),
    ],
)
def test_what_failed_is_tried_once_more_if_it_is_little(tmp_path: Path, source: str, verdict: str) -> None:
    (tmp_path / "test_it.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-c", AGAIN, str(tmp_path), str(tmp_path / "test_it.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1].startswith(verdict), done.stdout
