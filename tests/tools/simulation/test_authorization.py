"""Local list, cache and offline rule."""

import pytest

from tools.simulation.authorization import LocalAuthorization
from tools.simulation.keys import Keys


def entry(tag: str, status: str | None) -> dict[str, object]:
    return {"idTag": tag} if status is None else {"idTag": tag, "idTagInfo": {"status": status}}


def store(**keys: str) -> LocalAuthorization:
    changed = Keys(1)
    for name, value in keys.items():
        assert changed.change(name, value) == "Accepted"
    return LocalAuthorization(changed)


@pytest.mark.parametrize(
    ("keys", "tag", "accepted"),
    [
        ({}, "LISTED", True),
        ({}, "listed", True),
        ({}, "BLOCKED", False),
        ({}, "CACHED", True),
        ({}, "STRANGER", False),
        ({"AllowOfflineTxForUnknownId": "true"}, "STRANGER", True),
        ({"AllowOfflineTxForUnknownId": "true"}, "BLOCKED", False),
        ({"AuthorizationCacheEnabled": "false"}, "CACHED", False),
        ({"LocalAuthListEnabled": "false"}, "LISTED", False),
        ({"LocalAuthorizeOffline": "false"}, "LISTED", False),
    ],
)
def test_who_starts_offline(keys: dict[str, str], tag: str, accepted: bool) -> None:
    """AU-2, AU-7: list before cache before the rule for strangers; case doesn't matter."""
    known = store()
    known.update(1, "Full", [entry("LISTED", "Accepted"), entry("BLOCKED", "Blocked")])
    known.learn("CACHED", "Accepted")
    known.learn("BLOCKED", "Accepted")
    for name, value in keys.items():
        known._keys.change(name, value)
    if "AuthorizationCacheEnabled" in keys:
        known.clear_cache()
    assert known.accepts_offline(tag) is accepted


def test_a_list_is_replaced_or_changed() -> None:
    """OC-1: SendLocalList."""
    known = store()
    assert known.update(3, "Full", [entry("A", "Accepted")]) == "Accepted"
    assert known.update(3, "Differential", []) == "VersionMismatch"
    assert known.update(4, "Differential", [entry("A", None), entry("B", "Accepted")]) == "Accepted"
    assert (known.known("A"), known.known("B"), known.version) == (None, "Accepted", 4)
    assert known.update(5, "Full", [entry(str(n), "Accepted") for n in range(1001)]) == "Failed"
    assert known.version == 4


def test_without_a_list_none_is_taken() -> None:
    assert store(LocalAuthListEnabled="false").update(1, "Full", []) == "NotSupported"
