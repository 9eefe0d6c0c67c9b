"""Sites for the proof: a builder for buildings, and small random trees."""

from dataclasses import replace

from hypothesis import strategies as st

from evce.electrical import Family, SiteModel, Wiring, Zone
from tests.evce.builders import connector, site, station, zone

__all__ = ["dynamic", "small_sites"]


def dynamic(
    name: str, maximum: float, parent: str | None = None, *, building: float | None, degraded: float = 0.0
) -> Zone:
    """Make a dynamic zone with a declared building."""
    made = zone(name, maximum, parent, meter=f"{name}-meter", degraded=degraded)
    return replace(made, building_maximum=building)


@st.composite
def small_sites(draw: st.DrawFn, *, with_buildings: bool = True) -> SiteModel:
    """Up to three zones and four outlets: few enough to try every combination of losses.

    A building includes those of the zones below it.
    """
    amps = st.integers(1, 12).map(lambda number: number * 5.0)
    count = draw(st.integers(1, 3))
    zones: list[Zone] = []
    for number in range(count):
        parent = None if number == 0 else zones[draw(st.integers(0, number - 1))]
        maximum = draw(amps) if parent is None else min(draw(amps), parent.maximum)
        name = f"z{number}"
        above = None if parent is None else str(parent.id)
        if with_buildings and draw(st.booleans()):
            degraded = min(draw(st.sampled_from((0.0, 10.0, 30.0))), maximum)
            own = draw(st.sampled_from((0.0, 5.0, 20.0)))
            zones.append(dynamic(name, maximum, above, building=own, degraded=degraded))
        else:
            zones.append(zone(name, maximum, above))
    leaves = [z for z in zones if all(other.parent != z.id for other in zones)]
    stations = []
    for number in range(draw(st.integers(1, 4))):
        name = f"S{number}"
        family = draw(st.sampled_from((Family.PARKING, Family.PARKING, Family.DC_24)))
        made = connector(
            name,
            wiring=draw(st.sampled_from((Wiring.TRI123, Wiring.MONO1, Wiring.MONO2))),
            rating=draw(st.sampled_from((10.0, 16.0, 32.0))),
            family=family,
        )
        stations.append(station(name, str(draw(st.sampled_from(leaves)).id), made, family=family))
    return _with_sums(site(zones, stations))


def _with_sums(model: SiteModel) -> SiteModel:
    """Add to each building what the zones below it draw."""

    def building(zone: Zone) -> float:
        below = sum(building(model.zones[child]) for child in model.children[zone.id])
        return (zone.building_maximum or 0.0) + below

    zones = {z.id: replace(z, building_maximum=building(z)) if z.dynamic else z for z in model.zones.values()}
    return replace(model, zones=zones)
