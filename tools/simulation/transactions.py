"""A station's transactions: asks about a card, begins and ends a session, and tells the central system."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evce.units import Monotonic, Seconds
from tools.simulation.outbox import Call
from tools.simulation.outlet import Outlet, Session

if TYPE_CHECKING:
    from tools.simulation.station import Station

__all__ = ["authorize", "authorized", "start", "start_remotely", "stop"]

_BADGE_RETRY: Seconds = 15.0
"""When a driver tries the badge again after no answer came."""


def authorize(station: "Station", outlet: Outlet, id_tag: str) -> None:
    """Ask the central system about a card, and go on with its answer."""
    outlet.authorizing = True

    def answered(payload: Mapping[str, Any], at: Monotonic) -> None:
        outlet.authorizing = False
        status = payload.get("idTagInfo", {}).get("status")
        station.authorization.learn(id_tag, str(status))
        if status == "Accepted":
            authorized(station, outlet, id_tag, at)

    def failed(at: Monotonic) -> None:
        outlet.authorizing = False
        if outlet.vehicle is not None and outlet.session is None:
            outlet.present_at, outlet.id_tag = at + _BADGE_RETRY, id_tag

    station.outbox.put(
        Call("Authorize", lambda: {"idTag": _tag(station, id_tag)}, on_answer=answered, on_failure=failed)
    )


def authorized(station: "Station", outlet: Outlet, id_tag: str, now: Monotonic) -> None:
    if outlet.vehicle is not None:
        start(station, outlet, id_tag, now)
    else:
        outlet.id_tag = id_tag
        outlet.authorized_until = now + station.keys.number("ConnectionTimeOut")


def start_remotely(station: "Station", outlet: Outlet, id_tag: str, now: Monotonic) -> None:
    """RemoteStartTransaction: like a badge, asked about or not as AuthorizeRemoteTxRequests says."""
    if station.keys.flag("AuthorizeRemoteTxRequests"):
        authorize(station, outlet, id_tag)
    else:
        authorized(station, outlet, id_tag, now)


def _tag(station: "Station", id_tag: str) -> str:
    return id_tag.lower() if station.quirks.lower_case_tags else id_tag


def start(station: "Station", outlet: Outlet, id_tag: str, now: Monotonic) -> None:
    if outlet.session is not None or outlet.vehicle is None:
        return
    clock = station.clock(now)
    session = Session(
        station=station.spec.box_identity,
        connector=outlet.number,
        id_tag=id_tag,
        started=clock,
        meter_start=outlet.register,
        began=now,
        next_sample=now + station.sample_interval(),
    )
    outlet.session, outlet.finished, outlet.id_tag = session, False, id_tag
    outlet.authorized_until = outlet.present_at = None
    outlet.vehicle.begin_session()
    request: dict[str, Any] = {
        "connectorId": outlet.number,
        "idTag": _tag(station, id_tag),
        "meterStart": round(session.meter_start),
        "timestamp": station.written(clock),
    }
    if outlet.reservation is not None:
        request["reservationId"] = outlet.reservation
        outlet.reservation = outlet.reserved_for = None

    def answered(payload: Mapping[str, Any], at: Monotonic) -> None:
        session.answered = True
        session.transaction = int(payload["transactionId"])
        status = str(payload.get("idTagInfo", {}).get("status"))
        station.authorization.learn(id_tag, status)
        invalid = status not in ("Accepted", "ConcurrentTx")
        if invalid and station.keys.flag("StopTransactionOnInvalidId") and outlet.session is session:
            stop(station, outlet, at, "DeAuthorized")

    for _ in range(2 if station.quirks.repeats_start else 1):
        station.outbox.put(Call("StartTransaction", lambda: request, on_answer=answered, lasting=True))


def stop(station: "Station", outlet: Outlet, now: Monotonic, reason: str) -> None:
    """End the session on this outlet; the book is closed here, the message follows when it can."""
    session = outlet.session
    if session is None:
        return
    clock = station.clock(now)
    session.stopped, session.meter_stop, session.reason = clock, outlet.register, reason
    outlet.session, outlet.finished = None, True
    outlet.present_at = None
    station.profiles.transaction_ended(outlet.number)
    station.sessions.append(session)
    request: dict[str, Any] = {
        "idTag": _tag(station, session.id_tag),
        "meterStop": round(session.meter_stop),
        "timestamp": station.written(clock),
    }
    if not station.quirks.omits_stop_reason:
        request["reason"] = reason

    def answered(_payload: Mapping[str, Any], _at: Monotonic) -> None:
        session.delivered = True

    station.outbox.put(
        Call(
            "StopTransaction",
            lambda: {
                **request,
                "transactionId": -1
                if session.transaction is None or station.quirks.forgets_transaction
                else session.transaction,
            },
            on_answer=answered,
            lasting=True,
        )
    )
