"""One stage for all cases: whatever was selected is played there at the same time."""

from collections.abc import Iterator

import pytest

from tests.octt.stage import Stage, plays_of


@pytest.fixture(scope="package")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The central system with a station for each play."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPIOZERO_PIN_FACTORY", "mock")
        stage = Stage(tmp_path_factory.mktemp("octt"), plays_of(request.session.items))
        try:
            stage.start()
            yield stage
        finally:
            stage.stop()
