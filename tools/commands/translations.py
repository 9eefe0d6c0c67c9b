"""`evce translations`: bring the catalogues of the pages up to date, and tell what they lack."""

import sys
from pathlib import Path

import click

from tools.translations.files import TRANSLATED, fault_lines, merged, path_of, read, stale, written

__all__ = ["translations"]

_ROOT = Path(__file__).parents[2]


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; end with 1 where something lacks.")
@click.option("--language", type=click.Choice(TRANSLATED), help="Only this language, all that it lacks.")
def translations(check: bool, language: str | None) -> None:
    """Take every string of the sources into the catalogues, and tell what is not translated yet.

    For those who change EVCE's sources: run it after a change of texts, translate what it names in
    web/translations/LANGUAGE/LC_MESSAGES/messages.po, and run it again. Nothing has to be compiled.
    """
    lacking = False
    for locale in TRANSLATED if language is None else (language,):
        path = path_of(_ROOT, locale)
        old = check and stale(_ROOT, locale)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written(merged(_ROOT, locale)))
        faults = fault_lines(read(_ROOT, locale))
        lacking |= bool(faults) or old
        told = "is complete" if not faults else f"lacks {len(faults)}"
        click.echo(f"{locale}  {told}{', and its file is not up to date' if old else ''}")
        for line in faults if language is not None else faults[:10]:
            click.echo(f"    {line}")
        if language is None and len(faults) > 10:
            click.echo(f"    and {len(faults) - 10} more: evce translations --language {locale}")
    if check and lacking:
        sys.exit(1)
