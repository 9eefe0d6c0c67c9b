"""The site file: TOML text to a document, with the line of everything that is wrong, and back."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from evce.configuration.document import SiteDocument
from evce.configuration.toml_lines import line_of, lines_of
from evce.errors import ConfigurationError, Refusal

__all__ = ["LARGEST_FILE", "parse_toml", "write_toml"]

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes; ten thousand stations take less than half of it."""

_POSITION = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


def parse_toml(source: bytes | str) -> SiteDocument:
    """The document in a site file.

    Raises `ConfigurationError` with everything that is wrong, each with its line, in the order of the
    file. A text that isn't TOML has one refusal: the first place that can't be read.
    """
    text = _decoded(source) if isinstance(source, bytes) else source
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    data = _parsed(text)
    try:
        return SiteDocument.parse(data)
    except ConfigurationError as error:
        lines = lines_of(text.replace("\r\n", "\n"))
        refusals = [refusal.at_line(line_of(lines, refusal.path)) for refusal in error.refusals]
        raise ConfigurationError(sorted(refusals, key=lambda refusal: refusal.line or 0)) from None


def _decoded(source: bytes) -> str:
    if len(source) > LARGEST_FILE:
        mebibytes = LARGEST_FILE // 1024 // 1024
        raise ConfigurationError([_unreadable(f"must be a file of at most {mebibytes} MiB", 1)])
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        refusal = f"must be text in UTF-8; byte 0x{source[error.start]:02x} isn't"
        raise ConfigurationError([_unreadable(refusal, line)]) from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigurationError([_unreadable("must not nest that deep", 1)]) from None
    # A number of thousands of digits is a plain ValueError.
    except ValueError as error:
        found = _POSITION.fullmatch(str(error))
        reason, line, column = found.groups() if found else (str(error), None, None)
        where = f" (column {column})" if column else ""
        number = int(line) if line else text.count("\n") + 1
        raise ConfigurationError([_unreadable(f"must be TOML: {reason}{where}", number)]) from None


def _unreadable(allowed: str, line: int) -> Refusal:
    return Refusal((), "the file", None, allowed, line=line)


def write_toml(document: SiteDocument) -> str:
    """The document as a site file: every setting written out, those left out (None) left out."""
    return "\n".join(_table(document.plain(), "")).lstrip("\n") + "\n"


def _table(table: Mapping[str, Any], prefix: str) -> Iterator[str]:
    below = {key: value for key, value in table.items() if _is_table(value)}
    for key, value in table.items():
        if key not in below and value is not None:
            yield f"{key} = {_scalar(value)}"
    for key, value in below.items():
        for header, entry in _headed(f"{prefix}{key}", value):
            yield f"\n{header}"
            yield from _table(entry, f"{prefix}{key}.")


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _headed(path: str, value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    return [(f"[{path}]", value)] if isinstance(value, dict) else [(f"[[{path}]]", entry) for entry in value]


def _scalar(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_scalar, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    # JSON's texts, numbers and truth values are TOML's, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
