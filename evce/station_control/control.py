"""The control of one charging station: inputs from its link, its zone and the recorder; effects out."""

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any

from evce.cpo.told import StationTold
from evce.departures import Forecast
from evce.electrical import Station
from evce.facts import ConnectorFacts, Link
from evce.profiles import floor_tenth
from evce.records import CardRecord, SessionRecord, StationMemory, WearRecord
from evce.station_control.action_following import ActionFollowing
from evce.station_control.action_kinds import Given
from evce.station_control.action_state import Action
from evce.station_control.actions import Actions
from evce.station_control.card_lists import CardList
from evce.station_control.card_sending import CardSending
from evce.station_control.certificates import Certificates
from evce.station_control.connector import ConnectorControl
from evce.station_control.effects import Effect
from evce.station_control.inbound import Inbound
from evce.station_control.inheritance import Held
from evce.station_control.learning import Learning
from evce.station_control.memory import Memory, recall
from evce.station_control.outbound import Outbound
from evce.station_control.sampling import Sampling
from evce.station_control.setpoints import RESTARTED, Setpoints
from evce.station_control.settings import QUIET_LINK_FOR, StationSettings
from evce.station_control.state import Moment, State
from evce.station_control.traffic import Dossier
from evce.station_control.transactions import Transactions
from evce.station_control.uplink import OPERATOR, Uplink
from evce.units import Amps, Monotonic, Seconds, TransactionId
from evce.views import StationView, WearView

__all__ = ["StationControl"]


