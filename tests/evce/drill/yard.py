"""A site for the tests of drills: a garage with two charging cars below a switchboard with a building."""

from datetime import UTC, datetime

from evce.conditions import ZoneCondition
from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import parse_toml
from evce.drill.prediction import Prediction, predict
from evce.drill.target import Target
from evce.facts import ConnectorFacts, ConnectorStatus, Link
from evce.planning.foresight import foresee
from evce.planning.planner import Planner
from evce.planning.reductions import Reduction
from evce.planning.settings import PlanSettings
from evce.units import NO_AMPS, BoxIdentity, MeterId, Seconds, TransactionId, ZoneId
from evce.views import (
    ConnectorView,
    InputView,
    MeterView,
    SiteSnapshot,
    StationView,
    TransactionView,
    UplinkView,
    ZoneView,
)
from tests.evce.builders import charging, key

__all__ = ["AT", "MAIN", "NOW", "document", "foretell", "planner", "snapshot"]

NOW, AT = 100.0, datetime(2026, 3, 2, 12, tzinfo=UTC)
MAIN = ZoneId("main")

_YARD = """
[site]
name = "Yard"
time_zone = "Europe/Paris"
[cpo]
enabled = true
url = "ws://127.0.0.1:9/ocpp"
[[zones]]
id = "main"
name = "Main"
maximum_a = 100
mode = "dynamic"
meter = "m"
degraded_setpoint_a = {degraded}
building_maximum_a = {building}
[[zones]]
id = "garage"
name = "Garage"
parent = "main"
maximum_a = 40
[[stations]]
box_identity = "A"
name = "A"
family = "parking"
zone = "garage"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
[[stations]]
box_identity = "B"
name = "B"
family = "parking"
zone = "garage"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
[[meters]]
id = "m"
name = "M"
role = "zone"
zone = "main"
model = "pm5320"
host = "127.0.0.1"
[[meters]]
id = "kitchen"
name = "Kitchen"
role = "reporting"
model = "pm5320"
host = "127.0.0.1"
unit = 2
[inputs]
enabled = true
safe_percent = {safe}
  [[inputs.channels]]
  name = "Grid operator"
  percent = 20
  pin = 17
  enabled = true
"""


def document(*, degraded: int = 20, building: int = 60, safe: int = 0) -> SiteDocument:
    """The site; its fuse holds unless the building or the degraded setpoint is made larger."""
    return parse_toml(_YARD.format(degraded=degraded, building=building, safe=safe))


def snapshot(site: SiteDocument) -> SiteSnapshot:
    """What people see while all is well."""
    model = site.model()
    zones = {
        zone.id: ZoneView(
            zone.id,
            zone.name,
            zone.parent,
            zone.maximum,
            zone.dynamic,
            zone.meter,
            (zone.maximum,) * 3,
            (40.0,) * 3,
            (40.0,) * 3,
            bound_by="meter" if zone.dynamic else "maximum",
        )
        for zone in model.zones.values()
    }
    stations = {
        station.box_identity: StationView(
            station.box_identity,
            station.name,
            "parking",
            station.zone,
            vip=False,
            link=Link.CONNECTED,
            verified=True,
            connectors=(
                ConnectorView(
                    key(station.box_identity),
                    "TRI123",
                    32.0,
                    ConnectorStatus.CHARGING,
                    20.0,
                    (20.0,) * 3,
                    TransactionView(TransactionId(1), key(station.box_identity), "X", False, AT, 0.0),
                ),
            ),
        )
        for station in model.stations.values()
    }
    meters = {
        MeterId(meter.id): MeterView(
            MeterId(meter.id), meter.name, meter.role.value, meter.model, "", None, "connected"
        )
        for meter in site.meters
    }
    return SiteSnapshot(
        1,
        "Yard",
        "UTC",
        AT,
        zones=zones,
        stations=stations,
        meters=meters,
        inputs=(InputView("Grid operator", enabled=True, active=False, percent=20),),
        uplinks={BoxIdentity(name): UplinkView(BoxIdentity(name), "online") for name in ("A", "B")},
    )


def planner(site: SiteDocument, *facts: ConnectorFacts, share: int = 100) -> Planner:
    """The root's planner; its meter reads the cars alone. `share` is what an input leaves, percent."""
    made = Planner(site.model(), MAIN, PlanSettings())
    made.learn(facts or (charging("A", 20.0, fallback=5.0, at=90.0), charging("B", 20.0, at=90.0)))
    made.condition(ZoneCondition(MAIN, NO_AMPS, NOW))
    if share < 100:
        made.reductions = dict.fromkeys(made.model.zones, Reduction(share, f"input at {share} %"))
    return made


def foretell(
    target: Target, site: SiteDocument, *facts: ConnectorFacts, lasts: Seconds = 30.0, share: int = 100
) -> Prediction:
    """What follows when the target is lost."""
    found = {
        root: foresee(planner(site, *facts, share=share), target.loss(site), lasts, NOW, AT)
        for root in target.roots(site.model())
    }
    return predict(target, site, snapshot(site), found, lasts)
