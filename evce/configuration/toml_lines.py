"""On which line of a TOML text each of its values stands, which the parser doesn't tell."""

import re

__all__ = ["line_of", "lines_of"]

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRINGS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r'"""(?:[^\\]|\\.)*?"{3,5}',
        r"'''.*?'{3,5}",
        r'"(?:[^"\\]|\\.)*"',
        r"'[^']*'",
    )
)
_ESCAPE = re.compile(r'\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[btnfr"\\])')
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def lines_of(text: str) -> dict[Path, int]:
    """The 1-based line of every key, table and item of a *valid* TOML text, by its path."""
    return _Scanner(text).scan()


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of a path; for what isn't there, of the nearest thing around it."""
    while path not in lines and path:
        path = path[:-1]
    return lines.get(path, 1)


class _Scanner:
    """Walks once through the text; that it is valid was checked before."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._counted_to = 0
        self._line = 1
        self._lines: dict[Path, int] = {}
        self._lengths: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip_blank() < len(self._text):
            if self._text.startswith("[[", self._position):
                table = self._header(2)
            elif self._text[self._position] == "[":
                table = self._header(1)
            else:
                self._pair(table)
        return self._lines

    def _header(self, brackets: int) -> Path:
        line = self._here()
        self._position += brackets
        keys = self._keys()
        self._position += brackets
        path: Path = ()
        for depth, key in enumerate(keys, start=1):
            path = (*path, key)
            if depth == len(keys) and brackets == 2:
                self._lengths[path] = self._lengths.get(path, 0) + 1
            self._lines.setdefault(path, line)
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        self._lines.setdefault(path, line)
        return path

    def _pair(self, table: Path) -> None:
        line = self._here()
        path = table
        for key in self._keys():
            path = (*path, key)
            self._lines.setdefault(path, line)
        self._position += 1
        self._value(path)

    def _keys(self) -> list[str]:
        """A dotted key, up to the character behind it."""
        keys = []
        while True:
            self._skip_blank()
            if self._text[self._position] in "\"'":
                keys.append(_unquoted(self._string()))
            else:
                keys.append(self._take(_BARE_KEY))
            self._skip_blank()
            if self._text[self._position] != ".":
                return keys
            self._position += 1

    def _value(self, path: Path) -> None:
        self._skip_blank()
        match self._text[self._position]:
            case "[":
                self._items(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                self._string()
            case _:
                self._take(_SCALAR)

    def _items(self, path: Path) -> None:
        self._position += 1
        place = 0
        while self._text[self._skip_blank()] != "]":
            self._lines[(*path, place)] = self._here()
            self._value((*path, place))
            place += 1
            self._skip_comma()
        self._position += 1

    def _inline_table(self, path: Path) -> None:
        self._position += 1
        while self._text[self._skip_blank()] != "}":
            self._pair(path)
            self._skip_comma()
        self._position += 1

    def _skip_comma(self) -> None:
        if self._text[self._skip_blank()] == ",":
            self._position += 1

    def _string(self) -> str:
        for string in _STRINGS:
            if found := string.match(self._text, self._position):
                self._position = found.end()
                return found[0]
        raise ValueError(f"no string at character {self._position}")

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._position)
        if found is None:
            raise ValueError(f"no {pattern.pattern} at character {self._position}")
        self._position = found.end()
        return found[0]

    def _skip_blank(self) -> int:
        """Past blanks, line ends and comments; the new position."""
        self._take(_BLANK)
        return self._position

    def _here(self) -> int:
        """The line of the position; counts on from the last one asked for."""
        self._line += self._text.count("\n", self._counted_to, self._position)
        self._counted_to = self._position
        return self._line


def _unquoted(literal: str) -> str:
    """The key that a quoted literal spells."""
    inner = literal[1:-1]
    return inner if literal[0] == "'" else _ESCAPE.sub(_unescaped, inner)


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if code[0] in "uU" else _ESCAPES[code]
