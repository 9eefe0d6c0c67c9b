"""The documentation names only what exists, and leaves no alarm unexplained."""

import ast
import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from tests.house.source import ROOT, modules, parse
from tools import checks
from tools.cli import main as evce
from tools.commands.bench import bench
from tools.simulation.__main__ import main as simulate

README = ROOT / "README.md"
OPERATIONS = ROOT / "docs" / "operations.md"
PAGES = (README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))

LARGEST_PICTURE = 250_000
"""Bytes: whoever clones the repository gets every picture of every time."""

ENVIRONMENT = re.compile(r"^(?:[A-Z_]+=\S+ +)+")
SNAKE = re.compile(r"[a-z]+(?:_[a-z]+)*")


# ---- commands and options ----


def code_of(page: str) -> Iterator[tuple[str, bool]]:
    """What stands in code: each line of a fenced block up to its explanation, and each span.

    With each comes whether it stands in a table: the options of a table are those of the command before it.
    """
    fenced = False
    for line in page.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced:
            yield re.split(r" {2,}| # ", line.strip(), maxsplit=1)[0], False
        else:
            yield from ((code, line.startswith("|")) for code in re.findall(r"`([^`]+)`", line))


@dataclass
class Reader:
    """Reads commands as a shell would, and remembers the last for options that stand alone after it."""

    program: click.Command | str = ""

    def faults(self, code: str) -> Iterator[str]:
        """Tell what in a piece of code doesn't exist; nothing about what is no command of ours."""
        words = words_of(code)
        if not words:
            return
        if words[0].startswith("--"):
            yield from unknown_options(self.program, words)
        elif words[0] == "evce" or words[0].endswith(("/evce", "tools/run")):
            if len(words) > 1 and not words[1][0].isdigit():
                yield from self._command(words[1:])
        elif words[0].endswith("tools/test"):
            self.program = help_of_checks()
            yield from unknown_options(self.program, words[1:])
        elif "tools/bench.py" in words:
            self.program = bench
            yield from unknown_options(bench, words[words.index("tools/bench.py") + 1 :])

    def _command(self, words: list[str]) -> Iterator[str]:
        command: click.Command = evce
        while isinstance(command, click.Group) and words:
            if command is not evce and command.invoke_without_command and words[0].startswith("--"):
                break  # its own options
            name, *words = words
            found = command.commands.get(name)
            if found is None:
                yield f"evce {name}: no such command"
                return
            command = found
        self.program = help_of_simulate() if command.name == "simulate" else command
        yield from unknown_options(self.program, words)


def words_of(code: str) -> list[str]:
    try:
        return shlex.split(ENVIRONMENT.sub("", code.strip()))
    except ValueError:
        return []  # an apostrophe in something that is no command


def unknown_options(program: click.Command | str, words: list[str]) -> Iterator[str]:
    """Options and choices that a program doesn't know; the text of its help stands for one without click."""
    if isinstance(program, str):
        named = [word.split("=")[0] for word in words if word.startswith("--")]
        yield from (f"{name}: no such option" for name in named if not re.search(rf"{name}\b", program))
        return
    lone = len(words) == 1 and words[0].startswith("--")
    if lone:
        known = [name for param in program.params for name in (*param.opts, *param.secondary_opts)]
        if words[0] not in known:
            yield f"{program.name} {words[0]}: no such option"
        return
    try:
        given, _, _ = program.make_parser(click.Context(program, **evce.context_settings)).parse_args(
            list(words)
        )
    except click.UsageError as error:
        yield f"{program.name}: {error.format_message()}"
        return
    for param in program.params:
        value = given.get(param.name or "")
        if (
            isinstance(param.type, click.Choice)
            and isinstance(value, str)
            and value not in param.type.choices
        ):
            yield f"{program.name}: {value} is none of {', '.join(param.type.choices)}"


def help_of_checks() -> str:
    return help_text(checks.main)


def help_of_simulate() -> str:
    return help_text(simulate)


def help_text(program: object) -> str:
    assert callable(program)
    with contextlib.redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit):
        program(["--help"])
    return out.getvalue()


def faults_of(page: str) -> list[str]:
    reader = Reader()
    found = []
    for code, in_table in code_of(page):
        before = reader.program
        found += reader.faults(code)
        if in_table:
            reader.program = before
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_in_the_documentation_exists(page: Path) -> None:
    assert faults_of(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "page",
    [
        "`evce chekc SITE.toml`",
        "`tools/run demo --sped 3`",
        "`evce config aply x`",
        "`evce actors kill zone/main --how softly --data x`",
        "`evce input 1 open --data x`",
        "```\nevce run SITE.toml --dta /x   run it\n```",
        "`evce demo`, with `--minute`",
        "`evce demo`\n| `evce run` |\n| `--log` |",
        "`evce simulate SITE.toml --ocpp URL --speedy`",
        "`tools/test --fast`",
        "`.venv/bin/python tools/bench.py everything`",
    ],
)
def test_what_does_not_exist_is_noticed(page: str) -> None:
    assert faults_of(page) != []


