"""Tests of the small site."""

from tools.rehearsal.sites import small_site


def test_leases_and_interval_are_as_asked() -> None:
    site = small_site(lease_dynamic=60, lease_static=300, meter_interval=20)
    assert (site.advanced.lease_dynamic_s, site.advanced.lease_static_s) == (60, 300)
    assert site.ocpp.meter_interval_s == 20


def test_it_has_a_dynamic_tree_and_a_static_zone() -> None:
    model = small_site().model()
    assert {zone.id: zone.dynamic for zone in model.zones.values()} == {
        "main": True,
        "garage": False,
        "office": False,
        "street": False,
    }
    assert sorted(model.roots) == ["main", "street"]
