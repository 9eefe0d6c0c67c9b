"""The proof on the screen."""

from evce.configuration.toml_source import parse_toml
from tools.commands.proof_lines import doubts, meanwhile, proof_lines

SITE = """\
[site]
name = "Harbour"
[ocpp]
profile_memory = "{memory}"
[[zones]]
id = "main"
name = "Main"
maximum_a = 100
mode = "dynamic"
meter = "m"
degraded_setpoint_a = 20
{building}
[[zones]]
id = "lane"
name = "Lane"
maximum_a = 20
[[stations]]
box_identity = "A"
name = "A"
zone = "main"
connectors = [{{ wiring = "TRI123" }}]
[[meters]]
id = "m"
name = "M"
role = "zone"
model = "pm5320"
host = "192.168.0.40"
[advanced]
lease_dynamic_s = 60
"""

LANE = (
    "  lane  holds: 0 A of 20 A on L1 at worst, when every station below is lost, or the controller: "
    "they keep 0 A"
)
OPEN = (
    "      up to 107 A of 100 A for 65 s at most, if cars can no longer be told and the building then rises "
    "from nothing to its maximum before their leases have run out; "
    "its breaker stands a rise of 13 A that long"
)


def test_longer_leases_that_spare_flash_are_told_as_they_are() -> None:
    """DG-6: the proof counts the longest lease."""
    lines = "\n".join(
        proof_lines(parse_toml(SITE.format(building="building_maximum_a = 75", memory="flash")))
    )
    assert "up to 107 A of 100 A for 3845 s at most" in lines


def test_what_holds_is_told_of_every_zone_and_worries_nobody() -> None:
    """DG-6: with what the leases leave open, and what the breaker makes of it."""
    document = parse_toml(SITE.format(building="building_maximum_a = 75", memory="ram"))
    assert list(proof_lines(document)) == [
        "  main  holds: 95 A of 100 A on L1 at worst, when meter m is lost: 20 A for the cars beside 75 A "
        "of the building",
        OPEN,
        LANE,
    ]
    assert doubts(document) == ()


def test_what_does_not_hold_comes_with_what_to_do() -> None:
    """DG-3, DG-6."""
    document = parse_toml(SITE.format(building="building_maximum_a = 95", memory="ram"))
    failing = (
        "  main  does not hold on L1: 115 A on a fuse of 100 A, 15 A too much, when meter m is lost: 20 A "
        "for the cars beside 95 A of the building",
        "      lower degraded_setpoint_a of main to 5 A or less",
    )
    assert list(proof_lines(document)) == [*failing, LANE]
    assert doubts(document) == failing


def test_an_undeclared_building_is_asked_for() -> None:
    """DG-6."""
    assert doubts(parse_toml(SITE.format(building="", memory="ram"))) == (
        "  main  not shown: building_maximum_a of main is not declared",
        "      declare building_maximum_a, the most that all but the cars ever draws there",
    )


def test_what_stations_hold_from_before_is_told() -> None:
    """DG-6: a second car on a street where the first falls back to all that there is."""
    lane = SITE.format(building="", memory="ram").replace('zone = "main"\nc', 'zone = "lane"\nc')
    more = lane.replace(
        "[[meters]]",
        '[[stations]]\nbox_identity = "B"\nname = "B"\nzone = "lane"\n'
        'connectors = [{ wiring = "TRI123" }]\n[[meters]]',
    )
    assert meanwhile(parse_toml(lane), parse_toml(more)) == (
        "  lane  does not hold on L1: 30 A on a fuse of 20 A, 10 A too much, when A, B are lost, or the "
        "controller: they keep 30 A\n      see that these stations are connected when it is applied",
    )
    assert meanwhile(parse_toml(more), parse_toml(lane)) == ()
