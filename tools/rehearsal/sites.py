"""A small site to run often: a dynamic main switchboard, garage and office below it, a static street."""

from functools import cache

from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import parse_toml

__all__ = ["small_site"]

_SITE = """
[site]
name = "Corner"
time_zone = "Europe/Paris"
[ocpp]
profile_memory = "ram"
heartbeat_s = 60
meter_interval_s = 2
[[zones]]
id = "main"
name = "Main"
maximum_a = 100
mode = "dynamic"
meter = "main-meter"
degraded_setpoint_a = 20
[[zones]]
id = "garage"
name = "Garage"
parent = "main"
maximum_a = 63
[[zones]]
id = "office"
name = "Office"
parent = "main"
maximum_a = 40
[[zones]]
id = "street"
name = "Street"
maximum_a = 40
[[meters]]
id = "main-meter"
name = "Main meter"
role = "zone"
zone = "main"
model = "pm5320"
host = "127.0.0.1"
[inputs]
enabled = true
safe_percent = 30
channels = [
  { name = "Half", percent = 50, pin = 17, enabled = true },
  { name = "Third", percent = 30, pin = 27, enabled = true },
  { name = "Stop", percent = 0, pin = 22, enabled = true },
]
[authentication]
mode = "all_cards"
"""

_STATIONS = (("G1", "garage"), ("G2", "garage"), ("O1", "office"), ("S1", "street"), ("S2", "street"))


@cache
def small_site(
    lease_dynamic: int = 120, lease_static: int = 600, meter_interval: int = 2, poll: int = 500
) -> SiteDocument:
    """One outlet of 32 A and three phases at each of G1, G2 (garage), O1 (office), S1 and S2 (street).

    The leases and the interval between two meter values of a station are in s; the main meter is polled each
    `poll` ms.
    """
    stations = "".join(
        f'[[stations]]\nbox_identity = "{name}"\nname = "{name}"\nfamily = "pro_ac"\nzone = "{zone}"\n'
        '[[stations.connectors]]\nwiring = "TRI123"\n'
        for name, zone in _STATIONS
    )
    advanced = f"[advanced]\nlease_dynamic_s = {lease_dynamic}\nlease_static_s = {lease_static}\n"
    site = _SITE.replace("meter_interval_s = 2", f"meter_interval_s = {meter_interval}")
    site = site.replace('host = "127.0.0.1"\n', f'host = "127.0.0.1"\npoll_ms = {poll}\n')
    return parse_toml((site + stations + advanced).encode())
