"""`evce check`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from evce.configuration.proven import proof_of
from tools.cli import main
from tools.commands.site_file import load_site

ROOT = Path(__file__).parents[3]

SITE = """\
[site]
name = "Harbour"

[[zones]]
id = "main"
name = "Main"
maximum_a = 51

[[zones]]
id = "park"
name = "Park"
parent = "main"
maximum_a = 51

[[zones]]
id = "lane"
name = "Lane"
parent = "main"
maximum_a = 10

[[stations]]
box_identity = "P1"
name = "Parking 1"
family = "parking"
zone = "park"
connectors = [{ wiring = "TRI123" }, { wiring = "TRI231" }]

[[stations]]
box_identity = "P2"
name = "Parking 2"
family = "parking"
zone = "park"
vip = true
connectors = [{ wiring = "TRI123" }, { wiring = "TRI231" }]

[[stations]]
box_identity = "W1"
name = "Wallbox"
family = "smart_wallbox"
zone = "park"
connectors = [{ wiring = "MONO3", sockets = ["T2", "TE"] }]

[[stations]]
box_identity = "DC"
name = "Fast"
family = "dc_24"
connectors = [{ wiring = "TRI123" }]

[[meters]]
id = "kitchen"
name = "Kitchen"
role = "reporting"
model = "mtz"
host = "10.0.0.7"
"""


def test_a_good_site_is_summed_up_with_its_degraded_currents(tmp_path: Path) -> None:
    """DG-1, LM-12, EL-2, MT-8: 51 A for two Parking and a Wallbox T2/TE make 9 A and 15 A."""
    path = tmp_path / "site.toml"
    path.write_text(SITE)
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 0
    assert result.output == (
        f"{path}: no mistakes\n"
        "\n"
        "Harbour (UTC)\n"
        "Main [main]  51 A\n"
        "├── Park [park]  51 A\n"
        "│   · P1  Parking 1 (parking)\n"
        "│       1: TRI123 32 A T2, 9 A when lost\n"
        "│       2: TRI231 32 A T2, 9 A when lost\n"
        "│   · P2  Parking 2 (parking, VIP)\n"
        "│       1: TRI123 32 A T2, 9 A when lost\n"
        "│       2: TRI231 32 A T2, 9 A when lost\n"
        "│   · W1  Wallbox (smart_wallbox)\n"
        "│       1: MONO3 32 A T2/TE, 15 A when lost\n"
        "└── Lane [lane]  10 A\n"
        "without a zone (0 A)\n"
        "· DC  Fast (dc_24)\n"
        "    1: TRI123 40 A CCS/CHAdeMO, keeps its last setpoint when lost\n"
        "\n"
        "Meters\n"
        "  kitchen  Kitchen: reporting, mtz, TCP 10.0.0.7:502#255 every 500 ms\n"
        "\n"
        "The fuses, whatever communication is lost\n"
        "  main  holds: 51 A of 51 A on L3 at worst, when every station below is lost, or the controller: "
        "they keep 51 A\n"
        "  park  holds: 51 A of 51 A on L3 at worst, when every station below is lost, or the controller: "
        "they keep 51 A\n"
        "  lane  holds: 0 A of 10 A on L1 at worst, when every station below is lost, or the controller: "
        "they keep 0 A\n"
        "\n"
        "3 zones, 4 stations, 6 connectors, 1 meter\n"
        "\n"
        "Worth a second look\n"
        "  zones[lane]: holds neither sub-zones nor stations\n"
        "  stations[DC].zone: without a zone the station gets 0 A\n"
    )


def test_a_dynamic_zone_is_told_with_its_meter() -> None:
    """LM-8, DG-3: the meter, and what holds while it is lost."""
    result = CliRunner().invoke(main, ["check", str(ROOT / "tools" / "simulation" / "demo-site.toml")])
    assert result.exit_code == 0
    assert "Main switchboard [main]  200 A dynamic, meter main-meter, 60 A while it is lost" in result.output
    assert (
        "Largest building step that a hot breaker survives until cars give way (10 s)\n"
        "  main  43 A per phase (breaker after IEC 60947-2)\n"
    ) in result.output
    assert "│   └── Garage south [garage-south]  80 A" in result.output


@pytest.mark.parametrize("site", ["tools/simulation/demo-site.toml", "docs/examples/site.toml"])
def test_the_sites_that_are_shipped_hold_whatever_is_lost(site: str) -> None:
    """DG-6: demo and example declare what their buildings draw."""
    assert proof_of(load_site(ROOT / site)).holds


def test_a_fuse_that_does_not_hold_ends_with_exit_code_1(tmp_path: Path) -> None:
    """DG-6: the summary all the same, and what to do about it."""
    text = (ROOT / "docs" / "examples" / "site.toml").read_text()
    path = tmp_path / "site.toml"
    path.write_text(text.replace("building_maximum_a = 110", "building_maximum_a = 125"))
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 1
    assert "lower degraded_setpoint_a of main to 35 A or less" in result.stdout
    assert "the fuse of main does not hold when communication is lost" in result.stderr


def test_a_bad_site_ends_with_all_mistakes_and_exit_code_1(tmp_path: Path) -> None:
    """RELIABILITY §3: all errors at once, with lines."""
    path = tmp_path / "site.toml"
    path.write_text(SITE.replace("maximum_a = 10", "maximum_a = 52").replace('"MONO3"', '"MONO"'))
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == (
        f"Error: {path}: 2 mistakes\n"
        '  line 19: zones[lane].maximum_a = 52: must be at most 51, the maximum of its parent "main"\n'
        '  line 41: stations[W1].connectors[#1].wiring = "MONO": '
        'must be TRI123, TRI231, TRI312, MONO1, MONO2 or MONO3; did you mean "MONO3"?\n'
    )


@pytest.mark.parametrize("arguments", [[], ["/nonexistent/site.toml"], ["."]])
def test_a_file_that_is_not_there_is_a_usage_error(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, ["check", *arguments]).exit_code == 2