@pytest.mark.parametrize(
    "page",
    [
        "`evce`, `evce 0.1.0`, `evce/pledges.py`, `evce.db`, `kill -9 $(cat evce.lock)`, `it's`",
        "`/opt/evce/tools/run run SITE.toml --data /x` with `--log`",
        "`EVCE_VENV=/x tools/test --only tests tests/evce -k lease`",
        "```\nevce actors kill recorder --how hang --data /x    explained with --nothing\n```",
    ],
)
def test_what_exists_is_let_through(page: str) -> None:
    assert faults_of(page) == []


def test_the_readme_names_both_commands() -> None:
    commands = {" ".join(code.split()[:2]) for code, _ in code_of(README.read_text(encoding="utf-8"))}
    assert {"tools/run demo", "tools/test"} <= commands


# ---- alarms ----


def constants(tree: ast.Module) -> dict[str, str]:
    """The texts that a module binds to a name."""
    found = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            found.update({target.id: value.value for target in targets if isinstance(target, ast.Name)})
    return found


def alarm_codes(tree: ast.Module, known: dict[str, str]) -> set[str]:
    """The codes that a module raises alarms with.

    A code is the first argument, or `code`, of whatever has `alarm` in its name; within such a function it
    is also the first member of a pair. Where it is a parameter, whoever calls gives it.
    """
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and "alarm" in ast.unparse(node.func).rpartition(".")[2].lower():
            found |= texts([*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")], known)
        elif isinstance(node, ast.FunctionDef) and "alarm" in node.name:
            pairs = [inner for inner in ast.walk(node) if isinstance(inner, ast.Tuple) and inner.elts]
            found |= texts([pair.elts[0] for pair in pairs], known)
    return {code for code in found if SNAKE.fullmatch(code)}


def texts(nodes: list[ast.expr], known: dict[str, str]) -> set[str]:
    found = set()
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.Name) and node.id in known:
            found.add(known[node.id])
    return found


def raised() -> set[str]:
    """Every alarm code in the product."""
    trees = [parse(name) for name in modules("evce", "actors")]
    known: dict[str, str] = {}
    for tree in trees:
        known |= constants(tree)
    return {code for tree in trees for code in alarm_codes(tree, known | constants(tree))}


def explained(page: str) -> set[str]:
    """The codes in the table of alarms."""
    section = page.partition("\n## Alarms\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))


def test_codes_are_found_in_code() -> None:
    tree = ast.parse(
        'LOST = "meter_lost"\n'
        'state.alarm("faulted", source, "text")\n'
        "self._set_alarm(LOST, True)\n"
        'AlarmView(code="duplicate", source="x")\n'
        "def _alarm(self, code):\n"
        '    AlarmView(code)\n    return {("zone_over", zone): ("A text, with advice", "x")}'
    )
    assert alarm_codes(tree, constants(tree)) == {"faulted", "meter_lost", "duplicate", "zone_over"}


def test_the_search_sees_each_way_of_raising_an_alarm() -> None:
    assert {
        "boot",
        "database_restored",
        "duplicate_identity",
        "faulted",
        "input_board_lost",
        "meter_lost",
        "profile_ignored",
        "setpoint_not_respected",
        "zone_overcommitted",
    } <= raised()


def test_every_alarm_is_explained_to_operators() -> None:
    """OPERATIONS: whoever sees an alarm finds what it means and what to do; no row outlives its alarm."""
    assert explained(OPERATIONS.read_text(encoding="utf-8")) == raised()


# ---- links and pictures ----


def headings(page: str) -> set[str]:
    """The anchors that a page's headings make."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(page: str) -> list[str]:
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'<img src="([^"]+)"', prose)
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def broken(page: Path, text: str) -> list[str]:
    found = []
    for link in links(text):
        name, _, anchor = link.partition("#")
        target = page if not name else (page.parent / unquote(name))
        inside = target.exists() and target.resolve().is_relative_to(ROOT)
        if not inside or (anchor and anchor not in headings(target.read_text("utf-8") if name else text)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert broken(page, page.read_text(encoding="utf-8")) == []


def test_a_link_to_nowhere_is_noticed() -> None:
    text = (
        "# Here we are\n[a](no.md) [b](#here-we-are) [c](#there) [d](docs/configuration.md#site)"
        '\n<img src="x.png">'
        "\n[e](https://example.org/x) [f](../../outside.md)"
    )
    assert broken(README, text) == ["no.md", "#there", "../../outside.md", "x.png"]


def test_pictures_stay_small() -> None:
    large = [path.name for path in (ROOT / "docs").rglob("*.png") if path.stat().st_size > LARGEST_PICTURE]
    assert large == []
