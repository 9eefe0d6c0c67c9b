"""What the parts of a document can't be together."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from evce.configuration.checks import MAXIMUM_DEPTH, cross_check
from tests.evce.configuration.sites import small_site

Site = dict[str, Any]
Patch = Callable[[Site], object]


def zone(number: int, **changes: Any) -> Patch:
    return lambda site: site["zones"][number].update(changes)


def station(number: int, **changes: Any) -> Patch:
    return lambda site: site["stations"][number].update(changes)


def meter(number: int, **changes: Any) -> Patch:
    return lambda site: site["meters"][number].update(changes)


def added(kind: str, **thing: Any) -> Patch:
    return lambda site: site[kind].append(thing)


def section(name: str, **values: Any) -> Patch:
    return lambda site: site.update({name: values})


def chain(length: int) -> Patch:
    """A line of zones below the street, the first of them on level 2."""
    names = ["street", *(f"level-{level}" for level in range(2, length + 1))]
    new = [{"id": name, "name": name, "parent": parent, "maximum_a": 50} for parent, name in pairwise(names)]

    def patch(site: Site) -> None:
        site["stations"][1]["zone"] = None
        site["zones"].extend(new)

    return patch


def periods(*periods: dict[str, Any]) -> Patch:
    return section("tariff", enabled=True, periods=[{"percent": 50, **period} for period in periods])


CASES: list[tuple[str, Patch, list[str]]] = [
    # Times of use
    (
        "a period's name twice",
        periods({"name": "Peak", "slots": ["08:00-12:00"]}, {"name": "peak", "slots": ["14:00-18:00"]}),
        ["must be unique; period #1 has it already"],
    ),
    (
        "a period in a zone that isn't there",
        periods({"name": "Peak", "slots": ["08:00-12:00"], "zones": ["garrage"]}),
        ['must be the id of a zone; did you mean "garage"?'],
    ),
    (
        "more than twenty slots in all",
        periods(
            {"name": "One", "slots": ["08:00-12:00"] * 15}, {"name": "Two", "slots": ["08:00-12:00"] * 6}
        ),
        ["must be at most 20 in all periods together"],
    ),
    # Unique names
    (
        "a zone's id twice",
        lambda site: (zone(2, id="garage")(site), station(1, zone="garage")(site)),
        ['zones[garage].id = "garage": must be unique; zone #2 has it already'],
    ),
    ("a zone's name in another case", zone(2, name="GARAGE"), ["must be unique; zone #2 has it already"]),
    ("a station's name twice", station(1, name="Garage 1"), ["must be unique; station #1 has it already"]),
    ("a box identity twice", station(1, box_identity="cp-01"), ["must be unique; station #1 has it already"]),
    (
        "an address twice",
        lambda site: (station(0, address="10.0.0.1")(site), station(1, address="10.0.0.1")(site)),
        ['stations[CP-02].address = "10.0.0.1": must be unique; station #1 has it already'],
    ),
    ("a meter's name twice", meter(1, name="Main meter"), ["must be unique; meter #1 has it already"]),
    (
        "a pin twice",
        lambda site: site["inputs"]["channels"].append({"name": "Off", "percent": 0, "pin": 17}),
        ["inputs.channels[Off].pin = 17: must be unique; input #1 has it already"],
    ),
    # The tree of zones
    (
        "an unknown parent",
        zone(1, parent="mian"),
        ['zones[garage].parent = "mian": must be the id of a zone; did you mean "main"?'],
    ),
    (
        "a parent that resembles none",
        zone(1, parent="xyz"),
        ['zones[garage].parent = "xyz": must be the id of a zone (there are main, garage, street)'],
    ),
    (
        "more than the parent",
        zone(1, maximum_a=101),
        ['zones[garage].maximum_a = 101: must be at most 100, the maximum of its parent "main"'],
    ),
    ("as much as the parent", zone(1, maximum_a=100), []),
    (
        "its own parent",
        zone(2, parent="street"),
        [
            'zones[street].parent = "street": must not lead back to the zone itself (street → street)',
            'stations[CP-02].zone = "street": must be a zone without sub-zones',
        ],
    ),
    (
        "a cycle of two",
        lambda site: (zone(0, parent="garage", maximum_a=63)(site), station(0, zone=None)(site)),
        ["must not lead back to the zone itself (main → garage → main)"],
    ),
    ("as deep as can be", chain(MAXIMUM_DEPTH), []),
    ("too deep", chain(MAXIMUM_DEPTH + 1), ["zones[level-11].parent", "must be a zone of at most level 9"]),
    (
        "stations beside sub-zones",
        station(0, zone="main"),
        [
            'stations[CP-01].zone = "main": must be a zone without sub-zones: '
            "a zone holds sub-zones or stations, and this one holds garage"
        ],
    ),
    (
        "a station in an unknown zone",
        station(0, zone="garag"),
        ['stations[CP-01].zone = "garag": must be the id of a zone; did you mean "garage"?'],
    ),
    ("a station without a zone", station(0, zone=None), []),
    # Dynamic zones and meters
    (
        "dynamic without a meter",
        zone(2, mode="dynamic"),
        ["zones[street].meter: must be given: a dynamic zone needs a meter"],
    ),
    (
        "static with a meter",
        zone(0, mode="static"),
        ['zones[main].meter = "main-meter": must be left out of a static zone, or its mode be "dynamic"'],
    ),
    (
        "static with a degraded setpoint",
        zone(2, degraded_setpoint_a=10),
        ["zones[street].degraded_setpoint_a = 10"],
    ),
    (
        "a degraded setpoint above the maximum",
        zone(0, degraded_setpoint_a=100.5),
        ["zones[main].degraded_setpoint_a = 100.5: must be at most 100, the zone's maximum"],
    ),
    (
        "static with a building of its own",
        zone(2, building_maximum_a=10),
        ["zones[street].building_maximum_a = 10: must be left out of a static zone"],
    ),
    (
        "less of a building than below it",
        lambda site: (
            zone(0, building_maximum_a=30)(site),
            zone(1, mode="dynamic", meter="solar", building_maximum_a=31)(site),
            meter(1, role="zone", zone="garage")(site),
        ),
        ['zones[main].building_maximum_a = 30: must be at least 31, the building of "garage" below it'],
    ),
    (
        "an unknown meter",
        zone(0, meter="main-metre"),
        ['zones[main].meter = "main-metre": must be the id of a meter; did you mean "main-meter"?'],
    ),
    (
        "one meter for two zones",
        zone(2, mode="dynamic", meter="main-meter"),
        ['zones[street].meter = "main-meter": must be a meter of its own; zones[main] has this one'],
    ),
    (
        "a production meter as a zone's meter",
        zone(2, mode="dynamic", meter="solar"),
        ['zones[street].meter = "solar": must be a meter with the role "zone", this one has "production"'],
    ),
    (
        "a zone's meter that names another zone",
        meter(0, zone="street"),
        ['meters[main-meter].zone = "street": must be "main", the zone that names it'],
    ),
    (
        "a meter that names a zone which doesn't name it",
        added("meters", id="m", name="m", role="zone", zone="street", model="mtz", host="10.0.0.9"),
        ["meters[m].zone", "must be left out, or that zone name this meter"],
    ),
    (
        "production into nowhere",
        meter(1, zone=None),
        ["meters[solar].zone: must be given: the zone that the production feeds"],
    ),
    (
        "one meter as two",
        meter(1, host="192.168.0.40", port=502),
        [
            'meters[solar].host = "192.168.0.40": must differ from meters[main-meter] in host, port or unit: '
            "one meter can't be two"
        ],
    ),
    ("two units behind one gateway", meter(1, host="192.168.0.40", unit=2), []),
    ("a reset contact", section("inputs", reset_contact=True), []),
    (
        "a reset contact on one line",
        section("inputs", reset_contact=True, reset_drive_pin=8),
        ["inputs.reset_sense_pin: must differ from inputs.reset_drive_pin"],
    ),
    (
        "a reset contact on the line of an input",
        section(
            "inputs",
            reset_contact=True,
            reset_drive_pin=17,
            channels=[{"name": "Input1", "percent": 50, "pin": 17}],
        ),
        ["inputs.reset_drive_pin = 17: must differ from the pin of inputs.channels[Input1]"],
    ),
    (
        "a slow zone meter",
        meter(0, poll_ms=2000),
        ["meters[main-meter].poll_ms = 2000: must be at most 1500 for a meter that sets a limit"],
    ),
    ("a slow reporting meter", meter(1, role="reporting", poll_ms=60_000), []),
    # The rest
    (
        "one port for stations and pages",
        section("web", port=8887),
        ["web.port = 8887: must differ from ocpp.port: stations connect there"],
    ),
    ("free ports", lambda site: site.update(web={"port": 0}, ocpp={"port": 0}), []),
    ("a profile without TLS", section("ocpp", security_profile=1), []),
    (
        "a profile with TLS without its port",
        section("ocpp", security_profile=2),
        ["ocpp.tls_port: must be given: the site asks for security profile 2, which needs TLS"],
    ),
    (
        "a station's profile without its port",
        station(0, security_profile=3),
        ["ocpp.tls_port: must be given: CP-01 asks for security profile 3, which needs TLS"],
    ),
    ("a profile with its port", section("ocpp", security_profile=3, tls_port=0), []),
    (
        "one port with and without TLS",
        section("ocpp", port=9000, tls_port=9000),
        ["ocpp.tls_port = 9000: must differ from ocpp.port"],
    ),
    (
        "the port of the pages for TLS",
        section("ocpp", tls_port=8443),
        ["ocpp.tls_port = 8443: must differ from web.port"],
    ),
    ("an FTP port that nobody uses", section("ocpp", ftp_port=8443, ftps_port=8443), []),
    (
        "the port of the pages for FTP",
        section("ocpp", file_transfer="ftp", ftp_port=8443),
        ["ocpp.ftp_port = 8443: must differ from web.port"],
    ),
    (
        "one port for both kinds of FTP",
        lambda site: (
            section("ocpp", file_transfer="ftp", ftp_port=9000, ftps_port=9000)(site),
            station(0, file_transfer="ftps")(site),
        ),
        ["ocpp.ftps_port = 9000: must differ from ocpp.ftp_port"],
    ),
    (
        "ports for FTP data that end before they begin",
        section("ocpp", ftp_data_port_first=9000),
        ["ocpp.ftp_data_port_last: must be at least 9000, the first of them"],
    ),
    (
        "a certificate without its key",
        section("ocpp", tls_certificate_file="a.pem"),
        ["ocpp.tls_key_file: must be given with tls_certificate_file"],
    ),
    (
        "static leases shorter than dynamic ones",
        section("advanced", lease_static_s=60),
        ["advanced.lease_static_s = 60: must be at least 120, the lease in dynamic zones"],
    ),
    (
        "an outlet that its station can't have",
        lambda site: site["stations"][0]["connectors"][0].update(rating_a=64.0, sockets=["T2"]),
        ["stations[CP-01].connectors[#1].rating_a = 64: must be at most 63, what a type 2 connector carries"],
    ),
]


def test_the_small_site_has_nothing_wrong() -> None:
    assert list(cross_check(small_site())) == []


@pytest.mark.parametrize(("patch", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_what_does_not_fit_together_is_refused(patch: Patch, expected: list[str]) -> None:
    """EL-1, EL-2, LM-8, MT-1, MT-6, OC-4: RELIABILITY §3, child above parent, cycle, minimum above rating."""
    site = small_site()
    patch(site)
    told = [str(refusal) for refusal in cross_check(site)]
    missing = [text for text in expected if not any(text in line for line in told)]
    assert (missing, len(told) > 0) == ([], bool(expected)), told
    assert all(any(text in line for text in expected) for line in told), told


@pytest.mark.parametrize(
    "nonsense", [None, 3, "x", [], [None, 3], {}, [{}], [{"id": 3, "zone": [], "unit": {}}]]
)
@pytest.mark.parametrize(
    "section", ["zones", "stations", "meters", "inputs", "web", "advanced", "load_shedding"]
)
def test_refused_parts_are_passed_over(section: str, nonsense: object) -> None:
    assert list(cross_check({section: nonsense})) == []
