"""Finds the strings that people read: marked ones in `web`, and the sentences of the core."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

__all__ = ["SPOKEN", "Found", "core_strings", "find_strings", "web_strings"]

SPOKEN = (
    "actors/cpo.py",
    "actors/gateway_admission.py",
    "actors/gateway_alarms.py",
    "actors/gateway_authentication.py",
    "actors/input_board.py",
    "actors/meter.py",
    "actors/modbus_link.py",
    "actors/recorder.py",
    "actors/remote.py",
    "actors/root_zone.py",
    "actors/security.py",
    "actors/site_time.py",
    "actors/zone.py",
    "evce/allocation/allocate.py",
    "evce/allocation/problem.py",
    "evce/allocation/reasons.py",
    "evce/backup/manifest.py",
    "evce/backup/members.py",
    "evce/configuration/capacity.py",
    "evce/configuration/checks.py",
    "evce/configuration/hints.py",
    "evce/configuration/kinds.py",
    "evce/configuration/meter_models.py",
    "evce/configuration/meter_places.py",
    "evce/configuration/network.py",
    "evce/configuration/outlets.py",
    "evce/configuration/reference.py",
    "evce/configuration/refusals.py",
    "evce/configuration/revisions.py",
    "evce/configuration/sections.py",
    "evce/configuration/uplink.py",
    "evce/configuration/web_services.py",
    "evce/cpo/link.py",
    "evce/cpo/upward.py",
    "evce/departures.py",
    "evce/firmware/*.py",
    "evce/drill/alarm.py",
    "evce/licence/signed.py",
    "evce/drill/target.py",
    "evce/planning/*.py",
    "evce/operator_time.py",
    "evce/plausibility.py",
    "evce/proof/words.py",
    "evce/release/package.py",
    "evce/release/shelf.py",
    "evce/release/way_back.py",
    "evce/security/profiles.py",
    "evce/site_time.py",
    "evce/station_control/action_kinds.py",
    "evce/station_control/actions.py",
    "evce/station_control/control.py",
    "evce/station_control/inbound.py",
    "evce/station_control/setpoints.py",
    "evce/station_scan.py",
    "evce/wiring_check.py",
    "tools/backups/making.py",
    "tools/backups/unpacking.py",
    "tools/releases/installing.py",
    "web/backup_room.py",
    "web/child_program.py",
    "web/release_room.py",
)
"""Modules of the core whose sentences reach the pages: reasons, alarms, refusals, help texts, outcomes."""

_SKIPPED_CALLS = re.compile(
    r"(^|\.)(log|_log|record|_record|_audit|debug|info|warning|error|exception|critical|compile|execute|getLogger"
    r"|hang_up|_hang_up|ActionKind|Parameter|close|break_off|match|fullmatch|disconnect|call_error|violation|Malformed)$"
)
"""The event log is a record in English; the others speak to programs."""

_SKIPPED_ERRORS = (
    "AssertionError",
    "KeyError",
    "LookupError",
    "NotImplementedError",
    "RuntimeError",
    "TypeError",
)
_WORD = re.compile(r"[a-z]{2,}")
_TECHNICAL = re.compile(r'= ?"|://\x00')


@dataclass(frozen=True, slots=True)
class Found:
    """One string: `text` (with its plural where it has one) and the file that says it."""

    text: str | tuple[str, str]
    file: str


def find_strings(root: Path) -> list[Found]:
    """Everything to translate below the folder of the sources, in a stable order, each file once per text."""
    return list(dict.fromkeys([*web_strings(root), *core_strings(root)]))


def web_strings(root: Path) -> Iterator[Found]:
    """What the pages mark by `gettext`, `ngettext`, `mark` and `_`."""
    keywords = {**DEFAULT_KEYWORDS, "mark": None}
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    for file, _, text, *_ in extract_from_dir(root / "web", methods, keywords=keywords):
        yield Found(text if isinstance(text, str) else (text[0], text[1]), f"web/{file}")


def core_strings(root: Path, spoken: Iterable[str] = SPOKEN) -> Iterator[Found]:
    """The sentences of the core: an f-string becomes a template such as `Gets %(amps)s: %(why)s`."""
    for pattern in spoken:
        for path in sorted(root.glob(pattern)):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            file = path.relative_to(root).as_posix()
            for text in _Sentences().of(tree):
                yield Found(text, file)


class _Sentences(ast.NodeVisitor):
    """Collects the prose of one module, without docstrings, annotations, logs and internal errors."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}

    def of(self, tree: ast.AST) -> list[str]:
        self.visit(tree)
        return list(self._texts)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring stands alone
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
        for inner in ast.walk(node.annotation):  # Annotated[str, Allowed("…")]
            if isinstance(inner, ast.Call):
                self.visit(inner)

    def visit_arg(self, node: ast.arg) -> None:
        """An annotation says nothing to people."""

    def visit_Raise(self, node: ast.Raise) -> None:
        called = node.exc.func if isinstance(node.exc, ast.Call) else None
        if not (isinstance(called, ast.Name) and called.id in _SKIPPED_ERRORS):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if not _SKIPPED_CALLS.search(ast.unparse(node.func)):
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._keep(node.value.replace("%", "%%") if "%(" not in node.value else node.value, node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        names: dict[str, int] = {}
        template, plain = "", ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                template += str(part.value).replace("%", "%%")
                plain += str(part.value)
            elif isinstance(part, ast.FormattedValue):
                name = _name_of(part.value)
                names[name] = names.get(name, 0) + 1
                template += f"%({name}{names[name] if names[name] > 1 else ''})s"
                plain += "\0"
                self.visit(part.value)
        self._keep(template, plain)

    def _keep(self, template: str, plain: str) -> None:
        text = plain.strip()
        if " " in text and _WORD.search(text) and not _TECHNICAL.search(text):
            self._texts.setdefault(template.strip(" ,;"), None)


def _name_of(node: ast.expr) -> str:
    """What a translator reads for a value: the last name in its expression."""
    names = [
        inner.attr if isinstance(inner, ast.Attribute) else inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute | ast.Name)
    ]
    if isinstance(node, ast.Call) and node.args:
        own = node.func.id if isinstance(node.func, ast.Name) else ""
        # `_limit(reason)` words the whole thing, `_amps(reason.floor)` only writes a value of it.
        return (
            own.strip("_")
            if own[:1] == "_" and isinstance(node.args[0], ast.Name)
            else _name_of(node.args[0])
        )
    return names[0].strip("_") if names else "value"
