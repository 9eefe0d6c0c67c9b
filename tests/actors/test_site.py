"""Tests of the tree builder: a new revision changes just the actors that it concerns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from actors.messages import (
    REMOTE,
    AppendRevision,
    ApplyRevision,
    CardsChanged,
    GetRemoteAnswer,
    GetRevision,
    InputsChanged,
    LinkOpened,
    Message,
    MeterShown,
    RecordEvent,
    RemoteLimitsChanged,
    RemoteLimitsFound,
    Restart,
    RestoreBackup,
    SetRemoteLimit,
    SiteChanged,
    SiteShown,
    StationShown,
)
from actors.root_zone import RootZoneActor
from actors.runtime import SimulatedRuntime
from actors.site import METERS, STATIONS, UPLINKS, ZONES, InForce, SiteActor, SiteEdges, SiteInForce
from actors.station import ReconfigureStation
from actors.supervisor import ChildKind, ChildSpec, Supervisor
from actors.zone import ZoneActor
from evce.allocation import Priority
from evce.configuration.choices import ProfileMemory
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import canonical_json, next_revision, parse_json
from evce.configuration.toml_source import parse_toml
from evce.configuration.uplink import CpoSettings
from evce.facts import Link
from evce.records import RevisionRecord
from evce.units import BoxIdentity, ZoneId
from tests.actors.ears import listen

NOW = datetime(2026, 1, 1, tzinfo=UTC)

SITE = """
[site]
name = "Harbour"
time_zone = "Europe/Paris"
[[zones]]
id = "main"
name = "Main"
maximum_a = 100
mode = "dynamic"
meter = "m"
degraded_setpoint_a = 20
[[zones]]
id = "garage"
name = "Garage"
parent = "main"
maximum_a = 40
[[zones]]
id = "gate"
name = "Gate"
parent = "main"
maximum_a = 40
[[zones]]
id = "street"
name = "Street"
maximum_a = 63
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
zone = "gate"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
[[stations]]
box_identity = "C"
name = "C"
family = "parking"
zone = "street"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
[[meters]]
id = "m"
name = "Main meter"
role = "zone"
zone = "main"
model = "pm5320"
host = "192.0.2.1"
[[meters]]
id = "r"
name = "Roof"
role = "reporting"
model = "iem3x5x"
host = "192.0.2.2"
[inputs]
enabled = true
  [[inputs.channels]]
  name = "Input1"
  percent = 50
  pin = 17
  enabled = true
"""


class Silence:
    """Every link at once: nobody answers."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def meter(self, settings: Any) -> "Silence":
        self.made.append(settings.id)
        return self

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_arguments: None


class Tree:
    """The supervised tree of a site under the simulated runtime; recorder and view only listen."""

    def __init__(self, document: SiteDocument) -> None:
        self.document = document
        self.record = next_revision(None, document, author="test", comment="", now=NOW)
        self.runtime = SimulatedRuntime(seed=1)
        self.recorder = listen(self.runtime, "recorder")
        self.view = listen(self.runtime, "view")
        self.links = Silence()
        self.applied: list[SiteDocument] = []
        links: Any = self.links
        site = SiteInForce(InForce.of(self.record), SiteEdges(links, self.links.meter, links, links))
        self.delivered: list[tuple[str, Message]] = []

        def group(name: str, children: Callable[[], Sequence[ChildSpec]]) -> ChildSpec:
            return ChildSpec(name, lambda c: Supervisor(c, children()), kind=ChildKind.SUPERVISOR)

        children = (
            group(ZONES, site.zone_specs),
            group(METERS, lambda: [site.meter_spec(meter) for meter in site.meters()]),
            group(STATIONS, lambda: [site.station_spec(s) for s in site.current.model.stations]),
            group(UPLINKS, site.uplink_specs),
            site.inputs_spec(),
            ChildSpec("site", lambda context: SiteActor(context, site, self.applied.append)),
        )
        self.runtime.spawn("supervisor", lambda context: Supervisor(context, children))
        self.runtime.run_for(1.0)
        self.runtime.on_delivery(lambda _, name, message, __: self.delivered.append((name, message)))

    def incarnations(self) -> dict[str, int]:
        """How often each actor that lives was born."""
        return {line.view.name: line.incarnation for line in self.runtime.tree() if line.incarnation}

    def actor(self, name: str) -> Any:
        return next(actor for actor in self.runtime.living() if actor.name == name)

    def apply(self, **changes: Any) -> RevisionRecord:
        """Put the document with these sections replaced in force."""
        self.document = SiteDocument.model_validate(self.document.model_copy(update=changes).plain())
        self.record = next_revision(self.record, self.document, author="test", comment="", now=NOW)
        self.runtime.tell("site", ApplyRevision(self.record))
        self.runtime.run_for(1.0)
        return self.record

    def got(self, name: str, kind: type[Message]) -> list[Message]:
        return [message for to, message in self.delivered if to == name and isinstance(message, kind)]


