"""The words that a site document chooses from, where no other part of the domain owns them."""

from enum import StrEnum

__all__ = [
    "Authentication",
    "AuthenticationChoice",
    "FileTransfer",
    "FileTransferChoice",
    "MemoryChoice",
    "MeterModel",
    "MeterProtocol",
    "MeterRole",
    "OfflineAuthentication",
    "OfflineChoice",
    "Parity",
    "ProfileMemory",
    "Weekday",
    "ZoneMode",
]


class ZoneMode(StrEnum):
    """What limits a zone: its maximum alone, or what the building leaves under it (LM-7, LM-8)."""

    STATIC = "static"
    DYNAMIC = "dynamic"


class MeterRole(StrEnum):
    """What a meter is for: a zone's limit (LM-8), a display (MT-4) or local production (MT-5)."""

    ZONE = "zone"
    REPORTING = "reporting"
    PRODUCTION = "production"


class MeterProtocol(StrEnum):
    """How a meter is reached (MT-1)."""

    TCP = "tcp"
    RTU = "rtu"


class Parity(StrEnum):
    """The check bit of each byte on a serial line."""

    EVEN = "even"
    ODD = "odd"
    NONE = "none"


class MeterModel(StrEnum):
    """The meters whose registers are built in (MT-2)."""

    PM5320 = "pm5320"
    IEM3X5X = "iem3x5x"
    POWERTAG = "powertag"
    NSX_LEGACY = "nsx_legacy"
    NSX = "nsx"
    MTZ = "mtz"


class Authentication(StrEnum):
    """Whom a reader lets charge (AU-1)."""

    ALL_CARDS = "all_cards"
    KNOWN_CARDS = "known_cards"
    PLUG_AND_CHARGE = "plug_and_charge"


class AuthenticationChoice(StrEnum):
    """A zone's or station's own mode, or the one above it (AU-1)."""

    INHERIT = "inherit"
    ALL_CARDS = "all_cards"
    KNOWN_CARDS = "known_cards"
    PLUG_AND_CHARGE = "plug_and_charge"


class OfflineAuthentication(StrEnum):
    """Whom a station lets charge while it can't ask (AU-2); belongs to known cards."""

    ACCEPT = "accept"
    REJECT = "reject"
    CACHE = "cache"


class OfflineChoice(StrEnum):
    """A station's own behaviour while it can't ask, or the installation's (AU-2)."""

    INHERIT = "inherit"
    ACCEPT = "accept"
    REJECT = "reject"
    CACHE = "cache"


class ProfileMemory(StrEnum):
    """Where a station keeps charging profiles: flash bears some ten thousand writes (DESIGN §4)."""

    UNKNOWN = "unknown"
    FLASH = "flash"
    RAM = "ram"

    @property
    def wears(self) -> bool:
        """Whether each profile may cost the station a little of its life."""
        return self is not ProfileMemory.RAM


class MemoryChoice(StrEnum):
    """A station's own memory, or what is said of all."""

    INHERIT = "inherit"
    UNKNOWN = "unknown"
    FLASH = "flash"
    RAM = "ram"


class FileTransfer(StrEnum):
    """How stations leave and fetch files at EVCE (OC-3): ftps is TLS from the first byte."""

    HTTP = "http"
    FTP = "ftp"
    FTPS = "ftps"


class FileTransferChoice(StrEnum):
    """A station's own way for files, or what is said of all."""

    INHERIT = "inherit"
    HTTP = "http"
    FTP = "ftp"
    FTPS = "ftps"


class Weekday(StrEnum):
    """The days on which the slots of a tariff period begin (TOU-1)."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"

    @property
    def number(self) -> int:
        """As `datetime.weekday` counts: Monday is 0."""
        return tuple(Weekday).index(self)
