"""Tests of what becomes of messages in one direction."""

from itertools import pairwise
from random import Random

import pytest

from tools.faults.framing import Framing
from tools.faults.lane import CALM, Lane, Piece, Trouble


def adu(number: int) -> bytes:
    return number.to_bytes(2, "big") + bytes.fromhex("00000006ff030bb70006")


ADUS = [adu(number) for number in range(200)]


def lane(trouble: Trouble, seed: int = 1) -> Lane:
    made = Lane(Framing.MODBUS, Random(seed))
    made.trouble = trouble
    return made


def passed(trouble: Trouble, seed: int = 1) -> list[bytes]:
    """What comes out when 200 messages go in, one packet each."""
    through = lane(trouble, seed)
    return [piece.data for message in ADUS for piece in through.take(message)]


def test_nothing_happens_in_calm() -> None:
    through = lane(CALM)
    assert through.take(b"".join(ADUS)) == [Piece(message) for message in ADUS]
    assert through.seen == {"frames": 200}


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(drop=0.3),
        Trouble(duplicate=0.3),
        Trouble(reorder=0.3),
        Trouble(corrupt=0.3),
        Trouble(jitter=1),
    ],
)
def test_the_same_seed_does_the_same_however_the_bytes_were_cut_into_packets(trouble: Trouble) -> None:
    one, other = lane(trouble), lane(trouble)
    stream = b"".join(ADUS)
    packets = [stream[place : place + 7] for place in range(0, len(stream), 7)]
    assert one.take(stream) == [piece for packet in packets for piece in other.take(packet)]
    assert one.seen == other.seen
    if not trouble.jitter:
        assert passed(trouble) != passed(trouble, seed=2)


def test_a_share_is_lost() -> None:
    left = passed(Trouble(drop=0.25))
    assert left == [message for message in ADUS if message in left]
    assert 130 < len(left) < 170


def test_some_come_twice_in_a_row() -> None:
    came = passed(Trouble(duplicate=0.25))
    twice = [number for number, (one, other) in enumerate(pairwise(came)) if one == other]
    assert 30 < len(twice) < 70
    assert len(came) == 200 + len(twice)


def test_some_are_overtaken_by_the_next_one() -> None:
    through = lane(Trouble(reorder=1.0))
    assert [piece.data for piece in through.take(ADUS[0] + ADUS[1])] == [ADUS[1], ADUS[0]]
    assert (through.take(ADUS[2]), through.holds) == ([], True)
    assert (through.release(), through.holds) == ([Piece(ADUS[2])], False)
    assert sorted(passed(Trouble(reorder=0.5))) in (ADUS, ADUS[:-1])


def test_bits_are_flipped_where_they_may_be() -> None:
    """Seven in ten of the messages are as they were, the others differ in one bit of the two first bytes."""
    trouble = Trouble(corrupt=0.3, bits=(7,), first=0, last=2)
    changed = [
        (int.from_bytes(before) ^ int.from_bytes(after)).to_bytes(12)
        for before, after in zip(ADUS, passed(trouble), strict=True)
        if before != after
    ]
    assert 40 < len(changed) < 80
    assert set(changed) == {b"\x80" + bytes(11), b"\x00\x80" + bytes(10)}


def test_a_connection_is_cut_in_the_middle_of_a_message() -> None:
    (piece,) = lane(Trouble(cut=1.0)).take(ADUS[7] + ADUS[8])
    assert piece.reset
    assert ADUS[7].startswith(piece.data)
    assert 0 < len(piece.data) < len(ADUS[7])


def test_one_trouble_leaves_the_fate_by_another_as_it_was() -> None:
    """What is lost is the same with and without others being doubled."""
    assert set(passed(Trouble(drop=0.25, duplicate=0.5))) == set(passed(Trouble(drop=0.25)))


def test_everything_is_late() -> None:
    late = [lane(Trouble(delay=2.0, jitter=1.0), seed).take(ADUS[0])[0].after for seed in range(20)]
    assert all(2.0 <= after < 3.0 for after in late)
    assert max(late) - min(late) > 0.5


def test_a_half_open_line_takes_everything_and_tells_nothing() -> None:
    through = lane(Trouble(swallow=True, duplicate=1.0))
    assert through.take(b"".join(ADUS[:3]) + ADUS[3][:5]) == []
    assert through.finish() == []
    assert through.seen == {"frames": 3, "swallow": 3}


def test_what_is_left_of_a_message_goes_on_at_the_end() -> None:
    through = lane(Trouble(reorder=1.0))
    through.take(ADUS[0] + ADUS[1][:5])
    assert [piece.data for piece in through.finish()] == [ADUS[0], ADUS[1][:5]]


def test_the_handshake_is_spared() -> None:
    through = Lane(Framing.WEBSOCKET, Random(1))
    through.trouble = Trouble(drop=1.0)
    head = b"GET / HTTP/1.1\r\n\r\n"
    assert through.take(head + b"\x81\x01x") == [Piece(head)]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"drop": 1.5}, "drop=1.5"), ({"rate": -1.0}, "rate=-1.0"), ({"bits": (8,)}, "bits=")],
)
def test_what_can_not_be_is_refused(wrong: dict[str, float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Trouble(**wrong)  # type: ignore[arg-type]  # the cases are of several kinds
