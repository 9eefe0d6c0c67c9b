"""Meters on real sockets that answer with whatever bytes they like, read by the daemon's own Modbus link."""

import asyncio
import math
import random
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from actors.meter import PollAnswered, PollFailed
from actors.modbus_link import ModbusHub, ModbusLink
from evce.endpoints import TcpEndpoint
from evce.plausibility import HIGHEST_AMPS, MeterHistory, PlausibilityLimits, note_reading, plain_amps
from evce.registers import BUILT_IN, RegisterMap, decode, read_plan
from evce.units import Seconds
from tools.endurance.fuzzing import Fuzzing, Told

__all__ = ["fuzz_meters"]

_METERS = 16
_UNIT = 5
_PERIOD: Seconds = 0.15
_PAUSE: Seconds = 0.05
"""Before a meter that can't be reached is read again."""

_SETTLES: Seconds = 0.02
"""So soon after the silence the next poll comes at the earliest."""

_BACK_WITHIN: Seconds = 30.0
_HANGS: Seconds = 30.0

_LIMITS = PlausibilityLimits(poll=_PERIOD)

_LIE = 0xA5A5
"""The words of an answer that must not be believed: it belongs to another request, unit or function."""

_WORDS = (0, 1, 0x7FC0, 0xFFC0, 0x7F80, 0xFF80, 0x8000, 0xFFFF, 0x4120, 0xC120, 0x7F7F, 0x0001)
"""Halves of NaN, infinity, the largest and negative numbers, and of plain ones."""


@dataclass(slots=True)
class _Answers:
    """How a meter answers; honest ones tell plain small figures."""

    chance: random.Random
    honest: bool = False
    given: int = 0
    shown: str = ""
    recent: deque[str] = field(default_factory=lambda: deque(maxlen=4))

    def to(self, request: bytes) -> list[bytes | None]:
        """Return what is sent, piece by piece; None closes the connection."""
        transaction, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", request)
        if self.honest:
            return [_answer(transaction, unit, function, [0] * count)]
        self.given += 1
        pieces = self._drawn(transaction, unit, function, count)
        self.shown = " ".join(
            [request.hex(), "->", *("closes" if piece is None else piece[:40].hex() for piece in pieces)]
        )
        self.recent.append(self.shown)
        return pieces

    def _drawn(self, transaction: int, unit: int, function: int, count: int) -> list[bytes | None]:
        chance = self.chance
        right = _answer(transaction, unit, function, [self._word() for _ in range(count)])
        lies = [_LIE] * count
        way = chance.random()
        if way < 0.5:
            return [right]
        match chance.randrange(15):
            case 0:
                return [_answer(transaction ^ chance.randint(1, 0xFFFF), unit, function, lies)]
            case 1:
                return [_answer(transaction, (unit + chance.randint(1, 255)) % 256, function, lies)]
            case 2:
                return [_answer(transaction, unit, chance.choice((1, 2, 7, 4, 16, 43, 0, 127)), lies)]
            case 3:
                return [_answer(transaction, unit, function, lies[: chance.randrange(count)])]
            case 4:
                return [_answer(transaction, unit, function, lies * 2)]
            case 5:
                return [
                    struct.pack(">HHHBBB", transaction, 0, 3, unit, function | 0x80, chance.randrange(256))
                ]
            case 6:
                return [right[:4] + struct.pack(">H", chance.choice((0, 1, 2, 3, 255, 0xFFFF))) + right[6:]]
            case 7:
                return [right[: chance.randrange(len(right))]]
            case 8:
                at = chance.randrange(1, len(right))
                return [right[:at], right[at:]]
            case 9:
                return [right, _answer(transaction, unit, function, lies)]
            case 10:
                return [right[: chance.randrange(len(right))], None]
            case 11:
                return [None]
            case 12:
                return [chance.randbytes(chance.choice((1, 7, 8, 9, 260, 5000)))]
            case 13:
                return [right[:2] + b"\x12\x34" + right[4:9] + struct.pack(f">{count}H", *lies)]
            case _:
                return []

    def _word(self) -> int:
        """Any register but the one by which lies are known."""
        word = self.chance.choice(_WORDS) if self.chance.random() < 0.5 else self.chance.randrange(0x10000)
        return word if word != _LIE else word - 1


def _answer(transaction: int, unit: int, function: int, words: Sequence[int]) -> bytes:
    body = struct.pack(f">BBB{len(words)}H", unit, function, 2 * len(words) % 256, *words)
    return struct.pack(">HHH", transaction, 0, len(body)) + body


class _Meter(asyncio.Protocol):
    """One connection to a meter."""

    def __init__(self, answers: _Answers) -> None:
        self._answers = answers
        self._waiting = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) >= 12:
            request, self._waiting = self._waiting[:12], self._waiting[12:]
            for piece in self._answers.to(request):
                if piece is None:
                    self._transport.close()
                    return
                self._transport.write(piece)


