"""Tests of what the command line can have a running daemon do."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from actors.messages import (
    AppendRevision,
    ApplyRevision,
    CardRecord,
    GetRevision,
    ListCards,
    Message,
    NewestRevision,
    Question,
    RecordEvent,
    SaveCard,
    SaveUser,
    UserRecord,
)
from actors.runtime import ThreadRuntime
from actors.supervised import Context, Supervised
from actors.supervisor import ChildSpec, Supervisor
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision
from evce.configuration.toml_source import parse_toml
from evce.errors import RevisionConflictError
from evce.records import RevisionRecord
from tools.control.deeds import deeds
from tools.control.server import Deed

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def document(port: int) -> SiteDocument:
    return parse_toml(f'[site]\nname = "Harbour"\ntime_zone = "Europe/Paris"\n[web]\nport = {port}\n')


FIRST = next_revision(None, document(443), author="test", comment="", now=NOW)


@dataclass
class Site:
    """What the scripted site actor and recorder share with the test."""

    in_force: RevisionRecord = FIRST
    on_disk: RevisionRecord = FIRST
    applies: bool = True
    loses: int = 0
    """How many revisions never reach the disk, as when the recorder dies with them in its inbox."""

    def __post_init__(self) -> None:
        self.events: list[RecordEvent] = []
        self.cards: dict[str, CardRecord] = {}
        self.users: list[UserRecord] = []
        self.news = threading.Condition()


class ScriptedSite(Supervised):
    def __init__(self, context: Context, site: Site) -> None:
        super().__init__(context)
        self.site = site

    def on_message(self, message: Message) -> None:
        match message:
            case ApplyRevision(revision=record) if self.site.applies:
                if record.number == self.site.in_force.number + 1:
                    self.site.in_force = record
                    self.send("recorder", AppendRevision(record))

    def on_question(self, question: Question) -> object:
        assert isinstance(question, GetRevision)
        return self.site.in_force


class ScriptedRecorder(Supervised):
    def __init__(self, context: Context, site: Site) -> None:
        super().__init__(context)
        self.site = site

    def on_message(self, message: Message) -> None:
        site = self.site
        with site.news:
            match message:
                case AppendRevision() if site.loses > 0:
                    site.loses -= 1
                case AppendRevision(revision=record) if record.number == site.on_disk.number + 1:
                    site.on_disk = record
                case SaveCard(card=card):
                    site.cards[card.id_tag] = card
                case SaveUser(user=user):
                    site.users.append(user)
                case RecordEvent(type="audit"):
                    site.events.append(message)
            site.news.notify_all()

    def on_question(self, question: Question) -> object:
        match question:
            case NewestRevision():
                return self.site.on_disk
            case ListCards(limit=limit):
                return sorted(self.site.cards.values(), key=lambda card: card.id_tag)[:limit]
        return super().on_question(question)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def runtime(site: Site) -> Iterator[ThreadRuntime]:
    runtime = ThreadRuntime(seed=1)
    children = (
        ChildSpec("recorder", lambda context: ScriptedRecorder(context, site)),
        ChildSpec("site", lambda context: ScriptedSite(context, site)),
    )
    runtime.spawn("supervisor", lambda context: Supervisor(context, children))
    assert runtime.wait_until(
        lambda: runtime.directory.find("site") is not None, runtime.clock.monotonic() + 5
    )
    yield runtime
    runtime.close()


@pytest.fixture
def do(runtime: ThreadRuntime) -> dict[str, Deed]:
    return deeds(runtime)


def audited(site: Site, count: int) -> list[tuple[str, str]]:
    """The audit log once it has that many lines: who, what."""
    with site.news:
        assert site.news.wait_for(lambda: len(site.events) >= count, 5.0)
    return [(event.author, event.message) for event in site.events]


def change(port: int, **more: Any) -> dict[str, Any]:
    return {"document": FIRST_JSON[port], "author": "ann", "comment": "why", **more}


FIRST_JSON = {
    port: next_revision(None, document(port), author="", comment="", now=NOW).document for port in (443, 444)
}


def test_a_revision_is_in_force_and_on_disk_when_it_is_answered(do: dict[str, Deed], site: Site) -> None:
    """CF-1: who asks for the history next sees it; and it is audited."""
    assert do["apply"](change(444, based_on=1)) == {"revision": 2}
    assert site.on_disk == site.in_force
    assert (site.on_disk.number, site.on_disk.author, site.on_disk.comment) == (2, "ann", "why")
    assert audited(site, 1) == [("ann", "configuration revision 2: why")]


def test_a_revision_that_a_dying_recorder_lost_is_told_again(do: dict[str, Deed], site: Site) -> None:
    """CF-1: RELIABILITY invariant 19, what is in force is also what a restart finds."""
    site.loses = 2
    assert do["apply"](change(444)) == {"revision": 2}
    assert site.on_disk.number == 2


@pytest.mark.parametrize(
    ("request_", "error", "told"),
    [
        (change(444, based_on=7), RevisionConflictError, "revision 1 is in force"),
        ({"document": "{"}, ValueError, ""),
        ({"document": '{"site":{"name":""}}'}, ValueError, "site.name"),
        ({}, LookupError, "document"),
    ],
)
def test_what_may_not_be_put_in_force_changes_nothing(
    do: dict[str, Deed], site: Site, request_: dict[str, Any], error: type[Exception], told: str
) -> None:
    """CF-1: RELIABILITY §2, concurrent edits and mistakes refused, the field named."""
    with pytest.raises(error) as refused:
        do["apply"](request_)
    assert told in str(refused.value)
    assert (site.in_force, site.on_disk, site.events) == (FIRST, FIRST, [])


def test_somebody_faster_is_named(runtime: ThreadRuntime, site: Site) -> None:
    """RELIABILITY §2: of two concurrent edits one is refused."""
    site.applies = False
    failures: list[BaseException] = []

    def apply() -> None:
        try:
            deeds(runtime)["apply"](change(444, based_on=1))
        except RevisionConflictError as error:
            failures.append(error)

    asking = threading.Thread(target=apply)
    asking.start()
    site.in_force = next_revision(FIRST, document(444), author="bob", comment="", now=NOW)
    asking.join(10.0)
    assert len(failures) == 1
    assert "bob" in str(failures[0]) or "revision 2" in str(failures[0])


USER = {
    "login": "ann",
    "role": "admin",
    "password_hash": "$argon2id$x",
    "created_at": "2026-01-01T00:00:00+00:00",
}


def test_a_user_gets_a_new_password(do: dict[str, Deed], site: Site) -> None:
    """US-2: the hash alone travels; and it is audited."""
    assert do["save_user"]({**USER, "author": "root"}) == {"user": "ann"}
    assert audited(site, 1) == [("root", "user ann has a new password")]
    assert site.users == [UserRecord("ann", "admin", "$argon2id$x", NOW)]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"login": "admin"}, "login="), ({"role": "king"}, "role="), ({"password_hash": "secret"}, "Argon2id")],
)
def test_a_user_that_could_not_log_in_is_refused(
    do: dict[str, Deed], site: Site, wrong: dict[str, str], told: str
) -> None:
    """US-1: RELIABILITY §3, nothing is saved."""
    with pytest.raises(ValueError, match=told):
        do["save_user"]({**USER, **wrong})
    assert site.users == []


def test_cards_are_saved_and_listed(do: dict[str, Deed], site: Site) -> None:
    """AU-5: with everything that a card has; and it is audited."""
    request = {"id_tag": " 04AB ", "vip": True, "comment": "Ann", "zones": ["garage"], "author": "bob"}
    assert do["save_card"](request) == {"card": "04AB"}
    assert audited(site, 1) == [("bob", "card 04AB saved")]
    card = site.cards["04AB"]
    assert (card.authorised, card.vip, card.comment, card.zones) == (True, True, "Ann", ("garage",))
    assert do["cards"]({}) == {
        "cards": [{"id_tag": "04AB", "authorised": True, "vip": True, "comment": "Ann"}]
    }


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({}, "id_tag='': 1 to 20 characters"),
        ({"id_tag": "  "}, "id_tag='': 1 to 20 characters"),
        ({"id_tag": "X" * 21}, "1 to 20 characters"),
        ({"id_tag": "A", "comment": "c" * 51}, "at most 50 characters"),
    ],
)
def test_a_card_that_no_reader_could_read_is_refused(
    do: dict[str, Deed], site: Site, request_: dict[str, Any], told: str
) -> None:
    """AU-6: RELIABILITY §3, the field, the value and what is allowed."""
    with pytest.raises(ValueError, match="characters") as refused:
        do["save_card"](request_)
    assert told in str(refused.value)
    assert site.cards == {}
