"""The list of protections in docs/security.md: complete, with tests that exist."""

import ast
import configparser
import re
from collections.abc import Iterator

import pytest

from tests.house.source import PACKAGES, ROOT, modules, parse

ITEMS = 25
"""As many as RELIABILITY 4 has."""

HEADING = "## The list of protections\n"

WORDS = 6
"""A reason has at least so many."""

TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows(page: str) -> dict[int, list[str]]:
    """The cells of each numbered row of the list: what, state, where shown or why not."""
    found: dict[int, list[str]] = {}
    for line in page.partition(HEADING)[2].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0].isdecimal():
            assert int(cells[0]) not in found, f"item {cells[0]} is there twice"
            found[int(cells[0])] = cells[1:]
    return found


def faults(page: str) -> Iterator[str]:
    """What is wrong with the list."""
    found = rows(page)
    if list(found) != list(range(1, ITEMS + 1)):
        yield f"the items are {list(found)}"
    for number, (_, state, shown) in found.items():
        named = TEST.findall(shown)
        if state not in ("yes", "partly", "no"):
            yield f"{number}: “{state}” is not yes, partly or no"
        if state != "no" and not named:
            yield f"{number}: names no test"
        if state != "yes" and len(TEST.sub("", shown).split()) < WORDS:
            yield f"{number}: gives no reason"
        for path, test in named:
            if not (ROOT / path).is_file():
                yield f"{number}: {path} does not exist"
            elif test not in {
                n.name for n in ast.walk(parse(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
            }:
                yield f"{number}: {path} has no {test}"


def test_each_protection_has_a_test_or_a_reason() -> None:
    """RELIABILITY 4."""
    assert list(faults((ROOT / "docs" / "security.md").read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ("yes | `tests/house/test_security_list.py::test_that_is_not_there`", "has no test_that"),
        ("yes | `tests/house/test_nowhere.py::test_a`", "does not exist"),
        ("yes | surely", "names no test"),
        ("no | later", "gives no reason"),
        ("perhaps | nobody knows for certain whether it is so", "is not yes"),
    ],
)
def test_a_row_that_shows_nothing_is_noticed(cells: str, fault: str) -> None:
    """RELIABILITY 4: the check can fail."""
    assert any(fault in one for one in faults(f"{HEADING}| 1 | It | {cells} |"))


def shells(tree: ast.AST) -> list[int]:
    """The lines in which a shell would be started."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            ast.unparse(node.func) in ("os.system", "os.popen", "subprocess.getoutput")
            or any(k.arg == "shell" and ast.unparse(k.value) != "False" for k in node.keywords)
        )
    ]


def test_no_shell_is_started_anywhere() -> None:
    """RELIABILITY 4.16."""
    assert shells(ast.parse("run(line, shell=True)\nos.system(line)")) == [1, 2]
    assert {name: found for name in modules(*PACKAGES) if (found := shells(parse(name)))} == {}


def test_the_service_is_nobody_special() -> None:
    """RELIABILITY 4.25: a user of its own, which can't become another."""
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "tools" / "evce.service", encoding="utf-8")
    service = unit["Service"]
    assert service["User"] not in ("", "root", "0")
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == "CAP_NET_BIND_SERVICE"
