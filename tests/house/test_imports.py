"""The import table of the house, and who may touch clocks, threads and chance."""

import ast
import sys
from collections.abc import Iterator

import pytest

from tests.house.source import PACKAGES, modules, parse

ALLOWED: dict[str, set[str]] = {
    # `cryptography`: certificates are checked and signed by rules; keys and serial numbers come from outside.
    "evce": {
        "alembic",
        "cryptography",
        "fastjsonschema",
        "numpy",
        "ocpp",
        "pydantic",
        "sqlalchemy",
        "sqlmodel",
    },
    # `cryptography`: the gateway's edge makes the keys, and keeps them on the disk.
    "actors": {"cryptography", "evce", "gpiozero", "pykka", "pymodbus", "websockets"},
    "web": {
        "a2wsgi",
        "actors.messages",
        "argon2",
        # `async_upnp_client`, `ifaddr`, `zeroconf`: the pages are found on the local network.
        "async_upnp_client",
        "babel",
        "cryptography",
        "evce",
        "flask",
        "flask_openapi3",
        "flask_wtf",
        "h11",
        "ifaddr",
        "jinja2",
        # `markdown_it`: the manual is written in Markdown.
        "markdown_it",
        "markupsafe",
        # `OpenSSL`: the TLS that pyftpdlib speaks.
        "OpenSSL",
        "pydantic",
        "pyftpdlib",
        # `segno`: an address as a code for the camera of a phone.
        "segno",
        "uvicorn",
        "werkzeug",
        "wtforms",
        "zeroconf",
    },
}
"""What each package may import beside the standard library and itself; `tools` may import everything."""

CLOCKS_THREADS_CHANCE = {
    "_thread",
    "asyncio",
    "concurrent",
    "multiprocessing",
    "queue",
    "random",
    "sched",
    "secrets",
    "select",
    "selectors",
    "signal",
    "socket",
    "socketserver",
    "subprocess",
    "threading",
    "time",
    "uuid",
}
"""What makes a run differ from the next: `evce` has none of it, `actors` only behind the seam."""

SEAM = (
    "actors/runtime/",
    "actors/gateway",
    "actors/cpo_link.py",
    "actors/modbus_link.py",
    "actors/gpio_link.py",
)
"""The runtimes and the edges where the outside comes in (DESIGN §3)."""

CLOCK_CALLS = {
    ("date", "today"),
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("os", "urandom"),
}

ORDER_BLIND = {"all", "any", "frozenset", "len", "max", "min", "set", "sorted", "sum"}
"""Calls whose result doesn't depend on the order in which a set gives its members."""


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every imported module with its line, also within functions and type-checking blocks."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield ("." * node.level + (node.module or "")), node.lineno
            if node.module and node.module.split(".")[0] in PACKAGES:
                yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def outside_the_table(package: str, tree: ast.AST) -> list[str]:
    """The imports that `package` may not make."""
    allowed = ALLOWED[package] | {package}

    def may(name: str) -> bool:
        top = name.split(".")[0]
        if top in sys.stdlib_module_names:
            return True
        # `from actors import messages` is seen as `actors` and `actors.messages`: the second decides.
        return any(
            name == entry or name.startswith(f"{entry}.") or entry == f"{name}.messages" for entry in allowed
        )

    return [f"line {line}: {name}" for name, line in imported(tree) if not may(name)]


def uncontrolled(tree: ast.AST) -> list[str]:
    """Imports and calls that bring in a clock, a thread, a socket or chance."""
    found = [
        f"line {line}: imports {name}"
        for name, line in imported(tree)
        if name.split(".")[0] in CLOCKS_THREADS_CHANCE
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if (name, node.func.attr) in CLOCK_CALLS:
                found.append(f"line {node.lineno}: calls {name}.{node.func.attr}()")
    return found


class SetOrder(ast.NodeVisitor):
    """Finds where code goes through a set in an order that hashing decides.

    Names and attributes count as sets where the module binds them to one or annotates them as one.
    """

    def __init__(self, tree: ast.AST) -> None:
        self.found: list[str] = []
        self.sets: set[str] = set()
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=targets, value=value) if self.is_set(value):
                    self.sets.update(ast.unparse(target) for target in targets)
                case ast.AnnAssign(target=target, annotation=annotation) if self.says_set(annotation):
                    self.sets.add(ast.unparse(target))
                case ast.arg(arg=name, annotation=ast.expr() as annotation) if self.says_set(annotation):
                    self.sets.add(name)
        self.blind: set[ast.AST] = {
            argument
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ORDER_BLIND
            for argument in node.args
        }
        self.visit(tree)

    @staticmethod
    def says_set(annotation: ast.expr) -> bool:
        base = annotation.value if isinstance(annotation, ast.Subscript) else annotation
        return ast.unparse(base) in {"set", "frozenset", "AbstractSet", "MutableSet"}

    def is_set(self, node: ast.expr) -> bool:
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Call(func=ast.Name(id="set" | "frozenset")):
                return True
            case ast.BinOp(op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), left=left, right=right):
                return self.is_set(left) or self.is_set(right)
            case ast.Name() | ast.Attribute():
                return ast.unparse(node) in self.sets
        return False

    def complain(self, node: ast.expr) -> None:
        if self.is_set(node):
            self.found.append(f"line {node.lineno}: goes through the set {ast.unparse(node)}")

    def visit_For(self, node: ast.For) -> None:
        self.complain(node.iter)
        self.generic_visit(node)

    def _visit_comprehension(self, node: ast.ListComp | ast.DictComp | ast.GeneratorExp) -> None:
        if node not in self.blind:
            for generator in node.generators:
                self.complain(generator.iter)
        self.generic_visit(node)

    visit_ListComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension  # noqa: N815

    def visit_Call(self, node: ast.Call) -> None:
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        ordered = {"list", "tuple", "enumerate", "iter", "next", "zip", "map"}
        if ast.unparse(node.func) in ordered or method in {"join", "extend"}:
            for argument in node.args:
                self.complain(argument)
        self.generic_visit(node)


