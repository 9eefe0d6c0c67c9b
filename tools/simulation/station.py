"""A charging station without sockets: frames in and out, its outlets' physics, and a tick."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from evce.electrical import Connector
from evce.units import Amps, Monotonic, PhaseAmps, Seconds
from tools.simulation import commands, notifications, transactions
from tools.simulation.authorization import LocalAuthorization
from tools.simulation.keys import Keys
from tools.simulation.outbox import Outbox
from tools.simulation.outlet import Outlet, Session
from tools.simulation.profiles16 import Profile, ProfileStore, Running, parse_time, print_time
from tools.simulation.quirks import Quirks
from tools.simulation.security import Defences
from tools.simulation.transfers import Transfer
from tools.simulation.vehicle import Vehicle
from tools.simulation.wire import (
    Answer,
    ErrorAnswer,
    FrameError,
    Request,
    call_error,
    call_frame,
    check_request,
    read_frame,
    result_frame,
)

__all__ = ["Station", "StationSpec"]

_BADGE_DELAY: Seconds = 2.0
"""From the plug to the badge at the reader."""


@dataclass(frozen=True, slots=True)
class StationSpec:
    """What a station is. `utc_at_zero` is the true UTC time in s at monotonic 0."""

    box_identity: str
    connectors: tuple[Connector, ...]
    utc_at_zero: float
    quirks: Quirks = field(default_factory=Quirks)
    vendor: str = "Schneider Electric"
    model: str = "EVlink"
    serial: str = ""
    firmware: str = "3.4.0.20"


class _Told(NamedTuple):
    """What its profiles leave an outlet between two times of its clock, while all that was `asked` stays."""

    asked: tuple[list[Profile], Running | None, int, int]
    since: float
    until: float
    limit: Amps | None


class Station:
    """One OCPP 1.6J charging station. Not thread safe; whoever drives it calls in order of time.

    `sessions` is its book: every transaction that ended, with the energy the car truly took.
    `complaints` are the frames of the central system that broke OCPP.
    """

    def __init__(self, spec: StationSpec) -> None:
        quirks = spec.quirks
        self.spec = spec
        self.quirks = quirks
        units = "Power" if quirks.watts_only else "Current" if quirks.amps_only else "Current,Power"
        self.keys = Keys(len(spec.connectors), quirks.max_stack_level, units)
        allowed = {"Power": "W", "Current": "A"}
        self.profiles = ProfileStore(
            max_stack_level=quirks.max_stack_level,
            units=frozenset(allowed[unit] for unit in units.split(",")),
            whole_amps=quirks.whole_amps,
        )
        if quirks.hides_unit:
            self.keys.hide("ChargingScheduleAllowedChargingRateUnit")
        if quirks.one_phase_below:
            self.keys.add("ConnectorSwitch3to1PhaseSupported", "true")
        self.authorization = LocalAuthorization(self.keys)
        self.outlets = {
            c.key.number: Outlet(c, one_phase_below=quirks.one_phase_below) for c in spec.connectors
        }
        self.sessions: list[Session] = []
        self.complaints: list[str] = []
        self.online = False
        self.accepted = False
        self.boot_at: Monotonic = 0.0
        self.heartbeat_at: Monotonic | None = None
        self.reboots_at: Monotonic | None = None
        self.back_at: Monotonic | None = None
        self.firmware = spec.firmware
        self.defences = Defences()
        self.outbox = Outbox()
        self._replies: deque[str] = deque()
        self._utc_offset = spec.utc_at_zero + quirks.clock_ahead
        self.confirmed: dict[int, str | None] = {}
        self.transfers: deque[Transfer] | None = None
        """Files on their way; None while nobody carries any, and each then arrives at once."""

        self.after_boot: Callable[[], None] | None = None
        """Told once it was accepted after the next restart."""
        self.started_at: Monotonic = 0.0
        """When it was first connected."""
        self._connected_once = False
        self._limits: dict[int, _Told] = {}

    # ---- time, truth ----

    def clock(self, now: Monotonic) -> float:
        """UTC seconds as this station believes them."""
        return now + self._utc_offset

    def written(self, clock: float) -> str:
        """A time of its clock as it writes it."""
        return print_time(clock + self.quirks.local_time)

    @property
    def dark(self) -> bool:
        """Rebooting: it holds no link and charges nobody."""
        return self.back_at is not None

    @property
    def grid_currents(self) -> PhaseAmps:
        """True draw of all its outlets on the grid's phases."""
        first = second = third = 0.0
        for outlet in self.outlets.values():
            if outlet.vehicle is not None:
                amps = outlet.grid_currents
                first, second, third = first + amps[0], second + amps[1], third + amps[2]
        return (first, second, third)

    def limit(self, outlet: Outlet, now: Monotonic) -> Amps | None:
        """A per phase that its profiles leave this outlet; None is no limit."""
        if self.quirks.disobey:
            return None
        return self._told(outlet, now)

    def _told(self, outlet: Outlet, now: Monotonic) -> Amps | None:
        clock = self.clock(now)
        running, phases = outlet.running(clock), outlet.phases
        busy = sum(other.session is not None for other in self.outlets.values())
        asked = (self.profiles.profiles, running, phases, busy)
        known = self._limits.get(outlet.number)
        if known is not None and known.since <= clock < known.until and known.asked == asked:
            return known.limit
        limits = [self.profiles.transaction_limit(outlet.number, clock, running, phases)]
        shared = self.profiles.station_limit(clock, phases)
        if shared is not None:
            limits.append(shared / max(1, busy))
        limit = min((limit for limit in limits if limit is not None), default=None)
        until = self.profiles.unchanged_until(clock, running)
        self._limits[outlet.number] = _Told(asked, clock, until, limit)
        return limit

    # ---- the link ----

    def connected(self, now: Monotonic) -> None:
        """The websocket is open."""
        self.online = True
        if not self._connected_once:
            self._connected_once, self.started_at = True, now
        if self.quirks.replays_after:
            self.outbox.hold(now + self.quirks.replays_after)
        if not self.accepted or self.quirks.boots_on_reconnect:
            self.boot_at = now
            self.accepted = False
        self.report(now)

    def disconnected(self, now: Monotonic) -> None:
        """The websocket is gone. Profiles and transactions stay, transaction messages are kept."""
        self.online = False
        self._replies.clear()
        self.outbox.link_lost(now)
        for number, outlet in self.outlets.items():
            outlet.reported = self.confirmed.get(number)

    def receive(self, frame: str | bytes, now: Monotonic) -> None:
        """A frame from the central system."""
        try:
            message = read_frame(frame)
        except FrameError as problem:
            self.complaints.append(f"{problem}: {frame[:200]!r}")
            if problem.message_id is not None:
                self._replies.append(call_error(problem.message_id, problem.code, str(problem)))
            return
        match message:
            case Request():
                self._answer(message, now)
            case Answer(message_id, payload):
                call = self.outbox.take(message_id)
                if call is None:
                    self.complaints.append(f"answer to no call of ours: {message_id}")
                elif call.on_answer is not None:
                    call.on_answer(payload, now)
            case ErrorAnswer(message_id):
                outstanding = self.outbox.outstanding
                if outstanding is None or outstanding.message_id != message_id:
                    self.complaints.append(f"error to no call of ours: {message_id}")
                    return
                self.outbox.refused(
                    now,
                    retry_after=self.keys.number("TransactionMessageRetryInterval"),
                    attempts=self.keys.number("TransactionMessageAttempts"),
                )

    def _answer(self, request: Request, now: Monotonic) -> None:
        try:
            check_request(request.action, request.payload)
            payload = commands.execute(self, request.action, request.payload, now)
        except FrameError as problem:
            if problem.code not in ("NotImplemented", "NotSupported"):
                self.complaints.append(f"{request.action}: {problem}")
            self._replies.append(call_error(request.message_id, problem.code, str(problem)[:255]))
            return
        self._replies.append(result_frame(request.message_id, payload))

    def frames(self, now: Monotonic) -> list[str]:
        """Take what goes on the wire now: answers first, then the next call that may go."""
        if not self.online:
            return []
        frames = list(self._replies)
        self._replies.clear()
        only = None if self.accepted else "BootNotification"
        while (taken := self.outbox.next(now, only=only)) is not None:
            call, payload = taken
            frames.append(call_frame(call.message_id, call.action, payload))
        return frames

    # ---- what people do ----

    def plug(
        self, number: int, vehicle: Vehicle, id_tag: str | None, now: Monotonic, delay: Seconds = _BADGE_DELAY
    ) -> None:
        """A car is plugged in; its driver shows the badge after `delay` (None: shows none)."""
        outlet = self.outlets[number]
        if outlet.vehicle is not None:
            raise ValueError(f"{self.spec.box_identity}/{number} has a car already")
        vehicle.begin_session()
        outlet.vehicle, outlet.finished = vehicle, False
        if outlet.authorized_until is not None:
            transactions.start(self, outlet, outlet.id_tag or "", now)
        else:
            outlet.id_tag = id_tag
            outlet.present_at = None if id_tag is None else now + delay

    def unplug(self, number: int, now: Monotonic) -> Vehicle | None:
        """The cable is pulled; a running session ends with it."""
        outlet = self.outlets[number]
        if outlet.session is not None:
            transactions.stop(self, outlet, now, "EVDisconnected")
        vehicle, outlet.vehicle = outlet.vehicle, None
        outlet.finished = False
        outlet.id_tag = outlet.present_at = None
        outlet.authorizing = False
        return vehicle

    def present(self, number: int, id_tag: str, now: Monotonic) -> None:
        """A badge at the reader: asks, starts, or ends the session that it began."""
        outlet = self.outlets[number]
        if outlet.session is not None:
            if outlet.session.id_tag.casefold() == id_tag.casefold():
                transactions.stop(self, outlet, now, "Local")
            return
        if outlet.authorizing or outlet.faulted or not outlet.operative:
            return
        if outlet.reserved_for is not None and outlet.reserved_for.casefold() != id_tag.casefold():
            return
        if not (self.online and self.accepted):
            if self.authorization.accepts_offline(id_tag):
                transactions.authorized(self, outlet, id_tag, now)
            return
        if self.keys.flag("LocalPreAuthorize") and self.authorization.known(id_tag) == "Accepted":
            transactions.authorized(self, outlet, id_tag, now)
            return
        transactions.authorize(self, outlet, id_tag)

    def fault(self, number: int, on: bool, now: Monotonic) -> None:
        """The outlet breaks (a running session ends) or is repaired."""
        outlet = self.outlets[number]
        if on and outlet.session is not None:
            transactions.stop(self, outlet, now, "EmergencyStop")
        outlet.faulted = on

    def reboot(self, now: Monotonic, reason: str) -> None:
        """It goes dark now and comes back after its reboot time."""
        for outlet in self.outlets.values():
            if outlet.session is not None:
                tag = outlet.session.id_tag
                transactions.stop(self, outlet, now, reason)
                if self.quirks.resumes_after_reboot:
                    outlet.finished, outlet.id_tag = False, tag
                    outlet.present_at = now + self.quirks.reboot_time + _BADGE_DELAY
        self.disconnected(now)
        self.accepted = False
        self.reboots_at = None
        self.back_at = now + self.quirks.reboot_time
        self.confirmed.clear()
        for outlet in self.outlets.values():
            outlet.reported = None
        self.profiles.rebooted(self.quirks.surviving_profiles)

    # ---- time passes ----

    def tick(self, now: Monotonic) -> None:
        """Let time pass until `now`: currents, samples, statuses, heartbeats, boots."""
        if self.back_at is not None and now >= self.back_at:
            self.back_at = None
        if self.reboots_at is not None and now >= self.reboots_at:
            self.reboot(now, "SoftReset")
        for outlet in self.outlets.values():
            if outlet.idle:
                continue
            if self.quirks.reports_as_told:
                outlet.reports_at_most = self._told(outlet, now)
            idle = self.dark or outlet.session is None
            outlet.advance(0.0 if idle else self.limit(outlet, now), now)
            if not self.dark:
                self._attend(outlet, now)
        if self.online:
            self._keep_in_touch(now)
            self.report(now)

    def _attend(self, outlet: Outlet, now: Monotonic) -> None:
        if outlet.session is None and outlet.vehicle is not None and not outlet.finished:
            if self.keys.flag("FreeVendActive"):
                transactions.start(self, outlet, self.keys.text("FreeVendIdTag"), now)
            elif outlet.present_at is not None and now >= outlet.present_at:
                outlet.present_at = None
                self.present(outlet.number, outlet.id_tag or "", now)
        if outlet.authorized_until is not None and now > outlet.authorized_until:
            outlet.authorized_until = outlet.id_tag = None
        if outlet.inoperative_after and outlet.session is None:
            outlet.inoperative_after, outlet.operative = False, False
        session = outlet.session
        interval = self.sample_interval()
        if session is not None and interval > 0 and now >= session.next_sample:
            session.next_sample = max(session.next_sample + interval, now)
            notifications.sample(self, outlet, now, "Sample.Periodic")

    def sample_interval(self) -> Seconds:
        if self.quirks.no_meter_values:
            return 0
        return self.quirks.samples_every or self.keys.number("MeterValueSampleInterval")

    def _keep_in_touch(self, now: Monotonic) -> None:
        if not self.accepted:
            if now >= self.boot_at:
                self.boot_at = now + 60.0
                notifications.boot(self)
        elif self.heartbeat_at is not None and now >= self.heartbeat_at:
            self.heartbeat_at = now + max(1, self.keys.number("HeartbeatInterval"))
            notifications.heartbeat(self)

    def set_clock(self, payload: Mapping[str, Any], now: Monotonic) -> None:
        if self.quirks.ignores_central_time or "currentTime" not in payload:
            return
        try:
            self._utc_offset = parse_time(str(payload["currentTime"])) - now
        except ValueError:
            self.complaints.append(f"currentTime is no time: {payload['currentTime']}")

    def report(self, now: Monotonic) -> None:
        """Tell each status that is not what was told last."""
        if not self.accepted:
            return
        for number, outlet in self.outlets.items():
            status = outlet.status(hides_suspension=self.quirks.hides_suspension)
            if status != outlet.reported:
                outlet.reported = status
                notifications.report_status(self, number, status, now)
