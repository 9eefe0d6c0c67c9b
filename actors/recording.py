"""Which call of the store each of the recorder's messages stands for."""

import logging
from datetime import datetime

from actors.messages.base import Message, Question
from actors.messages.storage import (
    AppendRevision,
    CardChecked,
    CheckCard,
    CommitPledges,
    DeleteCard,
    DeleteUser,
    DeleteWebSession,
    DeleteWebSessions,
    FindCard,
    FindOpenTransactions,
    FindPledges,
    FindSession,
    FindUser,
    FindWebSession,
    ListCards,
    ListEvents,
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
    RecordStop,
    ReplaceCards,
    SaveCard,
    SaveUser,
    SaveWebSession,
    StartRecorded,
    StopRecorded,
)
from evce.errors import RevisionConflictError
from evce.records import EventRecord
from evce.storage import Store
from evce.storage.batch import Batch
from evce.units import TransactionId

__all__ = ["Answer", "answer", "event_of", "read", "record"]

logger = logging.getLogger(__name__)

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
            )
            recorded = StopRecorded(message.request, stop.session, stop.orphan, stop.duplicate)
            return message.reply_to, recorded
        case CommitPledges(reply_to=reply_to, plan=plan, pledges=pledges):
            store.commit_pledges(plan, pledges, now)
            return reply_to, PledgesCommitted(plan)
        case CheckCard(id_tag=id_tag):
            found = read(store, batch, message, now)
            store.collect_card(id_tag, now)
            return found
        case FindPledges() | FindOpenTransactions():
            return read(store, batch, message, now)
        case AppendRevision(revision=revision):
            try:
                store.append_revision(revision)
            except RevisionConflictError as error:
                batch.add_event(EventRecord(now, "recorder", "system", str(error), revision.author))
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
        case FindPledges(reply_to=reply_to):
            return reply_to, PledgesFound(tuple(store.pledges()), store.newest_plan())
        case FindOpenTransactions(reply_to=reply_to, station=station):
            return reply_to, OpenTransactionsFound(station, tuple(store.open_transactions(station)))
        case _:
            return None


def event_of(message: RecordEvent) -> EventRecord:
    """The line of the log that a message tells."""
    return EventRecord(message.at, message.device, message.type, message.message, message.author)


def _save(store: Store, message: Message, now: datetime) -> None:
    """The orders that nobody waits for."""
    match message:
        case RecordEvent():
            store.append_events([event_of(message)])
        case SaveCard(card=card):
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
        case _:
            logger.warning("the recorder got a message that it doesn't know: %r", message)


def answer(store: Store, question: Question, now: datetime) -> object:
    """What the question asks for, of the types that its class names."""
    match question:
        case ListSessions():
            return store.sessions(
                running_only=question.running_only,
                started_from=question.started_from,
                started_before=question.started_before,
                limit=question.limit,
                offset=question.offset,
            )
        case FindSession(transaction=transaction):
            return store.session(TransactionId(transaction))
        case ListOrphanStops(limit=limit):
            return store.orphan_stops(limit)
        case ListEvents(limit=limit, device=device, type=type_):
            events = store.list_events(limit=limit, device=device, type_=type_)
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
        case ListRevisions():
            return store.revisions()
        case NewestRevision():
            return store.newest_revision()
        case ListZoneHistory(zone=zone, since=since, points=points):
            return store.zone_history(zone, since, points, now)
        case FindUser(login=None):
            return store.users()
        case FindUser(login=login) if login is not None:
            return store.find_user(login)
        case FindWebSession(token_hash=token_hash):
            return store.find_web_session(token_hash)
        case _:
            raise TypeError(f"the recorder answers no {type(question).__name__}")