def offences(name: str, found: list[str]) -> list[str]:
    return [f"{name} {what}" for what in found]


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_each_package_imports_only_what_the_table_allows(package: str) -> None:
    found = [o for name in modules(package) for o in offences(name, outside_the_table(package, parse(name)))]
    assert found == []


def test_nobody_imports_the_tools() -> None:
    found = [
        f"{name} line {line}"
        for name in modules("evce", "actors", "web")
        for imported_name, line in imported(parse(name))
        if imported_name.split(".")[0] in {"tools", "tests"}
    ]
    assert found == []


def test_the_domain_knows_no_clock_thread_socket_or_chance() -> None:
    assert [o for name in modules("evce") for o in offences(name, uncontrolled(parse(name)))] == []


def test_actors_touch_clocks_threads_and_chance_only_behind_the_seam() -> None:
    inside = [name for name in modules("actors") if not name.startswith(SEAM)]
    assert [o for name in inside for o in offences(name, uncontrolled(parse(name)))] == []


def test_nothing_depends_on_the_order_of_a_set() -> None:
    assert [
        o for name in modules("evce", "actors") for o in offences(name, SetOrder(parse(name)).found)
    ] == []


@pytest.mark.parametrize(
    ("package", "code"),
    [
        ("evce", "import pykka"),
        ("evce", "from actors.messages import Message"),
        ("evce", "def f():\n    import flask"),
        ("actors", "from web import pages"),
        ("actors", "import numpy"),
        ("web", "import pykka"),
        ("web", "from actors.supervised import Supervised"),
        ("web", "from actors import supervised"),
        ("web", "import tools.cli"),
    ],
)
def test_the_table_refuses(package: str, code: str) -> None:
    assert outside_the_table(package, ast.parse(code)) != []


@pytest.mark.parametrize(
    ("package", "code"),
    [
        ("evce", "import json, struct\nfrom evce.units import Amps\nfrom ocpp.v16 import enums"),
        ("actors", "import pykka\nfrom evce import registers\nfrom actors.messages import Message"),
        ("web", "from actors import messages\nfrom actors.messages import GetSnapshot\nimport flask"),
    ],
)
def test_the_table_allows(package: str, code: str) -> None:
    assert outside_the_table(package, ast.parse(code)) == []


@pytest.mark.parametrize(
    "code",
    [
        "import time",
        "from random import choice",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime, UTC\ndatetime.now(UTC)",
        "from datetime import date\ndate.today()",
        "from uuid import uuid4",
        "import os\nos.urandom(4)",
    ],
)
def test_what_differs_from_run_to_run_is_noticed(code: str) -> None:
    assert uncontrolled(ast.parse(code)) != []


@pytest.mark.parametrize(
    "code",
    [
        "for a in {1, 2}: pass",
        "s = set()\nfor a in s: pass",
        "s: frozenset[int] = g()\nx = [a for a in s]",
        "def f(s: set[int]): return list(s)",
        "self.s: set[int] = g()\nself.s = h()\ny = tuple(self.s)",
        "', '.join({'a', 'b'})",
        "a = {1}\nfor x in a | {2}: pass",
    ],
)
def test_going_through_a_set_in_its_own_order_is_noticed(code: str) -> None:
    assert SetOrder(ast.parse(code)).found != []


@pytest.mark.parametrize(
    "code",
    [
        "for a in sorted({1, 2}): pass",
        "s = set()\nx = any(a > 1 for a in s)",
        "s = {1: 2}\nfor a in s: pass",
        "x = {a for a in {1, 2}}",
        "s = {1}\nx = 1 in s",
    ],
)
def test_an_order_that_does_not_matter_is_allowed(code: str) -> None:
    assert SetOrder(ast.parse(code)).found == []
