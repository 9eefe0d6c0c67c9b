"""Which call of the store each of the recorder's messages stands for."""

import logging
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from actors.messages.accounts import (
    DeleteUser,
    DeleteWebSession,
    DeleteWebSessions,
    FindUser,
    FindWebSession,
    ForgetLoginLock,
    KeepLoginLock,
    ListLoginLocks,
    SaveUser,
    SaveWebSession,
)
from actors.messages.base import Message, Question
from actors.messages.cpo import (
    ClearGivenUp,
    CpoNoteKept,
    FindJournal,
    JournalFound,
    KeepCpoMessage,
    KeepCpoNote,
    ListJournal,
    OpenUplink,
    SettleJournal,
    UplinkOpened,
)
from actors.messages.remote import FindRemoteLimits, KeepRemoteLimits, RemoteLimitsFound
from actors.messages.security import (
    FindStationSecurity,
    KeepCertificate,
    KeepStationSecurity,
    StationSecurityFound,
    StationSecurityKept,
)
from actors.messages.storage import (
    AppendRevision,
    CardChecked,
    CardsChanged,
    CardsFound,
    CheckCard,
    CommitPledges,
    DeleteCard,
    FindCard,
    FindCards,
    FindForecast,
    FindOpenTransactions,
    FindPledges,
    FindSession,
    ForecastFound,
    ListCards,
    ListDailyEnergy,
    ListEvents,
    ListLimits,
    ListOrphanStops,
    ListRevisions,
    ListSessions,
    ListZoneHistory,
    NewestRevision,
    OpenTransactionsFound,
    PledgesCommitted,
    PledgesFound,
    RecordEvent,
    RecordStart,
    RecordStatement,
    RecordStop,
    ReplaceCards,
    SaveCard,
    SaveCards,
    StartRecorded,
    StopRecorded,
)
from evce.configuration.revisions import time_zone_of
from evce.departures import Forecast, Visit, forecast
from evce.errors import RevisionConflictError
from evce.limit_ledger import by_day
from evce.records import EventRecord
from evce.storage import Store
from evce.storage.batch import Batch
from evce.storage.transactions import fold_id_tag
from evce.units import BoxIdentity, TransactionId

__all__ = ["Answer", "answer", "event_of", "read", "record"]

logger = logging.getLogger(__name__)

SITE = "site"
"""Who tells the stations that cards have changed."""

Answer = tuple[str, Message]
"""Whom to tell what."""


def record(store: Store, batch: Batch, message: Message, now: datetime) -> Answer | None:
    """Writes what one message tells; the answer may be sent once the group is durable."""
    match message:
        case RecordStart():
            start = store.record_start(
                message.connector,
                station_name=message.station_name,
                id_tag=message.id_tag,
                vip=message.vip,
                started_at=message.started_at,
                meter_start=message.meter_start,
                flags=message.flags,
            )
            if message.upstream is not None:
                store.keep_start(start.session, message.upstream, now)
            return message.reply_to, StartRecorded(message.request, start.session, start.duplicate)
        case RecordStop():
            stop = store.record_stop(
                message.station,
                message.transaction,
                stopped_at=message.stopped_at,
                meter_stop=message.meter_stop,
                now=now,
                id_tag=message.id_tag,
                reason=message.reason,
                flags=message.flags,
                split=message.split,
            )
            if stop.session is not None:
                store.keep_stop(stop.session, message.upstream, now)
            recorded = StopRecorded(message.request, stop.session, stop.orphan, stop.duplicate)
            return message.reply_to, recorded
        case CommitPledges(reply_to=reply_to, plan=plan, pledges=pledges):
            store.commit_pledges(plan, pledges, now)
            return reply_to, PledgesCommitted(plan)
        case CheckCard(id_tag=id_tag):
            found = read(store, batch, message, now)
            store.collect_card(id_tag, now)
            return found
        case OpenUplink() | SettleJournal() | ClearGivenUp() | KeepCpoMessage() | KeepCpoNote():
            return _record_uplink(store, message, now)
        case RecordStatement(reply_to=reply_to, transaction=transaction, statement=statement):
            store.record_statement(transaction, statement)
            return read(store, batch, FindForecast(reply_to, transaction), now)
        case KeepStationSecurity() | KeepCertificate():
            return _keep_security(store, message)
        case KeepRemoteLimits(limits=limits):
            store.keep_remote_limits(limits)
        case (
            FindPledges()
            | FindOpenTransactions()
            | FindForecast()
            | FindJournal()
            | FindStationSecurity()
            | FindRemoteLimits()
        ):
            return read(store, batch, message, now)
        case AppendRevision(revision=revision):
            try:
                store.append_revision(revision)
            except RevisionConflictError as error:
                batch.add_event(EventRecord(now, "recorder", "system", str(error), revision.author))
        case SaveCard() | SaveCards() | DeleteCard() | ReplaceCards():
            _save(store, message, now)
            return SITE, CardsChanged(_withdraws(message))
        case FindCards():
            return read(store, batch, message, now)
        case _:
            _save(store, message, now)
    return None


