"""Licences: the capacity reference that a signed licence gives one EVCE."""

from evce.licence.references import OPEN, REFERENCES, Reference
from evce.licence.signed import Licence, LicenceError, read_licence, sign_licence

__all__ = [
    "OPEN",
    "REFERENCES",
    "Licence",
    "LicenceError",
    "Reference",
    "read_licence",
    "sign_licence",
]
