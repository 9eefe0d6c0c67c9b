"""What of the operator's commands reaches the station."""

import pytest

from evce.cpo.relay import Handling, handling_of
from evce.validation import CENTRAL_ACTIONS


@pytest.mark.parametrize(
    ("action", "handling"),
    [
        ("Reset", Handling.RELAYED),
        ("UnlockConnector", Handling.RELAYED),
        ("SendLocalList", Handling.RELAYED),
        ("SetChargingProfile", Handling.OWN),
        ("ClearChargingProfile", Handling.OWN),
        ("RemoteStartTransaction", Handling.OWN),
        ("InstallCertificate", Handling.REFUSED),
    ],
)
def test_each_command_has_its_way(action: str, handling: Handling) -> None:
    """CPO-1: transparent for everything but current and the link itself."""
    assert handling_of(action) is handling


def test_no_charging_profile_goes_through() -> None:
    assert [a for a in CENTRAL_ACTIONS if "Profile" in a and handling_of(a) is Handling.RELAYED] == []
