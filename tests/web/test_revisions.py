"""Tests of the revisions of a running site."""

from dataclasses import replace

import pytest

from actors.messages import ApplyRevision, Message, Question, RecordEvent, RevisionRecord
from evce.configuration.revisions import next_revision
from evce.errors import RevisionConflictError
from tests.web.conftest import Clock
from tests.web.fake_document import fake_document
from tests.web.fake_site import FakeSite
from web import revisions as module
from web.revisions import InForce, RunningRevisions, document_of
from web.site import NoAnswerError


@pytest.fixture
def revisions(site: FakeSite, clock: Clock) -> RunningRevisions:
    return RunningRevisions(site.ask, site.tell, clock)


def coming(revisions: RunningRevisions, clock: Clock) -> RevisionRecord:
    document = fake_document(clock(), site={"name": "New name"})
    return next_revision(
        revisions.newest(), document, author="ann", comment="why", now=clock(), accept_unproven=True
    )


def test_a_revision_is_in_force_on_disk_and_audited_when_it_returns(
    revisions: RunningRevisions, site: FakeSite, clock: Clock
) -> None:
    """CF-1: with who and when."""
    record = coming(revisions, clock)
    revisions.append(record)
    assert revisions.newest() == record
    assert revisions.history()[0] == record
    lines = [m for _, m in site.told if isinstance(m, RecordEvent)]
    assert [(line.type, line.author, line.message) for line in lines] == [
        ("audit", "ann", "configuration revision 8: why")
    ]


def test_somebody_faster_is_named(revisions: RunningRevisions, site: FakeSite, clock: Clock) -> None:
    """RELIABILITY §2: of two concurrent edits one is refused."""
    record = coming(revisions, clock)
    site.apply(replace(record, author="bob"))
    with pytest.raises(RevisionConflictError, match="bob"):
        revisions.append(record)


def test_a_revision_that_never_comes_into_force_is_told(
    site: FakeSite, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CF-1: no page says that something holds which doesn't."""
    monkeypatch.setattr(module, "PATIENCE", 0.05)

    def deaf(name: str, message: Message) -> bool:
        return isinstance(message, ApplyRevision) or site.tell(name, message)

    revisions = RunningRevisions(site.ask, deaf, clock)
    with pytest.raises(TimeoutError, match="not in force"):
        revisions.append(coming(revisions, clock))


@pytest.mark.parametrize("actor", ["site", "recorder"])
def test_an_answer_of_another_kind_is_no_answer(clock: Clock, actor: str) -> None:
    """RELIABILITY invariant 19: a database that can't be read is no empty history."""
    revisions = RunningRevisions(lambda *_: object(), lambda *_: True, clock)
    with pytest.raises(NoAnswerError, match=actor):
        revisions.newest() if actor == "site" else revisions.history()


def test_pages_that_look_ask_once_per_revision(site: FakeSite, clock: Clock) -> None:
    """UI-4: twenty browsers don't ask the site actor with every refresh."""
    asked: list[Question] = []

    def ask(name: str, question: Question, timeout: float) -> object:
        asked.append(question)
        if "site" in site.silent:
            raise NoAnswerError(name)
        return site.ask(name, question, timeout)

    in_force = InForce(RunningRevisions(ask, site.tell, clock))
    documents = {id(in_force.document(7)) for _ in range(5)}
    assert (len(documents), len(asked)) == (1, 1)
    site.silent.add("site")
    old = in_force.document(8)  # what was known last, while the actor is silent
    assert old == document_of(site.revisions[0].document)
    in_force.document(8)
    assert len(asked) == 2