def read(store: Store, batch: Batch, message: Message, now: datetime) -> Answer | None:
    """The answer to a message that asks for something, which takes no writing; None for any other message."""
    match message:
        case CheckCard(reply_to=reply_to, request=request, id_tag=id_tag):
            card = store.find_card(id_tag)
            if card is not None:
                batch.add_seen(id_tag, now)
            return reply_to, CardChecked(request, card)
        case FindCards(reply_to=reply_to, request=request):
            cards = store.list_cards(authorised=True, limit=None)
            return reply_to, CardsFound(request, tuple(cards))
        case FindPledges(reply_to=reply_to):
            return reply_to, PledgesFound(tuple(store.pledges()), store.newest_plan())
        case FindRemoteLimits(reply_to=reply_to):
            return reply_to, RemoteLimitsFound(store.remote_limits())
        case FindOpenTransactions(reply_to=reply_to, station=station):
            sessions = tuple(store.open_transactions(station))
            pledges, wear = tuple(store.pledges(station)), tuple(store.wear(station))
            memory = store.station_memory(station)
            return reply_to, OpenTransactionsFound(station, sessions, pledges, wear, memory)
        case FindForecast(reply_to=reply_to, transaction=transaction):
            return reply_to, ForecastFound(transaction, _forecast(store, transaction))
        case FindJournal(reply_to=reply_to, station=station):
            return reply_to, _journal(store, station)
        case FindStationSecurity(reply_to=reply_to):
            found = StationSecurityFound(tuple(store.station_security()), tuple(store.station_certificates()))
            return reply_to, found
        case _:
            return None


def _keep_security(store: Store, message: KeepStationSecurity | KeepCertificate) -> Answer | None:
    """Keys, profiles and certificates of the stations."""
    if isinstance(message, KeepStationSecurity):
        store.keep_station_security(message.record)
    else:
        store.keep_certificate(message.record)
    return (message.reply_to, StationSecurityKept(message.request)) if message.request else None


def _forecast(store: Store, transaction: TransactionId) -> Forecast | None:
    session = store.session(transaction)
    if session is None:
        return None
    card = fold_id_tag(session.id_tag)
    visit = Visit(session.started_at, card=card, statement=session.statement)
    in_force = store.newest_revision()
    return forecast(visit, store.visits(), UTC if in_force is None else time_zone_of(in_force))


def event_of(message: RecordEvent) -> EventRecord:
    """The line of the log that a message tells."""
    return EventRecord(message.at, message.device, message.type, message.message, message.author)


def _record_uplink(store: Store, message: Message, now: datetime) -> Answer | None:
    """What an uplink has to keep."""
    match message:
        case OpenUplink(reply_to=reply_to, station=station):
            return reply_to, UplinkOpened(store.open_uplink(station, now))
        case SettleJournal(reply_to=reply_to, station=station, delivered=True):
            store.message_taken(station, message.entry, message.cpo_transaction)
            return reply_to, _journal(store, station)
        case SettleJournal(reply_to=reply_to, station=station):
            store.message_failed(
                station, message.entry, message.attempts, message.failure, given_up=message.given_up
            )
            return reply_to, _journal(store, station)
        case ClearGivenUp(reply_to=reply_to, station=station):
            store.clear_given_up(station)
            return reply_to, _journal(store, station)
        case KeepCpoMessage(reply_to=reply_to, station=station):
            store.keep_message(station, message.action, message.transaction, message.payload, now)
            return reply_to, _journal(store, station)
        case KeepCpoNote(reply_to=reply_to, station=station, request=request):
            store.keep_cpo_note(station, message.kind, message.key, message.value, now)
            return (reply_to, CpoNoteKept(request)) if request else None
        case _:
            return None


