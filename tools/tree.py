"""The daemon's tree of actors below its top supervisor."""

from collections.abc import Callable
from datetime import datetime

from actors.recorder import HANG_BUDGET_S as RECORDER_HANG_BUDGET_S
from actors.recorder import Recorder
from actors.site import METERS, STATIONS, UPLINKS, ZONES, SiteActor, SiteInForce
from actors.supervisor import ChildKind, ChildSpec, Supervisor
from actors.view import ViewActor
from evce.configuration.document import SiteDocument
from evce.restarts import Intensity
from evce.storage import Store

__all__ = ["site_tree"]

GROUP_INTENSITY = Intensity(30, 10.0)
"""Meters and stations fail by themselves; a tenth of 300 stations at once is no reason to escalate."""

ZONES_INTENSITY = Intensity()
"""A zone that can't live leaves its cars to their leases: the process must end within 10 s, for a new one."""


def site_tree(
    site: SiteInForce, open_store: Callable[[datetime], Store], admit: Callable[[SiteDocument], None]
) -> tuple[ChildSpec, ...]:
    """Return the children of the top supervisor in the order of their start, stations last.

    The view comes first, to hear the disk's alarms. `open_store` opens the recorder's database, `admit`
    is told each document that comes into force.
    """
    document = site.current.document
    roots = [f"zone/{root}" for root in site.current.model.roots]

    def group(
        name: str, children: Callable[[], tuple[ChildSpec, ...]], intensity: Intensity = GROUP_INTENSITY
    ) -> ChildSpec:
        return ChildSpec(
            name,
            lambda context: Supervisor(context, children(), intensity=intensity),
            kind=ChildKind.SUPERVISOR,
        )

    return (
        ChildSpec(
            "view",
            lambda context: ViewActor(
                context,
                site.current.document.site.name,
                site.current.document.site.time_zone,
                site.current.record.number,
            ),
        ),
        ChildSpec(
            "recorder",
            lambda context: Recorder(context, open_store, ["view", *roots]),
            hang_budget_s=RECORDER_HANG_BUDGET_S,
        ),
        *site.security_specs(),
        *site.trial_specs(),
        site.time_spec(),
        group(ZONES, site.zone_specs, ZONES_INTENSITY),
        group(METERS, lambda: tuple(site.meter_spec(meter) for meter in site.meters())),
        group(STATIONS, lambda: tuple(site.station_spec(s) for s in site.current.model.stations)),
        group(UPLINKS, site.uplink_specs),
        *((site.inputs_spec(),) if document.inputs.enabled else ()),
        *site.remote_specs(),
        *site.reset_specs(),
        ChildSpec("site", lambda context: SiteActor(context, site, admit)),
    )
