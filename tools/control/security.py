"""What the command line can have a running daemon do about the stations' passwords and certificates."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import uuid4

from actors.messages import (
    CallStation,
    ChangeStationKey,
    ChangeStationProfile,
    ForgetStationSecurity,
    GetRevision,
    GetSecurityOutcome,
    GetStationSecurity,
    Message,
    RevisionRecord,
    RevokeCertificate,
    SecurityOutcome,
    SecuritySeen,
)
from actors.runtime import Runtime
from actors.station import SECURITY
from evce.configuration.revisions import parse_json
from evce.security.calls import (
    CertificateUse,
    InstalledCertificate,
    delete_certificate,
    extended_trigger,
    get_installed_certificates,
    install_certificate,
    read_installed_certificates,
)
from evce.security.keys import LONGEST_KEY, hash_key, read_key
from evce.security.profiles import SecurityProfile
from evce.units import BoxIdentity
from tools.control.server import Deed

__all__ = ["security_deeds"]

PATIENCE = 5.0
"""Seconds for an actor to answer."""

ANSWER_WITHIN = 45.0
"""Seconds for a station to answer; its actor gives up sooner."""

ASKED_EVERY = 0.05
"""Seconds between two looks at how something went."""


def security_deeds(runtime: Runtime) -> dict[str, Deed]:
    """The security part of what the control socket understands, by name; an answer's `text` is for people."""

    def station_password(request: Mapping[str, Any]) -> dict[str, Any]:
        given = request.get("key")
        station = _station(runtime, request)
        key = secrets.token_bytes(LONGEST_KEY) if given is None else read_key(str(given))
        key_hash, send = hash_key(key, secrets.token_bytes(16)), not request.get("set")
        name = uuid4().hex
        return _done(runtime, ChangeStationKey(name, station, key, key_hash, send, _author(request)), name)

    def station_profile(request: Mapping[str, Any]) -> dict[str, Any]:
        station, name = _station(runtime, request), uuid4().hex
        profile = SecurityProfile(int(request["profile"]))
        return _done(runtime, ChangeStationProfile(name, station, profile, _author(request)), name)

    def forget_security(request: Mapping[str, Any]) -> dict[str, Any]:
        station, name = _station(runtime, request), uuid4().hex
        return _done(runtime, ForgetStationSecurity(name, station, _author(request)), name)

    def security(_: Mapping[str, Any]) -> dict[str, Any]:
        seen: SecuritySeen = runtime.ask(SECURITY, GetStationSecurity(), PATIENCE)
        known = {record.station: record for record in seen.stations}
        document = parse_json(_revision(runtime).document)
        return {
            "stations": [
                {
                    "station": settings.box_identity,
                    "asked": max(settings.security_profile, document.ocpp.security_profile),
                    "reached": int(record.reached) if record is not None else 0,
                    "passwords": len(record.keys) if record is not None else 0,
                }
                for settings in document.stations
                for record in (known.get(BoxIdentity(settings.box_identity)),)
            ],
            "certificates": [
                {
                    "serial": record.serial,
                    "station": record.station,
                    "issued_at": record.issued_at.isoformat(timespec="seconds"),
                    "expires_at": record.expires_at.isoformat(timespec="seconds"),
                    "fingerprint": record.fingerprint,
                    "revoked_at": record.revoked_at and record.revoked_at.isoformat(timespec="seconds"),
                }
                for record in seen.certificates
            ],
        }

    def revoke_certificate(request: Mapping[str, Any]) -> dict[str, Any]:
        name = uuid4().hex
        return _done(runtime, RevokeCertificate(name, str(request["serial"]), _author(request)), name)

    def call(request: Mapping[str, Any], action: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        station, name = _station(runtime, request), uuid4().hex
        return _done(runtime, CallStation(name, station, action, payload, _author(request)), name)

    def request_certificate(request: Mapping[str, Any]) -> dict[str, Any]:
        return call(request, "ExtendedTriggerMessage", extended_trigger("SignChargePointCertificate"))

    def install(request: Mapping[str, Any]) -> dict[str, Any]:
        payload = install_certificate(CertificateUse(str(request["use"])), str(request["certificate"]))
        return call(request, "InstallCertificate", payload)

    def installed(request: Mapping[str, Any]) -> dict[str, Any]:
        use = CertificateUse(str(request["use"]))
        answer = call(request, "GetInstalledCertificateIds", get_installed_certificates(use))
        found = read_installed_certificates(answer.get("payload") or {})
        return answer | {"certificates": [asdict(known) for known in found]}

    def delete(request: Mapping[str, Any]) -> dict[str, Any]:
        certificate = InstalledCertificate(**{str(k): str(v) for k, v in request["certificate"].items()})
        return call(request, "DeleteCertificate", delete_certificate(certificate))

    return {
        "station_password": station_password,
        "station_profile": station_profile,
        "forget_security": forget_security,
        "security": security,
        "revoke_certificate": revoke_certificate,
        "request_certificate": request_certificate,
        "install_certificate": install,
        "installed_certificates": installed,
        "delete_certificate": delete,
    }


def _author(request: Mapping[str, Any]) -> str:
    return str(request.get("author") or "command line")


def _revision(runtime: Runtime) -> RevisionRecord:
    record: RevisionRecord = runtime.ask("site", GetRevision(), PATIENCE)
    return record


def _station(runtime: Runtime, request: Mapping[str, Any]) -> BoxIdentity:
    """The registered station that is meant."""
    known = [station.box_identity for station in parse_json(_revision(runtime).document).stations]
    name = str(request.get("station") or "")
    if name not in known:
        raise LookupError(f"station={name!r}: know {', '.join(known) or 'none'}")
    return BoxIdentity(name)


def _done(runtime: Runtime, order: Message, request: str) -> dict[str, Any]:
    """Have it done, and wait for how it went. Raises `ValueError` in words when it wasn't."""
    if not runtime.tell(SECURITY, order):
        raise LookupError("the security actor is not there at this moment; try again")
    deadline = time.monotonic() + ANSWER_WITHIN
    while time.monotonic() < deadline:
        outcome = runtime.ask(SECURITY, GetSecurityOutcome(request), PATIENCE)
        if isinstance(outcome, SecurityOutcome):
            if not outcome.done:
                raise ValueError(outcome.text)
            return {"text": outcome.text, "payload": outcome.payload and dict(outcome.payload)}
        time.sleep(ASKED_EVERY)
    raise TimeoutError(f"no outcome within {ANSWER_WITHIN:g} s; the event log tells it")