class StationControl:
    """Pure and single-threaded. Every input takes the `Moment` at which it arrived.

    After each input: `take_effects()` and carry them out in their order, ask `wake_at()` and call
    `tick` then, and report `facts()` when they differ from the last report. `prefix` must be another
    one for each life of this object, at most 16 characters: message ids and requests begin with it.
    """

    def __init__(self, station: Station, settings: StationSettings, prefix: str, moment: Moment) -> None:
        self._state = State(station, settings, prefix, moment)
        self._setpoints = Setpoints(self._state)
        self._learning = Learning(self._state)
        self._transactions = Transactions(self._state)
        self._actions = Actions(self._state, self._transactions)
        self._sampling = Sampling(self._state)
        self._cards = CardSending(self._state, self._actions)
        self._following = ActionFollowing(self._state, self._actions, self._cards)
        self._outbound = Outbound(
            self._state, self._setpoints, self._learning, self._sampling, self._actions, self._following
        )
        self._uplink = Uplink(self._state)
        self._certificates = Certificates(self._state)
        self._memory = Memory()
        self._inbound = Inbound(
            self._state,
            self._learning,
            self._transactions,
            self._uplink,
            self._certificates,
            self._following,
            self._restarted,
        )

    # What comes out.

    @property
    def link(self) -> Link:
        """The link as this object has seen it."""
        return self._state.link

    @property
    def incarnation(self) -> int:
        """That of the newest connection, 0 before the first."""
        return self._state.incarnation

    @property
    def peer(self) -> str:
        """The address that the newest connection came from, empty before the first."""
        return self._state.peer

    def take_effects(self) -> list[Effect]:
        """Hand out what is to be done, once."""
        effects, self._state.effects = self._state.effects, []
        return effects

    def take_news(self) -> bool:
        """Whether something changed that is worth an immediate report; measurements can wait a little."""
        news, self._state.news = self._state.news, False
        return news

    def take_echo(self) -> bool:
        """Whether a station was told something since this was asked last; its answer will be news."""
        echo, self._state.echo = self._state.echo, False
        return echo

    def facts(self, now: Monotonic) -> tuple[ConnectorFacts, ...]:
        """Everything that the zone needs, by connector."""
        state = self._state
        return tuple(
            connector.facts(
                state.incarnation,
                state.link,
                state.lost_at,
                now,
                vip=state.station.vip,
                takes=state.takes,
                spares=self._setpoints.spares(connector, now),
            )
            for connector in state.connectors.values()
        )

    def view(self) -> StationView:
        """What people see of it."""
        state, station = self._state, self._state.station
        return StationView(
            box_identity=station.box_identity,
            name=station.name,
            family=station.family.value,
            zone=station.zone,
            vip=station.vip,
            link=state.link,
            verified=state.connected and all(c.verified for c in state.connectors.values()),
            vendor=state.identity.vendor,
            model=state.identity.model,
            serial_number=state.identity.serial_number,
            firmware=state.identity.firmware,
            last_seen_at=state.last_seen,
            connectors=tuple(connector.view() for connector in state.connectors.values()),
            wear=tuple(self._worn(connector) for connector in state.connectors.values()),
        )

    def wear(self, now: Monotonic) -> tuple[WearRecord, ...]:
        """The writes that each connector has seen, to be kept for a successor."""
        connectors = self._state.connectors.values()
        records = (connector.wear.record(connector.connector.key, now) for connector in connectors)
        return tuple(record for record in records if record is not None)

    def memory(self) -> StationMemory | None:
        """What the station has told of itself, to be kept for a successor; None while it has told nothing."""
        return self._memory.of(self._state)

    def dossier(self, now: Monotonic) -> Dossier:
        """What else is known of it, for a report (LG-3)."""
        state = self._state
        return Dossier(
            memory=self.memory(),
            peer=state.peer,
            connected_for=None if state.opened_at is None else now - state.opened_at,
            waiting=state.desk.depth,
            unit=state.unit.value,
            links=state.traffic.links,
            slowest=state.traffic.slowest,
            counted=state.traffic.counted(),
            errors=tuple(state.traffic.errors),
        )

    def told(self) -> StationTold:
        """What a remote operator's uplink needs to know."""
        return self._uplink.told()

    def wake_at(self) -> Monotonic | None:
        """When `tick` is due, None if nothing is pending."""
        state = self._state
        moments = [
            self._setpoints.wake_at(),
            state.desk.wake_at(),
            self._transactions.wake_at(),
            self._actions.wake_at(),
            self._sampling.wake_at(),
        ]
        if state.connected and ("disconnected", state.name) in state.alarms and state.opened_at is not None:
            moments.append(state.opened_at + QUIET_LINK_FOR)
        earliest = min((moment for moment in moments if moment is not None), default=inf)
        return None if earliest == inf else earliest

    # Life and link.

    def begin(self, moment: Moment) -> None:
        """The actor begins: which sessions run?"""
        self._state.moment = moment
        self._transactions.ask_open()
        self._settle()

    def reconfigure(self, station: Station, settings: StationSettings, moment: Moment) -> None:
        """A new revision: what changed is told to the station; sessions go on."""
        state = self._state
        state.moment = moment
        state.station, state.settings = station, settings
        state.desk.timeout = settings.call_timeout
        known, state.connectors = state.connectors, {}
        for connector in station.connectors:
            control = known.get(connector.key.number, ConnectorControl(connector))
            control.connector = connector
            if station.zone is None:
                control.wanted = 0.0
            state.connectors[connector.key.number] = control
        self._transactions.ask_forecasts()
        state.news = True
        self._settle()

    def link_opened(self, incarnation: int, peer: str, moment: Moment) -> None:
        """A socket was accepted; one of an older incarnation speaks for nobody any more."""
        state = self._state
        state.moment = moment
        if incarnation < state.incarnation or (incarnation == state.incarnation and state.connected):
            return
        self._leave_link()
        state.link, state.incarnation = Link.CONNECTED, incarnation
        state.peer = peer or state.peer
        state.opened_at, state.lost_at = moment.now, None
        state.last_seen = moment.utc
        state.news = True
        state.desk.open(incarnation)
        self._following.link_opened()
        for connector in state.connectors.values():
            self._after_lease(connector)
        self._setpoints.link_opened()
        state.traffic.links += 1
        state.log(f"connected from {peer}" if peer else "connected")
        self._learning.begin()
        self._sampling.begin()
        self._settle()

    def link_closed(self, incarnation: int, reason: str, moment: Moment) -> None:
        """The socket is gone: the leases run their course."""
        state = self._state
        state.moment = moment
        if incarnation != state.incarnation or not state.connected:
            return
        self._leave_link()
        self._following.link_closed()
        state.link, state.lost_at, state.opened_at = Link.LOST, moment.now, None
        state.news = True
        state.alarm(
            "disconnected",
            state.name,
            "the station is not connected",
            "Its share stays reserved: check its power and its network.",
        )
        state.traffic.link_lost(reason, moment.utc)
        state.log(f"connection lost: {reason}")
        self._settle()

    def tick(self, moment: Moment) -> None:
        """Time has passed."""
        state = self._state
        state.moment = moment
        self._outbound.overdue()
        self._transactions.expire()
        self._following.expire()
        if state.opened_at is not None and moment.now >= state.opened_at + QUIET_LINK_FOR:
            state.cease("disconnected", state.name)
        self._settle()

    # The station speaks.

    def call_received(
        self,
        incarnation: int,
        message_id: str,
        action: str,
        payload: Mapping[str, Any],
        moment: Moment,
        *,
        answered: bool = False,
    ) -> None:
        """A valid CALL of the station."""
        state = self._state
        state.moment = moment
        if incarnation < state.incarnation or (incarnation == state.incarnation and not state.connected):
            return
        if incarnation > state.incarnation:  # this actor is younger than the connection
            self.link_opened(incarnation, "", moment)
        state.traffic.received[action] += 1
        self._inbound.received(incarnation, message_id, action, payload, answered=answered)
        self._settle()

    def call_answered(
        self, incarnation: int, message_id: str, payload: Mapping[str, Any], moment: Moment
    ) -> None:
        """A CALLRESULT."""
        self._state.moment = moment
        self._outbound.answered(incarnation, message_id, payload)
        self._settle()

    def call_refused(
        self, incarnation: int, message_id: str, code: str, description: str, moment: Moment
    ) -> None:
        """A CALLERROR."""
        self._state.moment = moment
        self._outbound.refused(incarnation, message_id, code, description)
        self._settle()

    # The zone and people speak.

    def order(self, number: int, amps: Amps, lease: Seconds, plan: int, moment: Moment) -> None:
        """A setpoint from the zone, A per phase. A station that is lost or without a zone takes none."""
        state = self._state
        state.moment = moment
        connector = state.connectors.get(number)
        if connector is None or state.station.zone is None or not state.connected:
            return
        amps = floor_tenth(min(max(amps, 0.0), connector.connector.rating))
        taken = connector.order(amps, lease, plan, may_raise=connector.verified)
        self._settle()
        if taken and state.desk.busy:
            state.echo = True
        elif taken:
            state.news = True

    # People ask for actions.

    def act(
        self,
        action: str,
        kind: str,
        given: Given,
        requested_by: str,
        moment: Moment,
        *,
        awaits_file: bool = False,
    ) -> None:
        """Begin an action of that id (OC-3); `actions` tells what becomes of it."""
        self._state.moment = moment
        self._actions.ask(action, kind, given, requested_by, awaits_file=awaits_file)
        self._settle()

    def actions(self) -> tuple[Action, ...]:
        """The actions of this station, newest first."""
        return self._actions.listed()

    def take_action_news(self) -> bool:
        """Whether an action has changed since this was asked last."""
        news, self._actions.changed = self._actions.changed, False
        return news

    def resume_actions(
        self, actions: Iterable[Action], cards: tuple[CardList | None, bool, bool] | None, moment: Moment
    ) -> None:
        """What a predecessor knew of its actions, and its `card_list`."""
        self._state.moment = moment
        self._actions.resume(actions)
        if cards is not None:
            self._cards.kept, self._cards.stale, self._cards.withdrawn = cards

    def card_list(self) -> tuple[CardList | None, bool, bool]:
        """The list that the station was told to keep; have cards changed since, has one been withdrawn?"""
        return self._cards.kept, self._cards.stale, self._cards.withdrawn

    def cards_changed(self, moment: Moment, *, withdrawn: bool) -> None:
        """A card was added, changed or removed; `withdrawn`: one may charge less than before."""
        self._state.moment = moment
        self._cards.cards_changed(withdrawn=withdrawn)
        self._settle()

    def cards_found(self, request: str, cards: Iterable[CardRecord], moment: Moment) -> None:
        """Answer to `AskCards`."""
        self._state.moment = moment
        self._cards.cards_found(request, cards)
        self._settle()

    def file_moved(self, action: str, name: str, size: int, moment: Moment, *, received: bool) -> None:
        """The station has sent EVCE the file of an action, or fetched it."""
        self._state.moment = moment
        if received:
            self._following.file_received(action, name, size)
        else:
            self._following.file_fetched(action)
        self._settle()

    # The remote operator speaks.

    def relay(
        self,
        request: str,
        action: str,
        payload: Mapping[str, Any],
        moment: Moment,
        author: str = OPERATOR,
    ) -> None:
        """A command for the station; answered by `RelayAnswered` or `NotRelayed`."""
        self._state.moment = moment
        self._uplink.relay(request, action, payload, author)
        self._settle()

    def certificate_signed(self, request: str, chain: str | None, reason: str, moment: Moment) -> None:
        """Answer to `AskSignature`: PEM, or None and why not."""
        self._state.moment = moment
        self._certificates.signed(request, chain, reason)
        self._settle()

    def operator_answered(
        self,
        request: str,
        payload: Mapping[str, Any] | None,
        cached: Mapping[str, Any] | None,
        moment: Moment,
    ) -> None:
        """Answer to `AskOperator`, None when there is none."""
        self._state.moment = moment
        self._transactions.operator_answered(request, payload, cached)
        self._settle()

    def assign_ceilings(self, ceilings: Mapping[int, Amps | None], moment: Moment) -> None:
        """What the operator allows each connector."""
        self._state.moment = moment
        self._uplink.assign(ceilings)

    def refuse_transaction(self, transaction: TransactionId, status: str, moment: Moment) -> None:
        """The operator doesn't accept the card of a transaction that runs."""
        self._state.moment = moment
        self._uplink.refuse(transaction, status)
        self._settle()

    # The recorder speaks.

    def card_checked(self, request: str, card: CardRecord | None, moment: Moment) -> None:
        """Answer to `AskCard`."""
        self._state.moment = moment
        self._transactions.card_checked(request, card)
        self._settle()

    def start_recorded(self, request: str, record: SessionRecord, moment: Moment) -> None:
        """Answer to `WriteStart`."""
        self._state.moment = moment
        self._transactions.start_recorded(request, record)
        self._settle()

    def stop_recorded(
        self, request: str, record: SessionRecord | None, moment: Moment, *, orphan: bool = False
    ) -> None:
        """Answer to `WriteStop`."""
        self._state.moment = moment
        self._transactions.stop_recorded(request, record, orphan=orphan)
        self._settle()

    def recording_failed(self, request: str, reason: str, moment: Moment) -> None:
        """Nothing was committed."""
        self._state.moment = moment
        self._transactions.recording_failed(request, reason)
        self._settle()

    def open_transactions(
        self,
        sessions: Iterable[SessionRecord],
        held: Mapping[int, Held],
        moment: Moment,
        wear: Iterable[WearRecord] = (),
        memory: StationMemory | None = None,
    ) -> None:
        """Answer to `AskOpenTransactions`; `held` is what their cars may have, by connector number.

        `wear` is what a predecessor had sent to each connector, `memory` what the station had told it.
        """
        self._state.moment = moment
        if memory is not None:
            recall(self._state, memory)
        self._setpoints.resume_wear(wear)
        self._transactions.open_found(tuple(sessions), held)
        self._settle()

    def forecast_found(self, transaction: TransactionId, forecast: Forecast | None, moment: Moment) -> None:
        """Answer to `AskForecast`, and what changes when the driver states something."""
        self._state.moment = moment
        self._transactions.forecast_found(transaction, forecast)
        self._settle()

    # Inside.

    def _worn(self, connector: ConnectorControl) -> WearView:
        wear, now = connector.wear, self._state.now
        lease = wear.lease(self._setpoints.base_lease(connector), now)
        return WearView(connector.number, wear.of_a_day(now), wear.total, wear.budget, round(lease))

    def _settle(self) -> None:
        """Compare what should be with what is, and put on the wire what may go."""
        if self._actions:
            self._following.review()
        self._cards.review()
        self._setpoints.reconcile()
        self._sampling.review()
        if self._state.connected:
            self._outbound.pump()

    def _restarted(self) -> None:
        """A BootNotification that nobody asked for: whatever the station had accepted may be forgotten."""
        state = self._state
        fresh = self._learning.fresh()
        for connector in state.connectors.values():
            connector.forget_before(state.incarnation if fresh else state.incarnation + 1)
        state.clock.forget()
        state.news = True
        if any(connector.session is not None for connector in state.connectors.values()):
            state.alarm(
                RESTARTED,
                state.name,
                "the station restarted during a session",
                "Its profiles are being sent again; nothing to do unless it happens often.",
                "info",
            )
        if not fresh:
            self._learning.again()

    def _leave_link(self) -> None:
        """Whatever was on its way over the old socket won't be answered any more."""
        self._outbound.abandon()
        for connector in self._state.connectors.values():
            connector.lost()

    def _after_lease(self, connector: ConnectorControl) -> None:
        """After its lease a station has fallen, and what it had may be others' by now."""
        ends_at = connector.carrier.ends_at()
        if ends_at is not None and self._state.now >= ends_at:
            connector.wanted = min(connector.wanted, connector.falls_to() or 0.0)