def _journal(store: Store, station: BoxIdentity) -> JournalFound:
    state = store.journal_state(station)
    return JournalFound(state.entries, state.waiting, state.given_up)


def _withdraws(message: SaveCard | SaveCards | DeleteCard | ReplaceCards) -> bool:
    """Whether a card may charge less than before: unknown is taken for yes."""
    match message:
        case SaveCard(card=card):
            return not card.authorised or card.zones is not None
        case SaveCards(cards=cards):
            return any(not card.authorised or card.zones is not None for card in cards)
        case _:
            return True


def _save(store: Store, message: Message, now: datetime) -> None:
    """The orders that nobody waits for."""
    match message:
        case RecordEvent():
            store.append_events([event_of(message)])
        case SaveCard(card=card):
            store.save_card(card, now)
        case SaveCards(cards=cards):
            for card in cards:
                store.save_card(card, now)
        case DeleteCard(id_tag=id_tag):
            store.delete_card(id_tag)
        case ReplaceCards(cards=cards):
            store.replace_cards(cards, now)
        case SaveUser(user=user):
            store.save_user(user)
        case DeleteUser(login=login):
            store.delete_user(login)
        case SaveWebSession(session=session):
            store.save_web_session(session)
        case DeleteWebSession(token_hash=token_hash):
            store.delete_web_session(token_hash)
        case DeleteWebSessions(login=login, last_used_before=before):
            store.delete_web_sessions(login, before)
        case KeepLoginLock(lock=lock):
            store.keep_login_lock(lock)
        case ForgetLoginLock(login=login, source=source):
            store.forget_login_lock(login, source)
        case _:
            logger.warning("the recorder got a message that it doesn't know: %r", message)


def answer(store: Store, question: Question, now: datetime) -> object:
    """What the question asks for, of the types that its class names."""
    match question:
        case ListSessions():
            return store.sessions(
                station=question.station,
                running_only=question.running_only,
                started_from=question.started_from,
                started_before=question.started_before,
                limit=question.limit,
                offset=question.offset,
            )
        case FindSession(transaction=transaction):
            return store.session(TransactionId(transaction))
        case ListDailyEnergy(since=since, time_zone=zone_name, stations=stations):
            return store.daily_energy(since, ZoneInfo(zone_name), stations)
        case ListOrphanStops(limit=limit):
            return store.orphan_stops(limit)
        case ListEvents():
            events = store.list_events(
                limit=question.limit,
                devices=question.devices,
                type_=question.type,
                author=question.author,
                text=question.text,
                since=question.since,
                before=question.before,
                offset=question.offset,
                audit=question.audit,
            )
            return [
                RecordEvent(line.at, line.device, line.type, line.message, line.author) for line in events
            ]
        case FindCard(id_tag=id_tag):
            return store.find_card(id_tag)
        case ListCards():
            return store.list_cards(
                text=question.text,
                zone=question.zone,
                vip=question.vip,
                authorised=question.authorised,
                limit=question.limit,
                offset=question.offset,
            )
        case ListJournal(station=station, given_up=given_up, limit=limit):
            return store.journal(station, given_up=given_up, limit=limit)
        case ListRevisions():
            return store.revisions()
        case NewestRevision():
            return store.newest_revision()
        case ListLimits(since=since, before=before, zone=zone, time_zone=time_zone):
            hours = store.limits(since, before, zone)
            return hours if time_zone is None else by_day(hours, ZoneInfo(time_zone))
        case ListZoneHistory(zone=zone, since=since, points=points):
            return store.zone_history(zone, since, points, now)
        case FindUser(login=None):
            return store.users()
        case FindUser(login=login) if login is not None:
            return store.find_user(login)
        case FindWebSession(token_hash=token_hash):
            return store.find_web_session(token_hash)
        case ListLoginLocks():
            return store.login_locks(now)
        case _:
            raise TypeError(f"the recorder answers no {type(question).__name__}")
