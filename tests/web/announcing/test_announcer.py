"""What is announced, and when."""

import queue
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pytest

from web.announcing.announcer import Announcer, Notice, notices_of, own_addresses
from web.announcing.card import Card


class Board:
    """Notices that only say what is done with them; one of the names in `failing` can't be announced."""

    def __init__(self) -> None:
        self.said: queue.Queue[str] = queue.Queue()
        self.failing: set[str] = set()
        self.addresses: tuple[str, ...] = ("192.0.2.7",)

    def notices(self, card: Card) -> Iterable[tuple[str, Notice]]:
        for name in ("mDNS", "SSDP"):
            yield name, _Notice(self, f"{name} {card.name} {' '.join(card.addresses)}", name in self.failing)

    def heard(self, count: int) -> list[str]:
        return sorted(self.said.get(timeout=10.0) for _ in range(count))


class _Notice:
    def __init__(self, board: Board, text: str, fails: bool) -> None:
        self._board, self._text, self._fails = board, text, fails

    async def begin(self) -> None:
        if self._fails:
            self._board.said.put(f"x {self._text}")
            raise OSError("port taken")
        self._board.said.put(f"+ {self._text}")

    async def end(self) -> None:
        if not self._fails:
            self._board.said.put(f"- {self._text}")


def card(name: str, addresses: tuple[str, ...]) -> Card:
    return Card(name, "02:00:5e:10:1a:2b", "1.0", 8443, addresses)


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def announcer(board: Board) -> Iterator[Announcer]:
    made = Announcer(lambda: board.addresses, board.notices, 0.02)
    made.start()
    yield made
    made.stop()


def test_the_site_is_announced_until_the_end(board: Board, announcer: Announcer) -> None:
    """NW-2: and says goodbye."""
    announcer.announce(partial(card, "Harbour"))
    assert board.heard(2) == ["+ SSDP Harbour 192.0.2.7", "+ mDNS Harbour 192.0.2.7"]
    announcer.announce(None)
    assert board.heard(2) == ["- SSDP Harbour 192.0.2.7", "- mDNS Harbour 192.0.2.7"]


def test_a_new_name_and_new_addresses_are_announced_anew(board: Board, announcer: Announcer) -> None:
    """NW-2: the old ones go first."""
    announcer.announce(partial(card, "Harbour"))
    board.heard(2)
    announcer.announce(partial(card, "Port"))
    assert board.heard(4) == [
        "+ SSDP Port 192.0.2.7",
        "+ mDNS Port 192.0.2.7",
        "- SSDP Harbour 192.0.2.7",
        "- mDNS Harbour 192.0.2.7",
    ]
    board.addresses = ("192.0.2.8", "192.0.2.9")
    assert board.heard(4)[:2] == ["+ SSDP Port 192.0.2.8 192.0.2.9", "+ mDNS Port 192.0.2.8 192.0.2.9"]
    board.addresses = ()
    assert board.heard(2)[0].startswith("- SSDP Port")


def test_what_fails_hinders_nothing_else_and_is_tried_again(
    board: Board, announcer: Announcer, caplog: pytest.LogCaptureFixture
) -> None:
    """NW-2: told once."""
    board.failing = {"SSDP"}
    announcer.announce(partial(card, "Harbour"))
    said = board.heard(4)
    assert said.count("+ mDNS Harbour 192.0.2.7") == 1
    assert said.count("x SSDP Harbour 192.0.2.7") == 3
    assert [r.getMessage() for r in caplog.records if r.levelname == "WARNING"] == [
        "not announced by SSDP: port taken"
    ]
    board.failing = set()
    while board.heard(1) != ["+ SSDP Harbour 192.0.2.7"]:
        pass


def test_addresses_that_can_not_be_read_are_told(caplog: pytest.LogCaptureFixture) -> None:
    """NW-2"""
    asked: queue.Queue[None] = queue.Queue()

    def fails() -> tuple[str, ...]:
        asked.put(None)
        raise OSError("no such device")

    announcer = Announcer(fails, look_every=0.01)
    announcer.start()
    announcer.announce(partial(card, "Harbour"))
    for _ in range(3):
        asked.get(timeout=10.0)
    announcer.stop()
    assert [record.getMessage() for record in caplog.records] == [
        "the addresses of this machine can't be read: no such device"
    ]


def test_an_announcer_may_be_stopped_at_once(board: Board) -> None:
    announcer = Announcer(lambda: board.addresses, board.notices, 60.0)
    announcer.start()
    announcer.announce(partial(card, "Harbour"))
    announcer.stop()
    announcer.announce(partial(card, "Port"))
    assert all(
        text.split(" ", 1)[1].startswith(("mDNS Harbour", "SSDP Harbour")) for text in board.said.queue
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1"])
def test_what_nobody_else_reaches_is_not_announced(host: str) -> None:
    """NW-2"""
    assert own_addresses(host) == ()


def test_there_is_a_notice_of_mdns_and_one_of_ssdp_for_each_address() -> None:
    """NW-2"""
    names: Callable[[Card], list[str]] = lambda one: [name for name, _ in notices_of(one)]  # noqa: E731
    found = names(card("Harbour", ("192.0.2.7", "192.0.2.8")))
    assert found == ["mDNS", "SSDP on 192.0.2.7", "SSDP on 192.0.2.8"]