@pytest.fixture
def tree() -> Tree:
    return Tree(parse_toml(SITE))


def but(items: Sequence[Any], key: str, value: object, **changes: Any) -> tuple[Any, ...]:
    """The items, the one whose `key` is `value` changed."""
    return tuple(i.model_copy(update=changes) if getattr(i, key) == value else i for i in items)


def without(items: Sequence[Any], key: str, value: str) -> tuple[Any, ...]:
    return tuple(item for item in items if getattr(item, key) != value)


Change = Callable[[SiteDocument], Mapping[str, Any]]

CASES: list[tuple[str, Change, set[str], set[str], set[str], set[str]]] = [
    # what, how, born again, new, gone, told
    (
        "the site's name",
        lambda d: {"site": d.site.model_copy(update={"name": "Port"})},
        set(),
        set(),
        set(),
        set(),
    ),
    (
        "a zone's maximum",
        lambda d: {"zones": but(d.zones, "id", "street", maximum_a=20.0)},
        set(),
        set(),
        set(),
        {"zone/main", "zone/garage", "zone/gate", "zone/street", "station/C"},
    ),
    (
        "a station's name",
        lambda d: {"stations": but(d.stations, "box_identity", "A", name="Corner")},
        set(),
        set(),
        set(),
        {"zone/main", "zone/garage", "zone/gate", "zone/street", "station/A"},
    ),
    (
        "a new station",
        lambda d: {
            "stations": (*d.stations, d.stations[2].model_copy(update={"box_identity": "D", "name": "D"}))
        },
        set(),
        {"station/D"},
        set(),
        {"zone/main", "zone/garage", "zone/gate", "zone/street", "station/C"},
    ),
    (
        "a station less",
        lambda d: {"stations": without(d.stations, "box_identity", "A")},
        set(),
        set(),
        {"station/A"},
        {"zone/main", "zone/garage", "zone/gate", "zone/street", "station/B"},
    ),
    (
        "a station that moves, and its old zone less",
        lambda d: {
            "stations": but(d.stations, "box_identity", "B", zone="garage"),
            "zones": without(d.zones, "id", "gate"),
        },
        set(),
        set(),
        {"zone/gate"},
        {"zone/main", "zone/garage", "zone/street", "station/B"},
    ),
    (
        "a zone that becomes a root of its own",
        lambda d: {"zones": but(d.zones, "id", "gate", parent=None)},
        {"zone/gate", "inputs"},
        set(),
        set(),
        {"zone/main", "zone/garage", "zone/street", "station/A", "station/B"},
    ),
    (
        "a meter's address",
        lambda d: {"meters": but(d.meters, "id", "m", host="192.0.2.9")},
        {"meter/m"},
        set(),
        set(),
        set(),
    ),
    (
        "a meter less",
        lambda d: {"meters": without(d.meters, "id", "r")},
        set(),
        set(),
        {"meter/r"},
        set(),
    ),
    (
        "an input's percentage",
        lambda d: {
            "inputs": d.inputs.model_copy(update={"channels": but(d.inputs.channels, "pin", 17, percent=30)})
        },
        {"inputs"},
        set(),
        set(),
        set(),
    ),
    (
        "the load shedding's order",
        lambda d: {"load_shedding": d.load_shedding.model_copy(update={"review_minutes": 30})},
        set(),
        set(),
        set(),
        {"zone/main", "zone/garage", "zone/gate", "zone/street"},
    ),
]


