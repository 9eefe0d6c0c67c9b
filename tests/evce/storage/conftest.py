"""A store in a folder of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evce.storage import Store
from tests.evce.storage.builders import NOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "evce.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path, NOW) as opened:
        yield opened
