"""Every setting of the configuration document has its place in the manual."""

import re
import types
import typing
from collections.abc import Iterator

from pydantic import BaseModel

from evce.configuration.document import SiteDocument
from tests.house.source import ROOT

MANUAL = ROOT / "docs" / "configuration.md"


def settings(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted path of every field below `model`, as in `stations.connectors.wiring`."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        nested = [kind for kind in models_in(field.annotation) if kind is not model]
        if not nested:
            yield path
        for kind in nested:
            yield from settings(kind, f"{path}.")


def models_in(annotation: object) -> list[type[BaseModel]]:
    """The models that a field may hold, through optional, list, tuple and dictionary types."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for argument in typing.get_args(annotation) for model in models_in(argument)]


def documented(manual: str) -> set[str]:
    """The paths that a manual explains.

    A heading with a table's name (`[site]`, `[[stations.connectors]]`) opens that table's section; in it a
    line of the settings' table or list begins with the name in backticks. A full path counts anywhere.
    """
    found = set(re.findall(r"`([a-z_0-9]+(?:\.[a-z_0-9]+)+)`", manual))
    section = ""
    for line in manual.splitlines():
        if line.startswith("#"):
            opened = re.search(r"\[{1,2}([a-z_0-9.]+)\]{1,2}", line)
            section = f"{opened.group(1)}." if opened else ""
        elif entry := re.match(r"\s*[|*-]\s*`([a-z_0-9.]+)`", line):
            found.add(section + entry.group(1))
    return found


def test_the_paths_of_nested_settings_are_found() -> None:
    class Inner(BaseModel):
        amps: float

    class Outer(BaseModel):
        name: str
        inner: tuple[Inner, ...] | None = None

    assert list(settings(Outer)) == ["name", "inner.amps"]


def test_what_a_manual_explains_is_found() -> None:
    manual = (
        "# Site\n## `[site]`\n| `name` | text |\n## `[[zones]]`\n- `id`: text\nand `web.port`, `id` again"
    )
    assert documented(manual) == {"site.name", "zones.id", "web.port"}


def test_every_setting_stands_in_the_manual() -> None:
    """CF-1: nobody can change what nobody can find."""
    explained = documented(MANUAL.read_text(encoding="utf-8"))
    assert [path for path in settings(SiteDocument) if path not in explained] == []
