"""Site files with every kind of mistake, read by the configuration reader."""

import random
import time
from typing import Any

from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import parse_toml, write_toml
from evce.errors import ConfigurationError
from tools.demo import demo_document
from tools.endurance.fuzzing import Fuzzing, Told
from tools.endurance.payloads import damaged
from tools.rehearsal.sites import small_site

__all__ = ["fuzz_sites"]

_PIECES = (
    "[",
    "[[",
    "]",
    '"',
    '"""',
    "=",
    "\n",
    "\t#",
    "\\u0000",
    "\x00",
    "\N{ZERO WIDTH NO-BREAK SPACE}",
    "nan",
    "inf",
    "-1",
    "1e999",
    "9" * 5000,
    "1979-05-27T07:32:00Z",
    "{a = " * 50,
    "[" * 2000,
    "true",
)


def fuzz_sites(count: int, seed: int, told: Told) -> Fuzzing:
    """Read so many damaged site files and documents.

    Each is either refused with what is wrong, naming a field, or it is a document that can be written and
    read back as it was, and that makes a model.
    """
    chance = random.Random(seed)  # noqa: S311  # mistakes, no secrets
    fuzzing = Fuzzing("site files", seed, count)
    documents = [document.plain() for document in (small_site(), demo_document())]
    texts = [write_toml(SiteDocument.parse(plain)) for plain in documents]
    while fuzzing.going_on:
        source: Any
        if chance.random() < 0.5:
            source = _spoilt(chance.choice(texts), chance)
            shown = repr(source[:80]) + f" of {len(source)} bytes"
        else:
            source = damaged(chance.choice(documents), chance)
            shown = _differences(source, documents)
        began = time.monotonic()
        _read(source, shown, fuzzing)
        fuzzing.count(told, 1, time.monotonic() - began, shown)
    return fuzzing.done()


def _read(source: Any, shown: str, fuzzing: Fuzzing) -> None:
    try:
        document = parse_toml(source) if isinstance(source, bytes) else SiteDocument.parse(source)
    except ConfigurationError as error:
        fuzzing.outcomes["refused"] += 1
        if not error.refusals or not all(str(refusal).strip() for refusal in error.refusals):
            fuzzing.problem("refused without saying why", shown)
        return
    except Exception as error:
        fuzzing.problem(f"raised {error!r}", shown)
        return
    fuzzing.outcomes["a site"] += 1
    try:
        document.model()
        if parse_toml(write_toml(document)) != document:
            fuzzing.problem("is another one when it is written and read back", shown)
    except Exception as error:
        fuzzing.problem(f"was taken, then raised {error!r}", shown)


def _spoilt(text: str, chance: random.Random) -> bytes:
    """Damage the text in one to three places, anywhere."""
    for _ in range(chance.randint(1, 3)):
        lines = text.split("\n")
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[other])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = lines[at].partition("=")[0] + "=" + lines[other].partition("=")[2]
            case 4:
                place = chance.randint(0, len(lines[at]))
                lines[at] = lines[at][:place] + chance.choice(_PIECES) + lines[at][place:]
            case _:
                lines = lines[: at + 1]
        text = "\n".join(lines)
    data = text.encode(errors="replace")
    if chance.random() < 0.1:
        place = chance.randrange(len(data) or 1)
        data = data[:place] + chance.randbytes(chance.randint(1, 4)) + data[place:]
    return data


def _differences(source: Any, documents: list[Any]) -> str:
    """The sections that aren't those of any sound document."""
    if not isinstance(source, dict):
        return repr(source)
    return repr({k: v for k, v in source.items() if all(v != whole.get(k) for whole in documents)})
