"""The messages about security keep secrets to themselves."""

from actors.messages import ChangeStationKey, KeepStationSecurity, RelayCall
from evce.security.standing import StationSecurity
from evce.units import BoxIdentity

CP = BoxIdentity("CP-1")


def test_no_key_and_no_hash_shows_in_a_trace() -> None:
    """OC-7: messages are printed by the debug shell and in failures."""
    messages = [
        ChangeStationKey("r", CP, b"secret", "secret hash", True, "ann"),
        KeepStationSecurity("security", "r", StationSecurity(CP, ("secret hash",))),
        RelayCall("security", "r", "ChangeConfiguration", {"key": "AuthorizationKey", "value": "secret"}),
    ]
    assert [text for text in map(repr, messages) if "secret" in text] == []
