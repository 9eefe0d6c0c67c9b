"""Keys over a change of passwords, whoever is killed in between, and the profile that only rises."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from evce.security.profiles import SecurityProfile
from evce.security.standing import MOST_KEYS, CertificateRecord, StationSecurity
from evce.units import BoxIdentity

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CP = BoxIdentity("CP-1")
NONE, KEY, TLS, CERTIFICATE = SecurityProfile


def test_the_old_key_opens_until_the_station_has_come_with_the_new_one() -> None:
    """OC-7."""
    both = StationSecurity(CP, ("old",)).with_candidate("new", NOW)
    assert both.keys == ("old", "new")
    assert both.came_with("old", KEY, NOW).keys == ("old", "new")
    assert both.came_with("new", KEY, NOW).keys == ("new",)
    assert both.without("new", NOW).keys == ("old",)


@given(st.lists(st.sampled_from(["change", "taken", "refused", "comes"]), max_size=30))
@settings(max_examples=80)
def test_the_stations_own_key_always_opens(events: list[str]) -> None:
    """OC-7: changes whose outcome nobody knows, in any order with reconnections."""
    known, own, serial, sent = StationSecurity(CP, ("k0",)), "k0", 0, ""
    for event in events:
        match event:
            case "change" if not known.full:
                serial += 1
                sent = f"k{serial}"
                known = known.with_candidate(sent, NOW)
            case "taken" if sent:
                own, sent = sent, ""
            case "refused" if sent:
                known, sent = known.without(sent, NOW), ""
            case "comes":
                known = known.came_with(own, KEY, NOW)
        assert own in known.keys
        assert len(known.keys) <= MOST_KEYS


def test_the_profile_reached_never_falls() -> None:
    """OC-7: never a silent downgrade."""
    reached = StationSecurity(CP)
    for profile, expected in (
        (KEY, KEY),
        (CERTIFICATE, CERTIFICATE),
        (TLS, CERTIFICATE),
        (NONE, CERTIFICATE),
    ):
        reached = reached.came_with(None, profile, NOW)
        assert reached.reached is expected


def test_what_is_no_news_changes_nothing() -> None:
    """Each connection would otherwise be a write to flash."""
    known = StationSecurity(CP, ("key",), KEY, NOW)
    assert known.came_with("key", KEY, NOW + timedelta(days=1)) is known


def test_a_certificate_stands_until_it_ends_or_is_revoked() -> None:
    """OC-7."""
    record = CertificateRecord("0A", CP, NOW, NOW + timedelta(days=1), "")
    assert record.stands(NOW)
    assert not record.stands(NOW + timedelta(days=1))
    assert not CertificateRecord("0A", CP, NOW, NOW + timedelta(days=1), "", NOW).stands(NOW)
