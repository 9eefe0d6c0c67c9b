"""The words that a site document chooses from."""

from enum import StrEnum

import pytest

from evce.configuration.choices import (
    Authentication,
    AuthenticationChoice,
    MeterModel,
    OfflineAuthentication,
    OfflineChoice,
)


@pytest.mark.parametrize(
    ("own", "above"), [(AuthenticationChoice, Authentication), (OfflineChoice, OfflineAuthentication)]
)
def test_a_part_may_inherit_or_choose_what_the_installation_may(
    own: type[StrEnum], above: type[StrEnum]
) -> None:
    """AU-1, AU-2: inherit or own."""
    assert list(own) == ["inherit", *above]


def test_the_built_in_meters_can_be_chosen() -> None:
    """MT-2: the six register maps."""
    assert list(MeterModel) == ["pm5320", "iem3x5x", "powertag", "nsx_legacy", "nsx", "mtz"]
