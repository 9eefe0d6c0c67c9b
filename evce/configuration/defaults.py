"""What a station family brings along: the sockets it can have and the rating it usually has (EL-5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evce.electrical import Family, Socket
from evce.units import Amps

__all__ = ["AC_SOCKETS", "DC_SOCKETS", "FamilyDefaults", "complete_station", "family_defaults"]

AC_SOCKETS = frozenset({Socket.T2, Socket.T2S, Socket.TE})
DC_SOCKETS = frozenset({Socket.CCS, Socket.CHADEMO})


@dataclass(frozen=True, slots=True)
class FamilyDefaults:
    """Per connector: the usual sockets, the usual rating in A per phase, and every socket it can have."""

    sockets: tuple[Socket, ...]
    rating: Amps
    possible: frozenset[Socket]


_DEFAULTS: dict[Family, FamilyDefaults] = {
    Family.CITY: FamilyDefaults((Socket.T2, Socket.TE), 32.0, AC_SOCKETS),
    Family.PARKING: FamilyDefaults((Socket.T2,), 32.0, AC_SOCKETS),
    Family.SMART_WALLBOX: FamilyDefaults((Socket.T2,), 32.0, AC_SOCKETS),
    Family.PRO_AC: FamilyDefaults((Socket.T2,), 32.0, AC_SOCKETS),
    Family.PRO_AC_METAL: FamilyDefaults((Socket.T2S,), 32.0, AC_SOCKETS),
    # 24 kW of direct current take 24 000 W / 3 / 230 V = 34.8 A, and the losses of the rectifier.
    Family.DC_24: FamilyDefaults((Socket.CCS, Socket.CHADEMO), 40.0, DC_SOCKETS),
    Family.GENERIC: FamilyDefaults((Socket.T2,), 32.0, AC_SOCKETS | DC_SOCKETS),
}


def family_defaults(family: Family) -> FamilyDefaults:
    """The defaults of a family."""
    return _DEFAULTS[family]


def complete_station(station: Mapping[str, Any]) -> dict[str, Any]:
    """A station as written, with the sockets and ratings that its family implies filled in.

    They are filled in when the document is read, not when it is used: a stored revision means the same
    for ever, even when a later release knows better defaults. What isn't understood stays as it is, for
    the validation to refuse; an unknown family counts as generic here.
    """
    completed = dict(station)
    family = completed.get("family")
    defaults = family_defaults(Family(family) if family in tuple(Family) else Family.GENERIC)
    connectors = completed.get("connectors")
    if isinstance(connectors, list | tuple):
        usual = {"rating_a": defaults.rating, "sockets": [str(socket) for socket in defaults.sockets]}
        completed["connectors"] = [
            {**usual, **outlet} if isinstance(outlet, Mapping) else outlet for outlet in connectors
        ]
    return completed
