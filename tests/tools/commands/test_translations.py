"""Tests of `evce translations`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tools.commands import translations
from tools.translations.files import TRANSLATED, path_of


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one marked string."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "page.py").write_text('gettext("Harbour wall")')
    monkeypatch.setattr(translations, "_ROOT", tmp_path)
    return tmp_path


def test_catalogues_are_made_and_what_they_lack_is_told(sources: Path) -> None:
    """UI-5: then translated, and the command is content."""
    run = CliRunner().invoke(translations.translations)
    assert run.exit_code == 0
    assert "fr  lacks 1\n    untranslated: Harbour wall" in run.output
    for locale in TRANSLATED:
        path = path_of(sources, locale)
        text = path.read_text().replace(
            'msgid "Harbour wall"\nmsgstr ""', 'msgid "Harbour wall"\nmsgstr "Mur"'
        )
        path.write_text(text)
    CliRunner().invoke(translations.translations)
    assert CliRunner().invoke(translations.translations, ["--check"]).exit_code == 0


def test_a_check_fails_where_a_file_is_old_and_writes_nothing(sources: Path) -> None:
    """UI-5: for the checks of a change."""
    CliRunner().invoke(translations.translations)
    before = path_of(sources, "de").read_bytes()
    (sources / "web" / "page.py").write_text('gettext("Harbour gate")')
    run = CliRunner().invoke(translations.translations, ["--check", "--language", "de"])
    assert run.exit_code == 1
    assert "not up to date" in run.output
    assert path_of(sources, "de").read_bytes() == before
