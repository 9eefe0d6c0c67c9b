"""Tests of the addresses for stations' files and of the folder that keeps them."""

import io
from pathlib import Path

import pytest

from actors.messages import FileMoved, Message
from evce.units import BoxIdentity
from web import file_exchange
from web.file_exchange import FileExchange, FileExchangeError, Ticket, safe_name

BOX = BoxIdentity("CP-01")


class Rig:
    """An exchange with a clock that stands, and what it told."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.told: list[tuple[str, Message]] = []
        self.exchange = FileExchange(folder, self.tell, lambda: self.now)
        self.exchange.published("http", 8888)

    def tell(self, name: str, message: Message) -> bool:
        self.told.append((name, message))
        return True

    def expect(self, station: str = BOX) -> Ticket:
        address = self.exchange.to_receive(BoxIdentity(station), "r", "127.0.0.1")
        assert address.startswith("http://127.0.0.1:8888/files/")
        found = self.exchange.ticket(address.rstrip("/").rsplit("/", 1)[-1], to_serve=False)
        assert found is not None
        return found

    def keep(self, ticket: Ticket, name: str, content: bytes = b"abc") -> None:
        with self.exchange.incoming(ticket, name) as incoming:
            incoming.write(content)
        self.exchange.arrived(ticket, incoming)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "files")


def test_an_address_takes_one_file_and_tells_the_station_s_control(rig: Rig) -> None:
    """OC-3: one-time."""
    ticket = rig.expect()
    rig.keep(ticket, "d.zip")
    (kept,) = rig.exchange.kept(BOX)
    assert kept.name.endswith("-d.zip")
    assert rig.told == [("station/CP-01", FileMoved(BOX, "r", kept.name, 3, received=True))]
    assert rig.exchange.ticket(ticket.token, to_serve=False) is None


def test_an_address_ends_with_its_time_and_does_only_what_it_was_made_for(rig: Rig) -> None:
    """RELIABILITY 4.13."""
    ticket = rig.expect()
    assert rig.exchange.ticket(ticket.token, to_serve=True) is None
    assert rig.exchange.ticket("x" * 43, to_serve=False) is None
    rig.now = file_exchange.VALID
    assert rig.exchange.ticket(ticket.token, to_serve=False) is None


def test_a_served_file_may_be_fetched_a_few_times_and_is_gone_then(rig: Rig) -> None:
    """SR-4: a download that failed is tried again."""
    address = rig.exchange.to_serve(BOX, "r", "fw.bin", io.BytesIO(b"new"), "127.0.0.1")
    token = address.split("/")[-2]
    for _ in range(file_exchange.FETCHES):
        ticket = rig.exchange.ticket(token, to_serve=True)
        assert ticket is not None
        assert ticket.source is not None
        assert ticket.source.read_bytes() == b"new"
        rig.exchange.taken(ticket)
        rig.exchange.fetched(ticket, 3)
    assert rig.exchange.ticket(token, to_serve=True) is None
    assert not ticket.source.exists()
    assert [message.received for _, message in rig.told if isinstance(message, FileMoved)] == [False] * 3


def test_a_file_that_is_kept_is_served_without_a_copy_of_it(rig: Rig, tmp_path: Path) -> None:
    """SR-5: a hundred stations don't fill the disk; what is removed goes on to those on their way."""
    kept = tmp_path / "kept.bin"
    kept.write_bytes(b"new")
    with kept.open("rb") as content:
        address = rig.exchange.to_serve(BOX, "r", "fw.bin", content, "127.0.0.1", kept)
        away = rig.exchange.to_serve(BOX, "r", "fw.bin", content, "127.0.0.1", tmp_path / "nothing")
    assert kept.stat().st_nlink == 2
    kept.unlink()
    for one in (address, away):
        ticket = rig.exchange.ticket(one.split("/")[-2], to_serve=True)
        assert ticket is not None
        assert ticket.source is not None
        assert ticket.source.read_bytes() == b"new"


@pytest.mark.parametrize("station", ["../../etc", "..", "a/b", "x" * 48, "Ä", ".hidden"])
def test_no_identity_leads_out_of_the_folder_or_into_another_s(
    rig: Rig, tmp_path: Path, station: str
) -> None:
    """RELIABILITY 3: an identity is what a station says of itself."""
    rig.keep(rig.expect(), "own")
    rig.keep(rig.expect(station), "../../d.zip")
    inside = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent.parent for path in inside} == {tmp_path / "files" / "received"}
    assert len(rig.exchange.kept(BoxIdentity(station))) == 1
    assert len(rig.exchange.kept(BOX)) == 1


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a b.zip", "a_b.zip"), ("..\\..\\x", "x"), ("", "file"), ("...", "file"), ("é;rm -rf", "_rm_-rf")],
)
def test_a_name_is_made_harmless(name: str, safe: str) -> None:
    """RELIABILITY 4.16."""
    assert safe_name(name) == safe


def test_what_is_too_large_leaves_nothing_behind(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RELIABILITY 4.19."""
    monkeypatch.setattr(file_exchange, "FILE_MOST", 4)
    ticket = rig.expect()
    with pytest.raises(FileExchangeError, match="may have 4 bytes"):
        rig.keep(ticket, "d.zip", b"12345")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert rig.exchange.ticket(ticket.token, to_serve=False) is ticket  # the station may try again


def test_the_oldest_files_make_room(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY 4.19: bounded, whatever stations send."""
    monkeypatch.setattr(file_exchange, "FILES_KEPT", 2)
    for _ in range(4):
        rig.keep(rig.expect(), "d.zip")
    assert len(rig.exchange.kept(BOX)) == 2
    monkeypatch.setattr(file_exchange, "FOLDER_MOST", 5)
    rig.keep(rig.expect("CP-02"), "d.zip")
    assert (len(rig.exchange.kept(BOX)), len(rig.exchange.kept(BoxIdentity("CP-02")))) == (0, 1)


def test_without_a_server_or_content_there_is_no_address(tmp_path: Path, rig: Rig) -> None:
    """RELIABILITY 3."""
    silent = FileExchange(tmp_path / "x", lambda _, __: True, lambda: 0.0)
    with pytest.raises(FileExchangeError, match="serves no files"):
        silent.to_receive(BOX, "r", "127.0.0.1")
    with pytest.raises(FileExchangeError, match="empty"):
        rig.exchange.to_serve(BOX, "r", "fw.bin", io.BytesIO(b""), "127.0.0.1")
