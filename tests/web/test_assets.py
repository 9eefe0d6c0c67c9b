"""Tests of the addresses of static files."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from web.assets import asset_url

_WEB = Path(__file__).parents[2] / "web"


def test_an_address_carries_its_content_s_hash(nobody: FlaskClient) -> None:
    """A new version is never taken from a browser's cache."""
    url = asset_url("app.css")
    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{8}", url)
    answer = nobody.get(url)
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_a_missing_file_is_noticed() -> None:
    """Not first by a reader."""
    with pytest.raises(FileNotFoundError):
        asset_url("nothing.css")


def test_nothing_is_loaded_from_elsewhere() -> None:
    """No CDN: each vendored folder has its licence, no page names another host."""
    vendored = [path for path in (_WEB / "static" / "vendor").iterdir() if path.is_dir()]
    assert len(vendored) == 5
    assert all((path / "LICENSE").exists() for path in vendored)
    for template in (_WEB / "templates").rglob("*.html"):
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", template.read_text()), template
    for own in [*(_WEB / "static").glob("*.css"), *(_WEB / "static").glob("*.js")]:
        assert "http" not in own.read_text().replace("http-equiv", ""), own


def test_no_template_has_inline_script_or_style() -> None:
    """RELIABILITY 4.21: the content security policy would stop it."""
    for template in (_WEB / "templates").rglob("*.html"):
        text = template.read_text()
        assert not re.search(r"""\s(on[a-z]+|style)=["']""", text), template
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), template
