"""The manual: the documentation that comes with EVCE, made into pages that can be searched."""

import re
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

__all__ = ["CHAPTERS", "Chapter", "Found", "Heading", "Manual", "help_address", "manual_folder", "prose"]

CHAPTERS: Final = (
    "commissioning",
    "operations",
    "configuration",
    "security",
    "simulated-site",
    "architecture",
    "CHANGELOG",
)
"""Files of the documentation for people who install and run a site, in the order of the contents."""

_ELSEWHERE: Final = {
    "overview": "configuration",
    "history": "configuration",
    "assignment": "commissioning#zones",
    "time": "operations#the-time-of-the-site",
    "firmware": "operations#firmware-of-stations",
    "report": "operations#reports",
    "reports": "operations#reports",
    "licence": "operations#licence",
    "users": "security",
    "backup": "operations#backup-and-restore",
    "release": "operations#a-new-version-of-evce",
    "restart": "operations#after-a-restart",
    "factory-reset": "operations#back-to-factory-settings",
}
"""Parts of the settings that are no section of the document."""

_AROUND = 90
"""Characters of a section's text that are shown on each side of a word found."""

_FOUND_AT_MOST = 40


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a chapter; `level` is 1 for its title."""

    level: int
    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class _Section:
    heading: Heading
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A section with the words that were looked for, and its text around the first of them."""

    chapter: str
    chapter_title: str
    heading: Heading
    excerpt: str


@dataclass(frozen=True)
class Chapter:
    """A file of the documentation; `name` is that of its file, without the ending."""

    name: str
    tokens: Sequence[Token]

    @cached_property
    def html(self) -> str:
        """What a page shows of it."""
        return str(_MARKDOWN.renderer.render(self.tokens, _MARKDOWN.options, {}))

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        return tuple(section.heading for section in self.sections)

    @cached_property
    def sections(self) -> tuple[_Section, ...]:
        return tuple(_sections(self.tokens))

    @property
    def title(self) -> str:
        return self.headings[0].title if self.headings else self.name


class Manual:
    """The chapters in a folder of Markdown files; each is read when it is first asked for."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` None: this EVCE came without its documentation."""
        self.folder = folder
        self._read: dict[str, Chapter] = {}

    @property
    def chapters(self) -> list[Chapter]:
        """All that are there."""
        return [found for name in CHAPTERS if (found := self.chapter(name)) is not None]

    def chapter(self, name: str) -> Chapter | None:
        """The chapter of this name; None where there is none."""
        if name in CHAPTERS and name not in self._read and self.folder is not None:
            for place in (self.folder, self.folder.parent):
                path = place / f"{name}.md"
                if path.is_file():
                    self._read[name] = Chapter(name, _prepared(path.read_text(encoding="utf-8")))
                    break
        return self._read.get(name)

    def find(self, text: str) -> list[Found]:
        """The sections that have all of the words of `text`, those first that have them in their heading."""
        words = text.casefold().split()
        if not words:
            return []
        found = [
            (
                _rank(section, words),
                Found(chapter.name, chapter.title, section.heading, _excerpt(section, words)),
            )
            for chapter in self.chapters
            for section in chapter.sections
            if all(word in f"{section.heading.title} {section.text}".casefold() for word in words)
        ]
        return [one for _, one in sorted(found, key=lambda pair: pair[0])[:_FOUND_AT_MOST]]


def manual_folder() -> Path | None:
    """Where the documentation is: beside the packages in a checkout, among the data of an installation."""
    places = (
        Path(__file__).parents[1] / "docs",
        Path(sysconfig.get_path("data")) / "share" / "evce" / "docs",
    )
    return next((place for place in places if (place / f"{CHAPTERS[0]}.md").is_file()), None)


def prose(text: str, inline: bool = False) -> Markup:
    """Markdown from elsewhere as HTML; HTML in it is text, and so is a link that would run something.

    `inline`: without paragraphs, for a line within others.
    """
    return Markup(_MARKDOWN.renderInline(text) if inline else _MARKDOWN.render(text))  # noqa: S704  (the renderer escapes it)


def help_address(part: str) -> str:
    """Where the manual tells of a part of the settings: of a section of the document in its reference."""
    return f"/manual/{_ELSEWHERE.get(part, f'configuration#{part}')}"


def _anchor(title: str) -> str:
    """The anchor that readers of Markdown give a heading; links within the documentation count on it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _prepared(text: str) -> list[Token]:
    tokens = _MARKDOWN.parse(text)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", _anchor(inline.content))
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = list(_redirected(token.children))
    return tokens


def _redirected(children: Iterable[Token]) -> Iterator[Token]:
    """Links and pictures as the pages have them; a link to a file that no page shows is only its text."""
    dropped = 0
    for token in children:
        if token.type == "link_open":
            address = _address(str(token.attrGet("href") or ""))
            if address is None:
                dropped += 1
                continue
            token.attrSet("href", address)
        elif token.type == "link_close" and dropped:
            dropped -= 1
            continue
        elif token.type == "image":
            token.attrSet("src", f"/manual/{token.attrGet('src')}")
            token.attrSet("loading", "lazy")
        yield token


def _address(link: str) -> str | None:
    if link.startswith(("#", "http://", "https://", "mailto:")):
        return link
    name, _, anchor = link.partition("#")
    chapter = name.rpartition("/")[2].removesuffix(".md")
    if not name.endswith(".md") or chapter not in CHAPTERS:
        return None
    return f"/manual/{chapter}#{anchor}" if anchor else f"/manual/{chapter}"


def _sections(tokens: Sequence[Token]) -> Iterator[_Section]:
    heading: Heading | None = None
    lines: list[str] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None and before.type == "heading_open":
            if heading is not None:
                yield _Section(heading, " ".join(lines))
            lines = []
            title = _words(token)
            heading = Heading(int(before.tag[1:]), title, str(before.attrGet("id")))
        elif token.type == "inline":
            lines.append(_words(token))
        elif token.type in ("fence", "code_block"):
            lines.append(token.content)
    if heading is not None:
        yield _Section(heading, " ".join(lines))


def _words(inline: Token) -> str:
    """The text of a line without its marks."""
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content for child in inline.children or ()
    )


def _rank(section: _Section, words: list[str]) -> tuple[int, int]:
    title = section.heading.title.casefold()
    return (sum(word not in title for word in words), section.heading.level)


def _excerpt(section: _Section, words: list[str]) -> str:
    text = " ".join(section.text.split())
    places = [place for word in words if (place := text.casefold().find(word)) >= 0]
    middle = min(places, default=0)
    begin, end = max(0, middle - _AROUND), middle + _AROUND
    return f"{'… ' if begin else ''}{text[begin:end].strip()}{' …' if end < len(text) else ''}"


# What a file says in HTML is shown as text: nothing in the documentation runs on a page.
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False}).enable("table")