@contextmanager
def _meters(answers: Sequence[_Answers]) -> Iterator[list[int]]:
    """Let these meters listen on 127.0.0.1, on a thread of their own; yields their ports."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fuzzed-meters", daemon=True)
    thread.start()

    async def listen() -> list[asyncio.Server]:
        return [
            await loop.create_server(lambda each=each: _Meter(each), "127.0.0.1", 0)  # type: ignore[misc]
            for each in answers
        ]

    servers = asyncio.run_coroutine_threadsafe(listen(), loop).result(10.0)
    try:
        yield [server.sockets[0].getsockname()[1] for server in servers]
    finally:
        for server in servers:
            loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10.0)
        loop.close()


@dataclass(slots=True)
class _Reader:
    """One meter as the daemon sees it."""

    link: ModbusLink
    register_map: RegisterMap
    answers: _Answers
    history: MeterHistory
    asked_at: Seconds = 0.0


def fuzz_meters(count: int, seed: int, told: Told) -> Fuzzing:
    """Have the daemon's Modbus link read so many answers, and its decoder and judgement take what is left.

    Each read must end in time with an answer or a failure, no answer to something else may be believed,
    nothing that can't be true may count as a reading, and in the end honest meters are read again.
    """
    fuzzing = Fuzzing("Modbus answers", seed, count)
    makes = list(BUILT_IN.values())
    chances = [random.Random(f"{seed} {number}") for number in range(_METERS)]  # noqa: S311 - nonsense
    answers = [_Answers(chance) for chance in chances]
    hub = ModbusHub()
    try:
        with _meters(answers) as ports:
            readers = [
                _Reader(
                    hub.link(TcpEndpoint("127.0.0.1", port), _UNIT, _PERIOD),
                    makes[number % len(makes)],
                    answers[number],
                    MeterHistory(time.monotonic()),
                )
                for number, port in enumerate(ports)
            ]
            _read_all(readers, fuzzing, told)
    finally:
        hub.close()
    return fuzzing.done()


def _read_all(readers: Sequence[_Reader], fuzzing: Fuzzing, told: Told) -> None:
    """Keep reading all of them, each as soon as its last read is over, then until each is good again."""
    said: SimpleQueue[tuple[int, Any]] = SimpleQueue()
    due: dict[int, Seconds] = dict.fromkeys(range(len(readers)), 0.0)
    bad: set[int] = set()
    ends: Seconds | None = None
    while True:
        now = time.monotonic()
        for number in [number for number, at in due.items() if at <= now]:
            del due[number]
            reader = readers[number]
            reader.asked_at = now
            plan = read_plan(reader.register_map)
            reader.link.read((number, 0), plan, lambda message, n=number: said.put((n, message)))  # type: ignore[misc]
        try:
            number, message = said.get(timeout=_SETTLES)
        except Empty:
            hung = [
                reader
                for number, reader in enumerate(readers)
                if number not in due and now - reader.asked_at > _HANGS
            ]
            if hung:
                fuzzing.problem("no end of a read", hung[0].answers.shown)
                return
            message = None
        if message is not None:
            reader = readers[number]
            bad.discard(number) if _taken(reader, message, fuzzing) else bad.add(number)
            due[number] = now + (_PAUSE if isinstance(message, PollFailed) else 0.0)
            given = sum(each.answers.given for each in readers)
            fuzzing.count(told, given - fuzzing.tried, time.monotonic() - now, reader.answers.shown)
        if ends is None and not fuzzing.going_on:
            ends = now + _BACK_WITHIN
            bad = set(range(len(readers)))
            for reader in readers:
                reader.answers.honest = True
        elif ends is not None and (not bad or now > ends):
            for number in bad:
                fuzzing.problem("is not read again", readers[number].answers.shown)
            return


def _taken(reader: _Reader, message: PollAnswered | PollFailed, fuzzing: Fuzzing) -> bool:
    """Do what the meter's actor does with the end of a read; whether a reading came of it."""
    if isinstance(message, PollFailed):
        fuzzing.outcomes[f"no answer: {message.fault}"] += 1
        return False
    shown = "; ".join(reader.answers.recent)
    try:
        reading = decode(reader.register_map, message.answers)
    except ValueError:
        fuzzing.outcomes["of another length"] += 1
        return False
    except Exception as error:
        fuzzing.problem(f"decoding raised {error!r}", shown)
        return False
    if any(word == _LIE for words in message.answers.values() for word in words):
        fuzzing.problem("an answer to something else was believed", shown)
    reader.history = note_reading(reader.history, reading, reader.asked_at, time.monotonic(), _LIMITS)
    if reader.history.reason:
        fuzzing.outcomes["can't be true"] += 1
    else:
        fuzzing.outcomes["a reading"] += 1
        if not all(math.isfinite(amps) and 0.0 <= amps <= HIGHEST_AMPS for amps in plain_amps(reading)):
            fuzzing.problem(f"{reading} was believed", shown)
    return not reader.history.reason