@pytest.mark.parametrize(
    ("change", "again", "new", "gone", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_only_those_concerned_notice(
    tree: Tree, change: Change, again: set[str], new: set[str], gone: set[str], told: set[str]
) -> None:
    """CF-1: started, stopped, born again or told; everybody else goes on as the same actor."""
    before = tree.incarnations()
    tree.apply(**change(tree.document))
    after = tree.incarnations()
    assert after.keys() - before.keys() == new
    assert before.keys() - after.keys() == gone
    assert {name for name in before.keys() & after.keys() if before[name] != after[name]} == again
    assert {n for n, m in tree.delivered if isinstance(m, SiteChanged | ReconfigureStation)} == told
    assert tree.runtime.failures == type(tree.runtime.failures)()


def test_a_revision_is_kept_shown_and_told_to_the_edges(tree: Tree) -> None:
    """CF-1: on disk, on the pages, and at the gateway."""
    site = tree.document.site.model_copy(update={"name": "Port"})
    record = tree.apply(site=site)
    assert tree.recorder.of(AppendRevision) == [AppendRevision(record)]
    assert tree.view.of(SiteShown)[-1] == SiteShown(
        "Port", "Europe/Paris", 2, tuple(ZoneId(zone.id) for zone in tree.document.zones)
    )
    assert tree.applied == [tree.document]
    assert tree.runtime.ask("site", GetRevision(), 1.0) == record


@pytest.mark.parametrize("number", [1, 3, 0])
def test_a_revision_with_another_number_is_not_applied(tree: Tree, number: int) -> None:
    """CF-1: RELIABILITY §2, of concurrent edits only the first is applied."""
    site = tree.document.site.model_copy(update={"name": "Port"})
    document = tree.document.model_copy(update={"site": site})
    record = next_revision(tree.record, document, author="test", comment="", now=NOW)
    tree.runtime.tell("site", ApplyRevision(replace(record, number=number)))
    tree.runtime.run_for(1.0)
    assert tree.runtime.ask("site", GetRevision(), 1.0) == tree.record
    assert tree.recorder.of(AppendRevision) == []
    assert tree.applied == []


def test_of_two_at_once_the_first_wins(tree: Tree) -> None:
    """CF-1: RELIABILITY §2, concurrent edits: one is applied, whole."""
    first, second = (
        next_revision(
            tree.record,
            tree.document.model_copy(update={"site": tree.document.site.model_copy(update={"name": name})}),
            author=name,
            comment="",
            now=NOW,
        )
        for name in ("Ann", "Bob")
    )
    for record in (first, second):
        tree.runtime.tell("site", ApplyRevision(record))
    tree.runtime.run_for(1.0)
    assert tree.runtime.ask("site", GetRevision(), 1.0) == first
    assert tree.recorder.of(AppendRevision) == [AppendRevision(first)]
    assert [shown.site_name for shown in tree.view.of(SiteShown)] == ["Harbour", "Ann"]


def test_what_a_station_knows_survives_a_revision(tree: Tree) -> None:
    """CF-1: its link stays up, in its new zone, under its new name."""
    tree.runtime.tell("station/B", LinkOpened(BoxIdentity("B"), 4, "192.0.2.7"))
    tree.runtime.run_for(1.0)
    tree.apply(stations=but(tree.document.stations, "box_identity", "B", zone="street", name="Corner"))
    shown = [message.view for message in tree.view.of(StationShown) if message.station == "B"][-1]
    assert shown is not None
    assert (shown.link, shown.zone, shown.name) == (Link.CONNECTED, "street", "Corner")
    facts = tree.actor("zone/street").planner.facts
    assert next(known for key, known in facts.items() if key.station == "B").incarnation == 4


def test_who_is_gone_leaves_the_pages(tree: Tree) -> None:
    """CF-1: a removed station and a removed meter are shown no longer."""
    tree.apply(
        stations=without(tree.document.stations, "box_identity", "A"),
        meters=without(tree.document.meters, "id", "r"),
    )
    assert [message.view for message in tree.view.of(StationShown) if message.station == "A"][-1] is None
    assert [message.view for message in tree.view.of(MeterShown) if message.meter == "r"][-1] is None


def test_inputs_that_are_switched_off_reduce_nothing_any_more(tree: Tree) -> None:
    """DI-1: the feature switch; the zones are told that everything is theirs again."""
    tree.apply(inputs=tree.document.inputs.model_copy(update={"enabled": False}))
    assert [message for message in tree.got("zone/main", InputsChanged) if message == InputsChanged(100, ())]


def test_remote_energy_management_comes_changes_and_lives_on_until_its_limits_have_risen(tree: Tree) -> None:
    """API-3, CF-1: nobody is there while it is off; a new zone counts at once; off again, it rises."""
    assert REMOTE not in tree.incarnations()
    off = tree.document.webservices
    on = off.model_copy(update={"enabled": True, "remote_energy_management": True, "setpoint_period_s": 30})
    tree.apply(webservices=off.model_copy(update={"remote_energy_management": True}))
    assert REMOTE not in tree.incarnations(), "only together with the web services"
    tree.apply(webservices=on)
    assert tree.incarnations()[REMOTE] == 1
    tree.runtime.tell(REMOTE, RemoteLimitsFound())
    tree.runtime.tell(REMOTE, SetRemoteLimit("one", ZoneId("street"), 20.0, "service"))
    tree.runtime.run_for(1.0)
    assert tree.runtime.ask(REMOTE, GetRemoteAnswer("one"), 5.0).raises_in == 30.0
    assert tree.got("zone/street", RemoteLimitsChanged)[-1] == RemoteLimitsChanged({ZoneId("street"): 20.0})
    tree.apply(zones=but(tree.document.zones, "id", "street", maximum_a=30.0), webservices=on)
    tree.apply(webservices=off)
    assert tree.incarnations()[REMOTE] == 1
    tree.runtime.run_for(10.0)
    assert tree.got("zone/street", RemoteLimitsChanged)[-1] == RemoteLimitsChanged({})


def test_a_zone_is_of_the_kind_that_its_place_asks_for(tree: Tree) -> None:
    """EL-1: only a root plans."""
    assert type(tree.actor("zone/gate")) is ZoneActor
    tree.apply(zones=but(tree.document.zones, "id", "gate", parent=None))
    assert type(tree.actor("zone/gate")) is RootZoneActor


@pytest.mark.parametrize("name", ["station/C", "zone/street"])
def test_who_is_just_being_replaced_is_not_forgotten(tree: Tree, name: str) -> None:
    """CF-1: a successor may have been made from the old revision and not yet be there to be told."""
    tree.runtime.directory.unbind(name, tree.incarnations()[name])
    tree.apply(
        zones=but(tree.document.zones, "id", "street", maximum_a=20.0),
        stations=but(tree.document.stations, "box_identity", "C", name="Renamed"),
    )
    assert tree.incarnations()[name] == 2
    assert tree.actor("zone/street").zone.maximum == 20.0
    shown = [message.view for message in tree.view.of(StationShown) if message.station == "C"][-1]
    assert shown is not None
    assert shown.name == "Renamed"


@pytest.mark.parametrize("name", ["site", "zone/street", "meter/m", STATIONS, ZONES, "station/A"])
def test_a_successor_goes_on_with_the_revision_in_force(tree: Tree, name: str) -> None:
    """AC-2, CF-1: what died is rebuilt from the newest revision, not from that of the start."""
    tree.apply(
        zones=but(tree.document.zones, "id", "street", maximum_a=20.0),
        meters=but(tree.document.meters, "id", "m", name="Renamed"),
        stations=(
            *tree.document.stations[:2],
            tree.document.stations[2].model_copy(update={"name": "Renamed"}),
        ),
    )
    assert tree.runtime.kill(name)
    tree.runtime.run_for(1.0)
    assert tree.runtime.ask("site", GetRevision(), 1.0) == tree.record
    assert tree.actor("zone/street").zone.maximum == 20.0
    assert tree.actor("meter/m").settings.name == "Renamed"
    shown = [message.view for message in tree.view.of(StationShown) if message.station == "C"][-1]
    assert shown is not None
    assert shown.name == "Renamed"


@pytest.mark.parametrize(
    ("station", "lease", "longest"), [("A", 120.0, 120.0), ("C", 600.0, 600.0)], ids=["dynamic", "static"]
)
def test_leases_follow_from_the_zones_above(tree: Tree, station: str, lease: float, longest: float) -> None:
    """DG-3: short where the building may need the current, longer where nobody else does."""
    settings = InForce.of(in_ram(tree.record)).station_settings(BoxIdentity(station))
    assert (settings.lease, settings.longest_lease, settings.writes_a_day) == (lease, longest, None)


def in_ram(record: RevisionRecord) -> RevisionRecord:
    """The same site, whose stations' memory doesn't wear out."""
    document = parse_json(record.document)
    ocpp = document.ocpp.model_copy(update={"profile_memory": ProfileMemory.RAM})
    return replace(record, document=canonical_json(document.model_copy(update={"ocpp": ocpp})))


def test_where_memory_may_wear_out_the_longest_lease_is_that_of_an_empty_store(tree: Tree) -> None:
    """DG-6: whoever may rise waits for a neighbour whose lease has lengthened."""
    in_force = InForce.of(tree.record)
    settings = in_force.station_settings(BoxIdentity("A"))
    assert (settings.lease, settings.longest_lease, settings.writes_a_day) == (120.0, 3_840.0, 200)
    assert in_force.plan.longest_leases[BoxIdentity("A")] == 3_840.0


@pytest.mark.parametrize("priority", list(Priority))
def test_forecasts_are_asked_for_where_departures_count(tree: Tree, priority: Priority) -> None:
    """LM-4: a site with another priority does without."""
    document = parse_json(tree.record.document)
    shedding = document.load_shedding.model_copy(update={"priority": priority})
    changed = document.model_copy(update={"load_shedding": shedding})
    record = replace(tree.record, document=canonical_json(changed))
    settings = InForce.of(record).station_settings(BoxIdentity("A"))
    assert settings.forecasts is (priority is Priority.DEPARTURE)


def test_the_uplinks_come_change_and_go_with_the_configuration() -> None:
    """CPO-1, CF-1: switched on, changed and switched off live; the stations' actors stay."""
    document = parse_toml(SITE)
    tree = Tree(document)
    before = tree.incarnations()
    on = CpoSettings(enabled=True, url="ws://operator.test/ocpp")
    tree.apply(cpo=on)
    assert {name for name in tree.incarnations() if name.startswith("cpo/")} == {"cpo/A", "cpo/B", "cpo/C"}
    assert all(settings.uplink for settings in (tree.actor(f"station/{n}")._settings for n in "ABC"))
    tree.apply(cpo=on.model_copy(update={"plug_numbering": True}))
    assert tree.actor("cpo/A")._settings.plug_numbering
    assert tree.incarnations()["cpo/A"] == 1
    tree.apply(cpo=on, stations=without(document.stations, "box_identity", "C"))
    assert {name for name in tree.incarnations() if name.startswith("cpo/")} == {"cpo/A", "cpo/B"}
    tree.apply(cpo=CpoSettings(), stations=without(document.stations, "box_identity", "C"))
    assert [name for name in tree.incarnations() if name.startswith("cpo/")] == []
    assert tree.incarnations()["station/A"] == before["station/A"]


def test_a_restore_is_handed_to_the_edge_that_can_do_it(tree: Tree) -> None:
    """SR-2: and where there is none, the audit log says so."""
    wanted: list[RestoreBackup] = []
    order = RestoreBackup("restore-1", users=False, author="ann")
    tree.runtime.tell("site", order)
    tree.runtime.run_for(1.0)
    told = [line for line in tree.recorder.of(RecordEvent) if line.author == "ann"]
    assert [line.message for line in told] == ["no restore is possible"]
    site = tree.actor("site")._site
    site.edges = replace(site.edges, restore=wanted.append)
    tree.runtime.tell("site", order)
    tree.runtime.run_for(1.0)
    assert wanted == [order]


def test_a_restart_is_handed_to_the_edge_that_can_do_it(tree: Tree) -> None:
    """SR-3: and where there is none, the audit log says so."""
    wanted: list[str] = []
    tree.runtime.tell("site", Restart("ann"))
    tree.runtime.run_for(1.0)
    told = [line for line in tree.recorder.of(RecordEvent) if line.author == "ann"]
    assert [line.message for line in told] == ["no restart is possible"]
    site = tree.actor("site")._site
    site.edges = replace(site.edges, restart=wanted.append)
    tree.runtime.tell("site", Restart("ann"))
    tree.runtime.run_for(1.0)
    assert wanted == ["ann"]


def test_every_station_hears_of_changed_cards(tree: Tree) -> None:
    """AU-2."""
    tree.runtime.tell("site", CardsChanged(withdrawn=True))
    tree.runtime.run_for(1.0)
    stations = [name for name, message in tree.delivered if isinstance(message, CardsChanged)]
    assert sorted(stations) == sorted(
        ["site", *(f"station/{s.box_identity}" for s in tree.document.stations)]
    )
