"""Reading a site file for a command."""

from pathlib import Path

import click
import pytest

from evce.errors import ConfigurationError, Refusal, UnknownRevisionError
from tools.commands.site_file import RefusedError, load_site, told_plainly


def test_a_good_file_is_a_document(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text('[site]\nname = "x"\n')
    assert load_site(path).site.name == "x"


def test_a_bad_file_ends_the_command_with_every_mistake(tmp_path: Path) -> None:
    """RELIABILITY §3: all errors at once."""
    path = tmp_path / "site.toml"
    path.write_text("[site]\nname = 3\n[web]\nport = -1\n")
    with pytest.raises(RefusedError) as caught:
        load_site(path)
    assert caught.value.exit_code == 1
    assert caught.value.message == (
        f"{path}: 2 mistakes\n"
        "  line 2: site.name = 3: "
        "must be a text of 1 to 50 characters, without control characters or blanks at its ends\n"
        "  line 4: web.port = -1: must be a whole number from 0 to 65535"
    )


def test_one_mistake_is_one(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("")
    with pytest.raises(RefusedError, match="1 mistake\n"):
        load_site(tmp_path / "site.toml")


def test_a_file_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="No such file"):
        load_site(tmp_path / "missing.toml")


def test_refusals_on_purpose_are_told_without_a_traceback() -> None:
    with pytest.raises(click.ClickException, match="no revision 3"), told_plainly():
        raise UnknownRevisionError("no revision 3")
    with pytest.raises(RefusedError, match="the document: 1 mistake\n  a: must be given"), told_plainly():
        raise ConfigurationError([Refusal(("a",), "a", None, "must be given")])
    with pytest.raises(ZeroDivisionError), told_plainly():
        raise ZeroDivisionError
