"""Reading a site file for a command: the document, or everything that is wrong with it on the screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import parse_toml
from evce.errors import ConfigurationError, EvceError, UnprovenError

__all__ = ["SITE_FILE", "SITE_FILE_AUTHOR", "RefusedError", "load_site", "told_plainly"]

SITE_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)

SITE_FILE_AUTHOR = "site file"
"""Author of the revisions that a site file made."""


class RefusedError(click.ClickException):
    """Ends a command with exit code 1 and every mistake on a line of its own."""

    def __init__(self, source: str, error: ConfigurationError) -> None:
        count = len(error.refusals)
        mistakes = "\n".join(f"  {refusal}" for refusal in error.refusals)
        super().__init__(f"{source}: {count} mistake{'s' if count != 1 else ''}\n{mistakes}")


def load_site(path: Path) -> SiteDocument:
    """The document in a site file. Ends the command when it is refused or can't be read."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    try:
        return parse_toml(source)
    except ConfigurationError as error:
        raise RefusedError(str(path), error) from error


@contextmanager
def told_plainly() -> Iterator[None]:
    """What EVCE refuses on purpose ends the command with its message, not with a traceback."""
    try:
        yield
    except UnprovenError as error:
        raise click.ClickException(
            f"not put in force, for want of a fuse that holds when communication is lost:\n{error}\n"
            "`evce config apply --accept-unproven` puts it in force all the same."
        ) from error
    except ConfigurationError as error:
        raise RefusedError("the document", error) from error
    except EvceError as error:
        raise click.ClickException(str(error)) from error
