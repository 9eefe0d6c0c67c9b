"""Which of the operator's commands reach the station as they are, and which EVCE answers itself."""

from enum import StrEnum
from typing import Final

__all__ = ["Handling", "handling_of"]


class Handling(StrEnum):
    """What becomes of a command."""

    RELAYED = "relayed"
    """To the station, and its answer back."""
    OWN = "own"
    """EVCE answers, perhaps after asking the station."""
    REFUSED = "refused"
    """It is about the link between station and EVCE, which is no business of the operator's."""


_OWN: Final = frozenset(
    {
        "ChangeConfiguration",
        "ClearChargingProfile",
        "GetCompositeSchedule",
        "GetConfiguration",
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "SetChargingProfile",
        "TriggerMessage",
        "ExtendedTriggerMessage",
    }
)

_REFUSED: Final = frozenset(
    {"CertificateSigned", "DeleteCertificate", "GetInstalledCertificateIds", "InstallCertificate"}
)


def handling_of(action: str) -> Handling:
    """What becomes of a command of this action; its payload has been checked before."""
    if action in _REFUSED:
        return Handling.REFUSED
    return Handling.OWN if action in _OWN else Handling.RELAYED
